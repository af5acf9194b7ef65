//! SHELL. Kubernetes mechanics, generic over the kind: watches, the loop, the lease.

pub mod caches;
pub mod journal;
pub mod lease;
pub mod live;
pub mod persist;
pub mod publish;
pub mod reconcile;
pub mod schedule;
pub mod server;

use crate::client::kubernetes::WATCH_SECONDS;
use crate::crd::EtcdCluster;
use crate::service::etcd_cluster::Cluster;
use caches::{Caches, Wake};
use futures::channel::mpsc;
use futures::{StreamExt, TryStreamExt};
use jiff::Timestamp;
use kube::core::DeserializeGuard;
use kube::runtime::controller::{Action, Config, ReconcileRequest, applier};
use kube::runtime::reflector::{self, ObjectRef, Store};
use kube::runtime::{WatchStreamExt, watcher};
use kube::{Resource, ResourceExt};
use reconcile::{Context, TurnError, contained};
use std::sync::Arc;

/// A cluster as read, or why it could not be: one unreadable object must not blind the watch.
type Guarded = DeserializeGuard<EtcdCluster>;

/// How many turns run at once, each of another object.
const TURNS_AT_ONCE: u16 = 64;

/// The machine's clock.
pub struct SystemClock;

impl crate::service::Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "the one place the machine's time comes from")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// One namespace, or all of them: its watches, and the turns they ask for.
pub struct Scope {
    /// What the watches of children have seen.
    pub caches: Arc<Caches>,
    clusters: Store<Guarded>,
    requests: mpsc::UnboundedReceiver<ObjectRef<Guarded>>,
}

impl Scope {
    /// Starts the watches of one namespace, or of all.
    pub fn watch(client: &kube::Client, namespace: Option<&str>) -> Self {
        let (wake, requests) = mpsc::unbounded();
        let caches = Arc::new(Caches::start(client, namespace, &wake));
        Self { caches, clusters: watch_clusters(client, namespace, wake), requests }
    }

    /// Waits until every watch has listed what there is. Until then absence means nothing.
    pub async fn ready(&self) -> bool {
        self.caches.ready().await && self.clusters.wait_until_ready().await.is_ok()
    }

    /// Runs turns until `stop`; those under way are finished.
    pub async fn run(self, context: Arc<Context>, stop: impl Future<Output = ()>) {
        let requests = self.requests.map(Ok::<_, std::convert::Infallible>).take_until(stop);
        applier(
            |cluster: Arc<Guarded>, context: Arc<Context>| Box::pin(one(cluster, context)),
            |cluster, error, context: Arc<Context>| {
                report(&cluster.name_any(), error);
                Action::requeue(context.backoff.after(&*cluster, error))
            },
            context,
            self.clusters,
            requests.map_ok(ReconcileRequest::from),
            Config::default().concurrency(TURNS_AT_ONCE),
        )
        .for_each(|_| futures::future::ready(()))
        .await;
    }
}

/// A decision thrown away is no news, nor what is to be asked once more; whatever else ends a turn
/// early is.
fn report(name: &str, error: &TurnError) {
    let source = std::error::Error::source(error).map(ToString::to_string);
    if matches!(error, TurnError::Stale) || error.is_not_yet() {
        tracing::debug!(name, %error, "turn ended early");
    } else {
        tracing::warn!(name, %error, source, "turn ended early");
    }
}

async fn one(cluster: Arc<Guarded>, context: Arc<Context>) -> Result<Action, TurnError> {
    let cluster = match &cluster.0 {
        Ok(cluster) => Arc::new(cluster.clone()),
        Err(error) => {
            tracing::error!(name = cluster.name_any(), %error, "unreadable object");
            return Ok(Action::await_change());
        }
    };
    let turn = contained::<Cluster>(Arc::clone(&cluster), Arc::clone(&context));
    let next = match Box::pin(turn).await {
        Ok(wait) => Action::requeue(wait),
        Err(TurnError::Gone) => Action::await_change(),
        Err(error) => return Err(error),
    };
    // Also for an object that is gone: nobody would ask about its failures again.
    context.backoff.forget(&cluster.uid().unwrap_or_default());
    Ok(next)
}

fn watch_clusters(client: &kube::Client, namespace: Option<&str>, wake: Wake) -> Store<Guarded> {
    let (store, writer) = reflector::store();
    let config = watcher::Config::default().timeout(WATCH_SECONDS);
    let changes = watcher(caches::api::<Guarded>(client, namespace), config)
        .modify(|cluster| cluster.meta_mut().managed_fields = None)
        .default_backoff()
        .reflect(writer)
        .touched_objects()
        .inspect_err(|error| tracing::warn!(%error, kind = "EtcdCluster", "watch failed"));
    tokio::spawn(changes.for_each(move |change| {
        if let Ok(cluster) = change {
            // The receiver lives as long as the scope.
            let _ = wake.unbounded_send(ObjectRef::from_obj(&cluster));
        }
        futures::future::ready(())
    }));
    store
}
