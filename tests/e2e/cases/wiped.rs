//! SHELL. Data is gone under members: one of three is replaced, two are waited for.

use crate::case::Context;
use crate::cluster::as_root;
use crate::etcd;
use crate::expect::status;
use crate::members::passed;
use crate::wait::{throughout, until};
use crate::was::Was;
use anyhow::{Result, ensure};
use etcd_operator::crd::EtcdCluster;
use k8s_openapi::api::core::v1::Pod;
use serde_json::json;
use std::time::Duration;

/// etcd's own folder of the leader is wiped, and its etcd killed.
pub async fn data(context: &Context) -> Result<()> {
    one_of_three(context, true, "rm -rf 'VOLUME'/data").await
}

/// All that is on the volume of a follower is wiped, the member's identity too.
pub async fn volume(context: &Context) -> Result<()> {
    one_of_three(context, false, "find 'VOLUME' -mindepth 1 -delete").await
}

async fn one_of_three(context: &Context, leads: bool, wipe: &str) -> Result<()> {
    context.create("a", json!({})).await?;
    let was = Was::of(context, "a").await?;
    let leader = was.status.leader.clone().filter(|_| leads);
    let pod = leader.map_or_else(|| was.follower(), Ok)?;
    let writer = context.writer_to_members("a").await?;
    let volume = context.volume(&pod).await?;
    as_root(&wipe.replace("VOLUME", &volume)).await?;
    context.kill_etcd(&pod).await?;
    let now = was.replaced(context, &pod, 120).await?;
    passed(&now, "Recovering/Evict")?;
    let figure = if leads { "data_wiped_gap_s" } else { "volume_wiped_gap_s" };
    context.settle_within("a", writer, figure, Duration::from_secs(10)).await
}

/// Two of three volumes are wiped and all pods deleted: two empty members must not make a quorum.
pub async fn two_volumes(context: &Context) -> Result<()> {
    context.create("a", json!({})).await?;
    let before = status(&context.healthy("a", 60).await?);
    let url = context.service_url("a").await?;
    etcd::put(&url, "kept", "on the third volume").await?;
    let mut volumes = vec![];
    for pod in ["a-0", "a-1", "a-2"] {
        volumes.push(context.volume(pod).await?);
    }
    let [one, two, three] = volumes.as_slice() else { anyhow::bail!("three volumes") };
    for volume in [one, two] {
        as_root(&format!("find '{volume}' -mindepth 1 -delete")).await?;
    }
    context.kubectl("delete pod a-0 a-1 a-2 --wait=false").await?;
    context.phase("a", "Failed", 90).await?;
    context.says("a", ("Available", "False", "QuorumLost"), 30).await?;
    context.explained("a", "QuorumLost", None).await?;
    until("the gates have answered", 60, async || {
        for pod in ["a-0", "a-1"] {
            ensure!(restarts(context, pod).await? >= 1, "{pod} was not started again yet");
        }
        Ok(())
    })
    .await?;
    throughout("no empty quorum is born", 15, async || {
        let now = status(&context.cluster("a").await?);
        ensure!(now.cluster_id == before.cluster_id, "another cluster ID");
        has_no_log(one).await?;
        has_no_log(two).await
    })
    .await?;
    ensure!(etcd::put(&url, "new", "write").await.is_err(), "a write was accepted");
    only_this_cluster(context, &before.cluster_id.unwrap_or_default()).await?;
    let found = as_root(&format!("grep -rl 'on the third volume' '{three}'/data | wc -l")).await?;
    ensure!(found.trim() != "0", "the survivor's data is gone");
    Ok(())
}

/// A volume is wiped while its member waits for the identity to be recorded: it refuses to start, and
/// its birth has failed. With one more try allowed, all is cleared away and the next birth succeeds.
pub async fn at_birth(context: &Context) -> Result<()> {
    context.create("a", json!({"recoveryStrategy": {"maxRetries": 0}})).await?;
    until("its members are made", 30, async || {
        let pods = context.pods("a").await?.len();
        ensure!(pods == 3, "{pods} are");
        Ok(())
    })
    .await?;
    // Nobody records that they formed a cluster.
    context.operator().await?.stop().await?;
    until("the members formed a cluster", 60, async || {
        let ready = context.ready_urls("a").await?.len();
        ensure!(ready == 3, "{ready} are ready");
        Ok(())
    })
    .await?;
    let born = status(&context.cluster("a").await?);
    ensure!(born.cluster_id.is_none(), "the identity was recorded too early");
    let volume = context.volume("a-1").await?;
    as_root(&format!("rm -rf '{volume}'/data")).await?;
    context.kill_etcd("a-1").await?;
    until("its gate has answered", 60, async || {
        ensure!(restarts(context, "a-1").await? >= 1, "it was not started again yet");
        Ok(())
    })
    .await?;
    context.operator().await?.start(&[])?;
    context.phase("a", "Failed", 60).await?;
    context.says("a", ("Degraded", "True", "MemberDataLost"), 20).await?;
    let retries = json!({"spec": {"recoveryStrategy": {"maxRetries": 1}}});
    context.patch::<EtcdCluster>("a", retries).await?;
    let now = status(&context.healthy("a", 120).await?);
    passed(&now, "Failed/Bootstrap")?;
    passed(&now, "Creating/Reset")?;
    context.only_objects_of(&[("a", 3)]).await
}

/// No etcd ever started on the volume since it was wiped.
async fn has_no_log(volume: &str) -> Result<()> {
    let found = as_root(&format!("find '{volume}' -name '*.wal'")).await?;
    ensure!(found.trim().is_empty(), "etcd started anew: {found}");
    Ok(())
}

/// Whoever answers is of the recorded cluster.
async fn only_this_cluster(context: &Context, id: &str) -> Result<()> {
    for (pod, url) in context.pod_urls("a").await? {
        if let Ok(look) = etcd::look(&url).await {
            ensure!(look.cluster_id == id, "{pod} is of cluster {}", look.cluster_id);
        }
    }
    Ok(())
}

async fn restarts(context: &Context, pod: &str) -> Result<i32> {
    let pod = context.api::<Pod>().get(pod).await?;
    let containers = pod.status.and_then(|status| status.container_statuses).unwrap_or_default();
    Ok(containers.first().map_or(0, |container| container.restart_count))
}
