//! PURE. `EtcdCluster` status: what the operator saw, and what its machine remembers.

use super::{HashCheck, schema};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How many transitions `status.transitions` keeps.
pub const TRANSITIONS_MAX: usize = 20;

/// What the operator saw, and what its machine remembers.
#[derive(KubeSchema, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EtcdClusterStatus {
    /// Creating, Running, Scaling, Failed or Recovering.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = ["Creating", "Running", "Scaling", "Failed", "Recovering"]))]
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

    /// The members, by ordinal.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<MemberStatus>,

    /// How many members there are.
    #[serde(default)]
    pub replicas: i32,

    /// How many members answer and follow a leader.
    #[serde(default)]
    pub ready_replicas: i32,

    /// The leader's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leader: Option<String>,

    /// The leader's member ID, in hexadecimal.
    #[serde(default, rename = "leaderID", skip_serializing_if = "Option::is_none")]
    pub leader_id: Option<String>,

    /// etcd's cluster ID, in hexadecimal. Recorded once; from then on no member may start anew.
    #[serde(default, rename = "clusterID", skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^[0-9a-f]{1,16}$"), length(max = 16))]
    pub cluster_id: Option<String>,

    /// The lowest etcd version a member runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,

    /// Where clients connect.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub client_endpoints: Vec<String>,

    /// Which birth of this cluster it is, from 1. Part of etcd's cluster token, so that members
    /// of two births can never mix.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incarnation: Option<i64>,

    /// What is being done, if it takes several steps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<Operation>,

    /// How far the number of members is from what was asked for, while it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scaling: Option<Scaling>,

    /// Members that were taken out and whose volume may still be there. Their data can never join
    /// again: such a volume goes before its name is used again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed_members: Vec<RemovedMember>,

    /// The last comparison of the members' data. Until the next one is due, decisions rest on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_hash_check: Option<HashCheck>,

    /// The last transitions, newest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transitions: Vec<Transition>,

    /// The members' label selector, for the scale subresource.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selector: Option<String>,
}

/// One member.
#[derive(KubeSchema, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MemberStatus {
    /// The pod's and the member's name.
    pub name: String,
    /// etcd's member ID, in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Where the other members reach it.
    #[serde(rename = "peerURL")]
    pub peer_url: String,
    /// Where clients reach it.
    #[serde(rename = "clientURL")]
    pub client_url: String,
    /// Whether it answered and follows a leader; absent if the last look failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready: Option<bool>,
    /// What it does in the cluster.
    pub role: MemberRole,
    /// The etcd version it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Its database's size, in bytes; written again only when it changes by a tenth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub db_size_bytes: Option<i64>,
    /// When it last answered, while it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen: Option<Time>,
    /// What is wrong with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub issues: Vec<String>,
}

/// What a member does in the cluster.
#[derive(JsonSchema, Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum MemberRole {
    /// It leads.
    Leader,
    /// It votes and follows.
    Follower,
    /// It follows, and has no vote yet.
    Learner,
    /// The last look at it failed.
    #[default]
    Unknown,
}

/// Something that takes several steps: its identity, deadlines and attempts.
#[derive(KubeSchema, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Operation {
    /// What is done.
    pub kind: OperationKind,
    /// The member it is about, if it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
    /// When it began.
    pub started: Time,
    /// How often it was begun again.
    #[serde(default)]
    pub attempts: i32,
    /// Members in whose places nothing was: their pods may start before they are asked to join.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub free: Vec<String>,
}

/// What is done.
#[derive(
    JsonSchema,
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    strum::EnumIter,
    strum::IntoStaticStr,
)]
pub enum OperationKind {
    /// The first members form a cluster.
    Create,
    /// The status was lost, and there are volumes: the members form their cluster again.
    Resume,
    /// A member joins without a vote, catches up, and gets its vote.
    AddMember,
    /// A member is taken out, because fewer are asked for.
    RemoveMember,
    /// A member that cannot come back is taken out, for another to be added in its place.
    ReplaceMember,
}

/// A member that was taken out.
#[derive(KubeSchema, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RemovedMember {
    /// The pod's and the member's name.
    pub name: String,
    /// etcd's member ID, in hexadecimal. It is never used again. None if it never joined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The UID of the volume claim it had, if one was there.
    #[serde(default, rename = "volumeUID", skip_serializing_if = "Option::is_none")]
    pub volume_uid: Option<String>,
}

/// How far the number of members is from what was asked for.
#[derive(KubeSchema, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Scaling {
    /// How many members vote now.
    pub current_size: i32,
    /// How many were asked for.
    pub target_size: i32,
    /// How many answer and follow a leader.
    pub ready_replicas: i32,
    /// The smaller of the two sizes, in percent of the larger: 100 when it is done.
    pub progress: i32,
    /// How many seconds it will still take, measured by this cluster's own last steps; absent while
    /// none was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimated_seconds: Option<i64>,
}

/// One move of the machine, as it is shown.
#[derive(KubeSchema, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Transition {
    /// When.
    pub at: Time,
    /// The phase and step left, or nothing at first.
    pub from: String,
    /// The phase and step entered.
    pub to: String,
    /// The fact that moved it.
    pub reason: String,
}
