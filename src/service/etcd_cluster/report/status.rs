//! PURE. The next status: what the machine remembers, and what was seen, for people to read.

use super::conditions::conditions;
use super::{hash_check, messages};
use crate::crd::{
    EtcdCluster, EtcdClusterStatus, MemberRole, MemberStatus, Operation, OperationKind,
    RemovedMember, Scaling, Transition,
};
use crate::engine::{Machine, Settled};
use crate::mutants::planted;
use crate::resource::{labels, names};
use crate::service::etcd_cluster::decide::action::Record;
use crate::service::etcd_cluster::decide::machine::EtcdClusterMachine;
use crate::service::etcd_cluster::decide::queries::health::Health;
use crate::service::etcd_cluster::observe::observed::Observed;
use crate::service::said;
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

/// The status after a turn. Equal to the old one if nothing a reader could care for changed.
pub fn next(
    cluster: &EtcdCluster,
    seen: &Observed,
    settled: &Settled<EtcdClusterMachine>,
) -> EtcdClusterStatus {
    let mut status = cluster.status.clone().unwrap_or_default();
    status.incarnation.get_or_insert(1);
    for record in &settled.records {
        remember(&mut status, record, cluster, seen.now);
    }
    enter(&mut status, settled, seen.now);
    status.observed_generation = cluster.metadata.generation;
    status.selector = Some(labels::selector_text(cluster));
    status.client_endpoints = vec![names::client_endpoint(cluster)];
    describe(&mut status, seen);
    status.last_hash_check = hash_check::next(status.last_hash_check.take(), seen);
    status.scaling = scaling(&status, seen);
    status.conditions = conditions(
        &status.conditions,
        cluster.metadata.generation,
        (settled.to, &settled.held),
        seen,
    );
    status
}

fn remember(
    status: &mut EtcdClusterStatus,
    record: &Record,
    cluster: &EtcdCluster,
    now: Timestamp,
) {
    let attempts = status.operation.as_ref().map_or(0, |operation| operation.attempts);
    let kind = status.operation.as_ref().map(|operation| operation.kind);
    let begun = |kind, attempts| {
        Some(Operation { kind, member: None, started: Time(now), attempts, free: vec![] })
    };
    let create = |attempts| begun(OperationKind::Create, attempts);
    match record {
        Record::BirthFound { incarnation } => status.incarnation = Some(*incarnation),
        Record::CreationResumed => status.operation = begun(OperationKind::Resume, 0),
        Record::CreationBegun if kind == Some(OperationKind::Create) => {}
        Record::CreationBegun | Record::TriesForgotten => status.operation = create(0),
        Record::Retried => status.operation = create(attempts.saturating_add(1)),
        // What is being done to a member outlives a quorum that was lost and is back.
        Record::CreationDone => {
            let forms = [OperationKind::Create, OperationKind::Resume];
            status.operation.take_if(|at| forms.contains(&at.kind));
        }
        Record::Begun { kind, member, free } => {
            status.operation = Some(Operation {
                kind: *kind,
                member: Some(member.clone()),
                started: Time(now),
                attempts: 0,
                free: free.iter().cloned().collect(),
            });
        }
        Record::OperationDone => status.operation = None,
        Record::Recycled => {
            if let Some(operation) = &mut status.operation {
                (operation.started, operation.attempts) = (Time(now), attempts.saturating_add(1));
            }
        }
        Record::LearnerAdded { member, id } => {
            status.members.retain(|at| at.name != *member);
            // It may have come with the volume it was taken out with.
            status.removed_members.retain(|at| at.name != *member);
            status.members.push(recorded(cluster, member, id));
            sort(&mut status.members, cluster);
        }
        Record::Removed { member, id, volume } => remove(status, (member, id, volume)),
        Record::SlotsReleased => status.removed_members.clear(),
        Record::SlotCleaned { member, free } => {
            status.removed_members.retain(|at| at.name != *member);
            if let Some(operation) = &mut status.operation {
                operation.free = free.iter().cloned().collect();
            }
        }
        Record::Unused { member, volume } => leave(status, member, None, Some(volume.clone())),
        Record::NextIncarnation if planted("birth-not-counted") => {}
        Record::NextIncarnation => {
            status.incarnation = Some(status.incarnation.unwrap_or(1).saturating_add(1));
        }
        Record::Identity { cluster_id, incarnation, members, unborn } => {
            status.cluster_id = Some(cluster_id.clone());
            status.incarnation = Some(*incarnation);
            let member = |(name, id): (&String, &String)| MemberStatus {
                version: (!unborn.contains(name)).then(|| cluster.spec.version.clone()),
                ..recorded(cluster, name, id)
            };
            status.members = members.iter().map(member).collect();
            sort(&mut status.members, cluster);
        }
    }
}

/// A member as it is first recorded. One without a version is one that never ran.
fn recorded(cluster: &EtcdCluster, name: &str, id: &str) -> MemberStatus {
    MemberStatus {
        name: name.to_owned(),
        id: Some(id.to_owned()),
        peer_url: names::member_url(cluster, name, names::PEER_PORT),
        client_url: names::member_url(cluster, name, names::CLIENT_PORT),
        ..MemberStatus::default()
    }
}

