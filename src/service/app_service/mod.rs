//! SHELL. `AppService`, the kind Service: its folders read as a turn does. Each names only those before it.
//!
//! | folder | contents |
//! |---|---|
//! | `observe/` | what is seen, and reading it |
//! | `decide/` | what is so, what may be done, and the machine |
//! | `act` | doing what the machine ordered |
//! | `report/` | status, conditions, Events, metrics, and the sentences in them |
//! | `worlds` | observations to explore the machine in |

mod act;
pub mod decide;
pub mod observe;
pub mod report;
#[cfg(test)]
mod tests;
pub mod worlds;

pub use decide::action::{Action, Record};
pub use decide::machine::AppServiceMachine;
pub use decide::vocabulary::{Fact, Guard, Reason, Step};
pub use observe::observed::Observed;

use super::{Announcement, Kind, World, said};
use crate::client::Answer;
use crate::crd::{AppService, AppServiceStatus, Owner};
use crate::engine::{Moved, Settled};
use crate::telemetry;
use decide::desired::effective;
use decide::requeue;
use jiff::Timestamp;
use report::{events, metrics, status};
use std::time::Duration;

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
        observe::gather(world, app, &effective(app)).await
    }

    async fn perform(world: &World, app: &AppService, action: &Action) -> Answer {
        act::perform(world, app, action).await
    }

    fn look_again(seen: &Observed, settled: &Settled<AppServiceMachine>) -> Duration {
        requeue::after(seen, settled)
    }

    fn announce(seen: &Observed, moved: &Moved) -> Announcement {
        events::announce(seen, moved)
    }

    fn forget(namespace: &str, name: &str) {
        telemetry::forget_service(namespace, name);
    }

    fn measure(seen: &Observed, settled: &Settled<AppServiceMachine>) {
        let gauges = metrics::gauges(seen, settled);
        telemetry::observe_service((&seen.namespace, &seen.name), gauges);
    }
}
