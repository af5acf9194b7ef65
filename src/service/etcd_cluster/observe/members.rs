//! SHELL. What the members answer: of themselves, of each other, and of their data.

use super::listed::Pods;
use super::observed::{Look, Members};
use crate::client::etcd::{self, EtcdError, hex};
use crate::crd::EtcdCluster;
use crate::engine::Known;
use crate::resource::names;
use crate::service::World;
use futures::future::join_all;
use std::collections::BTreeMap;
use std::future::Future;
use std::time::Duration;

/// Asks every member with an address for which there is any patience, all at once. The list comes from the
/// first that can prove it.
pub async fn ask(
    world: &World,
    cluster: &EtcdCluster,
    pods: &Pods,
    patience: impl Fn(&str) -> Option<Duration>,
) -> (BTreeMap<u32, Known<Look>>, Known<Members>) {
    let etcd = &*world.etcd;
    let addresses: Vec<(u32, Duration, String)> = pods
        .iter()
        .filter_map(|(&at, pod)| {
            let patience = patience(&names::pod(cluster, at))?;
            let address = pod.status.as_ref()?.pod_ip.as_deref()?;
            Some((at, patience, names::address_url(address)))
        })
        .collect();
    let looks = addresses.iter().map(|(at, patience, url)| async {
        (*at, answered(*patience, etcd.look(url)).await.map_or_else(Known::Unknown, look))
    });
    let looks: BTreeMap<u32, Known<Look>> = join_all(looks).await.into_iter().collect();
    let follows = |at: &u32| {
        looks.get(at).is_some_and(|look| look.is_known_and(|look| look.leader.is_some()))
    };
    let mut members = Known::Unknown("no member follows a leader".to_owned());
    for (_, patience, url) in addresses.iter().filter(|(at, ..)| follows(at)) {
        match answered(*patience, etcd.members(url)).await {
            Ok(list) => return (looks, Known::Known(list_of(cluster, &list))),
            Err(why) => members = Known::Unknown(why),
        }
    }
    (looks, members)
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
