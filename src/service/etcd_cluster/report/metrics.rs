//! PURE. What the metrics say of a cluster.

use crate::crd::OperationKind;
use crate::engine::{Machine, Settled};
use crate::service::etcd_cluster::decide::action::Record;
use crate::service::etcd_cluster::decide::machine::EtcdClusterMachine;
use crate::service::etcd_cluster::decide::queries::listing::{self, Place};
use crate::service::etcd_cluster::observe::observed::Observed;
use crate::telemetry::ClusterGauges;

/// What a record says of something that is done to a member, for the metrics.
pub fn operation(record: &Record, seen: &Observed) -> Option<(&'static str, &'static str)> {
    use OperationKind::{AddMember, Create, RemoveMember, ReplaceMember, Resume};
    let (begun, done, given_up) = ("begun", "done", "given_up");
    let underway = seen.memory.operation.as_ref().map(|at| at.kind);
    match record {
        Record::Begun { kind, .. } => Some((kind.into(), begun)),
        Record::Recycled => Some((AddMember.into(), given_up)),
        Record::Removed { .. } => {
            underway.filter(|kind| *kind != AddMember).map(|kind| (kind.into(), done))
        }
        Record::OperationDone => {
            let kind = underway?;
            let result = match (kind, listing::subject(seen)?.1) {
                (AddMember, Some(Place::Voter(_))) => done,
                // It was counted when it was recorded.
                (RemoveMember | ReplaceMember, Some(Place::Nowhere)) => return None,
                (Create | Resume | AddMember | RemoveMember | ReplaceMember, _) => given_up,
            };
            Some((kind.into(), result))
        }
        Record::CreationBegun
        | Record::CreationResumed
        | Record::BirthFound { .. }
        | Record::CreationDone
        | Record::Identity { .. }
        | Record::LearnerAdded { .. }
        | Record::SlotCleaned { .. }
        | Record::Unused { .. }
        | Record::SlotsReleased
        | Record::Retried
        | Record::TriesForgotten
        | Record::NextIncarnation => None,
    }
}

/// The cluster as gauges.
pub fn gauges(seen: &Observed, settled: &Settled<EtcdClusterMachine>) -> ClusterGauges {
    ClusterGauges {
        size: seen.ordinals().len(),
        tolerance: seen.tolerance(),
        healthy: seen.is_sealed() && seen.has_quorum(),
        phase: EtcdClusterMachine::phase(settled.to),
        step: settled.to.into(),
        since: seen.memory.step_since.filter(|_| settled.path.is_empty()).unwrap_or(seen.now),
    }
}
