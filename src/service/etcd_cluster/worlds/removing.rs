//! PURE. Members that are to go.

use super::bases::Scope;
#[allow(clippy::wildcard_imports, reason = "each change is listed below")]
use super::changes::*;
use super::memberships::{leaving, losing, outvoted, releasing, removed};
use crate::service::etcd_cluster::decide::vocabulary::Step;

pub(super) const SCOPE: Scope = Scope {
    steps: &[Step::RemoveMember, Step::ReleaseSlot, Step::Evict],
    bases: &[leaving, losing, outvoted, removed, releasing],
    changes: &[
        size_1,
        size_3,
        respecified,
        releasing_volumes,
        unheld,
        uncounted,
        taken,
        lacking,
        never_made,
        idle,
        adding,
        removing,
        replacing,
        freed,
        unrecorded,
        without_pod_2,
        untold,
        unreached,
        stopping,
        volumes_leaving,
        quorum_down,
        down_0,
        down_2,
        unseen_0,
        lost_1,
        stale_2,
        foreign,
        corrupt,
        third_leads,
        all_alike,
        third_differs,
        unlisted,
        third_out,
        stray,
        stranger_learns,
        stranger_votes,
    ],
};
