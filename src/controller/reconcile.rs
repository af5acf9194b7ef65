//! SHELL. The loop, the same for every kind: load, decide, persist, perform, record, schedule.

use super::journal::Journal;
use super::publish::Publisher;
use super::{persist, schedule};
use crate::client::kubernetes::{CALL_DEADLINE, deadline};
use crate::client::{Answer, ApiClass, ApiError};
use crate::engine::{self, Machine, Settled, Transcript, Unsettled, resume, settle};
use crate::mutants::planted;
use crate::service::{Kind, World};
use crate::telemetry;
use futures::FutureExt;
use kube::{Api, Resource, ResourceExt};
use statig::blocking::{IntoStateMachine, Superstate};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

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

/// Why a turn ended early. The next one begins by looking again.
#[derive(Debug, thiserror::Error)]
pub enum TurnError {
    /// The lease is not proven, so nothing may be written.
    #[error("not the leader")]
    NotLeading,
    /// The object changed since it was read, so the decision is thrown away.
    #[error("the object changed while the turn was decided")]
    Stale,
    /// The object is gone; nothing is left to do.
    #[error("the object is gone")]
    Gone,
    /// The status could not be written, so nothing was done.
    #[error("failed to write the status")]
    Persist(#[source] ApiError),
    /// An action was refused, or its outcome is not known.
    #[error("failed to perform {action}: {answer:?}")]
    Perform {
        /// Which.
        action: String,
        /// How it ended.
        answer: Answer,
    },
    /// The machine went round in circles.
    #[error(transparent)]
    Unsettled(#[from] Unsettled),
    /// A fault of ours, contained to this object.
    #[error("panicked: {0}")]
    Panicked(String),
}

impl TurnError {
    /// Whether it only has to be asked once more.
    pub fn is_not_yet(&self) -> bool {
        matches!(self, Self::Perform { answer: Answer::NotYet(_), .. })
    }

    /// A bounded word for metrics.
    pub fn label(&self) -> &'static str {
        match self {
            Self::NotLeading => "not_leading",
            Self::Stale => "stale",
            Self::Gone => "gone",
            Self::Persist(_) => "persist_failed",
            Self::Perform { .. } => "action_failed",
            Self::Unsettled(_) => "unsettled",
            Self::Panicked(_) => "panicked",
        }
    }
}

/// One turn with its faults contained: a panic ends this turn of this object and nothing else.
pub async fn contained<K: Kind>(
    object: Arc<K::Object>,
    context: Arc<Context>,
) -> Result<Duration, TurnError>
where
    for<'s> <K::Machine as IntoStateMachine>::Superstate<'s>: Superstate<K::Machine>,
{
    let began = tokio::time::Instant::now();
    let outcome = AssertUnwindSafe(turn::<K>(&object, &context)).catch_unwind().await;
    let outcome = outcome.unwrap_or_else(|panic| Err(TurnError::Panicked(said(&*panic))));
    let label = outcome.as_ref().map_or_else(TurnError::label, |_| "done");
    telemetry::turn(K::Machine::KIND, label, began.elapsed());
    if let Err(fault @ (TurnError::Panicked(_) | TurnError::Unsettled(_))) = &outcome {
        let status = K::fault(&object, &fault.to_string(), context.world.clock.now());
        let api =
            Api::namespaced(context.world.api.clone(), &object.namespace().unwrap_or_default());
        if let Err(error) = persist::write::<K>(&api, &object, &status).await {
            tracing::warn!(%error, "failed to report a fault");
        }
    }
    outcome
}

async fn turn<K: Kind>(object: &K::Object, context: &Context) -> Result<Duration, TurnError>
where
    for<'s> <K::Machine as IntoStateMachine>::Superstate<'s>: Superstate<K::Machine>,
{
    let (world, may_act) = (&context.world, &context.may_act);

    // Load. What could not be read is unknown, which is never an error.
    let observed = K::gather(world, object).await;

    // Decide.
    let recorded = K::recorded(object).map(str::to_owned);
    let from = resume::<K::Machine>(recorded.as_deref(), &observed);
    let settled = settle::<K::Machine>(from, &observed)?;
    note::<K>(object, &observed, &settled);

    // Persist: the status is written before any action runs, and only as the object was read.
    if !may_act() {
        return Err(TurnError::NotLeading);
    }
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
        context.publisher.publish(object, moved, K::announce(&observed, moved)).await;
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
        if !(context.may_act)() {
            return Err(TurnError::NotLeading);
        }
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

fn note<K: Kind>(
    object: &K::Object,
    observed: &<K::Machine as Machine>::Observed,
    settled: &Settled<K::Machine>,
) {
    K::measure(observed, settled);
    for &reason in &settled.held {
        telemetry::guard_hold(K::Machine::KIND, reason.into());
    }
    for moved in &settled.path {
        tracing::info!(
            name = object.name_any(),
            from = moved.from,
            to = moved.to,
            fact = moved.fact,
            "moved"
        );
    }
    tracing::debug!(name = object.name_any(), step = ?settled.to, held = ?settled.held, actions = ?settled.actions, "settled");
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
