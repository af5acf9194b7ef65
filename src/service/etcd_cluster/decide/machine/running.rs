//! PURE. Running: the cluster serves, and nothing is being changed.

use super::turn::{Next, Turn};
use super::{membership, orders, scaling};
use crate::crd::OperationKind;
use crate::service::etcd_cluster::decide::queries::{hashes, listing, roster};
use crate::service::etcd_cluster::decide::vocabulary::{Fact, Guard, Reason, Step};
use statig::Outcome::{Handled, Super, Transition};

/// The spec of a running cluster changes only in ways that need no step of their own.
pub fn phase(_: &mut Turn<'_>, _: Fact) -> Next {
    Super
}

/// A member that is away is waited for. Left when one is to come, to go, or cannot come back.
pub fn steady(turn: &mut Turn<'_>, fact: Fact) -> Next {
    match fact {
        Fact::IdentityMissing => orders::not_born(),

        // What was begun is gone on with.
        Fact::AdditionOpen if turn.is(Guard::MemberRecorded) => Transition(Step::CatchUp),
        Fact::AdditionOpen => Transition(Step::CleanSlot),
        Fact::RemovalOpen => Transition(Step::RemoveMember),
        Fact::ReplacementOpen => Transition(Step::Evict),

        Fact::SleepAsked if turn.is(Guard::SpecCurrent) => Transition(Step::Sleep),
        Fact::DataLost | Fact::MemberVanished => replace(turn, fact),
        Fact::DataDiverges if turn.is(Guard::HashMajority) => replace(turn, fact),
        Fact::DataDiverges => Transition(Step::Corrupt),
        Fact::AlarmOutlived => membership::disarm(turn),
        Fact::LearnerUnrecorded => membership::drop_stray(turn),
        Fact::LearnerForgotten => adopt(turn),
        Fact::MembersSurplus | Fact::MembersMissing if !turn.is(Guard::SpecCurrent) => Handled,
        Fact::MembersSurplus | Fact::MembersMissing if !turn.is(Guard::ListExact) => {
            turn.hold(Reason::ListStale)
        }
        Fact::MembersSurplus => shrink(turn),
        Fact::MembersMissing => grow(turn),
        Fact::QuorumHeld
        | Fact::NothingOpen
        | Fact::SleepAsked
        | Fact::MembersHealthy
        | Fact::Looked => Handled,
        _ => Super,
    }
}

/// No member runs, and none is missed. Left when some are asked for.
pub fn hibernated(turn: &mut Turn<'_>, fact: Fact) -> Next {
    match fact {
        Fact::IdentityMissing => orders::not_born(),
        Fact::Looked if turn.is(Guard::SizeAboveZero) => Transition(Step::Wake),
        Fact::Looked => turn.hold(Reason::Hibernated),
        _ => scaling::asleep(fact),
    }
}

/// A status that was lost is read back from the template, which does not tell who has no vote yet.
fn adopt(turn: &mut Turn<'_>) -> Next {
    match listing::forgotten(turn.observed) {
        Some(learner) if turn.is(Guard::ListFresh) => {
            membership::begin(turn, OperationKind::AddMember, learner, Step::CatchUp)
        }
        _ => turn.hold(Reason::ListStale),
    }
}

/// A member that cannot come back is taken out, and another joins in its place.
fn replace(turn: &mut Turn<'_>, fact: Fact) -> Next {
    let (lost, reason) = match fact {
        Fact::MemberVanished => (listing::vanished(turn.observed), Reason::MemberDataLost),
        Fact::DataDiverges => (hashes::outvoted(turn.observed), Reason::DataDiverges),
        _ => (roster::lost(turn.observed), Reason::MemberDataLost),
    };
    let Some(lost) = lost.filter(|_| turn.is(Guard::SpecCurrent) && turn.is(Guard::ListFresh))
    else {
        return turn.hold(reason);
    };
    membership::begin(turn, OperationKind::ReplaceMember, lost, Step::Evict)
}

fn shrink(turn: &mut Turn<'_>) -> Next {
    match roster::surplus(turn.observed) {
        Some(last) if turn.is(Guard::OthersHealthy) => {
            membership::begin(turn, OperationKind::RemoveMember, last, Step::RemoveMember)
        }
        _ => turn.hold(Reason::OthersUnhealthy),
    }
}

fn grow(turn: &mut Turn<'_>) -> Next {
    match roster::missing(turn.observed) {
        Some(next) if turn.is(Guard::EveryMemberHealthy) => {
            membership::begin(turn, OperationKind::AddMember, next, Step::CleanSlot)
        }
        _ => turn.hold(Reason::OthersUnhealthy),
    }
}
