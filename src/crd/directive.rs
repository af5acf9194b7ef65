//! PURE. The contract between the operator and the member gate, which decides at every container
//! start whether etcd may run: the directive goes in as a pod annotation, the verdict comes back
//! as the container's termination message.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The pod annotation that carries the directive. The pod reads it through the downward API.
pub const DIRECTIVE_ANNOTATION: &str = "etcd.etcd.io/directive";

/// What a member may do when its container starts.
///
/// The same directive is right for every member of a cluster, so it can stand in the
/// `StatefulSet`'s template; a member finds itself by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Directive {
    /// The UID of the `EtcdCluster`.
    pub cluster_uid: String,
    /// Which birth of the cluster; with the UID it makes etcd's cluster token.
    pub incarnation: i64,
    /// What an empty volume means.
    pub mode: Mode,
    /// Every member with its peer URL, as etcd's `--initial-cluster` wants it.
    pub initial_cluster: String,
    /// The recorded members, name to member ID in hexadecimal. Empty before the first record.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub members: BTreeMap<String, String>,
    /// Recorded members that were never seen to run: an empty volume of theirs has lost nothing.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub unborn: BTreeSet<String>,
    /// The recorded cluster ID in hexadecimal. Absent before the first record.
    #[serde(default, rename = "clusterID", skip_serializing_if = "Option::is_none")]
    pub cluster_id: Option<String>,
}

/// What an empty volume means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mode {
    /// The cluster is being born: a member with nothing on its volume may begin it.
    New,
    /// The cluster lives: a member with nothing on its volume has lost its data, unless it is
    /// named as one that never ran.
    Member,
}

impl Directive {
    /// Whether a member of this name is told the same by `other`. Whom else the cluster has concerns
    /// only one that is still to join; and one that is no member is no longer told anything new.
    pub fn says_the_same_to(&self, name: &str, other: &Self) -> bool {
        let joins = |directive: &Self| directive.unborn.contains(name);
        let same_cluster = (&self.cluster_uid, self.incarnation, self.mode, &self.cluster_id)
            == (&other.cluster_uid, other.incarnation, other.mode, &other.cluster_id);
        let is_member = other.members.contains_key(name);
        let same_member = self.members.get(name) == other.members.get(name)
            && joins(self) == joins(other)
            && (!joins(other) || self.initial_cluster == other.initial_cluster);
        same_cluster && (same_member || (!is_member && other.mode == Mode::Member))
    }

    /// etcd's `--initial-cluster-token`. Different tokens make different cluster and member IDs.
    pub fn token(&self) -> String {
        format!("{}-{}", self.cluster_uid, self.incarnation)
    }
}

/// What the gate writes beside a member's data the moment before etcd first starts on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Identity {
    /// The UID of the `EtcdCluster` the data belongs to.
    pub cluster_uid: String,
    /// Which birth of it.
    pub incarnation: i64,
    /// The member's name.
    pub member: String,
}

/// What the gate decided: one JSON line in the container's termination message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "gate", rename_all_fields = "camelCase")]
pub enum GateVerdict {
    /// etcd starts on an empty volume and helps begin the cluster.
    New,
    /// etcd starts on an empty volume and joins the cluster, in which it never ran.
    Join,
    /// etcd starts on the data it finds.
    Existing,
    /// The volume should hold data and does not. etcd must not start.
    DataLost {
        /// What was found, for a person to read.
        detail: String,
    },
    /// The volume holds data of another cluster, birth or member. It is left alone.
    StaleData {
        /// What was found, for a person to read.
        detail: String,
    },
    /// The directive is absent or cannot be read. etcd must not start.
    NoDirective {
        /// What was found, for a person to read.
        detail: String,
    },
    /// The volume could not be read or written. etcd must not start.
    Unreadable {
        /// What went wrong, for a person to read.
        detail: String,
    },
}
