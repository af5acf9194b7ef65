//! PURE. A cluster that serves, fails, or recovers as a whole.

use super::bases::{Scope, healthy, recorded};
#[allow(clippy::wildcard_imports, reason = "each change is listed below")]
use super::changes::*;
use super::memberships::outvoted;
use crate::service::etcd_cluster::decide::vocabulary::Step;

pub(super) const SCOPE: Scope = Scope {
    steps: &[Step::Steady, Step::QuorumLost, Step::Corrupt, Step::Settle],
    bases: &[|| healthy(1), || healthy(3), || recorded(3), outvoted],
    changes: &[
        size_0,
        size_1,
        size_5,
        respecified,
        later,
        uncounted,
        never_made,
        idle,
        adding,
        removing,
        replacing,
        unborn,
        unrecorded,
        untold,
        unreached,
        quorum_down,
        down_0,
        unseen_0,
        lost_1,
        lost_2,
        foreign,
        out_of_space,
        corrupt,
        third_leads,
        all_alike,
        third_differs,
        all_differ,
        unlisted,
        third_out,
        third_learns,
        stray,
        stranger_learns,
        stranger_votes,
    ],
};
