//! PURE. What the root superstate decides for all steps alike.

use super::bases::{Scope, given_up, healthy, provisioned, recorded};
#[allow(clippy::wildcard_imports, reason = "each change is listed below")]
use super::changes::*;
use crate::service::etcd_cluster::decide::vocabulary::Step;
use strum::VariantArray;

pub(super) const SCOPE: Scope = Scope {
    steps: Step::VARIANTS,
    bases: &[|| given_up(3), || provisioned(3), || recorded(3), || healthy(3)],
    changes: &[
        paused,
        deleted,
        deleted_whole,
        forgotten,
        foreign,
        respecified,
        quorum_down,
        unheld,
        taken,
        lacking,
        untold,
        unread,
        removed_set,
        volumes_leaving,
        down_2,
        unseen_0,
        lost_2,
        stale_2,
        out_of_space,
        all_differ,
        stranger_learns,
        stranger_votes,
    ],
};
