//! PURE. The conditions: what the step, the observation and the holds say to a user.

use super::messages;
use crate::service::app_service::decide::vocabulary::{Reason, Step};
use crate::service::app_service::observe::observed::Observed;
use crate::service::said::{Said, dated};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;

/// Available, Progressing and Degraded. A condition that says what it said keeps its time.
pub fn conditions(
    old: &[Condition],
    generation: Option<i64>,
    (step, held): (Step, &[Reason]),
    seen: &Observed,
) -> Vec<Condition> {
    // A step that holds nothing yet says what it is about, so that the next turn need not.
    let standing: Vec<Reason> = about(step, seen).into_iter().collect();
    let held = if held.is_empty() { &standing } else { held };
    let said = [available(held, seen), progressing(step, held, seen), degraded(step, held, seen)];
    said.into_iter().map(|said| dated(said, old, generation, seen.now)).collect()
}

fn about(step: Step, seen: &Observed) -> Option<Reason> {
    match step {
        _ if seen.deleting => Some(Reason::Deleting),
        Step::Start => Some(Reason::PodsStarting),
        Step::Roll => Some(Reason::RollingOut),
        Step::Scale => Some(Reason::Scaling),
        Step::RollBack => Some(Reason::RollingBack),
        Step::Struggle => Some(Reason::PodsFailing),
        Step::Short => Some(Reason::PodsMissing),
        Step::Stalled => Some(Reason::ProgressDeadlineExceeded),
        Step::RolledBack => Some(Reason::RolledBack),
        Step::Assemble | Step::Serving => None,
    }
}

/// True only if requests are sent to a pod that is ready.
fn available(held: &[Reason], seen: &Observed) -> Said {
    let say = |status, reason: &str, message: String| Said {
        kind: "Available",
        status,
        reason: reason.to_owned(),
        message,
    };
    let (asked, serve) = seen.pods();
    if seen.deleting {
        return say("False", "Deleting", messages::hold(Reason::Deleting, seen));
    }
    if seen.serving_endpoints > 0 {
        let message = format!("{serve} of {asked} pods serve; it is reached at {}.", seen.url);
        return say("True", "Serving", message);
    }
    if seen.rollout.is_some() && asked == 0 {
        return say("False", "ScaledToZero", messages::scaled_to_zero(seen));
    }
    match held.first() {
        Some(&reason) => say("False", reason.into(), messages::hold(reason, seen)),
        None => say("False", "NoEndpoints", format!("No pod is ready behind {} yet.", seen.url)),
    }
}

fn progressing(step: Step, held: &[Reason], seen: &Observed) -> Said {
    let under_way = match step {
        Step::Assemble
        | Step::Start
        | Step::Roll
        | Step::Scale
        | Step::RollBack
        | Step::Struggle => true,
        Step::Serving | Step::Short | Step::Stalled | Step::RolledBack => seen.deleting,
    };
    let waits_for_user = |reason: &Reason| {
        matches!(reason, Reason::Paused | Reason::ForeignObject | Reason::RevisionUnknown)
    };
    let progresses = under_way && !held.first().is_some_and(waits_for_user);
    let name: &str = step.into();
    let (reason, message) = match held.first() {
        Some(&held) => (<&str>::from(held).to_owned(), messages::hold(held, seen)),
        None => (name.to_owned(), messages::entered(step, seen)),
    };
    let status = if progresses { "True" } else { "False" };
    Said { kind: "Progressing", status, reason, message }
}

/// True for whatever a person who runs the service would want to be woken for.
fn degraded(step: Step, held: &[Reason], seen: &Observed) -> Said {
    // While the user holds the operator back nothing else is held, and is wrong all the same.
    let hidden = about(step, seen).filter(|_| seen.spec.paused && !seen.deleting);
    let worst = held.iter().copied().chain(hidden).find(|reason| reason.degrades());
    let (status, reason, message) = match worst {
        Some(reason) => ("True", reason.into(), messages::hold(reason, seen)),
        None => ("False", "AsExpected", "Nothing is known to be wrong.".to_owned()),
    };
    Said { kind: "Degraded", status, reason: reason.to_owned(), message }
}
