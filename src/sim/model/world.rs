//! PURE. The abstract world: what a decision or a law can depend on, and nothing else.
//!
//! It holds no UIDs and no versions. What a plan expects to find is kept as one bit for each thing
//! it names: "still the one that was seen". Whoever changes that thing clears the bit, which is
//! just what the API server's preconditions tell, and leaves the world finite.

use super::birth::{Birth, MEMBERS_MAX};
use super::budget::Budget;
use super::law::Law;
use super::roster::{Each, Id, Left, Roster, Seat, Underway};
use super::still::Still;
use crate::service::etcd_cluster::decide::vocabulary::Step;

/// What a pod or a template is told: the directive, and whether clients are sent there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Told {
    /// The birth.
    pub birth: Birth,
    /// Whether an empty volume may begin the cluster.
    pub new: bool,
    /// The recorded identity.
    pub identity: Option<Birth>,
    /// The recorded members.
    pub members: Each<Id>,
    /// Those of them that never ran, one bit each.
    pub unborn: u8,
    /// Whether clients are sent there.
    pub serving: bool,
}

/// What the status remembers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Status {
    /// The step.
    pub step: Option<Step>,
    /// Whether the step was entered long ago.
    pub aged: bool,
    /// The birth, from 1; 0 without a status.
    pub incarnation: u8,
    /// The recorded identity.
    pub identity: Option<Birth>,
    /// The recorded members.
    pub members: Each<Id>,
    /// Those of them that never ran, one bit each.
    pub unborn: u8,
    /// How often the creation was begun again, or a learner taken out again.
    pub attempts: u8,
    /// What is being done.
    pub operation: Option<Underway>,
    /// Who was taken out, and may have left a volume.
    pub removed: Each<Left>,
}

/// The `EtcdCluster`.
#[allow(clippy::struct_excessive_bools, reason = "each is one thing the object says")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Object {
    /// Which of its name.
    pub owner: u8,
    /// Which of the two specs it has, their sizes aside.
    pub spec: u8,
    /// How many members it asks for.
    pub size: u8,
    /// Whether the volumes are to be kept.
    pub keeps: bool,
    /// Whether it is paused.
    pub paused: bool,
    /// Whether it is being deleted.
    pub deleting: bool,
    /// Whether our finalizer is on it.
    pub finalizer: bool,
    /// What is remembered.
    pub status: Status,
}

/// The `StatefulSet`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Set {
    /// Whose it is; a stranger's if nobody's of ours.
    pub owner: Option<u8>,
    /// The spec it was made from.
    pub spec: u8,
    /// What its template tells.
    pub told: Told,
    /// How many pods it asks for: that of a birth is made without.
    pub replicas: u8,
}

/// How far a pod's container is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// It was never started: the pod waits for a node, its volume or its image.
    Waiting,
    /// etcd ended, and is started again.
    Down,
    /// etcd runs.
    Running,
    /// The gate keeps etcd from the volume.
    Refused(Refusal),
}

/// Why the gate keeps etcd from a volume.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// The volume should hold data and does not.
    Lost,
    /// The volume holds somebody else's data.
    Stale,
    /// There is nothing to go by.
    Undirected,
}

/// One pod.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Pod {
    /// What it is told.
    pub told: Told,
    /// How far its container is.
    pub stage: Stage,
    /// Whether it is being deleted.
    pub leaving: bool,
    /// Whether etcd was ever started in it: the gate's own mark.
    pub born: bool,
    /// Whether the `StatefulSet` that owns it is gone.
    pub orphan: bool,
}

/// One volume claim and what is on its volume.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Claim {
    /// Which `EtcdCluster` it was made for.
    pub owner: u8,
    /// Which birth of it.
    pub incarnation: u8,
    /// Whether it is being deleted.
    pub leaving: bool,
    /// What tells it from others of its name that somebody remembers: its UID.
    pub uid: u8,
    /// The data.
    pub disk: Disk,
}

