//! SHELL. Three members are created; every claim made on the way and in the end is tried.

use crate::audit::total;
use crate::case::Context;
use crate::etcd;
use crate::expect::status;
use crate::honesty::Honesty;
use crate::wait;
use anyhow::{Result, ensure};
use serde_json::json;

/// How long nothing may be written once all is well.
const REST_SECONDS: u64 = 20;

pub async fn run(context: &Context) -> Result<()> {
    let honesty = Honesty::watch(context, "a");
    let audit = context.audit()?;
    context.create("a", json!({"size": 3})).await?;
    let cluster = context.healthy("a", 60).await?;
    context.figure("create_case_writes", total(&audit.writes(Some(&context.namespace))?));

    let now = status(&cluster);
    ensure!(now.phase.as_deref() == Some("Running"), "phase {:?}", now.phase);
    ensure!(now.observed_generation == cluster.metadata.generation, "an old generation");
    ensure!(now.leader.is_some() && now.leader_id.is_some(), "no leader is named: {now:?}");
    ensure!(now.version.as_deref() == Some(&*cluster.spec.version), "version {:?}", now.version);
    ensure!(now.transitions.len() <= 20, "{} transitions", now.transitions.len());
    ensure!(now.operation.is_none(), "an operation is left: {:?}", now.operation);
    context.only_objects_of(&[("a", 3)]).await?;
    events_tell_the_transitions(context).await?;

    let url = context.service_url("a").await?;
    etcd::put(&url, "hello", "world").await?;
    ensure!(etcd::get(&url, "hello").await?.as_deref() == Some("world"), "a key is not read");
    scale_subresource_answers(context).await?;

    let audit = context.audit()?;
    wait::throughout("nobody writes at rest", REST_SECONDS, async || {
        let writes = audit.writes(Some(&context.namespace))?;
        ensure!(total(&writes) == 0, "{writes:?}");
        Ok(())
    })
    .await?;
    let claims = honesty.finish()?;
    ensure!(claims > 0, "Available=True was never said");
    Ok(())
}

async fn events_tell_the_transitions(context: &Context) -> Result<()> {
    let line = "get events.events.k8s.io --field-selector=regarding.kind=EtcdCluster,regarding.name=a -o name";
    let told = context.kubectl(line).await?.lines().count();
    let moves = status(&context.cluster("a").await?).transitions.len();
    ensure!(told > 0 && told >= moves.min(3), "{told} events for {moves} transitions");
    Ok(())
}

async fn scale_subresource_answers(context: &Context) -> Result<()> {
    let path = format!(
        "/apis/etcd.etcd.io/v1alpha1/namespaces/{}/etcdclusters/a/scale",
        context.namespace
    );
    let scale: serde_json::Value =
        serde_json::from_str(&context.env.cluster.kubectl(&["get", "--raw", &path]).await?)?;
    let at = |path| scale.pointer(path).and_then(serde_json::Value::as_i64);
    ensure!(at("/spec/replicas") == Some(3) && at("/status/replicas") == Some(3), "{scale}");
    Ok(())
}
