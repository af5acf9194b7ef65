//! PURE. What the commands tell people of an `AppService`.

use super::messages;
use crate::crd::{AppServiceStatus, Transition};
use crate::service::app_service::App;
use crate::service::app_service::decide::vocabulary::Reason;
use crate::service::app_service::observe::observed::Observed;
use crate::service::inspect::{Heard, Inspect};
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;

impl Inspect for App {
    const SHORT: &'static str = "appsvc";
    const EDGES: &'static str = include_str!("../../../../state-diagrams/app-service.edges");

    fn hold(reason: Reason, seen: &Observed) -> String {
        messages::hold(reason, seen)
    }

    fn since(seen: &Observed) -> Option<Timestamp> {
        seen.memory.step_since
    }

    fn now(seen: &Observed) -> Timestamp {
        seen.now
    }

    /// All there is to know of it, Kubernetes tells.
    fn heard(_: &Observed) -> Option<Vec<Heard>> {
        None
    }

    fn conditions(status: &AppServiceStatus) -> &[Condition] {
        &status.conditions
    }

    fn transitions(status: &AppServiceStatus) -> &[Transition] {
        &status.transitions
    }
}
