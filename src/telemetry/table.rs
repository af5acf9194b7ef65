//! PURE. Every metric there is.

/// How a metric behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only grows.
    Counter,
    /// A value of this moment.
    Gauge,
    /// Values sorted into buckets.
    Histogram,
}

/// One metric, as its users need to know it.
#[derive(Debug, Clone, Copy)]
pub struct Metric {
    /// Its name.
    pub name: &'static str,
    /// How it behaves.
    pub kind: Kind,
    /// Its labels.
    pub labels: &'static [&'static str],
    /// What it says, and its unit.
    pub help: &'static str,
}

/// Metrics by name, each with its kind, labels and help, and the list of them all.
macro_rules! metrics {
    ($($id:ident: $kind:ident $name:literal [$($label:literal),*] $help:literal;)*) => {
        $(pub const $id: Metric =
            Metric { name: $name, kind: Kind::$kind, labels: &[$($label),*], help: $help };)*

        /// Every metric there is.
        pub const METRICS: &[Metric] = &[$($id),*];
    };
}

metrics! {
    SIZE: Gauge "etcd_cluster_size" ["cluster", "namespace"]
        "Members of the etcd cluster, as etcd lists them.";
    HEALTH: Gauge "etcd_cluster_health" ["cluster", "namespace"]
        "1 while the etcd cluster is known to serve, else 0.";
    TOLERANCE: Gauge "etcd_cluster_fault_tolerance" ["cluster", "namespace"]
        "How many more voting members may fail before nothing can be decided any more.";
    ZERO_TOLERANCE: Counter "etcd_cluster_zero_tolerance_seconds_total" ["cluster", "namespace"]
        "How long no voting member could have failed, in seconds, since the operator looks.";
    OPERATIONS: Counter "etcd_operator_operations_total" ["operation", "result"]
        "What was begun, done or given up to be done to single members.";
    STEP_SECONDS: Gauge "etcd_operator_step_seconds" ["cluster", "namespace", "phase", "step"]
        "How long the cluster has been in the step it is in, in seconds.";
    SERVICE_PODS: Gauge "app_service_desired_pods" ["service", "namespace"]
        "Pods that are asked for.";
    SERVICE_READY: Gauge "app_service_ready_pods" ["service", "namespace"]
        "Pods that take requests.";
    SERVICE_HEALTH: Gauge "app_service_health" ["service", "namespace"]
        "1 while requests to the service reach a pod that is ready, else 0.";
    SERVICE_STEP_SECONDS: Gauge "app_service_step_seconds" ["service", "namespace", "phase", "step"]
        "How long the service has been in the step it is in, in seconds.";
    TURNS: Counter "etcd_operator_turns_total" ["kind", "outcome"]
        "Turns, by how they ended.";
    TURN_SECONDS: Histogram "etcd_operator_turn_seconds" ["kind"]
        "How long a turn took, in seconds.";
    TRANSITIONS: Counter "etcd_operator_transitions_total" ["kind", "from", "to"]
        "Moves of the state machine, from step to step.";
    GUARD_HOLDS: Counter "etcd_operator_guard_holds_total" ["kind", "reason"]
        "Turns in which the state machine waited, by reason.";
    ACTIONS: Counter "etcd_operator_actions_total" ["kind", "action", "answer"]
        "Actions performed, by what became of them.";
    API_REQUESTS: Counter "etcd_operator_api_requests_total" ["verb", "resource", "code"]
        "Requests to the API server, by HTTP status; code none for one that got no answer.";
    EVENTS: Counter "etcd_operator_events_total" ["result"]
        "Kubernetes Events, by what became of them: written, failed, or dropped unwritten.";
    LEADER: Gauge "etcd_operator_leader" []
        "1 while this process leads, else 0.";
}
