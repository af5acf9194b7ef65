//! PURE. Members that are to come.

use super::bases::Scope;
#[allow(clippy::wildcard_imports, reason = "each change is listed below")]
use super::changes::*;
use super::memberships::{growing, joining, refilling};
use crate::service::etcd_cluster::decide::vocabulary::Step;

pub(super) const SCOPE: Scope = Scope {
    steps: &[Step::CleanSlot, Step::AddLearner, Step::CatchUp, Step::Promote, Step::DropLearner],
    bases: &[joining, growing, refilling],
    changes: &[
        size_1,
        size_3,
        size_4,
        respecified,
        much_later,
        unheld,
        uncounted,
        taken,
        lacking,
        never_made,
        entered,
        idle,
        removing,
        replacing,
        tried_often,
        freed,
        unborn,
        unrecorded,
        without_pod_2,
        without_pod_3,
        untold,
        unreached,
        stopping,
        without_volume_2,
        volumes_leaving,
        volumes_foreign,
        quorum_down,
        down_0,
        unseen_0,
        lost_1,
        lost_3,
        foreign,
        corrupt,
        far_ahead,
        third_differs,
        unlisted,
        third_out,
        no_learner,
        fourth_votes,
        stray,
        stranger_learns,
        stranger_votes,
    ],
};
