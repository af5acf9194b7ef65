//! PURE. What the metrics say of a service.

use crate::engine::{Machine, Settled};
use crate::service::app_service::decide::machine::AppServiceMachine;
use crate::service::app_service::observe::observed::Observed;
use crate::telemetry::ServiceGauges;

/// The service as gauges.
pub fn gauges(seen: &Observed, settled: &Settled<AppServiceMachine>) -> ServiceGauges {
    let (asked, serve) = seen.pods();
    ServiceGauges {
        desired: asked,
        ready: serve,
        healthy: seen.serving_endpoints > 0,
        phase: AppServiceMachine::phase(settled.to),
        step: settled.to.into(),
        since: seen.memory.step_since.filter(|_| settled.path.is_empty()).unwrap_or(seen.now),
    }
}
