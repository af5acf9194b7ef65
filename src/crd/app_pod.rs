//! PURE. What a user may say about a service's pods. Narrow fields, never a raw pod: what is not
//! here cannot be abused.

use super::{rules, schema};
use k8s_openapi::api::core::v1::{Affinity, Toleration, TopologySpreadConstraint};
use kube::KubeSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One variable of the program's environment.
#[derive(KubeSchema, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("!has(self.value) || !has(self.valueFrom)").message(
    "has either a value or a valueFrom"
))]
pub struct AppEnv {
    /// Its name.
    #[schemars(length(min = 1, max = 255))]
    #[x_kube(validation = Rule::new("self.matches('^[-._a-zA-Z][-._a-zA-Z0-9]*$')").message(
        "must be a variable's name: letters, digits, '-', '_' and '.', no digit first"
    ))]
    pub name: String,
    /// Its value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 4096))]
    pub value: Option<String>,
    /// Where its value is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value_from: Option<AppEnvSource>,
}

/// Where a variable's value is.
#[derive(KubeSchema, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("has(self.secretKeyRef) != has(self.configMapKeyRef)").message(
    "names just one of secretKeyRef and configMapKeyRef"
))]
pub struct AppEnvSource {
    /// In a Secret. The operator never reads it: Kubernetes hands it to the pod.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_key_ref: Option<AppKeyRef>,
    /// In a `ConfigMap` of the user's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_map_key_ref: Option<AppKeyRef>,
}

/// One entry of a Secret or `ConfigMap`.
#[derive(KubeSchema, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AppKeyRef {
    /// The object's name.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
    /// The entry's.
    #[schemars(length(min = 1, max = 253))]
    pub key: String,
    /// Whether the pod starts without it.
    #[serde(default)]
    pub optional: bool,
}

/// How a pod is found to be started, ready and alive.
#[derive(KubeSchema, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AppProbes {
    /// The path that answers 200 to 399 while the pod takes requests. Without it a connection to
    /// the port is enough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1024))]
    #[x_kube(validation = Rule::new("self.startsWith('/')").message("must begin with '/'"))]
    pub ready_path: Option<String>,
    /// The path that answers 200 to 399 while the program is alive; one that does not is started
    /// again. Without it a connection to the port is enough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1024))]
    #[x_kube(validation = Rule::new("self.startsWith('/')").message("must begin with '/'"))]
    pub live_path: Option<String>,
    /// How long the program may take to start.
    #[serde(default = "default_startup")]
    #[schemars(range(min = 1, max = 3600))]
    pub startup_seconds: i32,
    /// How often a pod is asked.
    #[serde(default = "default_period")]
    #[schemars(range(min = 1, max = 300))]
    pub period_seconds: i32,
    /// How long its answer may take.
    #[serde(default = "default_timeout")]
    #[schemars(range(min = 1, max = 60))]
    pub timeout_seconds: i32,
    /// After how many failures in a row it counts.
    #[serde(default = "default_failures")]
    #[schemars(range(min = 1, max = 100))]
    pub failures: i32,
}

fn default_startup() -> i32 {
    60
}
fn default_period() -> i32 {
    5
}
fn default_timeout() -> i32 {
    2
}
fn default_failures() -> i32 {
    3
}

impl Default for AppProbes {
    fn default() -> Self {
        Self {
            ready_path: None,
            live_path: None,
            startup_seconds: default_startup(),
            period_seconds: default_period(),
            timeout_seconds: default_timeout(),
            failures: default_failures(),
        }
    }
}

/// As whom the program runs, and what it may write. Beside this every pod keeps the restricted pod
/// security standard.
#[derive(KubeSchema, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AppSecurity {
    /// The user the program runs as; without it the image's own, which must not be root.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 4_294_967_294_i64))]
    pub run_as_user: Option<i64>,
    /// Whether all but /tmp is read-only for it.
    #[serde(default = "default_read_only")]
    pub read_only_root: bool,
}

fn default_read_only() -> bool {
    true
}

impl Default for AppSecurity {
    fn default() -> Self {
        Self { run_as_user: None, read_only_root: default_read_only() }
    }
}

/// Where the pods may run, and what they carry.
#[derive(KubeSchema, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AppPlacement {
    /// Labels a node must have.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(transform = schema::labels)]
    #[x_kube(validation = Rule::new(rules::KEYS_ARE_WELL_FORMED).message(rules::KEYS_MESSAGE))]
    pub node_selector: BTreeMap<String, String>,

    /// Affinity to nodes and other pods.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(transform = schema::bare)]
    pub affinity: Option<Affinity>,

    /// Taints the pods tolerate.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(transform = schema::bare, length(max = 32))]
    pub tolerations: Vec<Toleration>,

    /// How the pods are spread over nodes, zones and the like.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(transform = schema::bare, length(max = 8))]
    pub topology_spread_constraints: Vec<TopologySpreadConstraint>,

    /// The pods' `PriorityClass`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 253))]
    #[x_kube(validation = Rule::new(rules::IS_PRIORITY_CLASS).message(rules::PRIORITY_CLASS_MESSAGE))]
    pub priority_class_name: Option<String>,

    /// Labels for the pods, beside the operator's own.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(transform = schema::labels)]
    #[x_kube(
        validation = Rule::new(rules::APP_LABELS_ARE_FREE).message(
            "labels of apps.etcd.io/, etcd.etcd.io/ and app.kubernetes.io/, and \
             pod-template-hash, are set by the operator and Kubernetes; choose another prefix"
        ),
        validation = Rule::new(rules::KEYS_ARE_WELL_FORMED).message(rules::KEYS_MESSAGE)
    )]
    pub labels: BTreeMap<String, String>,

    /// Annotations for the pods, beside the operator's own.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(transform = schema::annotations)]
    #[x_kube(
        validation = Rule::new(rules::APP_ANNOTATIONS_ARE_FREE).message(
            "annotations of apps.etcd.io/ are set by the operator; choose another prefix"
        ),
        validation = Rule::new(rules::KEYS_ARE_WELL_FORMED).message(rules::KEYS_MESSAGE)
    )]
    pub annotations: BTreeMap<String, String>,
}
