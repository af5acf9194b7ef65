//! SHELL. The loop, the same for every kind: load, decide, persist, perform, record, schedule.

use super::failure::TurnError;
use super::journal::Journal;
use super::publish::Publisher;
use super::{persist, schedule};
use crate::client::kubernetes::{CALL_DEADLINE, deadline};
use crate::client::{Answer, ApiClass, ApiError};
use crate::engine::{self, Machine, Settled, Transcript, resume, settle};
use crate::mutants::planted;
use crate::service::{Kind, World};
use crate::telemetry;
use futures::FutureExt;
use kube::{Api, Resource, ResourceExt};
use statig::blocking::{IntoStateMachine, Superstate};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tracing::Instrument;

/// What every turn shares.
pub struct Context {
    /// The way to the world.
    pub world: World,
    /// Whether the lease is proven this very moment. Nothing is written while it is not.
    pub may_act: Arc<dyn Fn() -> bool + Send + Sync>,
    /// Announces moves.
    pub publisher: Publisher,
    /// Keeps the turns that decided something, if asked to.
    pub journal: Option<Journal>,
    /// Slows down objects whose turns fail.
    pub backoff: schedule::Backoff,
}

impl Context {
    /// Nothing is written while the lease is not proven: asked before every write.
    fn leads(&self) -> Result<(), TurnError> {
        if (self.may_act)() { Ok(()) } else { Err(TurnError::NotLeading) }
    }
}

/// One turn with its faults contained: a panic ends this turn of this object and nothing else.
/// Whatever is logged meanwhile names the object.
pub async fn contained<K: Kind>(
    object: Arc<K::Object>,
    context: Arc<Context>,
) -> Result<Duration, TurnError>
where
    for<'s> <K::Machine as IntoStateMachine>::Superstate<'s>: Superstate<K::Machine>,
{
    let meta = object.meta();
    let span = tracing::info_span!(
        "turn",
        kind = K::Machine::KIND,
        namespace = meta.namespace,
        object = meta.name,
        uid = meta.uid,
        generation = meta.generation,
    );
    let turn = async {
        let began = tokio::time::Instant::now();
        let outcome = AssertUnwindSafe(turn::<K>(&object, &context)).catch_unwind().await;
        let outcome = outcome.unwrap_or_else(|panic| Err(TurnError::Panicked(said(&*panic))));
        let label = outcome.as_ref().map_or_else(TurnError::label, |_| "done");
        telemetry::turn(K::Machine::KIND, label, began.elapsed());
        if let Err(error) = &outcome {
            log(error);
            report::<K>(&object, &context, error).await;
        }
        outcome
    };
    turn.instrument(span).await
}

/// A decision thrown away is no news, nor what is to be asked once more; whatever else ends a turn
/// early is.
fn log(error: &TurnError) {
    let source = std::error::Error::source(error).map(ToString::to_string);
    if matches!(error, TurnError::Stale | TurnError::Gone) || error.is_not_yet() {
        tracing::debug!(%error, "turn ended early");
    } else {
        tracing::warn!(%error, source, "turn ended early");
    }
}

/// Tells the user, in the status, of a fault of the operator itself.
async fn report<K: Kind>(object: &K::Object, context: &Context, error: &TurnError) {
    let ours = matches!(error, TurnError::Panicked(_) | TurnError::Unsettled(_));
    if !ours || context.leads().is_err() {
        return;
    }
    let status = K::fault(object, &error.to_string(), context.world.clock.now());
    let api = Api::namespaced(context.world.api.clone(), &object.namespace().unwrap_or_default());
    if let Err(error) = persist::write::<K>(&api, object, &status).await {
        tracing::warn!(%error, "failed to report a fault");
    }
}

