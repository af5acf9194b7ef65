//! PURE. The part of the observation that the status remembers.

use super::observed::{Birth, Hashed, Memory, Removed, Sweep, Underway};
use crate::crd::{
    EtcdCluster, EtcdClusterStatus, HashCheck, Operation, OperationKind, RemovedMember, VoterHash,
};
use crate::service::pace;
use jiff::Timestamp;

/// What the machine remembers, read from the status.
pub fn memory(cluster: &EtcdCluster) -> Memory {
    let empty = EtcdClusterStatus::default();
    let status = cluster.status.as_ref().unwrap_or(&empty);
    let recorded = status.members.iter().filter_map(|at| Some((at.name.clone(), at.id.clone()?)));
    let sealed = status.cluster_id.is_some();
    let size = u32::try_from(cluster.spec.size).unwrap_or(0);
    let removed = |at: &RemovedMember| {
        (at.name.clone(), Removed { id: at.id.clone(), volume: at.volume_uid.clone() })
    };
    let mut memory = Memory {
        incarnation: status.incarnation.unwrap_or(1),
        cluster_id: status.cluster_id.clone(),
        replicas: size,
        operation: status.operation.as_ref().and_then(underway),
        away: status
            .members
            .iter()
            .filter_map(|at| Some((at.name.clone(), at.last_seen.as_ref()?.0)))
            .collect(),
        removed: status.removed_members.iter().map(removed).collect(),
        unborn: status
            .members
            .iter()
            .filter(|at| sealed && at.version.is_none())
            .map(|at| at.name.clone())
            .collect(),
        members: recorded.collect(),
        step: status.step.clone(),
        step_since: status.step_since.as_ref().map(|since| since.0),
        unchanged_since: unchanged_since(status),
        hash_check: status.last_hash_check.as_ref().map(remembered),
        attempts: status
            .operation
            .as_ref()
            .map_or(0, |operation| u32::try_from(operation.attempts).unwrap_or(u32::MAX)),
        birth: match status.operation.as_ref().map(|at| at.kind) {
            Some(OperationKind::Create) => Birth::Begun,
            Some(OperationKind::Resume) => Birth::Resumed,
            Some(_) | None => Birth::Unrecorded,
        },
    };
    if sealed {
        memory.birth = Birth::Begun;
        memory.replicas = u32::try_from(memory.voters().count()).unwrap_or(0);
    }
    memory
}

fn unchanged_since(status: &EtcdClusterStatus) -> Option<Timestamp> {
    let away = status.members.iter().filter_map(|at| Some(at.last_seen.as_ref()?.0));
    pace::unchanged_since(status.step_since.as_ref(), &status.conditions)
        .into_iter()
        .chain(away)
        .max()
}

fn underway(operation: &Operation) -> Option<Underway> {
    Some(Underway {
        kind: operation.kind,
        member: operation.member.clone()?,
        since: Some(operation.started.0),
        free: operation.free.iter().cloned().collect(),
    })
}

/// The last check, read from the status.
pub fn remembered(last: &HashCheck) -> Hashed {
    let hash = |voter: &VoterHash| voter.hash.and_then(|hash| u32::try_from(hash).ok());
    let known = last.voters.iter().filter_map(|voter| Some((voter.id.clone(), hash(voter)?)));
    let unknown = last.voters.iter().filter(|voter| hash(voter).is_none());
    let sweep = Sweep {
        revision: last.revision,
        hashes: known.collect(),
        unknown: unknown.map(|voter| voter.id.clone()).collect(),
    };
    Hashed { at: last.time.0, suspected: last.suspected, sweep }
}
