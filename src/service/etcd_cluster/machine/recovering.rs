//! PURE. Recovering: what was lost is back and has to last.

use super::{Next, Turn, creating, root};
use crate::service::etcd_cluster::vocabulary::{Fact, Guard, Reason};
use statig::Outcome::Super;

/// A second loss of quorum leads back to Failed: that is decided at the root.
pub fn phase(_: &mut Turn<'_>, _: Fact) -> Next {
    Super
}

/// Quorum returned. Left at once when every member is back, or when quorum lasted.
pub fn settle(turn: &mut Turn<'_>, fact: Fact) -> Next {
    match fact {
        Fact::IdentityMissing => root::not_born(turn),
        // A quorum that was lost while it was being sealed is sealed here.
        Fact::QuorumHeld if !turn.is(Guard::Fenced) => turn.hold(Reason::Sealing),
        // The next turn counts.
        Fact::QuorumHeld if !turn.is(Guard::Counted) => turn.hold(Reason::QuorumReturned),
        Fact::MembersHealthy if turn.is(Guard::Fenced) && turn.is(Guard::Counted) => {
            creating::done(turn)
        }
        Fact::QuorumHeld if turn.is(Guard::QuorumLasted) => creating::done(turn),
        Fact::QuorumHeld | Fact::Looked => turn.hold(Reason::QuorumReturned),
        _ => Super,
    }
}
