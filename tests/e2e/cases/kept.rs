//! SHELL. What harms members and leaves their data replaces nobody.

use crate::case::Context;
use crate::expect::is_ready;
use crate::wait::{throughout, until};
use crate::was::Was;
use anyhow::{Result, ensure};
use k8s_openapi::api::core::v1::Pod;
use kube::ResourceExt;
use serde_json::json;
use std::collections::BTreeSet;
use std::time::Duration;

/// All pods are deleted at once, with the operator there and without it.
pub async fn pods_deleted(context: &Context) -> Result<()> {
    let (was, writer) = Was::written(context, json!({})).await?;
    for is_down in [false, true] {
        say!("  operator down: {is_down}");
        let old = context.pod_uids("a").await?;
        if is_down {
            context.operator().await?.stop().await?;
        }
        context.kubectl("delete pod -l app.kubernetes.io/instance=a --wait=false").await?;
        anew(context, &old, false).await?;
        if is_down {
            context.operator().await?.ensure().await?;
        }
        anew(context, &old, true).await?;
        was.unchanged(context, 120).await?;
    }
    context.settle_within("a", writer, "pods_deleted_gap_s", Duration::MAX).await
}

/// Waits until there are three pods, none of them an old one. With `ready`: ready ones.
async fn anew(context: &Context, old: &BTreeSet<String>, ready: bool) -> Result<()> {
    until("all pods are new", 120, async || {
        let pods = context.pods("a").await?;
        let is_new = |pod: &&Pod| pod.uid().is_some_and(|uid| !old.contains(&uid));
        let new = pods.iter().filter(is_new).filter(|pod| !ready || is_ready(pod)).count();
        ensure!(pods.len() == 3 && new == 3, "{new} of {} are", pods.len());
        Ok(())
    })
    .await
}

/// A member ends as soon as it runs, as one does whose memory is too small for its data. Another in
/// its place would do the same.
pub async fn crash_loop(context: &Context) -> Result<()> {
    let (was, writer) = Was::written(context, json!({})).await?;
    let mut kills = 0;
    throughout("nobody is replaced", 40, async || {
        // It may have ended by itself meanwhile.
        if runs(context, "a-1").await? && context.kill_etcd("a-1").await.is_ok() {
            kills += 1;
        }
        was.same_members(context).await
    })
    .await?;
    ensure!(kills >= 3, "killed {kills} times only");
    // The kubelet waits longer from time to time.
    was.unchanged(context, 240).await?;
    context.figure("crash_loop_kills", kills);
    context.settle_within("a", writer, "crash_loop_gap_s", Duration::MAX).await
}

async fn runs(context: &Context, pod: &str) -> Result<bool> {
    let pod = context.api::<Pod>().get(pod).await?;
    let containers = pod.status.and_then(|status| status.container_statuses).unwrap_or_default();
    let state = containers.first().and_then(|container| container.state.as_ref());
    Ok(state.is_some_and(|state| state.running.is_some()))
}
