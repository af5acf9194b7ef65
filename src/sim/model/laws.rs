//! PURE. What must never be, under the names of the operations study (S, L) and of the fault
//! catalogue (I). A law about a change is judged when the change is made, and the breach is kept in
//! the state; a law about where it all ends is judged by running on from a state.

use super::decide::Decision;
use super::look::Sight;
use super::world::{Claim, MEMBERS_MAX, Order, Pod, Stage, Status, Told, World};
use crate::service::etcd_cluster::Step;
use crate::service::membership::has_quorum;
use strum::{EnumIter, IntoStaticStr};

/// A law.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, IntoStaticStr)]
pub enum Law {
    /// The members of a cluster that is recorded are not stopped.
    #[strum(serialize = "S1: members of a recorded cluster are not stopped")]
    MembersKept,
    /// A volume goes only if it never served, or if the user gave it up.
    #[strum(serialize = "S3: a volume goes only unserved or given up")]
    DataKept,
    /// No member is told to begin a cluster that is recorded.
    #[strum(serialize = "S5: nobody is told to begin what is recorded")]
    NewOnlyOnce,
    /// One cluster serves under one object, and it is the recorded one.
    #[strum(serialize = "S6: one cluster serves, the recorded one")]
    OneCluster,
    /// No quorum forms of members that lack what a client was promised.
    #[strum(serialize = "S6: no quorum without what was promised")]
    WritesKept,
    /// A birth that is recorded is not begun again.
    #[strum(serialize = "S7: what is recorded is not begun again")]
    BegunOnce,
    /// A birth is on record before its first member starts, and the next has a higher number.
    #[strum(serialize = "S8: births rise, and are recorded first")]
    BirthsRise,
    /// What is not known is no reason to delete anything, nor to call the quorum lost.
    #[strum(serialize = "S13: the unknown destroys nothing")]
    UnknownIsNothing,
    /// Nothing is done before it is on record, and only on the object it was decided on.
    #[strum(serialize = "S14: done only as recorded")]
    RecordedFirst,
    /// Nothing is decided on a paused object.
    #[strum(serialize = "S15: nothing is done while paused")]
    PauseHeld,
    /// A recorded identity never changes.
    #[strum(serialize = "I4: the identity stays")]
    IdentityStays,
    /// What belongs to others is not touched, nor begun around.
    #[strum(serialize = "I6: others are left alone")]
    OthersUntouched,
    /// The members of one birth are of one spec.
    #[strum(serialize = "I6: members are of one spec")]
    OneSpec,
    /// A cluster runs only when no member can begin anew.
    #[strum(serialize = "I11: it runs only fenced")]
    RunsFenced,
    /// A birth is recorded only without a member that refuses to start.
    #[strum(serialize = "I11: it is recorded only whole")]
    RecordedWhole,
    /// The machine comes to rest in every turn.
    #[strum(serialize = "I14: every turn settles")]
    Settles,
    /// A creation ends in Running or Failed, or waits for a person.
    #[strum(serialize = "L1: a creation runs or fails")]
    Created,
    /// A quorum that is back is found.
    #[strum(serialize = "L4: a quorum that returns is found")]
    QuorumFound,
    /// A crash changes nothing about the end.
    #[strum(serialize = "L8: a crash changes no end")]
    CrashForgotten,
    /// A deletion ends, and leaves what the user wants.
    #[strum(serialize = "L10: a deletion ends")]
    Deleted,
    /// Once nothing goes wrong any more, it comes to rest.
    #[strum(serialize = "I7: it comes to rest")]
    Rests,
    /// At rest the parts are what they should be.
    #[strum(serialize = "I7: at rest the parts are right")]
    PartsRight,
    /// Whoever waits says why.
    #[strum(serialize = "I12: whoever waits says why")]
    Explained,
}

impl Law {
    /// Whether it is about where it all ends.
    pub fn is_about_the_end(self) -> bool {
        match self {
            Self::Created
            | Self::QuorumFound
            | Self::CrashForgotten
            | Self::Deleted
            | Self::Rests
            | Self::PartsRight
            | Self::Explained => true,
            Self::MembersKept
            | Self::DataKept
            | Self::NewOnlyOnce
            | Self::OneCluster
            | Self::WritesKept
            | Self::BegunOnce
            | Self::BirthsRise
            | Self::UnknownIsNothing
            | Self::RecordedFirst
            | Self::PauseHeld
            | Self::IdentityStays
            | Self::OthersUntouched
            | Self::OneSpec
            | Self::RunsFenced
            | Self::RecordedWhole
            | Self::Settles => false,
        }
    }
}

impl World {
    /// Judges what the leader decided on what it saw, the moment it looked.
    pub fn judge_decision(&mut self, sight: Sight, decision: &Decision) {
        let Some(object) = self.object else { return };
        let enters = |step| decision.to == step && decision.from != step;
        let runs = (0..MEMBERS_MAX)
            .any(|at| self.follows(at).is_some_and(|birth| birth.owner == object.owner));
        let destroys =
            |order: &Order| matches!(order, Order::DeleteSet(_) | Order::DeleteClaim(..));
        let refuses = |pod: Pod| matches!(pod.stage, Stage::Refused(_));
        let wanted = object.deleting
            || self.set.is_some_and(|set| set.spec != object.spec)
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
    pub fn judge_volume(&mut self, claim: &Claim, meant: u8) {
        let owner = usize::from(claim.owner);
        let given_up = self.history.given_up.get(owner).copied().unwrap_or(false);
        let of_owner = self.object.filter(|object| object.owner == claim.owner);
        let recorded = of_owner.is_some_and(|object| object.status.identity.is_some());
        let promised = self.history.promised.get(owner).copied().flatten().is_some();
        if claim.owner != meant {
            self.breach(Law::OthersUntouched);
        }
        if (recorded || promised) && !given_up {
            self.breach(Law::DataKept);
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

    /// Judges which members decide together, now that they run.
    pub fn judge_quorum(&mut self, at: usize) {
        let Some(birth) = self.runs(at) else { return };
        let promised = self.history.promised.get(usize::from(birth.owner)).copied().flatten();
        let without = (0..MEMBERS_MAX).filter(|&at| self.lacks(at) == Some(birth)).count();
        if promised == Some(birth) && has_quorum(birth.size.into(), without) {
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