async fn turn<K: Kind>(object: &K::Object, context: &Context) -> Result<Duration, TurnError>
where
    for<'s> <K::Machine as IntoStateMachine>::Superstate<'s>: Superstate<K::Machine>,
{
    let world = &context.world;

    // Load. What could not be read is unknown, which is never an error.
    let observed = K::gather(world, object).await;

    // Decide.
    let recorded = K::recorded(object).map(str::to_owned);
    let from = resume::<K::Machine>(recorded.as_deref(), &observed);
    let settled = settle::<K::Machine>(from, &observed)?;
    note::<K>(&observed, &settled);

    // Persist: the status is written before any action runs, and only as the object was read.
    context.leads()?;
    let api =
        Api::<K::Object>::namespaced(world.api.clone(), &object.namespace().unwrap_or_default());
    if planted("status-after-actions") {
        perform_all::<K>(context, object, &settled.actions).await?;
    }
    let next = K::next_status(object, &observed, &settled);
    let written = persist::write::<K>(&api, object, &next).await.map_err(persist_error)?;
    let proven = written.is_some();
    let object = written.as_ref().unwrap_or(object);
    if !settled.actions.is_empty() && !proven {
        prove::<K>(&api, object).await?;
    }

    // Perform, in order. The first action that is not Ok ends the turn.
    let performed = perform_all::<K>(context, object, &settled.actions).await;

    // Record, however the actions went: the moves are in the status by now. And schedule.
    let wait = schedule::after::<K>(object, &observed, &settled);
    for moved in &settled.path {
        telemetry::transition(K::Machine::KIND, &moved.from, &moved.to);
        let announcement = K::announce(&observed, moved);
        context.publisher.publish(object, moved, &announcement).await;
    }
    if let Some(journal) = &context.journal {
        let transcript = Transcript::<K::Machine>::of(recorded.as_deref(), observed, &settled);
        journal.append(object, &transcript);
    }
    performed.map(|()| wait)
}

/// An action without a status write still needs proof that the object is as it was seen: a cache
/// may lag behind a deletion, or behind what another operator wrote.
async fn prove<K: Kind>(api: &Api<K::Object>, object: &K::Object) -> Result<(), TurnError>
where
    K::Object: Resource<DynamicType = (), Scope = k8s_openapi::NamespaceResourceScope>,
{
    let live = deadline(CALL_DEADLINE, api.get_metadata(&object.name_any())).await;
    let live = live.map_err(persist_error)?;
    let same = planted("proof-skipped")
        || (live.metadata.uid == object.meta().uid
            && live.metadata.resource_version == object.meta().resource_version);
    if same { Ok(()) } else { Err(TurnError::Stale) }
}

async fn perform_all<K: Kind>(
    context: &Context,
    object: &K::Object,
    actions: &[<K::Machine as Machine>::Action],
) -> Result<(), TurnError> {
    for action in actions {
        context.leads()?;
        perform::<K>(&context.world, object, action).await?;
    }
    Ok(())
}

async fn perform<K: Kind>(
    world: &World,
    object: &K::Object,
    action: &<K::Machine as Machine>::Action,
) -> Result<(), TurnError> {
    let answer = K::perform(world, object, action).await;
    let name = engine::name(action);
    telemetry::action(K::Machine::KIND, &name, &answer);
    tracing::info!(action = ?action, answer = ?answer, "performed");
    match answer {
        Answer::Ok => Ok(()),
        Answer::NotYet(_) | Answer::Rejected(_) | Answer::Unknown(_) => {
            Err(TurnError::Perform { action: name, answer })
        }
    }
}

fn note<K: Kind>(observed: &<K::Machine as Machine>::Observed, settled: &Settled<K::Machine>) {
    K::measure(observed, settled);
    for &reason in &settled.held {
        telemetry::guard_hold(K::Machine::KIND, reason.into());
    }
    for moved in &settled.path {
        tracing::info!(from = moved.from, to = moved.to, fact = moved.fact, "moved");
    }
    let (step, held, actions) = (settled.to, &settled.held, &settled.actions);
    tracing::debug!(?step, ?held, ?actions, "settled");
}

fn persist_error(error: ApiError) -> TurnError {
    match error.class {
        ApiClass::Conflict => TurnError::Stale,
        ApiClass::NotFound => TurnError::Gone,
        _ => TurnError::Persist(error),
    }
}

