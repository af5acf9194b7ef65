//! SHELL. The operator's own process: killed, doubled, held back, confined, and as a Deployment.

use crate::audit::total;
use crate::case::Context;
use crate::expect::{said, status};
use crate::operator::{self, NAMESPACE, Operator};
use crate::random::Random;
use crate::wait::throughout;
use anyhow::{Context as _, Result, ensure};
use etcd_operator::crd::EtcdCluster;
use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::api::{DeleteParams, ListParams};
use serde_json::json;
use std::collections::BTreeSet;
use std::net::SocketAddr;

/// Creations in which the operator is killed at random moments: each becomes one cluster.
pub async fn killed(context: &Context) -> Result<()> {
    let options = &context.env.options;
    let rounds = options.kills.unwrap_or(if options.smoke { 2 } else { 20 });
    let mut random = Random::new(options);
    let (mut ids, mut kills) = (BTreeSet::new(), 0);
    for round in 0..rounds {
        let name = format!("k{round}");
        context.create(&name, json!({"storage": {"retention": "Delete"}})).await?;
        for _ in 0..=random.below(2) {
            context.killed_within(&mut random, 5000).await?;
            kills += 1;
        }
        let cluster =
            context.healthy(&name, 120).await.with_context(|| format!("round {round}"))?;
        ids.insert(status(&cluster).cluster_id);
        context.only_objects_of(&[(&name, 3)]).await?;
        context.clusters().delete(&name, &DeleteParams::default()).await?;
        context.gone(&name, 60).await?;
    }
    let found = context.objects().await?;
    context.gone_whole(30).await.with_context(|| format!("at first {found:?}"))?;
    ensure!(ids.len() == usize::try_from(rounds)?, "{} cluster IDs for {rounds}", ids.len());
    context.figure("killed_creations", rounds);
    context.figure("operator_kills", kills);
    context.figure("killed_cluster_ids", ids.len());
    Ok(())
}

/// An operator told to keep to one namespace leaves the others alone, until it is told of them.
pub async fn namespaced(context: &Context) -> Result<()> {
    let other = context.beside("other").await?;
    other.create("b", json!({"size": 1})).await?;
    context.create("a", json!({"size": 1})).await?;
    context.healthy("a", 60).await?;
    throughout("the other namespace is left alone", 5, async || {
        let cluster = other.cluster("b").await?;
        ensure!(cluster.status.is_none(), "{}", said(&cluster));
        ensure!(other.objects().await?.is_empty(), "{:?}", other.objects().await?);
        Ok(())
    })
    .await?;
    {
        let mut operator = context.operator().await?;
        operator.stop().await?;
        operator.start(&["--namespace", &other.namespace])?;
    }
    other.healthy("b", 60).await?;
    context.healthy("a", 10).await?;
    other.clusters().delete("b", &DeleteParams::default()).await?;
    other.gone("b", 60).await
}

/// Of two operators one acts; held still for 20 s it is replaced, and ends when it wakes.
pub async fn leader(context: &Context) -> Result<()> {
    let scope = context.operator().await?.scope.clone();
    let mut second = Operator::new(context.env, "leader-second", scope)?;
    second.start(&[])?;
    second.ready().await?;
    context.create("a", json!({})).await?;
    context.healthy("a", 60).await?;
    ensure!(!second.log_since(0).contains("\"performed\""), "the second acted, too");
    context.only_objects_of(&[("a", 3)]).await?;

    let from = second.log_len();
    context.operator().await?.signal("STOP").await?;
    context.create("b", json!({})).await?;
    let taken = context.healthy("b", 90).await;
    context.operator().await?.signal("CONT").await?;
    taken.context("nobody took over")?;
    ensure!(second.log_since(from).contains("leadership acquired"), "the second does not lead");
    let audit = context.audit()?;
    let ended = context.operator().await?.ended(30).await.context("the first goes on")?;
    ensure!(!ended, "losing the lease was called a success");
    throughout("nothing is done twice", 5, async || {
        let writes = audit.writes(Some(&context.namespace))?;
        ensure!(total(&writes) == 0, "{writes:?}");
        Ok(())
    })
    .await?;
    context.only_objects_of(&[("a", 3), ("b", 3)]).await?;
    context.healthy("a", 10).await?;
    // It gives the lease back, so that the next need not wait for it.
    second.stop().await?;
    context.operator().await?.ensure().await?;
    Ok(())
}

/// The operator as users install it.
pub async fn install(context: &Context) -> Result<()> {
    context.operator().await?.stop().await?;
    let result = installed(context).await;
    let line = ["-n", NAMESPACE, "delete", "deployment", "etcd-operator", "--ignore-not-found"];
    context.env.cluster.kubectl(&line).await?;
    context.operator().await?.ensure().await?;
    result
}

async fn installed(context: &Context) -> Result<()> {
    operator::deploy(&context.env.cluster, &context.env.image).await?;
    context.create("a", json!({})).await?;
    context.healthy("a", 90).await?;
    let pods: Api<Pod> = Api::namespaced(context.env.cluster.api.clone(), NAMESPACE);
    let of_it = ListParams::default().labels("app.kubernetes.io/name=etcd-operator");
    let pod = pods.list(&of_it).await?.items.into_iter().next().context("no pod")?;
    let ip = pod.status.and_then(|status| status.pod_ip).context("no address")?;
    let address = SocketAddr::new(ip.parse()?, 8080);
    for path in ["/healthz", "/readyz"] {
        operator::get(address, path).await.with_context(|| path.to_owned())?;
    }
    let metrics = operator::get(address, "/metrics").await?;
    let namespace = format!("namespace=\"{}\"", context.namespace);
    for name in ["etcd_cluster_size", "etcd_cluster_health"] {
        let line = metrics.lines().find(|line| line.starts_with(name) && line.contains(&namespace));
        ensure!(line.is_some(), "{name} of the cluster is not in /metrics");
    }
    context.kubectl("delete etcdc a --wait=false").await?;
    context.gone("a", 60).await?;
    let none: Option<EtcdCluster> = context.clusters().get_opt("a").await?;
    ensure!(none.is_none(), "it is there");
    Ok(())
}
