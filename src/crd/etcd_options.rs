//! PURE. etcd's own settings, as typed fields with units.

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// etcd's own settings, each with its unit. Absent leaves etcd's own default.
#[derive(KubeSchema, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[x_kube(
    validation = Rule::new(
        "(has(self.electionTimeoutMilliseconds) ? self.electionTimeoutMilliseconds : 1000) >= \
         5 * (has(self.heartbeatIntervalMilliseconds) ? self.heartbeatIntervalMilliseconds : 100)"
    ).message(
        "electionTimeoutMilliseconds (1000 if absent) must be at least 5 times \
         heartbeatIntervalMilliseconds (100 if absent), or etcd refuses to start"
    ),
    validation = Rule::new(
        "self.autoCompactionMode != 'Revision' || \
         self.autoCompactionRetention.matches('^[0-9]{1,15}$')"
    ).message(
        "with autoCompactionMode Revision, autoCompactionRetention is a plain count of revisions \
         such as 10000"
    ).field_path(".autoCompactionRetention"),
    validation = Rule::new(
        "self.autoCompactionMode != 'Periodic' || self.autoCompactionRetention.matches(\
         '^([0-9]{1,6}|[0-9]{1,6}h([0-9]{1,6}m)?([0-9]{1,6}s)?|[0-9]{1,6}m([0-9]{1,6}s)?|\
         [0-9]{1,6}s)$')"
    ).message(
        "with autoCompactionMode Periodic, autoCompactionRetention is a duration such as 30m or \
         1h30m, or a plain number of hours of at most 6 digits"
    ).field_path(".autoCompactionRetention")
)]
#[serde(rename_all = "camelCase")]
pub struct EtcdOptions {
    /// Database size at which etcd refuses writes, in bytes. At most 8 GiB; 2 GiB if absent.
    // Source: etcd's documentation, "System limits".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 16_777_216, max = 8_589_934_592_i64))]
    pub quota_backend_bytes: Option<i64>,

    /// How old revisions are chosen for compaction: by age or by count.
    #[serde(default)]
    pub auto_compaction_mode: CompactionMode,

    /// How much history is kept: a duration such as `1h30m` or a plain number of hours
    /// (Periodic), or a count (Revision). `0` switches compaction off.
    #[serde(default = "default_retention")]
    #[schemars(length(max = 24))]
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

impl Default for EtcdOptions {
    fn default() -> Self {
        Self {
            quota_backend_bytes: None,
            auto_compaction_mode: CompactionMode::default(),
            auto_compaction_retention: default_retention(),
            heartbeat_interval_milliseconds: None,
            election_timeout_milliseconds: None,
            snapshot_count: None,
        }
    }
}

fn default_retention() -> String {
    "1h".to_owned()
}
