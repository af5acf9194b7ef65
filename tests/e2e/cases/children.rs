//! SHELL. Whatever the cluster is made of is deleted or bent by hand, and comes back as it was.

use crate::case::Context;
use crate::expect::status;
use crate::wait::{throughout, until};
use anyhow::{Context as _, Result, ensure};
use etcd_operator::crd::EtcdCluster;
use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::Service;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use kube::ResourceExt;
use serde_json::json;

/// What is done to the cluster, in the words of kubectl; the quick set begins with so many. Nobody
/// waits for an object to go: kubectl may not notice when another of its name is there at once.
const HARM_SMOKE: usize = 4;
/// How many of them cost no pod: a member whose StatefulSet goes alone never stops.
const HARMLESS: usize = 3;
const HARM: [&str; 10] = [
    "delete service a-client --wait=false",
    "delete pdb a --wait=false",
    "delete statefulset a --cascade=orphan --wait=false",
    "delete statefulset a --cascade=background --wait=false",
    "delete service a-peer --wait=false",
    "delete pod a-1 --wait=false",
    "scale statefulset a --replicas=0",
    "label service a-client app.kubernetes.io/instance=other --overwrite",
    "patch service a-client --type=json -p [{\"op\":\"replace\",\"path\":\"/spec/ports/0/port\",\"value\":1234}]",
    "label pod a-2 etcd.etcd.io/serving-",
];

pub async fn deleted(context: &Context) -> Result<()> {
    context.create("a", json!({})).await?;
    let before = context.healthy("a", 60).await?;
    let claims = context.claims().await?;
    let audit = context.audit()?;
    let many = if context.env.options.smoke { HARM_SMOKE } else { HARM.len() };
    for (at, harm) in HARM.iter().take(many).copied().enumerate() {
        say!("  {harm}");
        let writer = context.writer_to_members("a").await?;
        context.kubectl(harm).await?;
        let after = repaired(context, &before).await.with_context(|| harm.to_owned())?;
        ensure!(status(&after).cluster_id == status(&before).cluster_id, "{harm}: another ID");
        let written = context.settle("a", writer).await.with_context(|| harm.to_owned())?;
        say!("    gap {:.1} s", written.longest_gap.as_secs_f64());
        ensure!(context.claims().await? == claims, "{harm}: the volumes changed");
        let pods = audit.deleted(&context.namespace, "pods")?;
        ensure!(at >= HARMLESS || pods.is_empty(), "{harm}: pods were deleted: {pods:?}");
    }
    let deleted = audit.deleted(&context.namespace, "persistentvolumeclaims")?;
    ensure!(deleted.is_empty(), "volumes were deleted: {deleted:?}");
    context.only_objects_of(&[("a", 3)]).await
}

/// Waits until every part is again as it should be, and the cluster is healthy.
async fn repaired(context: &Context, before: &EtcdCluster) -> Result<EtcdCluster> {
    until("every part is as it was", 90, async || {
        let client = context.api::<Service>().get("a-client").await?;
        let port =
            client.spec.as_ref().and_then(|spec| spec.ports.as_ref()?.first().map(|p| p.port));
        ensure!(port == Some(2379), "port {port:?}");
        let label = client.labels().get("app.kubernetes.io/instance").cloned();
        ensure!(label.as_deref() == Some("a"), "label {label:?}");
        ensure!(client.metadata.deletion_timestamp.is_none(), "the Service is leaving");
        context.api::<Service>().get("a-peer").await?;
        context.api::<PodDisruptionBudget>().get("a").await?;
        let set = context.api::<StatefulSet>().get("a").await?;
        ensure!(set.metadata.deletion_timestamp.is_none(), "the StatefulSet is leaving");
        let replicas = set.spec.and_then(|spec| spec.replicas);
        ensure!(replicas == Some(before.spec.size), "{replicas:?} replicas");
        let pods = context.pods("a").await?;
        ensure!(pods.len() == 3, "{} pods", pods.len());
        for pod in &pods {
            ensure!(pod.metadata.deletion_timestamp.is_none(), "{} is leaving", pod.name_any());
            let serves = pod.labels().get("etcd.etcd.io/serving").cloned();
            ensure!(serves.as_deref() == Some("true"), "{} serves {serves:?}", pod.name_any());
            let owned = pod
                .owner_references()
                .iter()
                .any(|owner| Some(&owner.uid) == set.metadata.uid.as_ref());
            ensure!(owned, "{} is an orphan", pod.name_any());
        }
        Ok(())
    })
    .await?;
    context.healthy("a", 90).await
}

/// A paused cluster is looked at and left alone; afterwards it is repaired.
pub async fn paused(context: &Context) -> Result<()> {
    context.create("a", json!({"size": 1})).await?;
    context.healthy("a", 60).await?;
    context.patch::<EtcdCluster>("a", json!({"spec": {"paused": true}})).await?;
    context.says("a", ("Progressing", "False", "Paused"), 20).await?;
    context.kubectl("delete pdb a").await?;
    context.kubectl("label service a-client app.kubernetes.io/instance=other --overwrite").await?;
    let audit = context.audit()?;
    throughout("nothing is repaired", 10, async || {
        let budget = context.api::<PodDisruptionBudget>().get_opt("a").await?;
        ensure!(budget.is_none(), "the budget is back");
        let writes = audit.writes(Some(&context.namespace))?;
        let acts =
            writes.keys().find(|write| !write.ends_with("/status") && !write.ends_with("events"));
        ensure!(acts.is_none(), "{writes:?}");
        Ok(())
    })
    .await?;
    context.patch::<EtcdCluster>("a", json!({"spec": {"paused": false}})).await?;
    until("all is repaired", 20, async || {
        context.api::<PodDisruptionBudget>().get("a").await?;
        let service = context.api::<Service>().get("a-client").await?;
        let label = service.labels().get("app.kubernetes.io/instance").cloned();
        ensure!(label.as_deref() == Some("a"), "label {label:?}");
        Ok(())
    })
    .await?;
    context.healthy("a", 30).await?;
    Ok(())
}
