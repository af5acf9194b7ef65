//! PURE. Members that are stopped, and come back.

use super::bases::{Scope, healthy};
#[allow(clippy::wildcard_imports, reason = "each change is listed below")]
use super::changes::*;
use super::memberships::{asleep, waking};
use crate::service::etcd_cluster::decide::vocabulary::Step;

pub(super) const SCOPE: Scope = Scope {
    steps: &[Step::Sleep, Step::Hibernated, Step::Wake],
    bases: &[asleep, waking, || healthy(3)],
    changes: &[
        size_0,
        size_3,
        respecified,
        much_later,
        never_made,
        adding,
        removing,
        replacing,
        untold,
        adrift,
        others_down,
        unseen_0,
        lost_1,
        stale_2,
        foreign,
        out_of_space,
        all_differ,
        unlisted,
        stray,
        stranger_learns,
        stranger_votes,
    ],
};