fn said(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::etcd::{GrpcEtcd, Timeouts};
    use crate::controller::live::Live;
    use crate::crd::EtcdCluster;
    use crate::service::Clock;
    use crate::service::etcd_cluster::Cluster;
    use http::{Method, Request, Response};
    use jiff::Timestamp;
    use kube::client::Body;
    use parking_lot::Mutex;
    use serde_json::{Value, json};
    use std::convert::Infallible;
    use std::io::Write;
    use std::sync::atomic::{AtomicBool, Ordering};

    /// A clock that panics when it is first asked, if it is to.
    struct Broken(AtomicBool);

    impl Clock for Broken {
        fn now(&self) -> Timestamp {
            assert!(!self.0.swap(false, Ordering::SeqCst), "the clock stands still");
            Timestamp::UNIX_EPOCH
        }
    }

    fn cluster() -> EtcdCluster {
        let mut cluster = EtcdCluster::new("one", serde_json::from_str("{}").unwrap());
        cluster.metadata.namespace = Some("shop".to_owned());
        cluster.metadata.uid = Some("uid-1".to_owned());
        cluster.metadata.resource_version = Some("1".to_owned());
        cluster.metadata.generation = Some(3);
        cluster
    }

    type Writes = Arc<Mutex<Vec<Method>>>;

    /// A server that has nothing but the cluster, and takes every change of it.
    fn server() -> (kube::Client, Writes) {
        let writes = Writes::default();
        let told = Arc::clone(&writes);
        let service = tower::service_fn(move |request: Request<Body>| {
            let listed = request.uri().query().is_some_and(|query| query.contains("labelSelector"));
            let (code, answer) = if listed {
                (200, json!({"metadata": {}, "items": []}))
            } else if request.method() == Method::GET {
                (
                    404,
                    json!({"kind": "Status", "status": "Failure", "reason": "NotFound", "code": 404}),
                )
            } else {
                told.lock().push(request.method().clone());
                (200, serde_json::to_value(cluster()).unwrap())
            };
            let body = Body::from(serde_json::to_vec(&answer).unwrap());
            let answer = Response::builder().status(code).body(body).unwrap();
            async move { Ok::<_, Infallible>(answer) }
        });
        (kube::Client::new(service, "default"), writes)
    }

    /// One turn of the cluster, and the writes it made.
    async fn turned(breaks: bool, leads: bool) -> (Result<Duration, TurnError>, Vec<Method>) {
        let (api, writes) = server();
        let context = Context {
            world: World {
                api: api.clone(),
                view: Arc::new(Live::default()),
                etcd: Arc::new(GrpcEtcd::new(Timeouts::default())),
                clock: Arc::new(Broken(AtomicBool::new(breaks))),
                image: "image".to_owned(),
                right: Arc::default(),
            },
            may_act: Arc::new(move || leads),
            publisher: Publisher::new(api, "test".to_owned()),
            journal: None,
            backoff: schedule::Backoff::default(),
        };
        let outcome = contained::<Cluster>(Arc::new(cluster()), Arc::new(context)).await;
        let writes = writes.lock().clone();
        (outcome, writes)
    }

    #[tokio::test]
    async fn a_fault_is_told_by_the_leader_alone() {
        let (outcome, writes) = turned(true, true).await;
        assert!(matches!(outcome, Err(TurnError::Panicked(_))), "{outcome:?}");
        assert_eq!(writes, [Method::PATCH]);
        let (outcome, writes) = turned(true, false).await;
        assert!(matches!(outcome, Err(TurnError::Panicked(_))), "{outcome:?}");
        assert_eq!(writes, Vec::<Method>::new());
    }

    #[tokio::test]
    async fn a_turn_of_an_operator_that_does_not_lead_writes_nothing() {
        let (outcome, writes) = turned(false, false).await;
        assert!(matches!(outcome, Err(TurnError::NotLeading)), "{outcome:?}");
        assert_eq!(writes, Vec::<Method>::new());
    }

    #[derive(Clone, Default)]
    struct Logged(Arc<Mutex<Vec<u8>>>);

    impl Write for Logged {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn every_line_of_a_turn_names_its_object() {
        let (logged, mut lines) = (Logged::default(), vec![]);
        let writer = logged.clone();
        let logs =
            telemetry::json_logs("etcd_operator=debug".parse().unwrap(), move || writer.clone());
        let guard = tracing::subscriber::set_default(logs);
        for breaks in [false, true] {
            // It ends with an action, or with the panic.
            let _ = turned(breaks, true).await;
        }
        drop(guard);
        let text = String::from_utf8(logged.0.lock().clone()).unwrap();
        for line in text.lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            let named = json!({
                "name": "turn", "kind": "EtcdCluster", "namespace": "shop", "object": "one",
                "uid": "uid-1", "generation": 3
            });
            assert_eq!(line["span"], named, "{line}");
            lines.push(line["message"].as_str().unwrap().to_owned());
        }
        for message in ["settled", "performed", "turn ended early"] {
            assert!(lines.iter().any(|line| line == message), "no {message} in {text}");
        }
    }
}
