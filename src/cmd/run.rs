//! SHELL. `run`: the operator's process. Leads by lease, watches, takes turns, and stops cleanly.

use crate::client::etcd::{GrpcEtcd, Timeouts};
use crate::client::kubernetes::{Options, connect};
use crate::controller::caches::Caches;
use crate::controller::journal::Journal;
use crate::controller::lease::{Candidate, Identity, KubeLease, Leadership, Timing};
use crate::controller::publish::Publisher;
use crate::controller::reconcile::Context;
use crate::controller::schedule::Backoff;
use crate::controller::server::{Health, serve};
use crate::controller::{Scope, SystemClock};
use crate::resource::install::{DEFAULT_IMAGE, DEFAULT_NAMESPACE, HTTP_PORT};
use crate::service::app_service::App;
use crate::service::etcd_cluster::Cluster;
use crate::service::{Clock, World};
use crate::telemetry::{self, LogFormat, Metrics};
use anyhow::Context as _;
use futures::FutureExt;
use futures::future::{join, join_all, select};
use std::future::Future;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// How long the loop may be silent before the kubelet starts the process anew.
const SILENCE_MAX: Duration = Duration::from_mins(1);
/// How long the Events that are still queued may take once the work is done.
const EVENTS_AT_END: Duration = Duration::from_secs(2);
/// The name of the lease.
const LEASE: &str = "etcd-operator";

/// Runs the operator.
#[derive(Debug, clap::Args)]
pub struct Run {
    /// Watch only this namespace; may be given several times. Without it all are watched.
    #[arg(long = "namespace", env = "WATCH_NAMESPACES", value_delimiter = ',')]
    namespaces: Vec<String>,
    /// The operator's own image, which brings the member gate into etcd's pods.
    #[arg(long, env = "OPERATOR_IMAGE", default_value = DEFAULT_IMAGE)]
    image: String,
    /// The namespace of the lease.
    #[arg(long, env = "POD_NAMESPACE", default_value = DEFAULT_NAMESPACE)]
    lease_namespace: String,
    /// The name of this process in the lease and in Events.
    #[arg(long, env = "POD_NAME", default_value = "etcd-operator")]
    identity: String,
    /// The pod's UID: a container that starts again need not wait for its own lease.
    #[arg(long, env = "POD_UID")]
    pod_uid: Option<String>,
    /// Where /metrics, /healthz and /readyz are served.
    #[arg(long, default_value_t = SocketAddr::from(([0, 0, 0, 0], HTTP_PORT)))]
    listen: SocketAddr,
    /// Append every turn that decided something to a file of this folder, one for each object.
    #[arg(long, value_name = "DIR")]
    journal: Option<PathBuf>,
    /// How the logs look.
    #[arg(long, value_enum, default_value_t)]
    log_format: LogFormat,
    /// What is logged, as tracing filters are written: `info,etcd_operator=debug`.
    #[arg(long, env = "RUST_LOG")]
    log: Option<String>,
}

impl Run {
    /// Runs until it is told to stop.
    ///
    /// # Errors
    /// Whatever keeps it from beginning, and the loss of leadership.
    pub fn run(self) -> anyhow::Result<()> {
        telemetry::init_logs(self.log_format, self.log.as_deref())?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .context("failed to start the runtime")?;
        runtime.block_on(self.operate())
    }

    async fn operate(self) -> anyhow::Result<()> {
        let clock: telemetry::Clock = Arc::new(|| SystemClock.now());
        let metrics = Metrics::install(Arc::clone(&clock)).context("failed to begin metrics")?;
        tokio::spawn(metrics.clone().upkeep());
        let count = Arc::new(|request: &crate::client::request::Request| {
            telemetry::api_request(request.verb, request.resource, request.code);
        });
        let client = connect(Options::new(count)).await?;
        let stop = stop_on_signals()?;
        let health = Arc::new(Health::new(SILENCE_MAX));
        let listener = TcpListener::bind(self.listen)
            .await
            .with_context(|| format!("failed to listen on {}", self.listen))?;
        let render = Arc::new(move || metrics.render());
        let stopped = stop.clone().cancelled_owned();
        tokio::spawn(serve(listener, Arc::clone(&health), render, stopped));

        // A standby is ready: it can take over.
        health.set_ready(true);
        let identity = Identity::new(&self.identity, self.pod_uid.as_deref());
        let lease = KubeLease::new(client.clone(), &self.lease_namespace, LEASE);
        let candidate = Candidate::new(lease, identity.clone(), Timing::default(), clock);
        let elected = pin!(beating(&health, candidate.elected()));
        let keeper = match select(elected, pin!(stop.cancelled())).await {
            futures::future::Either::Left((keeper, _)) => keeper,
            futures::future::Either::Right(_) => return Ok(()),
        };
        let leadership = keeper.leadership();
        let idle = CancellationToken::new();
        let kept = tokio::spawn(keeper.keep(idle.clone().cancelled_owned()));
        telemetry::leader(true);

        let work = self.lead(client, identity.as_str(), (&leadership, &health), &stop);
        match select(pin!(work), pin!(leadership.lost())).await {
            futures::future::Either::Left(((), _)) => {
                idle.cancel();
                kept.await.context("failed to give the lease back")?;
                Ok(())
            }
            // Work may be under way, so the process ends at once: the next leader must not wait.
            futures::future::Either::Right((lost, _)) => Err(lost.into()),
        }
    }