/// What is on a volume.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Disk {
    /// Nothing.
    Empty,
    /// A member's data, with its identity beside it.
    Data {
        /// Of which birth.
        birth: Birth,
        /// Of which member.
        id: Id,
        /// Whether the write that a client was promised is in it.
        written: bool,
    },
}

/// What there is of one ordinal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Slot {
    /// The pod.
    pub pod: Option<Pod>,
    /// The volume claim.
    pub claim: Option<Claim>,
}

/// One request of an operator to the API server, apart from the status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Order {
    /// Puts our finalizer on, or takes it off.
    Finalizer(bool),
    /// Makes the Services and the `PodDisruptionBudget`, which are one here.
    MakeServices(u8),
    /// Makes the `StatefulSet`.
    MakeSet(Set),
    /// Changes the `StatefulSet`.
    MendSet(Set),
    /// Tells a pod.
    Tell(u8, Told),
    /// Deletes the `StatefulSet`, meaning this owner's.
    DeleteSet(u8),
    /// Deletes a volume claim, by ordinal, meaning this owner's.
    DeleteClaim(u8, u8),
    /// Deletes a pod, by ordinal.
    DeletePod(u8),
    /// Has etcd take up a member, by ordinal.
    AddLearner(Birth, u8),
    /// Has etcd give a member its vote.
    Promote(Birth, u8, Id),
    /// Has etcd take out a member.
    Remove(Birth, u8, Id),
}

impl Order {
    /// What somebody is told by it.
    pub fn told(&self) -> Option<Told> {
        match self {
            Self::MakeSet(set) | Self::MendSet(set) => Some(set.told),
            Self::Tell(_, told) => Some(*told),
            Self::Finalizer(_)
            | Self::MakeServices(_)
            | Self::DeleteSet(_)
            | Self::DeleteClaim(..)
            | Self::DeletePod(_)
            | Self::AddLearner(..)
            | Self::Promote(..)
            | Self::Remove(..) => None,
        }
    }
}

/// What an operator decided and has not done yet.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Plan {
    /// The status as it was read and as it is to be; nothing if it stays.
    pub write: Option<(Status, Status)>,
    /// Whether the object was held against the live one: by the write, or by a look.
    pub proven: bool,
    /// What is to be done, in order.
    pub orders: Vec<Order>,
    /// What still is as it was seen.
    pub still: Still,
}

/// What the watches of the leader show while they lag.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Cache {
    /// The object, if that watch lags too.
    pub object: Option<Object>,
    /// The `StatefulSet`.
    pub set: Option<Set>,
    /// Whose the Services are.
    pub services: Option<u8>,
    /// Pods and volume claims.
    pub slots: [Slot; MEMBERS_MAX],
    /// Which pods are ready, one bit each.
    pub ready: u8,
    /// What still is as the watches show it.
    pub still: Still,
}

/// Which of the two operators: the leader, or one that was suspended and still believes it leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Who {
    /// The one that leads.
    Leader,
    /// The one that did.
    Ghost,
}

/// The whole world.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct World {
    /// The `EtcdCluster`.
    pub object: Option<Object>,
    /// The `StatefulSet`.
    pub set: Option<Set>,
    /// Whose the Services and the `PodDisruptionBudget` are.
    pub services: Option<u8>,
    /// Pods and volume claims, by ordinal.
    pub slots: [Slot; MEMBERS_MAX],
    /// The members of each owner's cluster whose membership was changed.
    pub changed: [Option<(Birth, Roster)>; 2],
    /// How long ago the last container first started: 0 just now, 1 the birth had its time, 2 the
    /// next try is due.
    pub age: u8,
    /// What the leader is about to do.
    pub leader: Option<Plan>,
    /// What the suspended operator is about to do.
    pub ghost: Option<Plan>,
    /// What the leader's watches show, if they lag.
    pub cache: Option<Box<Cache>>,
    /// What may still happen.
    pub budget: Budget,
    /// What the laws remember.
    pub history: History,
}

