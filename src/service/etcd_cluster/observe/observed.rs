//! PURE. The snapshot one turn decides on. `gather` fills it; guards and facts are read off it.

use crate::crd::{
    DEFAULT_MEMBER_DOWN_GRACE, GateVerdict, OperationKind, RecoveryStrategy, Retention,
};
use crate::engine::Known;
use jiff::Timestamp;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::{BTreeMap, BTreeSet};

pub use crate::service::child::Child;

/// The most members a recorded turn may speak of: no cluster has ever had more.
pub const REPLICAS_MAX: u32 = 9;

/// Everything one turn of an `EtcdCluster` may look at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Observed {
    /// The time of the turn.
    pub now: Timestamp,
    /// The object's name.
    pub name: String,
    /// The object's namespace.
    pub namespace: String,
    /// The object's UID.
    pub uid: String,
    /// Whether a user asked for the object's deletion.
    pub deleting: bool,
    /// Whether our finalizer is on it.
    pub finalizer: bool,
    /// What the user asks for, as far as decisions need it.
    pub spec: Asked,
    /// What the machine remembers.
    pub memory: Memory,
    /// The objects the cluster is made of.
    pub objects: Objects,
    /// Whether pods and volumes were listed live: only then does their absence mean anything.
    #[serde(default = "counted")]
    pub counted: bool,
    /// The pods that exist, by ordinal.
    pub pods: BTreeMap<u32, PodSeen>,
    /// The volume claims that exist, by ordinal.
    pub volumes: BTreeMap<u32, VolumeSeen>,
    /// What each member with an address answered, by ordinal.
    pub looks: BTreeMap<u32, Known<Look>>,
    /// etcd's member list, linearizable.
    pub members: Known<Members>,
    /// What the voters' data comes to, if they were asked in this turn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sweep: Option<Sweep>,
    /// How many addresses clients are sent to.
    pub serving_endpoints: u32,
}

/// What the user asks for, as far as decisions need it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Asked {
    /// Voting members.
    pub size: u32,
    /// Whether the user holds the operator back.
    pub paused: bool,
    /// What becomes of the volumes.
    pub retention: Retention,
    /// How many seconds a member has to be away whose volume is lost, before it is replaced.
    #[serde(default = "grace")]
    pub member_down_grace_seconds: i32,
    /// How a creation is tried again.
    pub recovery: RecoveryStrategy,
    /// The hash of all that the pods are born with.
    pub hash: String,
}

/// What the machine remembers: named status fields, never anything held in the process.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Memory {
    /// Which birth of the cluster it is, from 1.
    pub incarnation: i64,
    /// etcd's cluster ID in hexadecimal, once recorded.
    #[serde(rename = "clusterID")]
    pub cluster_id: Option<String>,
    /// The recorded members, name to member ID in hexadecimal; the learner among them.
    pub members: BTreeMap<String, String>,
    /// What is being done to one member.
    #[serde(default)]
    pub operation: Option<Underway>,
    /// Members that were taken out and whose volume may still be there, by name.
    #[serde(default)]
    pub removed: BTreeMap<String, Removed>,
    /// Since when members have been away, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub away: BTreeMap<String, Timestamp>,
    /// Recorded members that never answered: nothing of theirs can be lost yet.
    #[serde(default)]
    pub unborn: BTreeSet<String>,
    /// How many members of the recorded cluster vote, or the present birth asks for: at most
    /// [`REPLICAS_MAX`].
    #[serde(deserialize_with = "replicas")]
    pub replicas: u32,
    /// The recorded step; any word, if another version wrote it.
    pub step: Option<String>,
    /// When the recorded step was entered.
    pub step_since: Option<Timestamp>,
    /// When what the status says last changed: its step, a condition, a member that is away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unchanged_since: Option<Timestamp>,
    /// What the voters' data came to when they were last asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash_check: Option<Hashed>,
    /// How often the creation was begun again.
    pub attempts: u32,
    /// How the present birth was put on record.
    #[serde(default, skip_serializing_if = "Birth::is_begun")]
    pub birth: Birth,
}