fn sort(members: &mut [MemberStatus], cluster: &EtcdCluster) {
    members.sort_by_key(|at| names::ordinal_of(&at.name, names::cluster(cluster)));
}

fn remove(status: &mut EtcdClusterStatus, (name, id, volume): (&String, &String, &Option<String>)) {
    status.members.retain(|at| at.name != *name);
    leave(status, name, Some(id.clone()), volume.clone());
    if let Some(operation) = &mut status.operation {
        operation.free.retain(|at| at != name);
        if operation.kind == OperationKind::ReplaceMember {
            operation.kind = OperationKind::AddMember;
        }
    }
}

fn leave(
    status: &mut EtcdClusterStatus,
    name: &String,
    id: Option<String>,
    volume_uid: Option<String>,
) {
    status.removed_members.retain(|at| at.name != *name);
    status.removed_members.push(RemovedMember { name: name.clone(), id, volume_uid });
}

fn enter(status: &mut EtcdClusterStatus, settled: &Settled<EtcdClusterMachine>, now: Timestamp) {
    said::add_moves(&mut status.transitions, &settled.path, now);
    let step: &str = settled.to.into();
    if status.step.as_deref() != Some(step) || status.step_since.is_none() {
        status.step_since = Some(Time(now));
    }
    status.step = Some(step.to_owned());
    status.phase = Some(EtcdClusterMachine::phase(settled.to).to_owned());
}

fn describe(status: &mut EtcdClusterStatus, seen: &Observed) {
    for member in &mut status.members {
        if let Some(ordinal) = names::ordinal_of(&member.name, &seen.name) {
            describe_member(member, ordinal, seen);
        }
    }
    let count = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
    status.replicas = count(status.members.len());
    status.ready_replicas = count(seen.in_health(Health::Healthy).len());
    status.leader_id = seen.leader().map(|(id, _)| id.to_owned());
    let leads = |member: &&MemberStatus| member.id.is_some() && member.id == status.leader_id;
    status.leader = status.members.iter().find(leads).map(|member| member.name.clone());
    let versions = status.members.iter().filter_map(|member| member.version.clone());
    status.version = versions.min_by_key(|version| numbers(version));
}

/// How far it is, while the machine is about it.
fn scaling(status: &EtcdClusterStatus, seen: &Observed) -> Option<Scaling> {
    if status.phase.as_deref() != Some("Scaling") {
        return None;
    }
    let (current, target) = (seen.ordinals().len(), seen.spec.size as usize);
    let (less, more) = (current.min(target), current.max(target));
    let small = |number: usize| i32::try_from(number).unwrap_or(i32::MAX);
    let left = i64::try_from(target.saturating_sub(current)).unwrap_or(i64::MAX);
    let grown = growth_seconds(&status.transitions).filter(|_| left > 0);
    Some(Scaling {
        current_size: small(current),
        target_size: small(target),
        ready_replicas: status.ready_replicas,
        progress: small(less * 100 / more.max(1)),
        estimated_seconds: grown.map(|seconds| seconds.saturating_mul(left)),
    })
}

/// How long the last member took from its beginning to its vote.
fn growth_seconds(transitions: &[Transition]) -> Option<i64> {
    let voted = transitions.iter().rposition(|moved| moved.from == "Scaling/Promote")?;
    let before = transitions.get(..voted)?;
    let begun = before.iter().rfind(|moved| moved.to == "Scaling/CleanSlot")?;
    Some(transitions.get(voted)?.at.0.duration_since(begun.at.0).as_secs().max(1))
}

fn describe_member(member: &mut MemberStatus, ordinal: u32, seen: &Observed) {
    let health = seen.health(ordinal);
    // One that is just starting lacks nothing yet.
    let pod = seen.pods.get(&ordinal);
    let starts = seen.memory.learner() == Some(member.name.as_str())
        && pod.is_none_or(|pod| pod.waiting.is_none() && pod.gate.is_none());
    member.issues = if starts { vec![] } else { messages::issues(ordinal, seen) };
    member.ready = match health {
        Health::Healthy => Some(true),
        Health::Down => Some(false),
        Health::Unknown => None,
    };
    member.last_seen = match health {
        Health::Healthy => None,
        Health::Down | Health::Unknown => Some(member.last_seen.clone().unwrap_or(Time(seen.now))),
    };
    let Some(look) = seen.look(ordinal) else {
        member.role = MemberRole::Unknown;
        return;
    };
    member.role = match (look.leads(), look.learner) {
        (true, _) => MemberRole::Leader,
        (false, true) => MemberRole::Learner,
        (false, false) => MemberRole::Follower,
    };
    member.version = Some(look.version.clone());
    let written = member.db_size_bytes.unwrap_or(0);
    if (look.db_size_bytes - written).abs() > written / 10 {
        member.db_size_bytes = Some(look.db_size_bytes);
    }
}

/// A version as numbers, so that 3.6.9 is lower than 3.6.16.
fn numbers(version: &str) -> Vec<u64> {
    version.split('.').map(|part| part.parse().unwrap_or(0)).collect()
}
