//! PURE. How a creation that does not come up is tried again.

use kube::KubeSchema;
use serde::{Deserialize, Serialize};

/// How a creation that does not come up is tried again: after `retryIntervalSeconds`, then after
/// that times `backoffFactor`, and so on up to `maxBackoffSeconds`.
#[derive(KubeSchema, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[x_kube(validation = Rule::new("self.maxBackoffSeconds >= self.retryIntervalSeconds")
    .message("maxBackoffSeconds must be at least retryIntervalSeconds, the wait it bounds")
    .field_path(".maxBackoffSeconds"))]
#[serde(rename_all = "camelCase")]
pub struct RecoveryStrategy {
    /// How often a creation is begun again before the phase is Failed.
    #[serde(default = "default_max_retries")]
    #[schemars(range(min = 0, max = 10))]
    pub max_retries: i32,

    /// Seconds before the first retry.
    #[serde(default = "default_retry_interval")]
    #[schemars(range(min = 1, max = 3600))]
    pub retry_interval_seconds: i32,

    /// By how much each wait is longer than the one before.
    #[serde(default = "default_backoff_factor")]
    #[schemars(range(min = 1, max = 10))]
    pub backoff_factor: i32,

    /// Longest wait between two retries, in seconds.
    #[serde(default = "default_max_backoff")]
    #[schemars(range(min = 1, max = 86400))]
    pub max_backoff_seconds: i32,

    /// Seconds that started members are given to form a cluster. Waiting for a node, a volume or
    /// an image does not count.
    #[serde(default = "default_bootstrap_timeout")]
    #[schemars(range(min = 10, max = 3600))]
    pub bootstrap_timeout_seconds: i32,
}

impl Default for RecoveryStrategy {
    fn default() -> Self {
        Self {
            max_retries: default_max_retries(),
            retry_interval_seconds: default_retry_interval(),
            backoff_factor: default_backoff_factor(),
            max_backoff_seconds: default_max_backoff(),
            bootstrap_timeout_seconds: default_bootstrap_timeout(),
        }
    }
}

fn default_max_retries() -> i32 {
    3
}
fn default_retry_interval() -> i32 {
    10
}
fn default_backoff_factor() -> i32 {
    2
}
fn default_max_backoff() -> i32 {
    300
}
fn default_bootstrap_timeout() -> i32 {
    300
}
