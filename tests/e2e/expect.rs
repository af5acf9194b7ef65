//! SHELL. What is expected of a cluster, asked of Kubernetes and of etcd.

use crate::case::Context;
use crate::etcd;
use crate::wait::until;
use anyhow::{Context as _, Result, ensure};
use etcd_operator::crd::{EtcdCluster, EtcdClusterStatus};
use k8s_openapi::api::core::v1::{Pod, Service};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::ResourceExt;
use kube::api::ListParams;
use std::collections::{BTreeMap, BTreeSet};

/// The status, or an empty one.
pub fn status(cluster: &EtcdCluster) -> EtcdClusterStatus {
    cluster.status.clone().unwrap_or_default()
}

/// What a condition says now.
pub fn condition(cluster: &EtcdCluster, kind: &str) -> Option<Condition> {
    cluster.status.as_ref()?.conditions.iter().find(|said| said.type_ == kind).cloned()
}

/// The conditions in one line, for errors.
pub fn said(cluster: &EtcdCluster) -> String {
    let status = status(cluster);
    let conditions: Vec<String> = status
        .conditions
        .iter()
        .map(|said| format!("{}={} {}: {}", said.type_, said.status, said.reason, said.message))
        .collect();
    let at = |text: Option<String>| text.unwrap_or_else(|| "none".to_owned());
    format!("{}/{}, {}", at(status.phase), at(status.step), conditions.join("; "))
}

/// Whether a pod says it is ready.
pub fn is_ready(pod: &Pod) -> bool {
    let conditions = pod.status.as_ref().and_then(|status| status.conditions.as_ref());
    conditions.is_some_and(|all| all.iter().any(|c| c.type_ == "Ready" && c.status == "True"))
}

impl Context {
    /// Waits for a phase.
    pub async fn phase(&self, name: &str, phase: &str, seconds: u64) -> Result<EtcdCluster> {
        until(format!("{name} is {phase}"), seconds, async || {
            let cluster = self.cluster(name).await?;
            ensure!(status(&cluster).phase.as_deref() == Some(phase), "{}", said(&cluster));
            Ok(cluster)
        })
        .await
    }

    /// Waits until a condition has this status and reason.
    pub async fn says(
        &self,
        name: &str,
        (kind, is, reason): (&str, &str, &str),
        seconds: u64,
    ) -> Result<Condition> {
        until(format!("{name} says {kind}={is} {reason}"), seconds, async || {
            let cluster = self.cluster(name).await?;
            let found = condition(&cluster, kind).with_context(|| said(&cluster))?;
            ensure!(found.status == is && found.reason == reason, "{}", said(&cluster));
            Ok(found)
        })
        .await
    }

    /// Waits until a cluster is as well as can be, and holds that etcd says the same.
    pub async fn healthy(&self, name: &str, seconds: u64) -> Result<EtcdCluster> {
        let cluster = until(format!("{name} is healthy"), seconds, async || {
            let cluster = self.cluster(name).await?;
            let now = status(&cluster);
            let is = |kind: &str, status: &str| {
                condition(&cluster, kind).is_some_and(|found| found.status == status)
            };
            ensure!(
                now.phase.as_deref() == Some("Running")
                    && now.ready_replicas == cluster.spec.size
                    && is("Available", "True")
                    && is("Progressing", "False")
                    && is("Degraded", "False"),
                "{}",
                said(&cluster)
            );
            Ok(cluster)
        })
        .await?;
        self.one_identity(&cluster).await?;
        Ok(cluster)
    }

    /// Holds that every member says the cluster ID of the status, and etcd lists those members.
    pub async fn one_identity(&self, cluster: &EtcdCluster) -> Result<()> {
        let name = cluster.name_any();
        let now = status(cluster);
        let recorded = now.cluster_id.clone().context("no cluster ID is recorded")?;
        let urls = self.pod_urls(&name).await?;
        ensure!(
            i32::try_from(urls.len())? == cluster.spec.size,
            "{} pods for size {}",
            urls.len(),
            cluster.spec.size
        );
        let listed: BTreeMap<String, String> = now
            .members
            .iter()
            .map(|member| (member.name.clone(), member.id.clone().unwrap_or_default()))
            .collect();
        for (pod, url) in &urls {
            let look = etcd::look(url).await.with_context(|| format!("{pod} does not answer"))?;
            ensure!(
                look.cluster_id == recorded,
                "{pod} has ID {}, not {recorded}",
                look.cluster_id
            );
            let voters = etcd::voters(url).await?;
            ensure!(voters == listed, "{pod} lists {voters:?}, the status {listed:?}");
            ensure!(listed.get(pod) == Some(&look.member_id), "{pod} is {look:?}");
        }
        Ok(())
    }

