//! SHELL. The status of a birth is lost, and with it the `StatefulSet`: all that is left are the volumes.

use crate::case::Context;
use crate::etcd;
use crate::expect::{said, status};
use crate::wait::until;
use anyhow::{Context as _, Result, ensure};
use etcd_operator::crd::{EtcdCluster, OperationKind};
use serde_json::json;

/// The members form their cluster again, and what was written is there, though fewer are asked for
/// meanwhile. Once the identity is on record the API server lets nobody take the status away.
pub async fn run(context: &Context) -> Result<()> {
    context.create("a", json!({})).await?;
    until("the first members start", 60, async || {
        let cluster = context.cluster("a").await?;
        let starts = status(&cluster).step.as_deref() == Some("AwaitQuorum");
        ensure!(starts && context.pods("a").await?.len() == 3, "{}", said(&cluster));
        Ok(())
    })
    .await?;
    context.operator().await?.kill9().await?;
    until("they take a write", 60, async || {
        let urls = context.pod_urls("a").await?;
        let (_, url) = urls.first().context("no pod has an address")?;
        etcd::put(url, "hello", "world").await
    })
    .await?;

    context.kubectl("delete statefulset a --cascade=foreground").await?;
    let patch = r#"[{"op":"remove","path":"/status"}]"#;
    context.kubectl(&format!("patch etcdc a --subresource=status --type=json -p {patch}")).await?;
    context.patch::<EtcdCluster>("a", json!({"spec": {"size": 1}})).await?;
    context.operator().await?.start(&[])?;
    until("the first member is started again", 60, async || {
        let cluster = context.cluster("a").await?;
        let doing = status(&cluster).operation.map(|operation| operation.kind);
        let resumed = doing == Some(OperationKind::Resume);
        ensure!(resumed && context.pods("a").await?.len() == 1, "{}", said(&cluster));
        Ok(())
    })
    .await?;
    context.patch::<EtcdCluster>("a", json!({"spec": {"size": 3}})).await?;
    context.healthy("a", 120).await?;
    let url = context.service_url("a").await?;
    ensure!(etcd::get(&url, "hello").await?.as_deref() == Some("world"), "the key is lost");
    context.only_objects_of(&[("a", 3)]).await
}
