//! PURE. The next status: what the machine remembers, and what was seen, for people to read.

use super::action::Record;
use super::conditions::conditions;
use super::health::Health;
use super::machine::EtcdClusterMachine;
use super::messages;
use super::observed::{Memory, Observed};
use super::vocabulary::Step;
use crate::crd::{
    EtcdCluster, EtcdClusterStatus, MemberRole, MemberStatus, Operation, OperationKind,
    TRANSITIONS_MAX, Transition,
};
use crate::engine::{Machine, Settled};
use crate::mutants::planted;
use crate::resource::{labels, names};
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

/// What the machine remembers, read from the status.
pub fn memory(cluster: &EtcdCluster) -> Memory {
    let empty = EtcdClusterStatus::default();
    let status = cluster.status.as_ref().unwrap_or(&empty);
    let recorded = status.members.iter().filter_map(|at| Some((at.name.clone(), at.id.clone()?)));
    let sealed = status.cluster_id.is_some();
    let members: std::collections::BTreeMap<_, _> = recorded.collect();
    let size = u32::try_from(cluster.spec.size).unwrap_or(0);
    Memory {
        incarnation: status.incarnation.unwrap_or(1),
        cluster_id: status.cluster_id.clone(),
        replicas: if sealed { u32::try_from(members.len()).unwrap_or(0) } else { size },
        unborn: status
            .members
            .iter()
            .filter(|at| sealed && at.version.is_none())
            .map(|at| at.name.clone())
            .collect(),
        members,
        step: status.step.clone(),
        step_since: status.step_since.as_ref().map(|since| since.0),
        attempts: status
            .operation
            .as_ref()
            .map_or(0, |operation| u32::try_from(operation.attempts).unwrap_or(u32::MAX)),
    }
}

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
    let create =
        |attempts| Some(Operation { kind: OperationKind::Create, started: Time(now), attempts });
    match record {
        Record::CreationBegun if status.operation.is_some() => {}
        Record::CreationBegun => status.operation = create(attempts),
        Record::Retried => status.operation = create(attempts.saturating_add(1)),
        Record::TriesForgotten => status.operation = create(0),
        Record::CreationDone => status.operation = None,
        Record::NextIncarnation if planted("birth-not-counted") => {}
        Record::NextIncarnation => {
            status.incarnation = Some(status.incarnation.unwrap_or(1).saturating_add(1));
        }
        Record::Identity { cluster_id, incarnation, members, unborn } => {
            status.cluster_id = Some(cluster_id.clone());
            status.incarnation = Some(*incarnation);
            let member = |(name, id): (&String, &String)| MemberStatus {
                name: name.clone(),
                id: Some(id.clone()),
                // A member without a version is one that never ran.
                version: (!unborn.contains(name)).then(|| cluster.spec.version.clone()),
                peer_url: names::member_url(cluster, name, names::PEER_PORT),
                client_url: names::member_url(cluster, name, names::CLIENT_PORT),
                ..MemberStatus::default()
            };
            status.members = members.iter().map(member).collect();
            status.members.sort_by_key(|at| names::ordinal_of(&at.name, names::cluster(cluster)));
        }
    }
}

fn enter(status: &mut EtcdClusterStatus, settled: &Settled<EtcdClusterMachine>, now: Timestamp) {
    let moved = |moved: &crate::engine::Moved| Transition {
        at: Time(now),
        from: moved.from.clone(),
        to: moved.to.clone(),
        reason: moved.fact.clone(),
    };
    status.transitions.extend(settled.path.iter().map(moved));
    let surplus = status.transitions.len().saturating_sub(TRANSITIONS_MAX);
    status.transitions.drain(..surplus);

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

fn describe_member(member: &mut MemberStatus, ordinal: u32, seen: &Observed) {
    let health = seen.health(ordinal);
    member.issues = messages::issues(ordinal, seen);
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
    member.role = match &look.leader {
        Some(leader) if *leader == look.member_id => MemberRole::Leader,
        _ if look.learner => MemberRole::Learner,
        _ => MemberRole::Follower,
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

/// The step by name, for the messages of Events.
pub fn step_named(name: &str) -> Option<Step> {
    name.rsplit('/').next()?.parse().ok()
}
