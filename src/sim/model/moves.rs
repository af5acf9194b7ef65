//! PURE. Every move the world can make from here, and what it does.

use super::birth::{Birth, MEMBERS_MAX};
use super::budget::{Budget, Event};
use super::decide::Mind;
use super::look::{self, Sight};
use super::real::Real;
use super::roster::Each;
use super::still::Still;
use super::world::{
    Cache, Claim, Disk, History, Object, Order, Pod, Set, Slot, Stage, Status, Told, Who, World,
};
use crate::mutants::planted;
use strum::{EnumIter, IntoEnumIterator};

/// One move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Move {
    /// The leader looks and decides.
    Look(Sight),
    /// An operator writes the status, or proves the object.
    Persist(Who),
    /// An operator does the next thing it planned.
    Act(Who),
    /// The leader's watches fall behind, that of the object too or not.
    FallBehind(bool),
    /// They catch up.
    CatchUp,
    /// Pods and claims are made.
    MakePods,
    /// A member is started.
    Start(u8),
    /// What nobody owns is collected.
    Collect,
    /// Pods that are told to go are gone.
    RemovePods,
    /// Claims that are told to go are gone.
    RemoveClaims,
    /// A client writes.
    Write,
    /// Minutes pass.
    Wait,
    /// The user lets the cluster go on.
    Unpause,
    /// The stranger's `StatefulSet` goes.
    StrangerLeaves,
    /// What happens only so often.
    Happens(Event),
    /// What happens only so often, to one member.
    Befalls(Blow, u8),
}

/// What may happen to one member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter)]
pub enum Blow {
    /// Its pod is deleted.
    PodLost,
    /// Its etcd is killed.
    Killed,
    /// Its data is lost, and etcd with it.
    Wiped,
    /// Its volume claim is deleted, and the pod with it.
    ClaimLost,
    /// Somebody takes it out of etcd's list by hand.
    TakenOut,
}

impl Blow {
    fn event(self) -> Event {
        match self {
            Self::PodLost => Event::PodLost,
            Self::Killed => Event::Killed,
            Self::Wiped => Event::Wiped,
            Self::ClaimLost => Event::ClaimLost,
            Self::TakenOut => Event::TakenOut,
        }
    }
}

/// The moves the world makes by itself, in the order they are made when nothing else happens.
pub const BY_ITSELF: [Move; 8] = [
    Move::Collect,
    Move::RemovePods,
    Move::RemoveClaims,
    Move::MakePods,
    Move::Start(0),
    Move::Start(1),
    Move::Start(2),
    Move::Write,
];

const OF_OPERATORS: [Move; 6] = [
    Move::Look(Sight::Clear),
    Move::Persist(Who::Leader),
    Move::Act(Who::Leader),
    Move::Persist(Who::Ghost),
    Move::Act(Who::Ghost),
    Move::CatchUp,
];

const OF_OTHERS: [Move; 3] = [Move::Wait, Move::Unpause, Move::StrangerLeaves];

const BOUNDED: [(Event, Move); 14] = [
    (Event::Deaf, Move::Look(Sight::Deaf)),
    (Event::Blind, Move::Look(Sight::Blind)),
    (Event::Lag, Move::FallBehind(false)),
    (Event::Lag, Move::FallBehind(true)),
    (Event::Crash, Move::Happens(Event::Crash)),
    (Event::Takeover, Move::Happens(Event::Takeover)),
    (Event::Edit, Move::Happens(Event::Edit)),
    (Event::Pause, Move::Happens(Event::Pause)),
    (Event::Delete, Move::Happens(Event::Delete)),
    (Event::Recreate, Move::Happens(Event::Recreate)),
    (Event::SetLost, Move::Happens(Event::SetLost)),
    (Event::ServicesLost, Move::Happens(Event::ServicesLost)),
    (Event::StatusLost, Move::Happens(Event::StatusLost)),
    (Event::Stranger, Move::Happens(Event::Stranger)),
];

/// Every move that may change this world. Those that change nothing are found out by making them.
pub fn possible(world: &World, moves: &mut Vec<Move>) {
    moves.extend(OF_OPERATORS.into_iter().chain(BY_ITSELF).chain(OF_OTHERS));
    let bounded = BOUNDED.iter().filter(|(event, _)| world.budget.left(*event) > 0);
    moves.extend(bounded.map(|&(_, bounded)| bounded));
    for blow in Blow::iter().filter(|blow| world.budget.left(blow.event()) > 0) {
        moves.extend((0..3).map(|at| Move::Befalls(blow, at)));
    }
}