/// What the laws remember; no decision depends on it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct History {
    /// The identity first recorded, by owner.
    pub recorded: [Option<Birth>; 2],
    /// The highest birth recorded, by owner.
    pub births: [u8; 2],
    /// The cluster by which a client was promised a write, by owner.
    pub promised: [Option<Birth>; 2],
    /// Whether the user gave the volumes up, by owner.
    pub given_up: [bool; 2],
    /// Whether the user ever asked for no member.
    pub slept: bool,
    /// Whether anything but an operator was ever disturbed.
    pub damaged: bool,
    /// The first law that was broken.
    pub broken: Option<Law>,
}

impl World {
    /// The plan of one of the two.
    pub fn plan(&mut self, who: Who) -> &mut Option<Plan> {
        match who {
            Who::Leader => &mut self.leader,
            Who::Ghost => &mut self.ghost,
        }
    }

    /// Something named in `changed` is not any more as anybody has seen it.
    pub fn touch(&mut self, changed: Still) {
        let plans = [&mut self.leader, &mut self.ghost].into_iter().flatten();
        plans.for_each(|plan| plan.still.clear(changed));
        if let Some(cache) = &mut self.cache {
            cache.still.clear(changed);
        }
    }

    /// A law is broken. The first is told.
    pub fn breach(&mut self, law: Law) {
        self.history.broken.get_or_insert(law);
    }

    /// The slot of an ordinal.
    pub fn slot(&mut self, at: usize) -> Option<&mut Slot> {
        self.slots.get_mut(at)
    }

    /// Every ordinal with its slot.
    pub fn members(&self) -> impl Iterator<Item = (usize, &Slot)> {
        self.slots.iter().enumerate()
    }

    /// The birth a member runs, if etcd runs there.
    pub fn runs(&self, at: usize) -> Option<Birth> {
        let slot = self.slots.get(at)?;
        let running = slot.pod.is_some_and(|pod| pod.stage == Stage::Running);
        match slot.claim?.disk {
            Disk::Data { birth, .. } if running => Some(birth),
            Disk::Data { .. } | Disk::Empty => None,
        }
    }

    /// Which member a volume's data is of.
    fn data(&self, at: usize) -> Option<(Birth, Id)> {
        match self.slots.get(at)?.claim?.disk {
            Disk::Data { birth, id, .. } => Some((birth, id)),
            Disk::Empty => None,
        }
    }

    /// The members of a cluster, as they decided themselves.
    pub fn roster(&self, birth: Birth) -> Roster {
        let changed = self.changed.get(usize::from(birth.owner)).copied().flatten();
        let changed = changed.filter(|(of, _)| *of == birth);
        changed.map_or_else(|| Roster::founded(birth), |(_, roster)| roster)
    }

    /// The members of a cluster change.
    pub fn change(&mut self, birth: Birth, roster: Roster) {
        if let Some(changed) = self.changed.get_mut(usize::from(birth.owner)) {
            *changed = (roster != Roster::founded(birth)).then_some((birth, roster));
        }
    }

    /// Whose place in the list it is whose data is here.
    pub fn seat(&self, at: usize) -> Option<Seat> {
        let (birth, id) = self.data(at)?;
        self.roster(birth).member(at, id)
    }

    /// The ordinals of the voters that run in this cluster.
    pub fn voting(&self, birth: Birth) -> impl Iterator<Item = usize> {
        let votes = |at: usize| self.seat(at).is_some_and(|seat| seat.votes);
        (0..MEMBERS_MAX).filter(move |&at| self.runs(at) == Some(birth) && votes(at))
    }

    /// Whether enough voters run to decide.
    pub fn decides(&self, birth: Birth) -> bool {
        let running = self.voting(birth).count();
        crate::service::membership::has_quorum(self.roster(birth).voters(), running)
    }

    /// Whether a member runs and follows a leader: which of its birth are enough does not matter.
    pub fn follows(&self, at: usize) -> Option<Birth> {
        self.runs(at).filter(|&birth| self.decides(birth))
    }

    /// The pods the kubelet finds ready, one bit each.
    pub fn ready(&self) -> u8 {
        (0..MEMBERS_MAX).filter(|&at| self.follows(at).is_some()).fold(0, |all, at| all | 1 << at)
    }
}
