//! SHELL. Deleting a cluster: with and without its volumes, with etcd dead, in a namespace that
//! goes, twice, and while the operator is away.

use crate::case::Context;
use crate::cluster::as_root;
use crate::wait::until;
use anyhow::{Result, ensure};
use futures::future::try_join_all;
use k8s_openapi::api::core::v1::Namespace;
use kube::Api;
use kube::api::DeleteParams;
use serde_json::json;

impl Context {
    /// Waits until a cluster and all that is owned by it is gone, but for its volumes.
    pub async fn gone(&self, name: &str, seconds: u64) -> Result<()> {
        until(format!("{name} is gone"), seconds, async || {
            ensure!(self.clusters().get_opt(name).await?.is_none(), "the object is there");
            let left = self.objects().await?;
            let of_it = left.iter().find(|object| {
                let name_of = object.split_once('/').map_or("", |(_, name)| name);
                name_of.starts_with(name) && !object.starts_with("persistentvolumeclaim/")
            });
            ensure!(of_it.is_none(), "{of_it:?} is there");
            Ok(())
        })
        .await
    }

    async fn without_volumes(&self, seconds: u64) -> Result<()> {
        until("the volumes are gone", seconds, async || {
            let left = self.claims().await?;
            ensure!(left.is_empty(), "{left:?} are there");
            Ok(())
        })
        .await
    }
}

/// Retain keeps the volumes, Delete does not, each for its own cluster alone.
pub async fn retention(context: &Context) -> Result<()> {
    context.create("keep", json!({"size": 3})).await?;
    context.create("drop", json!({"size": 3, "storage": {"retention": "Delete"}})).await?;
    context.healthy("keep", 60).await?;
    context.healthy("drop", 60).await?;
    for name in ["drop", "keep"] {
        context.clusters().delete(name, &DeleteParams::default()).await?;
        // Asked twice is asked once.
        context.clusters().delete(name, &DeleteParams::default()).await.ok();
    }
    context.gone("keep", 60).await?;
    context.gone("drop", 60).await?;
    until("only the kept volumes are there", 30, async || {
        let left = context.claims().await?;
        let kept = (0..3).map(|at| format!("data-keep-{at}"));
        ensure!(left.keys().cloned().eq(kept), "{left:?}");
        Ok(())
    })
    .await
}

/// No member answers any more.
pub async fn dead(context: &Context) -> Result<()> {
    context.create("a", json!({"storage": {"retention": "Delete"}})).await?;
    context.healthy("a", 60).await?;
    let pods = ["a-0", "a-1", "a-2"];
    for pod in pods {
        let volume = context.volume(pod).await?;
        as_root(&format!("rm -rf '{volume}'/data")).await?;
    }
    // All at once: one alone would be replaced.
    try_join_all(pods.map(|pod| context.kill_etcd(pod))).await?;
    context.phase("a", "Failed", 90).await?;
    context.clusters().delete("a", &DeleteParams::default()).await?;
    context.gone("a", 60).await?;
    context.without_volumes(30).await
}

/// The namespace goes, and the cluster with it.
pub async fn namespace(context: &Context) -> Result<()> {
    let here = context.beside("going").await?;
    here.create("a", json!({})).await?;
    here.create("b", json!({"size": 1, "storage": {"retention": "Delete"}})).await?;
    here.healthy("a", 60).await?;
    here.healthy("b", 60).await?;
    let namespaces: Api<Namespace> = Api::all(context.env.cluster.api.clone());
    namespaces.delete(&here.namespace, &DeleteParams::default()).await?;
    until("the namespace is gone", 120, async || {
        ensure!(
            namespaces.get_opt(&here.namespace).await?.is_none(),
            "{:?}",
            here.objects().await?
        );
        Ok(())
    })
    .await
}

/// The operator is away while two clusters are deleted, one without its `StatefulSet` and so with pods
/// that nobody else clears away; and it is killed while it deletes.
pub async fn operator_down(context: &Context) -> Result<()> {
    context.create("a", json!({"storage": {"retention": "Delete"}})).await?;
    context.create("b", json!({"size": 1, "storage": {"retention": "Delete"}})).await?;
    context.healthy("a", 60).await?;
    context.healthy("b", 60).await?;
    context.operator().await?.kill9().await?;
    context.kubectl("delete statefulset b --cascade=orphan").await?;
    ensure!(context.objects().await?.contains("pod/b-0"), "b-0 went with its StatefulSet");
    context.clusters().delete("b", &DeleteParams::default()).await?;
    for _ in 0..2 {
        context.clusters().delete("a", &DeleteParams::default()).await?;
    }
    ensure!(context.clusters().get_opt("a").await?.is_some(), "it went without the operator");
    context.operator().await?.start(&[])?;
    until("the StatefulSet goes", 30, async || {
        let left = context.objects().await?;
        let going = !left.contains("statefulset/a") || context.claims().await?.len() < 3;
        ensure!(going, "it is there");
        Ok(())
    })
    .await?;
    context.operator().await?.kill9().await?;
    context.operator().await?.start(&[])?;
    context.gone("a", 60).await?;
    // Kubernetes leaves the revisions of a `StatefulSet` behind with its pods.
    until("b and its pod are gone", 60, async || {
        ensure!(context.clusters().get_opt("b").await?.is_none(), "the object is there");
        ensure!(!context.objects().await?.contains("pod/b-0"), "the pod is there");
        Ok(())
    })
    .await?;
    context.without_volumes(30).await
}
