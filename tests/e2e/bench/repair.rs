//! SHELL. How long a lost disk and a lost pod take to be made good.

use super::{by_hand_manifest, median};
use crate::case::Context;
use crate::cluster::as_root;
use crate::expect::{is_ready, said, status};
use crate::wait::until;
use crate::was::Was;
use anyhow::{Result, ensure};
use k8s_openapi::api::core::v1::Pod;
use kube::ResourceExt;
use kube::api::{DeleteParams, ListParams};
use serde_json::json;
use tokio::time::Instant;

pub async fn run(context: &Context) -> Result<()> {
    let bare = context.beside("bare").await?;
    alone(&bare).await?;
    context.create("a", json!({})).await?;
    let (mut disks, mut ours, mut theirs) = (vec![], vec![], vec![]);
    for round in 0..context.env.options.rounds {
        // In turn, so that whatever else the machine does meets all; and the disk last, for a kubelet
        // takes a second longer to stop a pod that it has only just made ready.
        let pod = pod(context).await?;
        let other = bare_pod(&bare, "hand-1").await?;
        let disk = disk(context).await?;
        say!("round {round}: disk {disk:.2} s, pod {pod:.2} s, bare pod {other:.2} s");
        disks.push(disk);
        ours.push(pod);
        theirs.push(other);
    }
    let (pod, other) = (median(&mut ours), median(&mut theirs));
    context.figure("repair_disk_s", format!("{:.2}", median(&mut disks)));
    context.figure("repair_pod_s", format!("{pod:.2}"));
    context.figure("repair_bare_pod_s", format!("{other:.2}"));
    context.figure("repair_pod_ratio", format!("{:.2}", pod / other));
    Ok(())
}

/// Seconds from the end of a follower whose volume is empty until three vote and are well again.
async fn disk(context: &Context) -> Result<f64> {
    let was = Was::of(context, "a").await?;
    let pod = was.follower()?;
    let volume = context.volume(&pod).await?;
    as_root(&format!("find '{volume}' -mindepth 1 -delete")).await?;
    context.kill_etcd(&pod).await?;
    let begin = Instant::now();
    was.replaced(context, &pod, 180).await?;
    Ok(begin.elapsed().as_secs_f64())
}

/// Seconds from the deletion of a follower's pod until the status says that three are well.
async fn pod(context: &Context) -> Result<f64> {
    let was = Was::of(context, "a").await?;
    let name = was.follower()?;
    let begin = deleted(context, &name).await?;
    until(format!("{name} is back"), 120, async || {
        let pod = context.api::<Pod>().get(&name).await?;
        ensure!(pod.uid().as_ref() != was.pods.get(&name) && is_ready(&pod), "it is not ready");
        let cluster = context.cluster("a").await?;
        let now = status(&cluster);
        let is_well = now.phase.as_deref() == Some("Running") && now.ready_replicas == 3;
        ensure!(is_well, "{} are ready, {}", now.ready_replicas, said(&cluster));
        Ok(())
    })
    .await?;
    let took = begin.elapsed().as_secs_f64();
    was.unchanged(context, 60).await?;
    Ok(took)
}

/// Seconds from the deletion of a bare pod until another of its name is ready.
async fn bare_pod(context: &Context, name: &str) -> Result<f64> {
    let old = context.api::<Pod>().get(name).await?.uid();
    let begin = deleted(context, name).await?;
    until(format!("{name} is ready again"), 120, async || {
        let pod = context.api::<Pod>().get(name).await?;
        ensure!(pod.uid() != old && is_ready(&pod), "it is not ready");
        Ok(())
    })
    .await?;
    Ok(begin.elapsed().as_secs_f64())
}

/// Deletes a pod, and says when.
async fn deleted(context: &Context, pod: &str) -> Result<Instant> {
    let begin = Instant::now();
    context.api::<Pod>().delete(pod, &DeleteParams::default()).await?;
    Ok(begin)
}

/// Three pods with an etcd each that knows of no other: the best that Kubernetes alone can do.
async fn alone(context: &Context) -> Result<()> {
    let text = by_hand_manifest()?;
    let lines: Vec<&str> =
        text.lines().filter(|line| !line.contains("--initial-cluster=")).collect();
    context.apply(&lines.join("\n")).await?;
    until("three bare pods are ready", 120, async || {
        let pods = context.api::<Pod>().list(&ListParams::default().labels("app=hand")).await?;
        let ready = pods.iter().filter(|pod| is_ready(pod)).count();
        ensure!(ready == 3, "{ready} are ready");
        Ok(())
    })
    .await
}
