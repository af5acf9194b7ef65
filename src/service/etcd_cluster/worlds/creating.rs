//! PURE. Creating, and what a creation that failed waits in.

use super::bases::{Scope, formed, fresh, given_up, healthy, provisioned, recorded, returning};
#[allow(clippy::wildcard_imports, reason = "each change is listed below")]
use super::changes::*;
use crate::service::etcd_cluster::decide::vocabulary::Step;

pub(super) const SCOPE: Scope = Scope {
    steps: &[Step::Provision, Step::AwaitQuorum, Step::Seal, Step::Reset, Step::Bootstrap],
    bases: &[
        || fresh(0),
        || fresh(3),
        || provisioned(1),
        || provisioned(3),
        || given_up(3),
        || formed(3),
        returning,
        || recorded(3),
        || healthy(3),
    ],
    changes: &[
        respecified,
        size_1,
        without_retries,
        tried_often,
        resumed,
        resumed_in_part,
        resumed_served,
        another_birth,
        off_record,
        off_record_begun,
        later,
        much_later,
        unheld,
        uncounted,
        taken,
        unread,
        removed_set,
        without_pods,
        untold,
        pending,
        without_volumes,
        volumes_leaving,
        volumes_foreign,
        down_2,
        quorum_down,
        quorum_unseen,
        lost_2,
        stale_2,
        foreign,
        written,
        unlisted,
        list_foreign,
        first_out,
    ],
};
