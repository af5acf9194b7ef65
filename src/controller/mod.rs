//! SHELL. Kubernetes mechanics, generic over the kind: watches, the loop, the lease.

use std::future::Future;
pub mod caches;
pub mod failure;
pub mod journal;
pub mod lease;
pub mod live;
pub mod persist;
pub mod publish;
pub mod reconcile;
pub mod schedule;
pub mod server;

use crate::client::kubernetes::WATCH_SECONDS;
use crate::engine::Machine;
use crate::service::Kind;
use caches::Wake;
use futures::channel::mpsc;
use futures::{StreamExt, TryStreamExt};
use jiff::Timestamp;
use kube::core::DeserializeGuard;
use kube::runtime::controller::{Action, Config, ReconcileRequest, applier};
use kube::runtime::reflector::{self, ObjectRef, Store};
use kube::runtime::{WatchStreamExt, watcher};
use kube::{Resource, ResourceExt};
use reconcile::{Context, contained};
use statig::blocking::{IntoStateMachine, Superstate};
use std::convert::Infallible;
use std::sync::Arc;

/// An object as read, or why it could not be: one unreadable object must not blind the watch.
type Guarded<K> = DeserializeGuard<<K as Kind>::Object>;

/// Asks for a turn of an object.
type Ask<K> = mpsc::UnboundedSender<ObjectRef<Guarded<K>>>;

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

/// The objects of one kind in one namespace, or in all of them, and the turns that are asked for.
pub struct Scope<K: Kind> {
    objects: Store<Guarded<K>>,
    requests: mpsc::UnboundedReceiver<ObjectRef<Guarded<K>>>,
    ask: Ask<K>,
}

impl<K: Kind> Scope<K>
where
    for<'s> <K::Machine as IntoStateMachine>::Superstate<'s>: Superstate<K::Machine>,
{
    /// Starts the watch of one namespace, or of all.
    pub fn watch(client: &kube::Client, namespace: Option<&str>) -> Self {
        let (ask, requests) = mpsc::unbounded();
        Self { objects: watch_objects::<K>(client, namespace, ask.clone()), requests, ask }
    }

    /// How the watches of children ask for a turn of their owner.
    pub fn wake(&self) -> Wake {
        let ask = self.ask.clone();
        let tell = move |namespace: &str, name: &str| {
            // The receiver lives as long as the process.
            let _ = ask.unbounded_send(ObjectRef::new(name).within(namespace));
        };
        Wake { label: K::UID_LABEL, ask: Arc::new(tell) }
    }

    /// Waits until the watch has listed what there is. Until then absence means nothing.
    pub async fn ready(&self) -> bool {
        self.objects.wait_until_ready().await.is_ok()
    }

    /// Runs turns until `stop`; those under way are finished.
    pub async fn run(self, context: Arc<Context>, stop: impl Future<Output = ()>) {
        let requests = self.requests.map(Ok::<_, Infallible>).take_until(stop);
        applier(
            |object: Arc<Guarded<K>>, context: Arc<Context>| Box::pin(one::<K>(object, context)),
            |_, error, _| match *error {},
            context,
            self.objects,
            requests.map_ok(ReconcileRequest::from),
            Config::default().concurrency(TURNS_AT_ONCE),
        )
        .for_each(|_| futures::future::ready(()))
        .await;
    }
}

async fn one<K: Kind>(object: Arc<Guarded<K>>, context: Arc<Context>) -> Result<Action, Infallible>
where
    for<'s> <K::Machine as IntoStateMachine>::Superstate<'s>: Superstate<K::Machine>,
{
    let object = match &object.0 {
        Ok(object) => Arc::new(object.clone()),
        Err(error) => {
            let (namespace, name) = (object.namespace(), object.name_any());
            tracing::error!(kind = K::Machine::KIND, namespace, name, %error, "unreadable object");
            return Ok(Action::await_change());
        }
    };
    let turn = contained::<K>(Arc::clone(&object), Arc::clone(&context));
    let outcome = Box::pin(turn).await;
    let next = context.backoff.next(&*object, &outcome);
    Ok(next.map_or_else(Action::await_change, Action::requeue))
}

fn watch_objects<K: Kind>(
    client: &kube::Client,
    namespace: Option<&str>,
    ask: Ask<K>,
) -> Store<Guarded<K>> {
    let (store, writer) = reflector::store();
    let config = watcher::Config::default().timeout(WATCH_SECONDS);
    let changes = watcher(caches::api::<Guarded<K>>(client, namespace), config)
        .modify(|object| object.meta_mut().managed_fields = None)
        .default_backoff()
        .reflect(writer)
        .touched_objects()
        .inspect_err(|error| tracing::warn!(%error, kind = K::Machine::KIND, "watch failed"));
    let there: Store<Guarded<K>> = store.clone();
    tokio::spawn(changes.for_each(move |change| {
        if let Ok(object) = change {
            let named = ObjectRef::from_obj(&object);
            if there.get(&named).is_none() {
                K::forget(&object.namespace().unwrap_or_default(), &object.name_any());
            }
            // The receiver lives as long as the scope.
            let _ = ask.unbounded_send(named);
        }
        futures::future::ready(())
    }));
    store
}
