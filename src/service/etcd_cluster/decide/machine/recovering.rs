//! PURE. Recovering: what was lost is back and has to last.

use super::turn::{Next, Turn};
use super::{membership, orders};
use crate::service::etcd_cluster::decide::vocabulary::{Fact, Guard, Reason, Step};
use statig::Outcome::{Handled, Super, Transition};

/// A second loss of quorum leads back to Failed: that is decided at the root.
pub fn phase(_: &mut Turn<'_>, _: Fact) -> Next {
    Super
}

/// Quorum returned. Left at once when every member is back, or when quorum lasted.
pub fn settle(turn: &mut Turn<'_>, fact: Fact) -> Next {
    match fact {
        Fact::IdentityMissing => orders::not_born(),
        // A quorum that was lost while it was being sealed is sealed here.
        Fact::QuorumHeld if !turn.is(Guard::Fenced) => turn.hold(Reason::Sealing),
        // The next turn counts.
        Fact::QuorumHeld if !turn.is(Guard::Counted) => turn.hold(Reason::QuorumReturned),
        Fact::MembersHealthy if turn.is(Guard::Fenced) && turn.is(Guard::Counted) => {
            orders::done(turn)
        }
        Fact::QuorumHeld if turn.is(Guard::QuorumLasted) => orders::done(turn),
        Fact::QuorumHeld | Fact::Looked => turn.hold(Reason::QuorumReturned),
        _ => Super,
    }
}

/// A member that cannot come back is taken out, if all the others are well. Left when etcd does not
/// list it any more, or when it came back after all.
pub fn evict(turn: &mut Turn<'_>, fact: Fact) -> Next {
    match fact {
        Fact::IdentityMissing => orders::not_born(),
        Fact::ReplacementOpen => Handled,
        Fact::NothingOpen | Fact::AdditionOpen | Fact::RemovalOpen => Transition(Step::Steady),
        Fact::MemberOut if !turn.is(Guard::MemberRecorded) => membership::over(turn),
        // The next turn counts.
        Fact::MemberOut if !turn.is(Guard::Counted) => Handled,
        Fact::MemberOut => {
            membership::record_removed(turn);
            Transition(Step::CleanSlot)
        }
        Fact::Looked if turn.is(Guard::VictimHealthy) => membership::over(turn),
        Fact::Looked if !turn.is(Guard::VictimLost) => turn.hold(Reason::MemberDown),
        Fact::Looked if !turn.is(Guard::ListFresh) => turn.hold(Reason::ListStale),
        Fact::Looked if !turn.is(Guard::OthersHealthy) => turn.hold(Reason::OthersUnhealthy),
        Fact::Looked if turn.is(Guard::VictimLeads) => membership::hand_over(turn),
        Fact::Looked => membership::remove(turn),
        _ => Super,
    }
}
