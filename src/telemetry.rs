//! SHELL. What the process tells about itself: every metric in one table, and the logs.
//!
//! Callers never spell a metric's name: there is a function for each. Gauges about one cluster are
//! not kept in the recorder, which cannot forget, but beside it, and are computed at the
//! moment they are asked for; so a cluster that is deleted is gone at once, and the time in a step
//! goes on while nothing else does.

use table::{
    ACTIONS, API_REQUESTS, EVENTS, GUARD_HOLDS, Kind, LEADER, OPERATIONS, TRANSITIONS,
    TURN_SECONDS, TURNS,
};
mod clusters;
mod gauges;
mod logs;
mod services;
mod table;

pub use clusters::{ClusterGauges, forget_cluster, observe_cluster};
pub use logs::{LogFormat, LogsError, init_logs, json_logs};
pub use services::{ServiceGauges, forget_service, observe_service};
pub use table::{METRICS, Metric};

use jiff::Timestamp;
use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

/// The upper bounds of the buckets of a turn's duration, in seconds.
const TURN_BUCKETS: [f64; 12] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0, 60.0];

/// How often what histograms were given is sorted into their buckets. Else it piles up unread.
const UPKEEP: Duration = Duration::from_secs(5);

/// A turn of `kind` ended like that, after that long.
pub fn turn(kind: &'static str, outcome: impl Into<&'static str>, took: Duration) {
    counter!(TURNS.name, "kind" => kind, "outcome" => outcome.into()).increment(1);
    histogram!(TURN_SECONDS.name, "kind" => kind).record(took.as_secs_f64());
}

/// A machine of `kind` moved.
pub fn transition(kind: &'static str, from: &str, to: &str) {
    let (from, to) = (from.to_owned(), to.to_owned());
    counter!(TRANSITIONS.name, "kind" => kind, "from" => from, "to" => to).increment(1);
}

/// A machine of `kind` waited.
pub fn guard_hold(kind: &'static str, reason: impl Into<&'static str>) {
    counter!(GUARD_HOLDS.name, "kind" => kind, "reason" => reason.into()).increment(1);
}

/// An action of `kind` was performed. Its name is one of the machine's own words, without operands.
pub fn action(kind: &'static str, action: &str, answer: impl Into<&'static str>) {
    let (action, answer) = (action.to_owned(), answer.into());
    counter!(ACTIONS.name, "kind" => kind, "action" => action, "answer" => answer).increment(1);
}

/// Something was begun, done or given up to be done to a member.
pub fn operation(operation: &'static str, result: &'static str) {
    counter!(OPERATIONS.name, "operation" => operation, "result" => result).increment(1);
}

/// A request to the API server was answered with that HTTP status, or not at all.
pub fn api_request(verb: &'static str, resource: &'static str, code: Option<u16>) {
    let code = code.map_or_else(|| "none".to_owned(), |code| code.to_string());
    counter!(API_REQUESTS.name, "verb" => verb, "resource" => resource, "code" => code)
        .increment(1);
}

/// An Event was written, could not be written, or was dropped unwritten.
pub fn event(result: &'static str) {
    counter!(EVENTS.name, "result" => result).increment(1);
}

/// Whether this process leads.
pub fn leader(leads: bool) {
    gauge!(LEADER.name).set(f64::from(u8::from(leads)));
}

/// The wall clock.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The process's metrics, ready to be read.
#[derive(Clone)]
pub struct Metrics {
    recorder: PrometheusHandle,
    clock: Clock,
}

impl Metrics {
    /// Begins to record, for the whole process; a second time is an error.
    ///
    /// # Errors
    /// There is a recorder already.
    pub fn install(clock: Clock) -> Result<Self, BuildError> {
        let recorder = builder()?.install_recorder()?;
        describe();
        leader(false);
        Ok(Self { recorder, clock })
    }

    /// Everything recorded, in the Prometheus text format.
    pub fn render(&self) -> String {
        let now = (self.clock)();
        self.recorder.render() + &clusters::render(now) + &services::render(now)
    }

    /// Keeps the recorder tidy. Never ends.
    pub async fn upkeep(self) {
        let mut beat = interval(UPKEEP);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            beat.tick().await;
            self.recorder.run_upkeep();
        }
    }
}

fn builder() -> Result<PrometheusBuilder, BuildError> {
    let turns = Matcher::Full(TURN_SECONDS.name.to_owned());
    PrometheusBuilder::new().set_buckets_for_metric(turns, &TURN_BUCKETS)
}

fn describe() {
    for &Metric { name, kind, help, .. } in METRICS {
        match kind {
            Kind::Counter => describe_counter!(name, help),
            Kind::Gauge => describe_gauge!(name, help),
            Kind::Histogram => describe_histogram!(name, help),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use metrics::with_local_recorder;

    /// What a scrape shows after `told`.
    fn scraped(told: impl FnOnce()) -> String {
        let recorder = builder().unwrap().build_recorder();
        let handle = recorder.handle();
        with_local_recorder(&recorder, || {
            describe();
            told();
        });
        handle.run_upkeep();
        handle.render()
    }

    #[test]
    fn every_function_feeds_a_described_metric() {
        let text = scraped(|| {
            turn("EtcdCluster", "rest", Duration::from_millis(3));
            transition("EtcdCluster", "Steady", "Degraded");
            guard_hold("EtcdCluster", "MemberAway");
            action("EtcdCluster", "ApplyService", "ok");
            api_request("get", "pods", Some(200));
            api_request("patch", "leases", None);
            operation("AddMember", "done");
            event("dropped");
            leader(true);
        });
        for line in [
            r#"etcd_operator_turns_total{kind="EtcdCluster",outcome="rest"} 1"#,
            r#"etcd_operator_turn_seconds_bucket{kind="EtcdCluster",le="0.005"} 1"#,
            r#"etcd_operator_turn_seconds_bucket{kind="EtcdCluster",le="0.0025"} 0"#,
            r#"etcd_operator_transitions_total{kind="EtcdCluster",from="Steady",to="Degraded"} 1"#,
            r#"etcd_operator_guard_holds_total{kind="EtcdCluster",reason="MemberAway"} 1"#,
            r#"action="ApplyService",answer="ok"} 1"#,
            r#"etcd_operator_api_requests_total{verb="get",resource="pods",code="200"} 1"#,
            r#"etcd_operator_api_requests_total{verb="patch",resource="leases",code="none"} 1"#,
            r#"etcd_operator_operations_total{operation="AddMember",result="done"} 1"#,
            r#"etcd_operator_events_total{result="dropped"} 1"#,
            "etcd_operator_leader 1",
        ] {
            assert!(text.contains(line), "no {line} in\n{text}");
        }
        for metric in METRICS.iter().filter(|metric| !metric.labels.contains(&"namespace")) {
            assert!(text.contains(&format!("# HELP {} {}", metric.name, metric.help)), "{text}");
        }
    }
}
