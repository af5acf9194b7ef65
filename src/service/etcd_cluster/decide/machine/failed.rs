//! PURE. Failed: nothing is touched while what is lost may come back.

use super::turn::{Next, Turn};
use super::{creating, orders};
use crate::service::etcd_cluster::decide::vocabulary::{Fact, Guard, Reason, Step};
use statig::Outcome::{Handled, Super, Transition};

/// Both failures are left by what is observed, never by time.
pub fn phase(_: &mut Turn<'_>, _: Fact) -> Next {
    Super
}

/// Too few members are left. Left when enough answer again.
pub fn quorum_lost(turn: &mut Turn<'_>, fact: Fact) -> Next {
    match fact {
        Fact::IdentityMissing => orders::not_born(),
        Fact::QuorumHeld if turn.is(Guard::ListFresh) => Transition(Step::Settle),
        Fact::QuorumHeld => turn.hold(Reason::ListStale),
        Fact::QuorumLost | Fact::Looked => turn.hold(Reason::QuorumLost),
        _ => Super,
    }
}

/// The members' data differs, and nobody can tell whose is right. Left when a majority can, or when
/// all are known to hold the same again.
pub fn corrupt(turn: &mut Turn<'_>, fact: Fact) -> Next {
    match fact {
        Fact::IdentityMissing => orders::not_born(),
        Fact::MemberVanished => Transition(Step::Steady),
        Fact::DataDiverges if turn.is(Guard::HashMajority) => Transition(Step::Steady),
        Fact::Looked if turn.is(Guard::HashesEqual) => Transition(Step::Steady),
        Fact::DataDiverges | Fact::Looked => turn.hold(Reason::DataDiverges),
        // That they differ is what etcd warns of.
        Fact::MemberAlarmed => Handled,
        _ => Super,
    }
}

/// The creation did not come up. Left by another spec, by the members themselves or, if no volume was
/// there before, by more retries.
pub fn bootstrap(turn: &mut Turn<'_>, fact: Fact) -> Next {
    match fact {
        Fact::IdentityRecorded => Transition(Step::Seal),
        Fact::StatefulSetMissing => Transition(Step::Provision),
        Fact::SpecChanged => creating::begin_again(turn),
        Fact::ClusterFormed if turn.is(Guard::EveryMemberHealthy) => Transition(Step::AwaitQuorum),
        Fact::BirthFailed if turn.is(Guard::NeverServed) && turn.is(Guard::RetriesLeft) => {
            creating::retry(turn)
        }
        Fact::ClusterFormed | Fact::BirthFailed | Fact::PodsDrifted => Handled,
        Fact::Looked => turn.hold(Reason::RetriesExhausted),
        _ => Super,
    }
}
