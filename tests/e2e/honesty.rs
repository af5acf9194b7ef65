//! SHELL. Holds the operator to its word: Available=True is said only while clients are served.

use crate::case::Context;
use crate::etcd;
use crate::expect::condition;
use anyhow::{Context as _, Result, ensure};
use etcd_operator::crd::EtcdCluster;
use futures::{StreamExt, TryStreamExt};
use k8s_openapi::api::core::v1::Service;
use kube::Api;
use kube::runtime::{WatchStreamExt, watcher};
use parking_lot::{Mutex, MutexGuard};
use std::pin::pin;
use std::sync::Arc;
use tokio::task::JoinHandle;

/// Sees every status that is written and tries each claim at once.
pub struct Honesty {
    work: JoinHandle<()>,
    seen: Shared,
}

#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Seen>>);

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.0.lock()
    }
}

#[derive(Default)]
struct Seen {
    statuses: u32,
    kept: u32,
    broken: Vec<String>,
}

impl Honesty {
    /// Begins to watch the cluster of this name, which need not exist yet.
    pub fn watch(context: &Context, name: &str) -> Self {
        let seen = Shared::default();
        let (clusters, services) = (context.clusters(), context.api());
        let work = follow(clusters, services, name.to_owned(), seen.clone());
        Self { work: tokio::spawn(work), seen }
    }

    /// Ends the watch. How many claims were tried; an error if one was not true.
    pub fn finish(self) -> Result<u32> {
        self.work.abort();
        let seen = self.seen.lock();
        ensure!(seen.broken.is_empty(), "Available=True was said too early: {:?}", seen.broken);
        ensure!(seen.statuses > 0, "no status was ever seen");
        Ok(seen.kept)
    }
}

async fn follow(clusters: Api<EtcdCluster>, services: Api<Service>, name: String, seen: Shared) {
    let config = watcher::Config::default().fields(&format!("metadata.name={name}"));
    let mut stream = pin!(watcher(clusters, config).default_backoff().applied_objects().boxed());
    while let Ok(Some(cluster)) = stream.try_next().await {
        let claim = condition(&cluster, "Available").filter(|said| said.status == "True");
        seen.lock().statuses += 1;
        let Some(claim) = claim else { continue };
        let tried = try_it(&services, &name).await;
        let mut seen = seen.lock();
        match tried {
            Ok(()) => seen.kept += 1,
            Err(error) => seen.broken.push(format!("{}: {error:#}", claim.message)),
        }
    }
}

/// One write through the client Service, without a second try.
async fn try_it(services: &Api<Service>, name: &str) -> Result<()> {
    let service = services.get(&format!("{name}-client")).await?;
    let ip = service.spec.and_then(|spec| spec.cluster_ip).context("it has no address")?;
    etcd::put(&format!("http://{ip}:2379"), "e2e/claim", "tried").await
}