/// How a birth was put on record. Once an identity is recorded it says nothing any more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Birth {
    /// Before it there was no volume.
    #[default]
    Begun,
    /// There were volumes before it: the status was lost, and they may hold data.
    Resumed,
    /// It is not on record.
    Unrecorded,
}

/// What the voters' data came to at some time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Hashed {
    /// When they were asked.
    pub at: Timestamp,
    /// Whether their data has been suspected to differ ever since.
    pub suspected: bool,
    /// What they answered.
    pub sweep: Sweep,
}

/// What is being done to one member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Underway {
    /// What.
    pub kind: OperationKind,
    /// To whom, by name.
    pub member: String,
    /// Since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Members in whose places nothing was.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub free: BTreeSet<String>,
}

/// A member that was taken out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Removed {
    /// Its ID, in hexadecimal; none if it never joined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The UID of the volume claim it had.
    pub volume: Option<String>,
}

/// The objects the cluster is made of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Objects {
    /// The headless Service the members find each other by.
    pub peer_service: Child,
    /// The Service clients use.
    pub client_service: Child,
    /// The `PodDisruptionBudget`.
    pub disruption_budget: Child,
    /// The `StatefulSet`.
    pub stateful_set: Child,
    /// What the `StatefulSet`'s template says, if it is ours and can be read.
    pub template: Option<Template>,
}

/// What the `StatefulSet`'s template says about the members' birth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Template {
    /// The hash of the spec it was made from.
    pub hash: String,
    /// The birth it was made for.
    pub incarnation: i64,
    /// How many members its directive lets begin, or join.
    #[serde(default)]
    pub size: u32,
    /// Whether it lets members without data begin the cluster: only a birth before which there was no
    /// volume does.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub begins: bool,
    /// The cluster ID its directive names. Once there is one, no member starts anew.
    #[serde(rename = "clusterID")]
    pub cluster_id: Option<String>,
    /// The members its directive names.
    pub members: BTreeMap<String, String>,
    /// Those of them that it says never ran.
    #[serde(default)]
    pub unborn: BTreeSet<String>,
}

/// One pod.
#[allow(clippy::struct_excessive_bools, reason = "each is one thing Kubernetes says")]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PodSeen {
    /// Its UID.
    pub uid: String,
    /// Its address, once it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Whether its name leads to its address.
    #[serde(default)]
    pub named: bool,
    /// Whether the kubelet finds it ready.
    pub ready: bool,
    /// Whether it is being deleted.
    pub deleting: bool,
    /// When it should be gone at the latest, if it is being deleted.
    #[serde(default)]
    pub gone_by: Option<Timestamp>,
    /// Whether a `StatefulSet` owns it; one that was orphaned waits to be adopted.
    #[serde(default)]
    pub owned: bool,
    /// When etcd's container first ran, as far as it can be told; none before that.
    pub started: Option<Timestamp>,
    /// How often etcd's container was started again.
    pub restarts: u32,
    /// What it waits for: scheduling, its volume, its image, a restart. In Kubernetes' own words.
    pub waiting: Option<String>,
    /// What the member gate last said.
    pub gate: Option<GateVerdict>,
    /// Whether etcd refused to start, for its data is not as its peers'.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub inconsistent: bool,
    /// Whether its directive and labels are what they should be.
    pub current: bool,
}

/// One volume claim.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VolumeSeen {
    /// Its UID.
    pub uid: String,
    /// The UID of the `EtcdCluster` it was made for, if it says so.
    pub cluster_uid: Option<String>,
    /// The birth it was made for, if it says so.
    pub incarnation: Option<i64>,
    /// Whether it is being deleted.
    pub deleting: bool,
    /// Why it is not bound yet, if it is not.
    pub pending: Option<String>,
    /// Why what is on it cannot be had any more, as live reads say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost: Option<String>,
}

