//! SHELL. Gauges about single services: written by the turns, computed when they are read.

use super::gauges::{Gauges, Objects, family};
use super::table::{SERVICE_HEALTH, SERVICE_PODS, SERVICE_READY, SERVICE_STEP_SECONDS};
use jiff::Timestamp;

/// What the metrics say about one service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServiceGauges {
    /// How many pods are asked for.
    pub desired: u32,
    /// How many serve.
    pub ready: u32,
    /// Whether requests reach one.
    pub healthy: bool,
    /// The phase it is in.
    pub phase: &'static str,
    /// The step it is in.
    pub step: &'static str,
    /// Since when.
    pub since: Timestamp,
}

static SERVICES: Gauges<ServiceGauges> = Gauges::new();

/// A turn saw this service like that.
pub fn observe_service(service: (&str, &str), gauges: ServiceGauges) {
    SERVICES.tell(service, |_| gauges);
}

/// The service is gone, and so is all that was told of it.
pub fn forget_service(namespace: &str, name: &str) {
    SERVICES.forget(namespace, name);
}

/// All services as of `now`, in the Prometheus text format.
pub(super) fn render(now: Timestamp) -> String {
    text(&SERVICES.copy(), now)
}

fn text(services: &Objects<ServiceGauges>, now: Timestamp) -> String {
    let seconds = |since| now.duration_since(since).as_secs_f64().max(0.0);
    let step = |is: &ServiceGauges| format!(",phase=\"{}\",step=\"{}\"", is.phase, is.step);
    let nothing = |_: &ServiceGauges| String::new();
    family(services, SERVICE_PODS, nothing, |is| f64::from(is.desired))
        + &family(services, SERVICE_READY, nothing, |is| f64::from(is.ready))
        + &family(services, SERVICE_HEALTH, nothing, |is| f64::from(u8::from(is.healthy)))
        + &family(services, SERVICE_STEP_SECONDS, step, |is| seconds(is.since))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gauges() -> ServiceGauges {
        let since = Timestamp::from_second(100).unwrap();
        let (phase, step) = ("Running", "Serving");
        ServiceGauges { desired: 3, ready: 2, healthy: true, phase, step, since }
    }

    #[test]
    fn a_service_is_told_until_it_is_forgotten() {
        observe_service(("telemetry", "kept"), gauges());
        observe_service(("telemetry", "gone"), gauges());
        forget_service("telemetry", "gone");
        let text = render(Timestamp::from_second(160).unwrap());
        for line in [
            "app_service_desired_pods{service=\"kept\",namespace=\"telemetry\"} 3\n",
            "app_service_ready_pods{service=\"kept\",namespace=\"telemetry\"} 2\n",
            "app_service_health{service=\"kept\",namespace=\"telemetry\"} 1\n",
            "app_service_step_seconds{service=\"kept\",namespace=\"telemetry\",\
             phase=\"Running\",step=\"Serving\"} 60\n",
        ] {
            assert!(text.contains(line), "no {line} in\n{text}");
        }
        assert!(!text.contains("\"gone\""), "{text}");
    }
}