    /// Watches and takes turns until told to stop. Turns under way are finished.
    async fn lead(
        &self,
        client: kube::Client,
        identity: &str,
        (leadership, health): (&Leadership, &Arc<Health>),
        stop: &CancellationToken,
    ) {
        health.set_ready(false);
        let places: Vec<Option<&str>> = if self.namespaces.is_empty() {
            vec![None]
        } else {
            self.namespaces.iter().map(|only| Some(only.as_str())).collect()
        };
        let watches: Vec<Watches> =
            places.into_iter().map(|place| Watches::start(&client, place)).collect();
        let ready = beating(health, join_all(watches.iter().map(Watches::ready)));
        if let futures::future::Either::Right(_) = select(pin!(ready), pin!(stop.cancelled())).await
        {
            return;
        }
        health.set_ready(true);
        tracing::info!(namespaces = ?self.namespaces, image = self.image, "leading");
        let may_act: Arc<dyn Fn() -> bool + Send + Sync> = {
            let leadership = leadership.clone();
            Arc::new(move || leadership.is_proven())
        };
        let may_write = Arc::clone(&may_act);
        let (publisher, events) =
            Publisher::queued(client.clone(), identity.to_owned(), move || may_write());
        let events = tokio::spawn(events);
        let work = watches.into_iter().map(|watches| {
            let context = Arc::new(Context {
                world: World {
                    api: client.clone(),
                    view: Arc::clone(&watches.caches) as _,
                    etcd: Arc::new(GrpcEtcd::new(Timeouts::default())),
                    clock: Arc::new(SystemClock),
                    image: self.image.clone(),
                    right: Arc::default(),
                },
                may_act: Arc::clone(&may_act),
                publisher: publisher.clone(),
                backoff: Backoff::default(),
                journal: self.journal.clone().map(Journal::in_folder),
            });
            join(
                watches.clusters.run(Arc::clone(&context), stop.clone().cancelled_owned()),
                watches.services.run(context, stop.clone().cancelled_owned()),
            )
        });
        beating(health, join_all(work)).await;
        drop(publisher);
        // Whatever is not written by then is dropped: the next leader must not wait for it.
        let _ = tokio::time::timeout(EVENTS_AT_END, events).await;
    }
}

/// The watches of one namespace, or of all: of the objects of each kind, and of what they own.
struct Watches {
    clusters: Scope<Cluster>,
    services: Scope<App>,
    caches: Arc<Caches>,
}

impl Watches {
    fn start(client: &kube::Client, namespace: Option<&str>) -> Self {
        let clusters = Scope::<Cluster>::watch(client, namespace);
        let services = Scope::<App>::watch(client, namespace);
        let wakes = [clusters.wake(), services.wake()];
        let caches = Arc::new(Caches::start(client, namespace, &wakes));
        Self { clusters, services, caches }
    }

    /// Waits until every watch has listed what there is.
    async fn ready(&self) -> bool {
        self.caches.ready().await && self.clusters.ready().await && self.services.ready().await
    }
}

/// Tells the watchdog that the loop goes round for as long as `work` does, from the same task.
async fn beating<T>(health: &Health, work: impl Future<Output = T>) -> T {
    let mut work = pin!(work.fuse());
    let mut beat = tokio::time::interval(SILENCE_MAX / 6);
    loop {
        tokio::select! {
            done = &mut work => return done,
            _ = beat.tick() => health.tick(),
        }
    }
}

/// A token that is cancelled by SIGTERM or SIGINT.
fn stop_on_signals() -> anyhow::Result<CancellationToken> {
    let stop = CancellationToken::new();
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let told = stop.clone();
    tokio::spawn(async move {
        tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
        tracing::info!("stopping");
        told.cancel();
    });
    Ok(stop)
}