/// What one member answered.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Look {
    /// Its cluster ID, in hexadecimal.
    #[serde(rename = "clusterID")]
    pub cluster_id: String,
    /// Its member ID, in hexadecimal.
    #[serde(rename = "memberID")]
    pub member_id: String,
    /// The leader it follows, in hexadecimal; none if it has none.
    pub leader: Option<String>,
    /// The last entry of raft's log it has.
    #[serde(default)]
    pub raft_index: u64,
    /// The last entry of raft's log it has applied.
    #[serde(default)]
    pub raft_applied_index: u64,
    /// Its key-value revision; 1 in a store nothing was ever written to.
    pub revision: i64,
    /// The etcd version it runs.
    pub version: String,
    /// Its database's size, in bytes.
    pub db_size_bytes: i64,
    /// Whether it has no vote yet.
    pub learner: bool,
    /// What it reports as wrong, alarms included.
    pub errors: Vec<String>,
}

/// etcd's member list, as read behind a linearizable read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Members {
    /// The cluster ID, in hexadecimal.
    #[serde(rename = "clusterID")]
    pub cluster_id: String,
    /// Name to ID in hexadecimal, of those that vote. Who is reached at the peer URL of one of our
    /// pods has its name, started or not.
    pub voters: BTreeMap<String, String>,
    /// Names of those without a vote, by ID.
    pub learners: BTreeMap<String, String>,
}

/// What the keys and values of the voters come to, at one revision.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sweep {
    /// The revision.
    pub revision: i64,
    /// The hashes, all compacted alike, by member ID in hexadecimal.
    pub hashes: BTreeMap<String, u32>,
    /// The member IDs of those that were asked and cannot be compared.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub unknown: BTreeSet<String>,
}

impl Look {
    /// Whether it leads, by its own word.
    pub fn leads(&self) -> bool {
        self.leader.as_ref() == Some(&self.member_id)
    }

    /// Whether it warns that the members' data differs.
    pub fn warns_of_corruption(&self) -> bool {
        self.errors.iter().any(|error| error.contains("CORRUPT"))
    }
}

impl Birth {
    /// Whether nothing was there before it.
    fn is_begun(&self) -> bool {
        *self == Self::Begun
    }
}

impl Memory {
    /// The name of the member that joins and has no vote yet, once it is recorded.
    pub fn learner(&self) -> Option<&str> {
        let joins = |at: &&Underway| at.kind == OperationKind::AddMember;
        let member = &self.operation.as_ref().filter(joins)?.member;
        self.members.contains_key(member).then_some(member)
    }

    /// The recorded members that vote, name to ID.
    pub fn voters(&self) -> impl Iterator<Item = (&String, &String)> {
        let learner = self.learner();
        self.members.iter().filter(move |(name, _)| Some(name.as_str()) != learner)
    }
}

/// A recording may be damaged or hostile, and decisions count through the members.
fn replicas<'de, D: Deserializer<'de>>(from: D) -> Result<u32, D::Error> {
    let replicas = u32::deserialize(from)?;
    if replicas > REPLICAS_MAX {
        return Err(D::Error::custom(format!(
            "{replicas} replicas; a cluster has at most {REPLICAS_MAX}"
        )));
    }
    Ok(replicas)
}

/// What recordings mean that are older than the question.
fn grace() -> i32 {
    DEFAULT_MEMBER_DOWN_GRACE
}

/// The same of another question.
fn counted() -> bool {
    true
}

impl Objects {
    /// Every object with its name in the API, in the order they are created.
    pub fn all(&self) -> [(crate::service::etcd_cluster::observe::part::Part, &Child); 4] {
        [
            (crate::service::etcd_cluster::observe::part::Part::PeerService, &self.peer_service),
            (
                crate::service::etcd_cluster::observe::part::Part::ClientService,
                &self.client_service,
            ),
            (
                crate::service::etcd_cluster::observe::part::Part::DisruptionBudget,
                &self.disruption_budget,
            ),
            (crate::service::etcd_cluster::observe::part::Part::StatefulSet, &self.stateful_set),
        ]
    }
}
