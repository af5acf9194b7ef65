//! PURE. What the status remembers of the last check of the data.

use crate::crd::{HashCheck, HashResult, VoterHash};
use crate::service::etcd_cluster::decide::queries::hashes::{is_suspected, voters};
use crate::service::etcd_cluster::observe::observed::Observed;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use std::collections::BTreeSet;

/// The last check after a turn: this turn's own, if it made one.
pub fn next(last: Option<HashCheck>, seen: &Observed) -> Option<HashCheck> {
    let Some(sweep) = &seen.sweep else {
        // Who does not answer takes no suspicion back.
        let heard = voters(seen).count() == seen.ordinals().len();
        let suspected = |last: &HashCheck| last.suspected && (is_suspected(seen) || !heard);
        return last.map(|last| HashCheck { suspected: suspected(&last), ..last });
    };
    let known = sweep.hashes.iter().map(|(id, &hash)| (id, Some(i64::from(hash))));
    let all = known.chain(sweep.unknown.iter().map(|id| (id, None)));
    let distinct: BTreeSet<u32> = sweep.hashes.values().copied().collect();
    Some(HashCheck {
        time: Time(seen.now),
        revision: sweep.revision,
        result: match distinct.len() {
            1 if sweep.unknown.is_empty() => HashResult::Same,
            0 | 1 => HashResult::Unknown,
            _ => HashResult::Different,
        },
        suspected: is_suspected(seen),
        voters: all.map(|(id, hash)| VoterHash { id: id.clone(), hash }).collect(),
    })
}