impl World {
    /// An object just made, and nothing else.
    pub fn new(keeps: bool, size: u8) -> Self {
        Self {
            object: Some(Object::new(0, keeps, size)),
            set: None,
            services: None,
            slots: Default::default(),
            changed: [None; 2],
            age: 0,
            leader: None,
            ghost: None,
            cache: None,
            budget: Budget::NONE,
            history: History::default(),
        }
    }

    /// Makes a move. A world that is as it was did not move.
    pub fn make(&mut self, made: Move, mind: &Mind) {
        match made {
            Move::Look(sight) => self.look(sight, mind),
            Move::Persist(who) => {
                let due = self.plan(who).as_ref().is_some_and(|plan| !plan.proven);
                if due {
                    self.persist(who);
                }
            }
            Move::Act(who) => {
                let early = planted("status-after-actions");
                let due = self.plan(who).as_ref().is_some_and(|plan| plan.proven || early);
                if due {
                    self.act(who);
                }
            }
            Move::FallBehind(whole) => self.fall_behind(whole),
            Move::CatchUp => self.cache = None,
            Move::MakePods => self.make_pods(),
            Move::Start(at) => self.start(at.into(), &mind.real),
            Move::Collect => self.collect(),
            Move::RemovePods => self.remove_pods(),
            Move::RemoveClaims => self.remove_claims(),
            Move::Write => self.write(),
            Move::Wait => self.wait(),
            Move::Unpause => drop(self.edit(|object| object.paused = false)),
            Move::StrangerLeaves => {
                if self.set.is_some_and(|set| set.owner.is_none()) {
                    self.lose_set();
                }
            }
            Move::Happens(event) => self.happens(event, &mind.real),
            Move::Befalls(blow, at) => self.befalls(blow, at.into()),
        }
    }

    fn look(&mut self, sight: Sight, mind: &Mind) {
        // A turn ends before the next begins.
        let Some((object, _)) = look::object(self).filter(|_| self.leader.is_none()) else {
            return;
        };
        let desired = mind.desired(&object);
        let Some((seen, still)) = look::see(self, sight, &desired) else { return };
        let decision = mind.decide(&seen);
        let before = (self.leader.is_some(), self.history.broken);
        self.plan_turn(sight, &decision, still);
        let changed = before != (self.leader.is_some(), self.history.broken);
        let cost = match sight {
            Sight::Clear => None,
            Sight::Deaf => Some(Event::Deaf),
            Sight::Blind => Some(Event::Blind),
        };
        if let Some(event) = cost.filter(|_| changed) {
            self.spend(event);
        }
    }

    fn fall_behind(&mut self, whole: bool) {
        if self.cache.is_some() {
            return;
        }
        self.spend(Event::Lag);
        self.cache = Some(Box::new(Cache {
            object: self.object.filter(|_| whole),
            set: self.set,
            services: self.services,
            slots: self.slots,
            ready: self.ready(),
            still: Still::ALL,
        }));
    }

    /// Somebody changes the object.
    fn edit(&mut self, change: impl FnOnce(&mut Object)) -> bool {
        let Some(before) = self.object else { return false };
        let mut object = before;
        change(&mut object);
        self.object = Some(object);
        if object != before {
            self.touch(Still::OBJECT);
        }
        object != before
    }

    fn happens(&mut self, event: Event, real: &Real) {
        let so = match event {
            Event::Crash => self.leader.take().is_some(),
            Event::Takeover => self.take_over(),
            Event::Edit => self.respecify(real),
            Event::Pause => self.edit(|object| object.paused = true),
            Event::Delete => self.delete(),
            Event::Recreate => self.recreate(real),
            Event::SetLost => {
                let ours = self.set.is_some_and(|set| set.owner.is_some());
                if ours {
                    self.lose_set();
                }
                ours
            }
            Event::ServicesLost => self.services.take().is_some(),
            Event::StatusLost => self.lose_status(),
            Event::Stranger => {
                let free = self.set.is_none();
                self.set = self.set.or_else(|| Some(stranger()));
                free
            }
            Event::Lag
            | Event::Deaf
            | Event::Blind
            | Event::PodLost
            | Event::Killed
            | Event::Wiped
            | Event::ClaimLost
            | Event::TakenOut => false,
        };
        if so {
            self.spend(event);
        }
    }

    fn spend(&mut self, event: Event) {
        self.budget.spend(event);
        self.history.damaged |= event.is_damage();
    }