    /// The pods of a cluster.
    pub async fn pods(&self, name: &str) -> Result<Vec<Pod>> {
        let selector = format!("app.kubernetes.io/instance={name}");
        Ok(self.api::<Pod>().list(&ListParams::default().labels(&selector)).await?.items)
    }

    /// The pods' UIDs.
    pub async fn pod_uids(&self, name: &str) -> Result<BTreeSet<String>> {
        Ok(self.pods(name).await?.into_iter().filter_map(|pod| pod.uid()).collect())
    }

    /// Where each member that has an address answers clients.
    pub async fn pod_urls(&self, name: &str) -> Result<Vec<(String, String)>> {
        let pods = self.pods(name).await?;
        Ok(pods.iter().filter_map(|pod| Some((pod.name_any(), address(pod)?))).collect())
    }

    /// Where the client Service answers.
    pub async fn service_url(&self, name: &str) -> Result<String> {
        let service = self.api::<Service>().get(&format!("{name}-client")).await?;
        let ip = service.spec.and_then(|spec| spec.cluster_ip).context("it has no address")?;
        Ok(url(&ip))
    }

    /// Everything in the namespace that somebody made, the lease of the case's operator aside, as
    /// `kind/name`.
    pub async fn objects(&self) -> Result<BTreeSet<String>> {
        let kinds = "statefulset,service,poddisruptionbudget,pod,persistentvolumeclaim,\
                     configmap,secret,job,deployment,ingress,controllerrevision,lease,serviceaccount";
        let list = self.kubectl(&format!("get {kinds} -o name --ignore-not-found")).await?;
        let others = ["/kube-root-ca.crt", "/default", "lease.coordination.k8s.io/etcd-operator"];
        let ours = |line: &&str| !others.iter().any(|other| line.ends_with(other));
        Ok(list.lines().filter(ours).map(short).collect())
    }

    /// Waits until the namespace holds nothing.
    pub async fn gone_whole(&self, seconds: u64) -> Result<()> {
        until("nothing is left", seconds, async || {
            let left = self.objects().await?;
            ensure!(left.is_empty(), "{left:?}");
            Ok(())
        })
        .await
    }

    /// Waits until the namespace holds what these clusters are made of, and nothing else.
    pub async fn only_objects_of(&self, clusters: &[(&str, i32)]) -> Result<()> {
        let mut expected = BTreeSet::new();
        for (name, size) in clusters {
            expected.extend([
                format!("statefulset/{name}"),
                format!("service/{name}-client"),
                format!("service/{name}-peer"),
                format!("poddisruptionbudget/{name}"),
            ]);
            for at in 0..*size {
                let parts =
                    [format!("pod/{name}-{at}"), format!("persistentvolumeclaim/data-{name}-{at}")];
                expected.extend(parts);
            }
        }
        until("only what belongs to the clusters exists", 20, async || {
            let mut found = self.objects().await?;
            // One or two, as the template was sealed; they are the StatefulSet's own.
            found.retain(|object| !object.starts_with("controllerrevision/"));
            let more: Vec<_> = found.difference(&expected).collect();
            let less: Vec<_> = expected.difference(&found).collect();
            ensure!(more.is_empty() && less.is_empty(), "stray {more:?}, missing {less:?}");
            Ok(())
        })
        .await
    }
}

fn short(line: &str) -> String {
    match line.split_once('/') {
        Some((kind, name)) => format!("{}/{name}", kind.split('.').next().unwrap_or(kind)),
        None => line.to_owned(),
    }
}

/// Where a pod's etcd answers clients.
pub fn address(pod: &Pod) -> Option<String> {
    pod.status.as_ref()?.pod_ip.as_deref().map(url)
}

fn url(ip: &str) -> String {
    format!("http://{ip}:2379")
}
