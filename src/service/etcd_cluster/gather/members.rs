//! SHELL. What the members answer: of themselves, of each other, and of their data.

use super::Pods;
use crate::client::etcd::{self, EtcdError, hex};
use crate::crd::EtcdCluster;
use crate::engine::Known;
use crate::resource::names;
use crate::service::World;
use crate::service::etcd_cluster::hashes;
use crate::service::etcd_cluster::observed::{Look, Members, Memory, Observed, Sweep};
use futures::future::join_all;
use std::collections::BTreeMap;
use std::time::Duration;

/// How long a starting member is waited for. It accepts connections before it can answer, and
/// the turn that would record the cluster must not wait for the slowest.
const STARTING: Duration = Duration::from_millis(300);
/// How long a member of a recorded cluster is waited for, once for each call.
const RECORDED: Duration = Duration::from_secs(2);

/// Asks every member with an address, at once. Once members are on record, nobody else is asked: who
/// is still to join says nothing yet, and who was taken out takes long to say nothing. The list comes
/// from the first that can prove it.
pub async fn ask(
    world: &World,
    cluster: &EtcdCluster,
    pods: &Pods,
    memory: &Memory,
) -> (BTreeMap<u32, Known<Look>>, Known<Members>) {
    let learner =
        memory.learner().and_then(|name| names::ordinal_of(name, names::cluster(cluster)));
    let starts = |at: u32| memory.cluster_id.is_none() || learner == Some(at);
    let patience = |at: u32| if starts(at) { STARTING } else { RECORDED };
    let etcd = &*world.etcd;
    let is_asked = |at: u32| {
        memory.cluster_id.is_none() || memory.members.contains_key(&names::pod(cluster, at))
    };
    let addresses: Vec<(u32, String)> = pods
        .iter()
        .filter(|(at, _)| is_asked(**at))
        .filter_map(|(&at, pod)| Some((at, pod.status.as_ref()?.pod_ip.clone()?)))
        .map(|(at, ip)| (at, names::address_url(&ip)))
        .collect();
    let looks = addresses.iter().map(|(at, url)| async {
        (*at, answered(patience(*at), etcd.look(url)).await.map_or_else(Known::Unknown, look))
    });
    let looks: BTreeMap<u32, Known<Look>> = join_all(looks).await.into_iter().collect();
    let follows = |at: &u32| {
        looks.get(at).is_some_and(|look| look.is_known_and(|look| look.leader.is_some()))
    };
    let mut members = Known::Unknown("no member follows a leader".to_owned());
    for (at, url) in addresses.iter().filter(|(at, _)| follows(at)) {
        match answered(patience(*at), etcd.members(url)).await {
            Ok(list) => return (looks, Known::Known(list_of(cluster, &list))),
            Err(why) => members = Known::Unknown(why),
        }
    }
    (looks, members)
}

/// What the data of the voters that answer comes to, if it is time to ask.
pub async fn sweep(world: &World, seen: &Observed) -> Option<Sweep> {
    if !hashes::is_due(seen) {
        return None;
    }
    let revision = hashes::voters(seen).map(|(_, look)| look.revision).min()?;
    let hash = async |at: u32, id: &String| {
        let url = names::address_url(seen.pods.get(&at)?.address.as_deref()?);
        let hash = world.etcd.hash(&url, revision).await.ok()?;
        (hex(hash.member_id) == *id).then_some((hash.hash, hash.compacted))
    };
    let answers = hashes::voters(seen)
        .map(async |(at, look)| (look.member_id.clone(), hash(at, &look.member_id).await));
    Some(hashes::compared(revision, join_all(answers).await))
}

async fn answered<T>(
    patience: Duration,
    call: impl Future<Output = Result<T, EtcdError>>,
) -> Result<T, String> {
    match tokio::time::timeout(patience, call).await {
        Ok(answer) => answer.map_err(|error| error.to_string()),
        Err(_) => Err(format!("no answer within {patience:?}")),
    }
}

fn look(status: etcd::Status) -> Known<Look> {
    Known::Known(Look {
        cluster_id: hex(status.cluster_id),
        member_id: hex(status.member_id),
        leader: (status.leader != 0).then(|| hex(status.leader)),
        raft_index: status.raft_index,
        raft_applied_index: status.raft_applied_index,
        revision: status.revision,
        version: status.version,
        db_size_bytes: status.db_size,
        learner: status.is_learner,
        errors: status.errors,
    })
}

fn list_of(cluster: &EtcdCluster, list: &etcd::Members) -> Members {
    let voters = list.members.iter().filter(|member| !member.is_learner);
    let learners = list.members.iter().filter(|member| member.is_learner);
    Members {
        cluster_id: hex(list.cluster_id),
        voters: voters.map(|member| (name_of(cluster, member), hex(member.id))).collect(),
        learners: learners.map(|member| (hex(member.id), name_of(cluster, member))).collect(),
    }
}

/// Who is reached at the peer URL of one of our pods is that member, started or not. Anybody else
/// has whatever name it says, or its ID until it says one.
fn name_of(cluster: &EtcdCluster, member: &etcd::Member) -> String {
    let at = member.peer_urls.iter().find_map(|url| names::ordinal_at(cluster, url));
    match at {
        Some(at) => names::pod(cluster, at),
        None if member.name.is_empty() => format!("unnamed-{}", hex(member.id)),
        None => format!("{} (not of this cluster)", member.name),
    }
}