    /// What nobody was served by and nobody is told is forgotten with it.
    fn lose_status(&mut self) -> bool {
        let Some(object) = self.object else { return false };
        let owner = usize::from(object.owner);
        let promised = self.history.promised.get(owner).copied().flatten();
        let pods = self.slots.iter().filter_map(|slot| slot.pod).map(|pod| pod.told);
        // What is on its way will be told, too.
        let plans = self.leader.iter().chain(&self.ghost).filter(|plan| plan.proven);
        let orders = plans.flat_map(|plan| &plan.orders).filter_map(Order::told);
        let mut all = self.set.map(|set| set.told).into_iter().chain(pods).chain(orders);
        let told = all.find_map(|told| told.identity.filter(|birth| birth.owner == object.owner));
        if let Some(recorded) = self.history.recorded.get_mut(owner) {
            *recorded = promised.or(told);
        }
        self.edit(|object| object.status = Status::default())
    }

    fn take_over(&mut self) -> bool {
        let suspended = self.ghost.is_none().then(|| self.leader.take()).flatten();
        let so = suspended.is_some();
        if so {
            (self.ghost, self.cache) = (suspended, None);
        }
        so
    }

    fn delete(&mut self) -> bool {
        let Some(object) = self.object.filter(|object| !object.deleting) else { return false };
        if let Some(given_up) = self.history.given_up.get_mut(usize::from(object.owner)) {
            *given_up = !object.keeps;
        }
        self.object = object.finalizer.then_some(Object { deleting: true, ..object });
        self.touch(Still::OBJECT);
        true
    }

    /// Admission lets the size be changed at any time, and the rest until the identity is recorded.
    fn respecify(&mut self, real: &Real) -> bool {
        let Some(object) = self.object.filter(|object| !object.deleting) else { return false };
        let next = real.edited(&object);
        if object.status.identity.is_some() && next.spec != object.spec {
            return false;
        }
        self.history.slept |= next.size == 0;
        self.edit(|object| *object = next)
    }

    fn recreate(&mut self, real: &Real) -> bool {
        let free = self.object.is_none();
        if free {
            let keeps = !self.history.given_up.contains(&true);
            self.object = Some(Object::new(1, keeps, real.first_size()));
        }
        free
    }

    fn befalls(&mut self, blow: Blow, at: usize) {
        let Some(slot) = self.slots.get(at).copied() else { return };
        let pod = |change: fn(Pod) -> Pod| slot.pod.map(change);
        let claim = |change: fn(Claim) -> Claim| slot.claim.map(change);
        let leave = |pod: Pod| Pod { leaving: true, ..pod };
        let stop = |pod: Pod| match pod.stage {
            Stage::Running => Pod { stage: Stage::Down, ..pod },
            Stage::Waiting | Stage::Down | Stage::Refused(_) => pod,
        };
        let after = match blow {
            Blow::PodLost => Slot { pod: pod(leave), ..slot },
            Blow::Killed => Slot { pod: pod(stop), ..slot },
            Blow::Wiped => {
                Slot { pod: pod(stop), claim: claim(|claim| Claim { disk: Disk::Empty, ..claim }) }
            }
            Blow::ClaimLost => {
                Slot { pod: pod(leave), claim: claim(|claim| Claim { leaving: true, ..claim }) }
            }
            Blow::TakenOut => return self.take_out(at),
        };
        if after != slot {
            self.spend(blow.event());
            if let Some(slot) = self.slot(at) {
                *slot = after;
            }
        }
    }

    /// Somebody takes a member out, as etcd lets them. Nobody is told of a cluster before it is on
    /// record.
    fn take_out(&mut self, at: usize) {
        let (Some(birth), Some(seat)) = (self.runs(at), self.seat(at)) else { return };
        if self.object.is_none_or(|object| object.status.identity != Some(birth)) {
            return;
        }
        if self.remove_member(birth, at, seat.id).is_ok() {
            self.spend(Event::TakenOut);
        }
    }
}

impl Object {
    fn new(owner: u8, keeps: bool, size: u8) -> Self {
        let status = Status::default();
        let (paused, deleting, finalizer) = (false, false, false);
        Self { owner, spec: 0, size, keeps, paused, deleting, finalizer, status }
    }
}

/// Somebody else's `StatefulSet`. What it tells its own pods is nobody's business here.
fn stranger() -> Set {
    let birth = Birth { owner: u8::MAX, incarnation: 0, size: 0 };
    let (identity, members) = (None, Each::default());
    let told = Told { birth, new: false, identity, members, unborn: 0, serving: false };
    Set { owner: None, spec: 0, told, replicas: 0 }
}

const _: () = assert!(MEMBERS_MAX == 3, "the moves name three members");
