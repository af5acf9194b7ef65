//! SHELL. A cluster as it was, for what must not have changed since, and what must have.

use crate::case::Context;
use crate::etcd;
use crate::expect::status;
use crate::members::{ids, removed};
use crate::wait::until;
use crate::writer::Writer;
use anyhow::{Context as _, Result, ensure};
use etcd_operator::crd::EtcdClusterStatus;
use kube::ResourceExt;
use serde_json::Value;
use std::collections::BTreeMap;

/// A healthy cluster as it was.
pub struct Was {
    name: String,
    /// Its status.
    pub status: EtcdClusterStatus,
    /// Pod name to pod UID.
    pub pods: BTreeMap<String, String>,
    /// Claim name to claim UID.
    pub claims: BTreeMap<String, String>,
}

impl Was {
    /// As it is now, once it is healthy.
    pub async fn of(context: &Context, name: &str) -> Result<Self> {
        Ok(Self {
            name: name.to_owned(),
            status: status(&context.healthy(name, 60).await?),
            pods: pods(context, name).await?,
            claims: context.claims().await?,
        })
    }

    /// A cluster `a` of this spec, made and healthy, and a client that writes to its members from then on.
    pub async fn written(context: &Context, spec: Value) -> Result<(Self, Writer)> {
        context.create("a", spec).await?;
        Ok((Self::of(context, "a").await?, context.writer_to_members("a").await?))
    }

    /// The first member that follows.
    pub fn follower(&self) -> Result<String> {
        let mut names = self.pods.keys();
        let first = names.find(|name| self.status.leader.as_ref() != Some(name));
        first.cloned().context("nobody follows")
    }

    /// Holds that the members are the same, well or not.
    pub async fn same_members(&self, context: &Context) -> Result<()> {
        let now = status(&context.cluster(&self.name).await?);
        ensure!(now.cluster_id == self.status.cluster_id, "another cluster ID");
        ensure!(ids(&now) == ids(&self.status), "other members: {:?}", now.members);
        let url = context.service_url(&self.name).await?;
        // Without a leader etcd lists nobody.
        if let Ok(voters) = etcd::voters(&url).await {
            ensure!(voters == ids(&self.status), "etcd lists {voters:?}");
        }
        Ok(())
    }

    /// Waits until the cluster is healthy, and holds that nobody was replaced.
    pub async fn unchanged(&self, context: &Context, seconds: u64) -> Result<()> {
        context.healthy(&self.name, seconds).await?;
        self.same_members(context).await?;
        let claims = context.claims().await?;
        ensure!(claims == self.claims, "other volumes: {claims:?}, not {:?}", self.claims);
        Ok(())
    }

    /// Waits until one member votes under another ID and all is well, and holds that it has another
    /// volume and that nobody else was touched. What the status says then.
    pub async fn replaced(
        &self,
        context: &Context,
        pod: &str,
        seconds: u64,
    ) -> Result<EtcdClusterStatus> {
        let (url, before) = (context.service_url(&self.name).await?, ids(&self.status));
        until(format!("{pod} votes under another ID"), seconds, async || {
            let voters = etcd::voters(&url).await?;
            let id = voters.get(pod).with_context(|| format!("only {voters:?} vote"))?;
            ensure!(before.get(pod) != Some(id), "it has its old ID");
            Ok(())
        })
        .await?;
        let now = status(&context.healthy(&self.name, 60).await?);
        ensure!(now.cluster_id == self.status.cluster_id, "another cluster ID");
        only_differs(&before, &ids(&now), pod).context("member IDs")?;
        let claims = context.claims().await?;
        only_differs(&self.claims, &claims, &format!("data-{pod}")).context("volumes")?;
        let pods = pods(context, &self.name).await?;
        ensure!(pods.len() == self.pods.len(), "{pods:?}");
        let others = |all: &BTreeMap<String, String>| {
            all.clone().into_iter().filter(|(name, _)| name != pod).collect::<BTreeMap<_, _>>()
        };
        ensure!(others(&pods) == others(&self.pods), "pods of other members were made anew");
        ensure!(removed(&now).is_empty(), "a volume is said to be left: {:?}", now.removed_members);
        Ok(now)
    }
}

fn only_differs(
    before: &BTreeMap<String, String>,
    now: &BTreeMap<String, String>,
    name: &str,
) -> Result<()> {
    ensure!(before.keys().eq(now.keys()), "{now:?} instead of {before:?}");
    let differ: Vec<&String> = before.keys().filter(|at| before.get(*at) != now.get(*at)).collect();
    ensure!(differ == [name], "of {differ:?} instead of {name}: {now:?}, before {before:?}");
    Ok(())
}

async fn pods(context: &Context, name: &str) -> Result<BTreeMap<String, String>> {
    let pods = context.pods(name).await?;
    Ok(pods.iter().map(|pod| (pod.name_any(), pod.uid().unwrap_or_default())).collect())
}
