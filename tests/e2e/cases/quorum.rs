//! SHELL. Nodes lose power or the network, and get it back.

use crate::case::Context;
use crate::expect::status;
use crate::members::passed;
use crate::wait::{throughout, until};
use crate::was::Was;
use anyhow::{Context as _, Result, ensure};
use k8s_openapi::api::core::v1::Pod;
use serde_json::json;
use std::time::Duration;

/// Two of three nodes go: nothing is decided and nothing is touched. They return: all is well.
pub async fn lost(context: &Context) -> Result<()> {
    context.create("a", json!({})).await?;
    let before = context.healthy("a", 60).await?;
    let uids = context.pod_uids("a").await?;
    let writer = context.writer("a").await?;
    let nodes = [node_of(context, "a-0").await?, node_of(context, "a-1").await?];
    while_broken(context, ("stop", "start"), &nodes, async {
        context.phase("a", "Failed", 90).await?;
        context.says("a", ("Available", "False", "QuorumLost"), 20).await.map(drop)
    })
    .await?;
    let after = context.healthy("a", 120).await?;
    ensure!(status(&after).cluster_id == status(&before).cluster_id, "another cluster ID");
    for phase in ["Failed/", "Recovering/"] {
        passed(&status(&after), phase)?;
    }
    ensure!(context.pod_uids("a").await? == uids, "pods were made anew");
    context.settle_within("a", writer, "quorum_lost_gap_s", Duration::MAX).await
}

/// One node goes and returns.
pub async fn node_restart(context: &Context) -> Result<()> {
    context.create("a", json!({})).await?;
    let before = status(&context.healthy("a", 60).await?);
    let leader = before.leader.clone().context("no leader")?;
    let writer = context.writer("a").await?;
    let nodes = [node_of(context, &leader).await?];
    while_broken(context, ("stop", "start"), &nodes, async {
        context.says("a", ("Degraded", "True", "MemberDown"), 60).await?;
        context.says("a", ("Available", "True", "QuorumServing"), 60).await.map(drop)
    })
    .await?;
    let after = status(&context.healthy("a", 120).await?);
    ensure!(after.cluster_id == before.cluster_id, "another cluster ID");
    // A Service knows of a dead node only once Kubernetes does, here after 20 s.
    let most = Duration::from_secs(40);
    context.settle_within("a", writer, "node_restart_gap_s", most).await
}

/// One node is cut off for a minute, the leader's. Kubernetes calls it gone much sooner; its member
/// has its data, and nobody takes its place.
pub async fn node_gone(context: &Context) -> Result<()> {
    context.create("a", json!({})).await?;
    let was = Was::of(context, "a").await?;
    let leader = was.status.leader.clone().context("no leader")?;
    let writer = context.writer_to_members("a").await?;
    let nodes = [node_of(context, &leader).await?];
    let same = async {
        context.explained("a", "MemberDown", None).await?;
        throughout("nobody is replaced", 60, async || was.same_members(context).await).await
    };
    while_broken(context, ("cut", "heal"), &nodes, same).await?;
    until("every member is ready again", 120, async || {
        let ready = context.ready_urls("a").await?.len();
        ensure!(ready == 3, "{ready} are");
        Ok(())
    })
    .await?;
    was.unchanged(context, 120).await?;
    context.settle_within("a", writer, "node_gone_gap_s", Duration::MAX).await
}

/// One node is stopped, and its volumes with it. It may come back as long as Kubernetes knows it; once
/// that is over, another member takes the place of the one that was there.
pub async fn node_lost(context: &Context) -> Result<()> {
    let preferred = json!({"antiAffinity": "Preferred"});
    context.create("a", json!({"memberDownGraceSeconds": 20, "pod": preferred})).await?;
    let was = Was::of(context, "a").await?;
    let pod = was.follower()?;
    let writer = context.writer_to_members("a").await?;
    let nodes = [node_of(context, &pod).await?];
    let replaced = while_broken(context, ("stop", "start"), &nodes, async {
        throughout("nobody is replaced", 40, async || was.same_members(context).await).await?;
        context.explained("a", "MemberDown", None).await?;
        context.kubectl(&format!("delete node {}", nodes.join(" "))).await?;
        let now = was.replaced(context, &pod, 240).await?;
        passed(&now, "Recovering/Evict")
    })
    .await;
    until("the node is back", 60, async || {
        let ready = "{.status.conditions[?(@.type==\"Ready\")].status}";
        let told =
            context.kubectl(&format!("get node {} -o jsonpath={ready}", nodes.join(" "))).await?;
        ensure!(told == "True", "Ready is {told:?}");
        Ok(())
    })
    .await?;
    replaced?;
    context.settle_within("a", writer, "node_lost_gap_s", Duration::MAX).await
}

/// Does something while nodes are broken; they are mended whatever comes of it.
async fn while_broken(
    context: &Context,
    (break_it, mend_it): (&str, &str),
    nodes: &[String],
    work: impl Future<Output = Result<()>>,
) -> Result<()> {
    for node in nodes {
        context.env.cluster.fault(&[break_it, node]).await?;
    }
    let result = work.await;
    for node in nodes {
        context.env.cluster.fault(&[mend_it, node]).await?;
    }
    result
}

async fn node_of(context: &Context, pod: &str) -> Result<String> {
    let pod = context.api::<Pod>().get(pod).await?;
    pod.spec.and_then(|spec| spec.node_name).context("the pod is on no node")
}
