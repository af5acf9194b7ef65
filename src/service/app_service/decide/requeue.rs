//! PURE. When the object is looked at again, should no watch wake it before.

use super::machine::AppServiceMachine;
use super::vocabulary::Step;
use crate::engine::Settled;
use crate::service::app_service::observe::observed::Observed;
use crate::service::pace::{self, AT_REST};
use std::time::Duration;

/// The least wait of a machine that waits for Kubernetes or a person.
const WAITING: Duration = Duration::from_secs(2);

/// How long after this turn.
pub fn after(seen: &Observed, settled: &Settled<AppServiceMachine>) -> Duration {
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
