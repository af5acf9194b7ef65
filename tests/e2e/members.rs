//! SHELL. Who is a member: by etcd's own list, by the status, and by what Kubernetes holds of each.

use crate::case::Context;
use crate::etcd;
use crate::expect::{address, is_ready, said, status};
use crate::wait::until;
use anyhow::{Context as _, Result, bail, ensure};
use etcd_operator::crd::{EtcdCluster, EtcdClusterStatus};
use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Pod};
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use kube::ResourceExt;
use kube::api::ListParams;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// A spec of so many members, which may be more than there are nodes.
pub fn sized(size: i32) -> Value {
    json!({"size": size, "pod": {"antiAffinity": "Preferred"}})
}

/// Member name to member ID, as the status says.
pub fn ids(status: &EtcdClusterStatus) -> BTreeMap<String, String> {
    let id = |id: &Option<String>| id.clone().unwrap_or_default();
    status.members.iter().map(|member| (member.name.clone(), id(&member.id))).collect()
}

/// Holds that a phase, or a phase and step, was passed not long ago.
pub fn passed(status: &EtcdClusterStatus, to: &str) -> Result<()> {
    let all: Vec<&str> = status.transitions.iter().map(|passed| &*passed.to).collect();
    ensure!(all.iter().any(|passed| passed.starts_with(to)), "never {to}: {all:?}");
    Ok(())
}

/// Those that were taken out and left a volume.
pub fn removed(status: &EtcdClusterStatus) -> BTreeSet<String> {
    status.removed_members.iter().map(|member| member.name.clone()).collect()
}

impl Context {
    /// Asks for another size.
    pub async fn resize(&self, name: &str, size: i32) -> Result<()> {
        self.patch::<EtcdCluster>(name, json!({"spec": {"size": size}})).await.map(|_| ())
    }

    /// Waits until a cluster says it has this size, and holds that etcd says it, too, and that
    /// Kubernetes soon holds no more and no less.
    pub async fn sized(&self, name: &str, size: i32, seconds: u64) -> Result<EtcdCluster> {
        let cluster = until(format!("{name} has {size} members"), seconds, async || {
            let cluster = self.cluster(name).await?;
            let now = status(&cluster);
            ensure!(
                now.phase.as_deref() == Some("Running")
                    && now.observed_generation == cluster.metadata.generation
                    && now.replicas == size
                    && now.ready_replicas == size,
                "{} members, {}",
                now.replicas,
                said(&cluster)
            );
            Ok(cluster)
        })
        .await?;
        let url = self.service_url(name).await?;
        let listed =
            until("etcd lists its members", 10, async || etcd::members(&url).await).await?;
        ensure!(listed.iter().all(|member| !member.is_learner), "a learner is left: {listed:?}");
        let names: BTreeSet<String> = listed.iter().map(|member| member.name.clone()).collect();
        let expected = (0..size).map(|at| format!("{name}-{at}")).collect();
        ensure!(names == expected && names.len() == listed.len(), "etcd lists {listed:?}");
        ensure!(
            listed
                .iter()
                .all(|member| ids(&status(&cluster)).get(&member.name) == Some(&member.id)),
            "the status lists {:?}, etcd {listed:?}",
            status(&cluster).members
        );
        until(format!("{name} is made of {size}"), 30, async || self.parts(name, size).await)
            .await?;
        self.healthy(name, 60).await
    }

    /// Holds that there are so many pods, and as many may be away as quorum can spare.
    async fn parts(&self, name: &str, size: i32) -> Result<()> {
        let set = self.api::<StatefulSet>().get(name).await?;
        let replicas = set.spec.and_then(|spec| spec.replicas);
        ensure!(replicas == Some(size), "the StatefulSet asks for {replicas:?}");
        let pods = self.pods(name).await?.len();
        ensure!(i32::try_from(pods)? == size, "{pods} pods");
        let budget = self.api::<PodDisruptionBudget>().get(name).await?;
        let least = budget.spec.and_then(|spec| spec.min_available);
        let quorum = if size < 3 { 0 } else { size / 2 + 1 };
        ensure!(least == Some(IntOrString::Int(quorum)), "the budget keeps {least:?}");
        Ok(())
    }

    /// Makes a member lead.
    pub async fn lead(&self, name: &str, pod: &str) -> Result<()> {
        let voters = etcd::voters(&self.service_url(name).await?).await?;
        let id = voters.get(pod).with_context(|| format!("{pod} does not vote"))?;
        until(format!("{pod} leads"), 30, async || {
            for (_, url) in self.pod_urls(name).await? {
                let look = etcd::look(&url).await?;
                if look.leader != look.member_id {
                    continue;
                }
                if look.member_id == *id {
                    return Ok(());
                }
                // The next look sees whether it took over.
                etcd::move_leader(&url, id).await?;
            }
            bail!("another one leads")
        })
        .await
    }

    /// Where the members answer that take clients now.
    pub async fn ready_urls(&self, name: &str) -> Result<Vec<String>> {
        let pods = self.pods(name).await?;
        let stays = |pod: &&Pod| is_ready(pod) && pod.metadata.deletion_timestamp.is_none();
        Ok(pods.iter().filter(stays).filter_map(address).collect())
    }

    /// The name and UID of every volume claim.
    pub async fn claims(&self) -> Result<BTreeMap<String, String>> {
        let all = self.api::<PersistentVolumeClaim>().list(&ListParams::default()).await?;
        Ok(all.iter().map(|claim| (claim.name_any(), claim.uid().unwrap_or_default())).collect())
    }
}
