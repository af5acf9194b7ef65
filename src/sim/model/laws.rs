//! PURE. What must never be, under the names of the operations study (S, L) and of the fault
//! catalogue (I). A law about a change is judged when the change is made, and the breach is kept in
//! the state; a law about where it all ends is judged by running on from a state.

use super::birth::{Birth, MEMBERS_MAX};
use super::decide::Decision;
use super::law::Law;
use super::look::Sight;
use super::roster::{Id, Seat};
use super::world::{Claim, Order, Pod, Refusal, Set, Stage, Status, Told, World};
use crate::service::etcd_cluster::decide::vocabulary::Step;
use crate::service::membership::has_quorum;

impl World {
    /// Judges what the leader decided on what it saw, the moment it looked.
    pub fn judge_decision(&mut self, sight: Sight, decision: &Decision) {
        let Some(object) = self.object else { return };
        let enters = |step| decision.to == step && decision.from != step;
        let runs = (0..MEMBERS_MAX)
            .any(|at| self.follows(at).is_some_and(|birth| birth.owner == object.owner));
        let recorded = object.status.identity.map(|birth| self.roster(birth));
        // What was left by those who are known to be out is needed by nobody.
        let needed = |at: u8| recorded.is_none_or(|roster| roster.seat(at.into()).is_some());
        let destroys = |order: &Order| {
            matches!(order, Order::DeleteSet(_))
                || matches!(order, Order::DeleteClaim(at, _) if needed(*at))
        };
        let refuses =
            |pod: Pod| matches!(pod.stage, Stage::Refused(Refusal::Lost | Refusal::Stale));
        let other = |set: Set| {
            let resized = recorded.is_none() && set.told.birth.size != object.size;
            set.spec != object.spec || resized
        };
        let wanted = object.deleting
            || self.set.is_some_and(other)
            || self.slots.iter().filter_map(|slot| slot.pod).any(refuses);
        // A reset that was rightly begun is gone on with.
        let begins = decision.from != Step::Reset
            && (enters(Step::Reset) || decision.orders.iter().any(destroys));
        let destructive = enters(Step::QuorumLost) || (!wanted && begins);
        // What lagging watches show is old, but it was seen.
        if sight != Sight::Clear && self.cache.is_none() && runs && destructive {
            self.breach(Law::UnknownIsNothing);
        }
        let may_begin = |told: Told| told.new && told.birth.owner == object.owner;
        let pods = self.slots.iter().filter_map(|slot| slot.pod).filter(|pod| !pod.leaving);
        let unfenced = pods.map(|pod| pod.told).chain(self.set.map(|set| set.told)).any(may_begin);
        if enters(Step::Steady) && unfenced {
            self.breach(Law::RunsFenced);
        }
        let foreign = self.set.is_some_and(|set| set.owner != Some(object.owner));
        if decision.from == Step::Provision && decision.to == Step::AwaitQuorum && foreign {
            self.breach(Law::OthersUntouched);
        }
        self.judge_record(decision);
        if sight == Sight::Clear && self.cache.is_none() {
            self.judge_changes(decision);
        }
    }

    /// Judges the changes of the membership that were decided on what is so at this moment.
    fn judge_changes(&mut self, decision: &Decision) {
        let written = decision.write.map(|(_, next)| next);
        let status = written.or_else(|| self.object.map(|object| object.status));
        let meant = status.and_then(|status| status.operation?.member);
        let mut changes = 0;
        for order in &decision.orders {
            match *order {
                Order::AddLearner(birth, at) => {
                    changes += 1;
                    if meant != Some(at) || self.roster(birth).has_learner() {
                        self.breach(Law::OneChange);
                    }
                }
                Order::Promote(birth, at, id) => {
                    changes += 1;
                    let promised = self.history.promised.contains(&Some(birth));
                    let at = usize::from(at);
                    let is_there = self.roster(birth).member(at, id).is_some();
                    if is_there && promised && self.lacks(at) == Some(birth) {
                        self.breach(Law::CaughtUp);
                    }
                }
                Order::Remove(birth, at, id) => {
                    changes += 1;
                    self.judge_removal(birth, at.into(), id);
                }
                Order::Finalizer(_)
                | Order::MakeServices(_)
                | Order::MakeSet(_)
                | Order::MendSet(_)
                | Order::Tell(..)
                | Order::DeleteSet(_)
                | Order::DeleteClaim(..)
                | Order::DeletePod(_) => {}
            }
        }
        if changes > 1 {
            self.breach(Law::OneChange);
        }
    }

    fn judge_removal(&mut self, birth: Birth, at: usize, id: Id) {
        let roster = self.roster(birth);
        let Some(seat) = roster.member(at, id) else { return self.breach(Law::KnownById) };
        let others = self.voting(birth).filter(|&other| other != at).count();
        if seat.votes && !has_quorum(roster.voters() - 1, others) {
            self.breach(Law::QuorumKept);
        }
    }

