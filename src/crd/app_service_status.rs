//! PURE. `AppService` status: what the operator saw, and what its machine remembers.

use super::{Transition, schema};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use kube::KubeSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How many revisions `status.revisions` keeps.
pub const REVISIONS_MAX: usize = 3;

/// What the operator saw, and what its machine remembers.
#[derive(KubeSchema, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AppServiceStatus {
    /// Creating, Running, Updating, Degraded or Failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = ["Creating", "Running", "Updating", "Degraded", "Failed"]))]
    pub phase: Option<String>,

    /// The state within the phase. A word the operator does not know makes it look again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,

    /// When the step was entered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step_since: Option<Time>,

    /// The generation of the spec this status is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,

    /// Available, Progressing, Degraded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(transform = schema::bare, length(max = 16))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["type".to_owned()]))]
    pub conditions: Vec<Condition>,

    /// Where the service is reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,

    /// How many pods there are.
    #[serde(default)]
    pub replicas: i32,

    /// How many of them take requests.
    #[serde(default)]
    pub ready: i32,

    /// How many are of the present revision.
    #[serde(default)]
    pub updated: i32,

    /// How many were asked for when the last rollout or change of number was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub desired: Option<i32>,

    /// The revision that runs, or is being rolled out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,

    /// When it began to be rolled out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision_since: Option<Time>,

    /// The revisions that were rolled out whole, the newest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 8))]
    pub revisions: Vec<AppRevision>,

    /// The rollout that failed and was taken back, as long as the spec asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rolled_back: Option<AppRolledBack>,

    /// The last moves, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transitions: Vec<Transition>,

    /// The pods' label selector, for the scale subresource.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selector: Option<String>,
}

/// A revision that was rolled out whole.
#[derive(KubeSchema, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AppRevision {
    /// Its name.
    pub name: String,
    /// When it was rolled out.
    pub at: Time,
    /// All of the spec that its pods were made of.
    #[schemars(schema_with = "schema::anything")]
    pub template: Value,
}

/// A rollout that failed and was taken back.
#[derive(KubeSchema, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AppRolledBack {
    /// The revision that failed.
    pub from: String,
    /// The one that runs instead.
    pub to: String,
}
