//! PURE. Running: the cluster serves, and nothing is being changed.

use super::{Next, Turn, root};
use crate::service::etcd_cluster::vocabulary::Fact;
use statig::Outcome::{Handled, Super};

/// The spec of a running cluster changes only in ways that need no step of their own.
pub fn phase(_: &mut Turn<'_>, _: Fact) -> Next {
    Super
}

/// Members may come and go within quorum: that is said, and waited for.
pub fn steady(turn: &mut Turn<'_>, fact: Fact) -> Next {
    match fact {
        Fact::IdentityMissing => root::not_born(turn),
        Fact::QuorumHeld | Fact::MembersHealthy | Fact::Looked => Handled,
        _ => Super,
    }
}
