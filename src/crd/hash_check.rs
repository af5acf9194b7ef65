//! PURE. `EtcdCluster` status: what the last comparison of the voters' data said.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The last comparison of all that the voters hold, by etcd's `HashKV`.
#[derive(KubeSchema, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HashCheck {
    /// When the voters were asked: once a day, and at once when etcd warns of damaged data.
    pub time: Time,
    /// The revision of etcd's key-value store that the hashes were taken at.
    pub revision: i64,
    /// The outcome.
    pub result: HashResult,
    /// Whether the members' data has been suspected to differ ever since: etcd warns of it, or the
    /// hashes say so.
    #[serde(default)]
    pub suspected: bool,
    /// The voters that were asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub voters: Vec<VoterHash>,
}

/// The outcome of a comparison.
#[derive(JsonSchema, Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum HashResult {
    /// Every voter that was asked holds the same data.
    Same,
    /// At least two voters hold different data.
    Different,
    /// A voter did not answer, or the voters were compacted at different revisions.
    Unknown,
}

/// The hash of one voter.
#[derive(KubeSchema, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VoterHash {
    /// etcd's member ID, in hexadecimal.
    pub id: String,
    /// The hash of its keys and values; absent if it could not be compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 4_294_967_295_i64))]
    pub hash: Option<i64>,
}
