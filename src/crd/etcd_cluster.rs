//! PURE. `EtcdCluster`: what a user asks for.

use super::{EtcdClusterStatus, PodPlacement};
use k8s_openapi::api::core::v1::ResourceRequirements;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The newest etcd 3.6 this operator was tested with.
pub const DEFAULT_VERSION: &str = "3.6.16";
/// Where etcd's own project publishes its images.
pub const DEFAULT_REPOSITORY: &str = "gcr.io/etcd-development/etcd";

/// An etcd cluster: how many members, of which version, on what storage.
#[derive(CustomResource, KubeSchema, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[kube(
    group = "etcd.etcd.io",
    version = "v1alpha1",
    kind = "EtcdCluster",
    plural = "etcdclusters",
    shortname = "etcdc",
    category = "etcd",
    namespaced,
    status = "EtcdClusterStatus",
    derive = "PartialEq"
)]
#[serde(rename_all = "camelCase")]
pub struct EtcdClusterSpec {
    /// How many voting members. Odd, so that every member counts; 0 means none are made yet.
    #[serde(default = "default_size")]
    #[schemars(extend("enum" = [0, 1, 3, 5, 7, 9]))]
    pub size: i32,

    /// The etcd version, three numbers: the tag of the image without its `v`.
    #[serde(default = "default_version")]
    #[schemars(regex(pattern = r"^3\.\d+\.\d+$"))]
    pub version: String,

    /// The image repository, without a tag.
    #[serde(default = "default_repository")]
    #[schemars(length(min = 1, max = 255))]
    pub repository: String,

    /// Each member's volume.
    #[serde(default)]
    pub storage: Storage,

    /// Each member's CPU and memory.
    #[serde(default = "default_resources")]
    pub resources: ResourceRequirements,

    /// Where the members may run, and what their pods carry.
    #[serde(default)]
    pub pod: PodPlacement,

    /// etcd's own settings.
    #[serde(default)]
    pub etcd: EtcdOptions,

    /// While true the operator only observes and reports; it changes nothing.
    #[serde(default)]
    pub paused: bool,

    /// How a creation that does not come up is tried again.
    #[serde(default)]
    pub recovery_strategy: RecoveryStrategy,
}

/// Each member's volume.
#[derive(KubeSchema, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Storage {
    /// How large, at least. etcd wants 2.5 times its quota.
    #[serde(default = "default_storage_size")]
    #[schemars(extend("nullable" = false))]
    pub size: Quantity,

    /// The `StorageClass`; absent takes the cluster's default class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage_class_name: Option<String>,

    /// What becomes of the volumes when the `EtcdCluster` is deleted.
    #[serde(default)]
    pub retention: Retention,
}

/// What becomes of the volumes when the `EtcdCluster` is deleted.
#[derive(JsonSchema, Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Retention {
    /// The `PersistentVolumeClaim`s stay.
    #[default]
    Retain,
    /// The `PersistentVolumeClaim`s are deleted, and the data with them.
    Delete,
}

/// etcd's own settings, each with its unit. Absent leaves etcd's own default.
#[derive(KubeSchema, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EtcdOptions {
    /// Database size at which etcd refuses writes, in bytes. At most 8 GiB.
    ///
    /// # Source
    /// etcd docs, "System limits"; `--quota-backend-bytes`, 2 GiB if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 16_777_216, max = 8_589_934_592_i64))]
    pub quota_backend_bytes: Option<i64>,

    /// How old revisions are chosen for compaction: by age or by count.
    #[serde(default)]
    pub auto_compaction_mode: CompactionMode,

    /// How much history is kept: a Go duration such as `1h` (Periodic) or a count (Revision).
    /// `0` switches compaction off.
    #[serde(default = "default_retention")]
    #[schemars(regex(pattern = r"^(\d+|(\d+(h|m|s))+)$"), length(max = 32))]
    pub auto_compaction_retention: String,

    /// Time between heartbeats, in milliseconds. etcd's default is 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 10, max = 5000))]
    pub heartbeat_interval_milliseconds: Option<i32>,

    /// Time without a heartbeat after which a follower stands for election, in milliseconds. At
    /// least 5 times the heartbeat interval. etcd's default is 1000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 50, max = 50000))]
    pub election_timeout_milliseconds: Option<i32>,

    /// Committed entries between two snapshots to disk. etcd's default is 10000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 100, max = 1_000_000))]
    pub snapshot_count: Option<i64>,
}

/// How old revisions are chosen for compaction.
#[derive(JsonSchema, Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum CompactionMode {
    /// By age.
    #[default]
    Periodic,
    /// By count.
    Revision,
}

/// How a creation that does not come up is tried again: after `retryIntervalSeconds`, then after
/// that times `backoffFactor`, and so on up to `maxBackoffSeconds`.
#[derive(KubeSchema, Clone, Debug, PartialEq, Serialize, Deserialize)]
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

impl Default for Storage {
    fn default() -> Self {
        Self {
            size: default_storage_size(),
            storage_class_name: None,
            retention: Retention::default(),
        }
    }
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

fn default_size() -> i32 {
    3
}
fn default_version() -> String {
    DEFAULT_VERSION.to_owned()
}
fn default_repository() -> String {
    DEFAULT_REPOSITORY.to_owned()
}
fn default_storage_size() -> Quantity {
    Quantity("8Gi".to_owned())
}
fn default_retention() -> String {
    "1h".to_owned()
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
fn default_resources() -> ResourceRequirements {
    let of = |cpu: &str, memory: &str| {
        Some(
            [("cpu", cpu), ("memory", memory)]
                .map(|(name, value)| (name.to_owned(), Quantity(value.to_owned())))
                .into(),
        )
    };
    ResourceRequirements {
        requests: of("100m", "128Mi"),
        limits: of("1", "1Gi"),
        ..ResourceRequirements::default()
    }
}
