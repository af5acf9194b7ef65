//! PURE. Scaling: members come and go one at a time, and only while all the others are well.
//!
//! What is being done, and to whom, is on record before it is done; whether it is done is read off
//! etcd's own list. So every step can be begun again, whoever did how much of it before.

use super::turn::{Next, Turn};
use super::{membership, orders};
use crate::service::etcd_cluster::decide::action::Record;
use crate::service::etcd_cluster::decide::vocabulary::{Fact, Guard, Reason, Step};
use statig::Outcome::{Handled, Super, Transition};

/// Something else is being done than the step is about.
pub fn phase(_: &mut Turn<'_>, fact: Fact) -> Next {
    match fact {
        Fact::IdentityMissing => orders::not_born(),
        Fact::NothingOpen | Fact::AdditionOpen | Fact::RemovalOpen | Fact::ReplacementOpen => {
            Transition(Step::Steady)
        }
        _ => Super,
    }
}

/// Left when nothing is left in the member's place, or when nobody wants it there any more.
pub fn clean_slot(turn: &mut Turn<'_>, fact: Fact) -> Next {
    match fact {
        Fact::AdditionOpen => Handled,
        // An answer was lost: the member is there already.
        Fact::LearnerListed | Fact::LearnerPromoted => Transition(Step::AddLearner),
        // Who is lost is replaced before anybody else joins, and so is whose data is damaged: it may
        // be what a learner copies.
        Fact::DataLost | Fact::MemberVanished | Fact::DataDiverges => membership::over(turn),
        Fact::Looked if !turn.is(Guard::SlotWanted) => membership::over(turn),
        // The next turn counts.
        Fact::Looked if !turn.is(Guard::Counted) => Handled,
        Fact::Looked if !turn.is(Guard::SlotOurs) => turn.hold(Reason::StaleVolume),
        Fact::Looked if turn.is(Guard::SlotClean) => {
            membership::record_clean(turn);
            Transition(Step::AddLearner)
        }
        Fact::Looked if turn.is(Guard::SlotLeaving) => turn.hold(Reason::SlotReleasing),
        Fact::Looked => {
            membership::clear_slot(turn);
            turn.hold(Reason::SlotReleasing)
        }
        _ => Super,
    }
}

/// Left when etcd lists the member.
pub fn add_learner(turn: &mut Turn<'_>, fact: Fact) -> Next {
    match fact {
        Fact::AdditionOpen => Handled,
        Fact::LearnerListed | Fact::LearnerPromoted => {
            membership::record_learner(turn);
            Transition(Step::CatchUp)
        }
        Fact::DataLost | Fact::MemberVanished | Fact::DataDiverges => membership::over(turn),
        Fact::LearnerUnrecorded => membership::drop_stray(turn),
        Fact::Looked if !turn.is(Guard::SlotWanted) => membership::over(turn),
        Fact::Looked if !turn.is(Guard::ListFresh) => turn.hold(Reason::ListStale),
        Fact::Looked if !turn.is(Guard::EveryMemberHealthy) => turn.hold(Reason::OthersUnhealthy),
        Fact::Looked if !turn.is(Guard::DataAgrees) => turn.hold(Reason::MemberAlarm),
        // One change at a time: who is not on record goes first, or is told of.
        Fact::Looked if !turn.is(Guard::ListExact) => turn.hold(Reason::LearnerJoining),
        // Nobody joins who cannot come.
        Fact::Looked if !turn.is(Guard::SlotReached) => turn.hold(Reason::LearnerJoining),
        Fact::Looked => membership::add_learner(turn),
        _ => Super,
    }
}

/// Left when the learner has nearly all of the log, and can never begin with nothing again.
pub fn catch_up(turn: &mut Turn<'_>, fact: Fact) -> Next {
    match fact {
        Fact::AdditionOpen => Handled,
        Fact::LearnerPromoted => membership::grown(turn),
        Fact::MemberOut | Fact::DataLost | Fact::MemberVanished | Fact::DataDiverges => {
            Transition(Step::DropLearner)
        }
        Fact::LearnerStalled | Fact::Looked if !turn.is(Guard::SlotWanted) => {
            Transition(Step::DropLearner)
        }
        Fact::LearnerStalled if turn.is(Guard::RecyclesLeft) => Transition(Step::DropLearner),
        Fact::LearnerStalled => turn.hold(Reason::LearnerStalled),
        Fact::LearnerCaughtUp
            if turn.is(Guard::SlotWanted)
                && turn.is(Guard::LearnerBorn)
                && turn.is(Guard::Fenced) =>
        {
            Transition(Step::Promote)
        }
        Fact::Looked => turn.hold(Reason::LearnerBehind),
        _ => Super,
    }
}

