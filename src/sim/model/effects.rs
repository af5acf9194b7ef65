//! PURE. What an operator's requests do to the abstract world, each with the precondition the API
//! server holds it against.

use super::decide::Decision;
use super::law::Law;
use super::look::Sight;
use super::still::Still;
use super::world::{Claim, Object, Order, Plan, Pod, Set, Slot, Status, Told, Who, World};
use crate::mutants::planted;

/// The API server or etcd refuses: the turn ends here.
pub struct Refused;

impl World {
    /// The leader decided this on what it saw.
    pub fn plan_turn(&mut self, sight: Sight, decision: &Decision, still: Still) {
        if !decision.settled {
            self.breach(Law::Settles);
        }
        self.judge_decision(sight, decision);
        if !decision.is_idle() {
            self.leader = Some(Plan {
                write: decision.write,
                proven: false,
                orders: decision.orders.clone(),
                still,
            });
        }
    }

    /// Writes the status, or holds the object against the live one where it stays.
    pub fn persist(&mut self, who: Who) {
        let Some(mut plan) = self.plan(who).take() else { return };
        let same = plan.still.has(Still::OBJECT);
        let allowed = match plan.write {
            Some(_) => same || planted("status-without-version"),
            None => same || planted("proof-skipped"),
        };
        let Some(object) = self.object.filter(|_| allowed) else { return };
        let acts = !plan.orders.is_empty();
        if !same {
            self.breach(Law::RecordedFirst);
        }
        let next = match plan.write.take() {
            Some((before, next)) => merged(&object.status, &before, &next),
            None => object.status,
        };
        // The API server's own rule: a recorded identity is neither changed nor taken away.
        if object.status.identity.is_some() && next.identity != object.status.identity {
            return;
        }
        self.judge_status(&next, acts);
        if next != object.status {
            self.object = Some(Object { status: next, ..object });
            self.touch(Still::OBJECT);
        }
        plan.proven = true;
        if acts {
            *self.plan(who) = Some(plan);
        }
    }

    /// Does the next thing of a plan. What is refused ends the turn.
    pub fn act(&mut self, who: Who) {
        let Some(mut plan) = self.plan(who).take() else { return };
        if plan.orders.is_empty() {
            return;
        }
        if !plan.proven {
            self.breach(Law::RecordedFirst);
        }
        let order = plan.orders.remove(0);
        let done = self.perform(order, plan.still);
        let more = !plan.orders.is_empty() || plan.write.is_some();
        if done.is_ok() && more {
            // What was just changed is not as this plan saw it, either.
            let changed = order.changes();
            plan.still.clear(changed);
            *self.plan(who) = Some(plan);
        }
    }

    fn perform(&mut self, order: Order, still: Still) -> Result<(), Refused> {
        match order {
            Order::Finalizer(on) => self.set_finalizer(on, still),
            Order::MakeServices(owner) => {
                if self.services.is_some() {
                    return Err(Refused);
                }
                self.services = Some(owner);
                Ok(())
            }
            Order::MakeSet(set) => self.make_set(set),
            Order::MendSet(set) => self.mend_set(set, still),
            Order::Tell(at, told) => {
                let at = usize::from(at);
                let pod = self.slots.get(at).and_then(|slot| slot.pod);
                let Some(mut pod) = pod.filter(|_| still.has(Still::pod(at))) else {
                    return Err(Refused);
                };
                if pod.told != told {
                    self.judge_told(told);
                }
                pod.told = told;
                if let Some(slot) = self.slot(at) {
                    slot.pod = Some(pod);
                }
                Ok(())
            }
            Order::DeleteSet(meant) => self.delete_set(meant, still),
            Order::DeleteClaim(at, meant) => self.delete_claim(at.into(), meant, still),
            Order::DeletePod(at) => self.delete_pod(at.into(), still),
            Order::AddLearner(birth, at) => self.add_learner(birth, at.into()),
            Order::Promote(birth, at, id) => self.promote(birth, at.into(), id),
            Order::Remove(birth, at, id) => self.remove_member(birth, at.into(), id),
        }
    }

    fn set_finalizer(&mut self, on: bool, still: Still) -> Result<(), Refused> {
        let object =
            self.object.filter(|object| still.has(Still::OBJECT) && !(on && object.deleting));
        let Some(object) = object else { return Err(Refused) };
        self.object = Some(Object { finalizer: on, ..object });
        if object.deleting && !on {
            self.object = None;
        }
        self.touch(Still::OBJECT);
        Ok(())
    }

