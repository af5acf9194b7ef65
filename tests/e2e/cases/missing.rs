//! SHELL. What a spec asks for and the cluster does not have: an image, a class, a free name.

use crate::case::Context;
use crate::expect::{said, status};
use crate::wait::throughout;
use anyhow::{Context as _, Result, ensure};
use etcd_operator::crd::EtcdCluster;
use k8s_openapi::api::core::v1::Service;
use kube::ResourceExt;
use kube::api::DeleteParams;
use serde_json::json;

pub async fn image(context: &Context) -> Result<()> {
    context.create("a", json!({"version": "3.6.99"})).await?;
    let pending = ("Degraded", "True", "MemberPending");
    let found = context.says("a", pending, 60).await?;
    ensure!(found.message.contains("3.6.99") || found.message.contains("Image"), "{found:?}");
    context.create("other", json!({"size": 1})).await?;
    context.healthy("other", 60).await?;
    let patch = json!({"spec": {"version": context.cluster("other").await?.spec.version}});
    context.patch::<EtcdCluster>("a", patch).await?;
    context.healthy("a", 90).await?;
    context.only_objects_of(&[("a", 3), ("other", 1)]).await
}

pub async fn storage_class(context: &Context) -> Result<()> {
    context.create("a", json!({"storage": {"storageClassName": "nowhere"}})).await?;
    let found = context.says("a", ("Degraded", "True", "MemberPending"), 60).await?;
    ensure!(found.message.contains("nowhere"), "the class is not named: {}", found.message);
    context.create("other", json!({"size": 1})).await?;
    context.healthy("other", 60).await?;
    let patch = json!({"spec": {"storage": {"storageClassName": null}}});
    context.patch::<EtcdCluster>("a", patch).await?;
    context.healthy("a", 90).await?;
    context.only_objects_of(&[("a", 3), ("other", 1)]).await
}

/// A Service of a name we need belongs to somebody else: it is named, and left alone to the byte.
pub async fn foreign_service(context: &Context) -> Result<()> {
    let theirs = json!({
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": "a-client"},
        "spec": {"selector": {"app": "theirs"}, "ports": [{"port": 80}]},
    });
    context.apply(&theirs.to_string()).await?;
    let before = context.api::<Service>().get("a-client").await?;
    context.create("a", json!({})).await?;
    let found = context.says("a", ("Degraded", "True", "ForeignObject"), 30).await?;
    ensure!(found.message.contains("a-client"), "it is not named: {}", found.message);
    throughout("the foreign Service is left alone", 5, async || {
        let after = context.api::<Service>().get("a-client").await?;
        ensure!(before == after, "it became {after:?}");
        let cluster = context.cluster("a").await?;
        ensure!(status(&cluster).cluster_id.is_none(), "{}", said(&cluster));
        Ok(())
    })
    .await?;
    let uid = before.uid().context("no UID")?;
    context.kubectl("delete service a-client --wait=false").await?;
    context.healthy("a", 60).await?;
    let now = context.api::<Service>().get("a-client").await?;
    ensure!(now.uid().as_deref() != Some(&*uid), "the foreign Service is back");
    context.only_objects_of(&[("a", 3)]).await
}

/// Volumes of a deleted cluster of the same name: never taken over, and the way out is said.
pub async fn stale_volumes(context: &Context) -> Result<()> {
    context.create("a", json!({})).await?;
    let first = status(&context.healthy("a", 60).await?).cluster_id;
    context.clusters().delete("a", &DeleteParams::default()).await?;
    context.gone("a", 60).await?;
    context.create("a", json!({})).await?;
    let found = context.says("a", ("Degraded", "True", "StaleVolume"), 30).await?;
    let command = format!("kubectl -n {} delete pvc data-a-0 data-a-1 data-a-2", context.namespace);
    ensure!(found.message.contains(&command), "no way out is said: {}", found.message);
    let pods = context.pods("a").await?.len();
    ensure!(pods == 0, "{pods} pods came up beside foreign data");
    // Asked once and not waited for: a volume of the new cluster soon has the same name.
    context.kubectl("delete pvc data-a-0 data-a-1 data-a-2 --wait=false").await?;
    let second = status(&context.healthy("a", 60).await?).cluster_id;
    ensure!(first != second, "the new cluster has the old one's ID");
    context.only_objects_of(&[("a", 3)]).await
}
