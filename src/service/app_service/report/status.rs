//! PURE. The next status: what the machine remembers, and what was seen, for people to read.

use super::conditions::conditions;
use crate::crd::{AppRevision, AppRolledBack, AppService, AppServiceStatus, REVISIONS_MAX};
use crate::engine::{Machine, Settled};
use crate::resource::labels;
use crate::service::app_service::decide::action::Record;
use crate::service::app_service::decide::desired::effective;
use crate::service::app_service::decide::machine::AppServiceMachine;
use crate::service::app_service::observe::observed::Observed;
use crate::service::said;
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

/// The status after a turn. Equal to the old one if nothing a reader could care for changed.
pub fn next(
    app: &AppService,
    seen: &Observed,
    settled: &Settled<AppServiceMachine>,
) -> AppServiceStatus {
    let mut status = app.status.clone().unwrap_or_default();
    // What the spec no longer asks for is nothing that could be tried again.
    status.rolled_back.take_if(|back| back.from != seen.spec.revision);
    for record in &settled.records {
        remember(&mut status, record, app, seen.now);
    }
    enter(&mut status, settled, seen.now);
    status.observed_generation = app.metadata.generation;
    status.selector = Some(labels::selector_text(app));
    status.url = Some(seen.url.clone());
    describe(&mut status, seen);
    status.conditions =
        conditions(&status.conditions, app.metadata.generation, (settled.to, &settled.held), seen);
    status
}

fn remember(status: &mut AppServiceStatus, record: &Record, app: &AppService, now: Timestamp) {
    let small = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
    match record {
        Record::RevisionBegun { revision } => {
            (status.revision, status.revision_since) = (Some(revision.clone()), Some(Time(now)));
        }
        Record::RolloutDone { revision, replicas } => {
            status.desired = Some(small(*replicas));
            keep(status, revision, app, now);
        }
        Record::NumberBegun { replicas } => status.desired = Some(small(*replicas)),
        Record::TakenBack { from, to } => {
            status.rolled_back = Some(AppRolledBack { from: from.clone(), to: to.clone() });
            (status.revision, status.revision_since) = (Some(to.clone()), Some(Time(now)));
        }
    }
}

/// The revision can be brought back from now on.
fn keep(status: &mut AppServiceStatus, revision: &str, app: &AppService, now: Timestamp) {
    if status.revisions.last().is_some_and(|last| last.name == revision) {
        return;
    }
    status.revisions.retain(|kept| kept.name != revision);
    let template = effective(app).spec.template();
    status.revisions.push(AppRevision { name: revision.to_owned(), at: Time(now), template });
    let surplus = status.revisions.len().saturating_sub(REVISIONS_MAX);
    status.revisions.drain(..surplus);
}

fn enter(status: &mut AppServiceStatus, settled: &Settled<AppServiceMachine>, now: Timestamp) {
    said::add_moves(&mut status.transitions, &settled.path, now);
    let step: &str = settled.to.into();
    if status.step.as_deref() != Some(step) || status.step_since.is_none() {
        status.step_since = Some(Time(now));
    }
    status.step = Some(step.to_owned());
    status.phase = Some(AppServiceMachine::phase(settled.to).to_owned());
}

fn describe(status: &mut AppServiceStatus, seen: &Observed) {
    let rollout = seen.rollout.clone().unwrap_or_default();
    let count = |count: u32| i32::try_from(count).unwrap_or(i32::MAX);
    // What the Deployment says of another template than the one that is to run is about no pod of it.
    let current = rollout.current && seen.objects.deployment.is_current();
    status.replicas = count(rollout.total);
    status.ready = count(rollout.available);
    status.updated = if current { count(rollout.updated) } else { 0 };
}
