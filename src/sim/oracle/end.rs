//! SHELL. How a cluster is at the end of a story.

use super::writer::endpoints;
use crate::crd::EtcdCluster;
use crate::service::etcd_cluster::decide::vocabulary::Reason;
use crate::sim::cluster::SimCluster;
use crate::sim::story::{NAME, NAMESPACE};
use k8s_openapi::api::core::v1::Pod;

/// Whether it is healthy, serves, and has its members.
pub fn is_well(world: &SimCluster, cluster: &EtcdCluster) -> bool {
    is_healthy(cluster) && serves(world) && has_its_members(world, cluster)
}

/// Whether etcd has just the members that were asked for, and that are on record.
fn has_its_members(world: &SimCluster, cluster: &EtcdCluster) -> bool {
    let Some(status) = &cluster.status else { return false };
    let recorded = status
        .members
        .iter()
        .filter_map(|member| u64::from_str_radix(member.id.as_deref()?, 16).ok());
    let id = status.cluster_id.as_deref().and_then(|id| u64::from_str_radix(id, 16).ok());
    let all = world.etcd.clusters();
    let sight = id.and_then(|id| all.get(&id));
    let asked = usize::try_from(cluster.spec.size).unwrap_or(0);
    sight.is_some_and(|sight| {
        sight.voters == recorded.collect()
            && sight.voters.len() == asked
            && sight.learners.is_empty()
    })
}

/// Whether a client's write is taken.
pub fn serves(world: &SimCluster) -> bool {
    let Some(cluster) = world.api.get::<EtcdCluster>(NAMESPACE, NAME) else { return false };
    let through_service = endpoints(world, &cluster);
    let pods = world.api.list::<Pod>(Some(NAMESPACE));
    let addresses = pods.iter().filter_map(|pod| pod.status.as_ref()?.pod_ip.clone());
    let direct = addresses.map(|ip| crate::resource::names::address_url(&ip));
    through_service
        .into_iter()
        .chain(direct)
        .any(|at| world.etcd.put(&at, "oracle", "asks").is_ok())
}

/// Whether its status says that it is.
pub fn is_healthy(cluster: &EtcdCluster) -> bool {
    let is = |kind: &str, wanted: &str| {
        let conditions = cluster.status.iter().flat_map(|status| &status.conditions);
        conditions.into_iter().any(|at| at.type_ == kind && at.status == wanted)
    };
    let step = cluster.status.as_ref().and_then(|status| status.step.as_deref());
    step == Some("Steady") && is("Available", "True") && is("Degraded", "False")
}

/// Whether it stands in this step, for this reason.
pub fn waits(cluster: &EtcdCluster, step: &str, reason: &str) -> bool {
    let Some(status) = &cluster.status else { return false };
    status.step.as_deref() == Some(step) && status.conditions.iter().any(|at| at.reason == reason)
}

/// Whether a condition says why it is not.
pub fn is_explained(cluster: &EtcdCluster) -> bool {
    let conditions = cluster.status.iter().flat_map(|status| &status.conditions);
    conditions
        .into_iter()
        .any(|at| at.type_ != "Available" && !at.reason.is_empty() && !at.message.is_empty())
}

/// What its status says.
pub fn told(cluster: &EtcdCluster) -> String {
    let Some(status) = &cluster.status else { return "no status".to_owned() };
    let conditions = status.conditions.iter();
    let said =
        conditions.map(|at| format!("{}={} {}: {}", at.type_, at.status, at.reason, at.message));
    format!("{:?}, {}", status.step, said.collect::<Vec<_>>().join("; "))
}

/// Whether it waits for what only a person can do, and says so.
pub fn waits_for_a_person(cluster: &EtcdCluster) -> bool {
    let conditions = cluster.status.iter().flat_map(|status| &status.conditions);
    conditions.into_iter().filter_map(|at| at.reason.parse().ok()).any(is_for_a_person)
}

fn is_for_a_person(reason: Reason) -> bool {
    match reason {
        Reason::SizeIsZero
        | Reason::Hibernated
        | Reason::StaleVolume
        | Reason::VolumeMissing
        | Reason::MembersMismatch
        | Reason::SpecChangeTooLate
        | Reason::RetriesExhausted
        | Reason::QuorumLost
        | Reason::ForeignCluster
        | Reason::MemberDataLost
        | Reason::MemberDataStale
        | Reason::StrangerMember
        | Reason::LearnerStalled => true,
        // The stranger's objects are gone, and nobody is paused, at the end.
        Reason::ForeignObject
        | Reason::Paused
        | Reason::Deleting
        | Reason::MembersStarting
        | Reason::MemberPending
        | Reason::QuorumForming
        | Reason::Sealing
        | Reason::RetryBackoff
        | Reason::ClearingLastTry
        | Reason::QuorumReturned
        | Reason::ListStale
        | Reason::MemberDown
        | Reason::MemberUnseen
        | Reason::DataDiverges
        | Reason::MemberAlarm
        | Reason::OthersUnhealthy
        | Reason::SlotReleasing
        | Reason::LearnerJoining
        | Reason::LearnerBehind
        | Reason::LearnerPromoting
        | Reason::LeaderMoving
        | Reason::MemberLeaving
        | Reason::FallingAsleep
        | Reason::WakingUp => false,
    }
}