/// Left when etcd lists the member with a vote. It was caught up when the step was entered, and
/// has to be in another look.
pub fn promote(turn: &mut Turn<'_>, fact: Fact) -> Next {
    match fact {
        Fact::AdditionOpen => Handled,
        Fact::LearnerPromoted => membership::grown(turn),
        Fact::MemberOut | Fact::DataLost | Fact::MemberVanished | Fact::DataDiverges => {
            Transition(Step::DropLearner)
        }
        Fact::LearnerStalled => Transition(Step::CatchUp),
        Fact::Looked if !turn.is(Guard::SlotWanted) => Transition(Step::DropLearner),
        Fact::LearnerCaughtUp if !turn.is(Guard::StepOnRecord) => Handled,
        Fact::LearnerCaughtUp if !turn.is(Guard::SlotWanted) => Handled,
        Fact::LearnerCaughtUp if !turn.is(Guard::EveryMemberHealthy) => {
            turn.hold(Reason::OthersUnhealthy)
        }
        Fact::LearnerCaughtUp if !turn.is(Guard::DataAgrees) => turn.hold(Reason::MemberAlarm),
        Fact::LearnerCaughtUp => membership::promote(turn),
        Fact::Looked => turn.hold(Reason::LearnerPromoting),
        _ => Super,
    }
}

/// Left when etcd does not list the learner any more. One that got its vote meanwhile stays.
pub fn drop_learner(turn: &mut Turn<'_>, fact: Fact) -> Next {
    match fact {
        Fact::AdditionOpen => Handled,
        Fact::LearnerPromoted => membership::grown(turn),
        Fact::MemberOut if !turn.is(Guard::MemberRecorded) => membership::over(turn),
        // The next turn counts.
        Fact::MemberOut if !turn.is(Guard::Counted) => Handled,
        Fact::MemberOut if turn.is(Guard::SlotWanted) => {
            membership::record_removed(turn);
            turn.record(Record::Recycled);
            Transition(Step::CleanSlot)
        }
        Fact::MemberOut => {
            membership::record_removed(turn);
            membership::leave(turn)
        }
        Fact::LearnerListed => membership::remove(turn),
        Fact::Looked => turn.hold(Reason::MemberLeaving),
        _ => Super,
    }
}

/// Left when etcd does not list the member any more, or when it is wanted after all.
pub fn remove_member(turn: &mut Turn<'_>, fact: Fact) -> Next {
    match fact {
        Fact::RemovalOpen => Handled,
        Fact::MemberOut if !turn.is(Guard::MemberRecorded) => membership::over(turn),
        Fact::MemberOut if !turn.is(Guard::Counted) => Handled,
        Fact::MemberOut => membership::shrunk(turn),
        // Who is lost is replaced before anybody else goes, and so is whose data is damaged.
        Fact::DataLost | Fact::MemberVanished if !turn.is(Guard::OthersHealthy) => {
            membership::over(turn)
        }
        Fact::DataDiverges => membership::over(turn),
        Fact::Looked if turn.is(Guard::SlotWanted) => membership::over(turn),
        Fact::Looked if !turn.is(Guard::ListFresh) => turn.hold(Reason::ListStale),
        Fact::Looked if !turn.is(Guard::OthersHealthy) => turn.hold(Reason::OthersUnhealthy),
        Fact::Looked if !turn.is(Guard::DataAgrees) => turn.hold(Reason::MemberAlarm),
        Fact::Looked if turn.is(Guard::VictimLeads) => membership::hand_over(turn),
        Fact::Looked => membership::remove(turn),
        _ => Super,
    }
}

/// Left when the pods are gone, and the volumes too where the user does not want to keep them.
pub fn release_slot(turn: &mut Turn<'_>, fact: Fact) -> Next {
    match fact {
        Fact::NothingOpen => Handled,
        Fact::Looked if !turn.is(Guard::Counted) => Handled,
        Fact::Looked if !turn.is(Guard::SurplusGone) => turn.hold(Reason::SlotReleasing),
        Fact::Looked if turn.is(Guard::VolumesRetained) => Transition(Step::Steady),
        Fact::Looked if turn.is(Guard::RemovedGone) => {
            turn.record(Record::SlotsReleased);
            Transition(Step::Steady)
        }
        Fact::Looked if turn.is(Guard::RemovedLeaving) => turn.hold(Reason::SlotReleasing),
        Fact::Looked => {
            membership::delete_removed(turn);
            turn.hold(Reason::SlotReleasing)
        }
        _ => Super,
    }
}

/// Left when no pod is left, or when members are asked for again.
pub fn sleep(turn: &mut Turn<'_>, fact: Fact) -> Next {
    match fact {
        Fact::Looked if turn.is(Guard::SizeAboveZero) => Transition(Step::Wake),
        Fact::Looked if turn.is(Guard::PodsGone) => Transition(Step::Hibernated),
        Fact::Looked => turn.hold(Reason::FallingAsleep),
        _ => asleep(fact),
    }
}

/// Left when enough of the members that were stopped are back, or when none is asked for again.
pub fn wake(turn: &mut Turn<'_>, fact: Fact) -> Next {
    match fact {
        Fact::SleepAsked => Transition(Step::Sleep),
        Fact::QuorumHeld => Transition(Step::Steady),
        Fact::QuorumLost if turn.is(Guard::StragglersAwaited) => Transition(Step::QuorumLost),
        Fact::Looked => turn.hold(Reason::WakingUp),
        _ => asleep(fact),
    }
}

/// Members that were stopped are not missed.
pub fn asleep(fact: Fact) -> Next {
    match fact {
        Fact::NothingOpen
        | Fact::AdditionOpen
        | Fact::RemovalOpen
        | Fact::ReplacementOpen
        | Fact::QuorumLost
        | Fact::DataLost
        | Fact::DataStale
        | Fact::MemberDown
        | Fact::MemberUnseen => Handled,
        _ => Super,
    }
}