    fn judge_record(&mut self, decision: &Decision) {
        let identity = decision
            .write
            .and_then(|(before, next)| next.identity.filter(|_| before.identity.is_none()));
        let told = self.set.is_some_and(|set| set.told.identity.is_some());
        let pods = self.slots.iter().filter_map(|slot| slot.pod);
        let refused = pods.filter(|pod| matches!(pod.stage, Stage::Refused(_))).count() > 0;
        if identity.is_some() && !told && refused && self.cache.is_none() {
            self.breach(Law::RecordedWhole);
        }
    }

    /// Judges a status that is about to be written over the present one.
    pub fn judge_status(&mut self, next: &Status, acts: bool) {
        let Some(object) = self.object else { return };
        let (owner, now) = (usize::from(object.owner), object.status);
        if object.paused && acts {
            self.breach(Law::PauseHeld);
        }
        let recorded = self.history.recorded.get(owner).copied().flatten();
        if recorded.is_some() && next.identity.is_some() && next.identity != recorded {
            self.breach(Law::IdentityStays);
        }
        let entered = next.step == Some(Step::Reset) && now.step != Some(Step::Reset);
        if entered && (now.identity.is_some() || next.identity.is_some()) {
            self.breach(Law::BegunOnce);
        }
        let again = now.step == Some(Step::Reset) && next.step == Some(Step::Provision);
        if again && next.incarnation <= now.incarnation {
            self.breach(Law::BirthsRise);
        }
        if let Some(recorded) = self.history.recorded.get_mut(owner) {
            *recorded = recorded.or(next.identity);
        }
        if let Some(births) = self.history.births.get_mut(owner) {
            *births = next.incarnation.max(*births);
        }
    }

    /// Judges what somebody is about to be told.
    pub fn judge_told(&mut self, told: Told) {
        let recorded = self.object.and_then(|object| object.status.identity);
        let same = recorded.is_some_and(|birth| {
            (birth.owner, birth.incarnation) == (told.birth.owner, told.birth.incarnation)
        });
        if told.new && same {
            self.breach(Law::NewOnlyOnce);
        }
    }

    /// Judges the deletion of a volume claim, meant to be this owner's.
    pub fn judge_volume(&mut self, at: usize, claim: &Claim, meant: u8) {
        let owner = usize::from(claim.owner);
        let given_up = self.history.given_up.get(owner).copied().unwrap_or(false);
        let of_owner = self.object.filter(|object| object.owner == claim.owner);
        let recorded = of_owner.and_then(|object| object.status.identity);
        let promised = self.history.promised.get(owner).copied().flatten();
        let needed = recorded.or(promised).is_some_and(|of| self.roster(of).seat(at).is_some());
        if claim.owner != meant {
            self.breach(Law::OthersUntouched);
        }
        if needed && !given_up {
            self.breach(Law::DataKept);
        }
    }

    /// Judges that a pod is stopped, and not by a user.
    pub fn judge_stop(&mut self, at: usize) {
        let lives = self.object.is_some_and(|object| {
            !object.deleting
                && object.status.identity.is_some()
                && object.status.identity == self.runs(at)
        });
        if lives && self.seat(at).is_some_and(|seat| seat.votes) {
            self.breach(Law::MembersKept);
        }
    }

    /// Judges that a member starts with nothing, as the others let it in.
    pub fn judge_joining(&mut self, birth: Birth, seat: Seat) {
        let mut roster = self.roster(birth);
        if roster.begins(seat) {
            self.breach(Law::VotesRemembered);
        }
        if seat.id > 0 {
            self.change(birth, roster);
        }
    }

    /// Judges the deletion of the `StatefulSet`, meant to be this owner's.
    pub fn judge_set(&mut self, owner: Option<u8>, meant: u8) {
        if owner != Some(meant) {
            self.breach(Law::OthersUntouched);
        }
        let lives = self.object.filter(|object| object.owner == meant && !object.deleting);
        if lives.is_some_and(|object| object.status.identity.is_some()) {
            self.breach(Law::MembersKept);
        }
    }

    /// Judges the start of a member on an empty volume.
    pub fn judge_birth(&mut self, told: Told) {
        let births = self.history.births.get(usize::from(told.birth.owner)).copied();
        if births.is_none_or(|recorded| recorded < told.birth.incarnation) {
            self.breach(Law::BirthsRise);
        }
    }

    /// Judges which members decide together.
    pub fn judge_quorum(&mut self, birth: Birth) {
        let promised = self.history.promised.get(usize::from(birth.owner)).copied().flatten();
        let without = self.voting(birth).filter(|&at| self.lacks(at) == Some(birth)).count();
        if promised == Some(birth) && has_quorum(self.roster(birth).voters(), without) {
            self.breach(Law::WritesKept);
        }
    }

    /// Judges that a client is served by this member.
    pub fn judge_service(&mut self, at: usize) {
        let Some(birth) = self.follows(at) else { return };
        let recorded = self.history.recorded.get(usize::from(birth.owner)).copied().flatten();
        if recorded != Some(birth) {
            self.breach(Law::OneCluster);
        }
    }
}