    fn make_set(&mut self, set: Set) -> Result<(), Refused> {
        if self.set.is_some() && !planted("create-by-apply") {
            return Err(Refused);
        }
        if self.set.is_some_and(|live| live.owner != set.owner) {
            self.breach(Law::OthersUntouched);
        }
        if self.set.is_some() {
            self.judge_told(set.told);
        }
        // A birth's is made without members: nobody reads the template yet.
        let told = Told { unborn: 0, ..set.told };
        self.set = Some(Set { replicas: if told.new { 0 } else { set.replicas }, told, ..set });
        self.touch(Still::GENERATION);
        Ok(())
    }

    fn mend_set(&mut self, set: Set, still: Still) -> Result<(), Refused> {
        let expected = still.has(Still::SET.and(Still::GENERATION));
        if !expected && !planted("update-without-expectation") {
            return Err(Refused);
        }
        let Some(live) = self.set else { return Err(Refused) };
        if live.owner != set.owner {
            self.breach(Law::OthersUntouched);
        }
        // The volumes' templates carry the birth and cannot be changed.
        if live.told.birth.incarnation != set.told.birth.incarnation {
            return Err(Refused);
        }
        if live.spec != set.spec {
            self.breach(Law::OneSpec);
        }
        if live != set {
            self.judge_told(set.told);
            self.set = Some(set);
            self.touch(Still::GENERATION);
        }
        Ok(())
    }

    fn delete_set(&mut self, meant: u8, still: Still) -> Result<(), Refused> {
        let Some(live) = self.set else { return Ok(()) };
        if !still.has(Still::SET) && !planted("delete-without-uid") {
            return Err(Refused);
        }
        self.judge_set(live.owner, meant);
        self.lose_set();
        Ok(())
    }

    /// The `StatefulSet` is gone, and its pods are left to the garbage collector.
    pub fn lose_set(&mut self) {
        self.set = None;
        let pods = self.slots.iter_mut().filter_map(|slot| slot.pod.as_mut());
        pods.for_each(|pod| pod.orphan = true);
        self.touch(Still::SET.and(Still::GENERATION));
    }

    fn delete_claim(&mut self, at: usize, meant: u8, still: Still) -> Result<(), Refused> {
        let Some(Slot { claim: Some(claim), .. }) = self.slots.get(at).copied() else {
            return Ok(());
        };
        if !still.has(Still::claim(at)) && !planted("delete-without-uid") {
            return Err(Refused);
        }
        self.judge_volume(at, &claim, meant);
        if let Some(slot) = self.slot(at) {
            slot.claim = Some(Claim { leaving: true, ..claim });
        }
        Ok(())
    }

    fn delete_pod(&mut self, at: usize, still: Still) -> Result<(), Refused> {
        let Some(Slot { pod: Some(pod), .. }) = self.slots.get(at).copied() else {
            return Ok(());
        };
        if !still.has(Still::pod(at)) && !planted("delete-without-uid") {
            return Err(Refused);
        }
        self.judge_stop(at);
        if let Some(slot) = self.slot(at) {
            slot.pod = Some(Pod { leaving: true, ..pod });
        }
        Ok(())
    }
}

impl Order {
    /// What is not as it was seen any more once this is done.
    fn changes(self) -> Still {
        match self {
            Self::Finalizer(_) => Still::OBJECT,
            Self::MendSet(_) | Self::MakeSet(_) => Still::GENERATION,
            Self::DeleteSet(_) => Still::SET.and(Still::GENERATION),
            Self::MakeServices(_)
            | Self::Tell(..)
            | Self::DeleteClaim(..)
            | Self::DeletePod(_)
            | Self::AddLearner(..)
            | Self::Promote(..)
            | Self::Remove(..) => Still::NONE,
        }
    }
}

/// A merge patch: only what changed between the two is written.
fn merged(live: &Status, before: &Status, next: &Status) -> Status {
    fn pick<T: PartialEq>(live: T, before: &T, next: T) -> T {
        if *before == next { live } else { next }
    }
    let entered = before.step != next.step;
    // Both are told in one list.
    let members = (before.members, before.unborn) == (next.members, next.unborn);
    Status {
        step: pick(live.step, &before.step, next.step),
        aged: if entered { next.aged } else { live.aged },
        incarnation: pick(live.incarnation, &before.incarnation, next.incarnation),
        identity: pick(live.identity, &before.identity, next.identity),
        members: if members { live.members } else { next.members },
        unborn: if members { live.unborn } else { next.unborn },
        attempts: pick(live.attempts, &before.attempts, next.attempts),
        operation: pick(live.operation, &before.operation, next.operation),
        removed: pick(live.removed, &before.removed, next.removed),
    }
}
