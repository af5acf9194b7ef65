//! SHELL. `AppService`, the kind Service: the machine and its two shells.
//!
//! | file | what |
//! |---|---|
//! | `observed` | the snapshot a turn decides on |
//! | `vocabulary` | steps, facts, guards, reasons |
//! | `fact` | what is so, in order of urgency |
//! | `guard` | what each guard means, and what it looked at |
//! | `action` | what the machine may order and remember |
//! | `machine/` | the phases, one file each |
//! | `plan` | which revision runs |
//! | `status`, `conditions`, `messages` | what users read |
//! | `scenarios` | worlds by name, and those each step is explored in |
//! | `gather` | reading the world |
//! | `perform` | changing it |

pub mod action;
mod conditions;
mod fact;
mod gather;
mod guard;
pub mod machine;
pub mod messages;
pub mod observed;
mod perform;
mod plan;
pub mod scenarios;
mod status;
#[cfg(test)]
mod tests;
mod told;
pub mod vocabulary;

pub use action::{Action, Part, Record};
pub use machine::AppServiceMachine;
pub use observed::Observed;
pub use vocabulary::{Fact, Guard, Reason, Step};

use crate::client::Answer;
use crate::crd::{AppService, AppServiceStatus, Owner};
use crate::engine::{Machine, Moved, Settled};
use crate::service::pace::{self, AT_REST};
use crate::service::{Announcement, Kind, World, said};
use crate::telemetry::{self, ServiceGauges};
use jiff::Timestamp;
use std::time::Duration;

/// The least wait of a machine that waits for Kubernetes or a person.
const WAITING: Duration = Duration::from_secs(2);

/// The `AppService` kind.
#[derive(Debug, Clone, Copy)]
pub struct App;

impl Kind for App {
    const UID_LABEL: &'static str = AppService::UID_LABEL;

    type Object = AppService;
    type Machine = AppServiceMachine;
    type Status = AppServiceStatus;

    fn recorded(app: &AppService) -> Option<&str> {
        app.status.as_ref()?.step.as_deref()
    }

    fn status(app: &AppService) -> Option<&AppServiceStatus> {
        app.status.as_ref()
    }

    fn next_status(
        app: &AppService,
        seen: &Observed,
        settled: &Settled<AppServiceMachine>,
    ) -> AppServiceStatus {
        status::next(app, seen, settled)
    }

    fn fault(app: &AppService, message: &str, now: Timestamp) -> AppServiceStatus {
        let mut status = app.status.clone().unwrap_or_default();
        let generation = app.metadata.generation;
        status.conditions = said::fault(&status.conditions, generation, message, now);
        status
    }

    async fn gather(world: &World, app: &AppService) -> Observed {
        gather::gather(world, app).await
    }

    async fn perform(world: &World, app: &AppService, action: &Action) -> Answer {
        perform::perform(world, app, action).await
    }

    fn look_again(seen: &Observed, settled: &Settled<AppServiceMachine>) -> Duration {
        let least = match settled.to {
            // All that concerns it is watched.
            Step::RolledBack => AT_REST,
            Step::Serving if settled.held.is_empty() => AT_REST,
            Step::Assemble
            | Step::Start
            | Step::Serving
            | Step::Roll
            | Step::Scale
            | Step::RollBack
            | Step::Struggle
            | Step::Short
            | Step::Stalled => WAITING,
        };
        let moved = !settled.path.is_empty();
        let since = seen.memory.unchanged_since.or(seen.memory.step_since).filter(|_| !moved);
        pace::wait(least, (since, seen.now), settled.held.iter().map(|reason| reason.pace()))
    }

    fn announce(seen: &Observed, moved: &Moved) -> Announcement {
        let step = said::step_named::<Step>(&moved.to);
        Announcement {
            warning: step.is_some_and(|step| {
                ["Degraded", "Failed"].contains(&AppServiceMachine::phase(step))
            }),
            note: step.map_or_else(String::new, |step| messages::entered(step, seen)),
        }
    }

    fn forget(namespace: &str, name: &str) {
        telemetry::forget_service(namespace, name);
    }

    fn measure(seen: &Observed, settled: &Settled<AppServiceMachine>) {
        let (asked, serve) = seen.pods();
        let gauges = ServiceGauges {
            desired: asked,
            ready: serve,
            healthy: seen.serving_endpoints > 0,
            phase: AppServiceMachine::phase(settled.to),
            step: settled.to.into(),
            since: seen.memory.step_since.filter(|_| settled.path.is_empty()).unwrap_or(seen.now),
        };
        telemetry::observe_service((&seen.namespace, &seen.name), gauges);
    }
}
