//! PURE. What the machine may order and remember, as data with all its operands.

use crate::crd::OperationKind;
use crate::service::child;
use crate::service::etcd_cluster::observe::part::Part;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use strum::IntoStaticStr;

/// An effect on the world. Each can be repeated: it names what it expects to find, and finding
/// something else does nothing.
#[derive(Debug, Clone, PartialEq, IntoStaticStr, Serialize, Deserialize)]
#[serde(rename_all_fields = "camelCase")]
pub enum Action {
    /// Puts our finalizer on the object, so that its deletion becomes a fact we see.
    AddFinalizer,
    /// Takes our finalizer off. Nothing of ours is left to do.
    DropFinalizer,
    /// Makes parts that are absent, and mends parts that drifted, in this order.
    Keep {
        /// Which parts.
        parts: Vec<KeepPart>,
    },
    /// Gives pods the directive and labels they should have. No pod is restarted.
    Direct {
        /// Which pods, by ordinal, with the UID each must have.
        pods: Vec<(u32, String)>,
    },
    /// Deletes the `StatefulSet` and its pods. The volumes stay.
    DeleteStatefulSet {
        /// The UID it must have.
        uid: String,
    },
    /// Has etcd take up a member without a vote, at the peer URL of the pod of its name.
    AddLearner {
        /// Whom to ask.
        endpoint: String,
        /// The member's name.
        member: String,
    },
    /// Has etcd give a learner its vote.
    Promote {
        /// Whom to ask.
        endpoint: String,
        /// The member's name.
        member: String,
        /// Its ID, in hexadecimal.
        id: String,
    },
    /// Has etcd take a member out.
    RemoveMember {
        /// Whom to ask.
        endpoint: String,
        /// The member's name.
        member: String,
        /// Its ID, in hexadecimal.
        id: String,
    },
    /// Has the leader hand over.
    MoveLeader {
        /// Where the leader is.
        endpoint: String,
        /// The ID of who is to lead, in hexadecimal.
        to: String,
    },
    /// Has etcd take back its warning that the members' data differs.
    DisarmCorrupt {
        /// Whom to ask.
        endpoint: String,
    },
    /// Deletes pods. Their `StatefulSet` makes them anew, if it asks for them.
    DeletePods {
        /// Which, by ordinal, with the UID each must have.
        pods: Vec<(u32, String)>,
    },
    /// Deletes volume claims, and the data with them.
    DeleteVolumes {
        /// Which, by ordinal, with the UID each must have.
        volumes: Vec<(u32, String)>,
    },
}

/// In words: what is done, and to whom.
impl fmt::Display for Action {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ordinals = |all: &[(u32, String)]| {
            all.iter().map(|(ordinal, _)| ordinal.to_string()).collect::<Vec<_>>().join(", ")
        };
        match self {
            Self::Keep { parts } => {
                let parts: Vec<String> = parts.iter().map(ToString::to_string).collect();
                write!(out, "{}", parts.join(", "))
            }
            Self::Direct { pods } => write!(out, "direct members {}", ordinals(pods)),
            Self::DeleteVolumes { volumes } => write!(out, "delete volumes {}", ordinals(volumes)),
            Self::DeletePods { pods } => write!(out, "delete pods {}", ordinals(pods)),
            Self::AddLearner { member, .. } => write!(out, "add {member} as a learner"),
            Self::Promote { member, .. } => write!(out, "give {member} its vote"),
            Self::RemoveMember { member, id, .. } => write!(out, "take out {member} ({id})"),
            Self::MoveLeader { to, .. } => write!(out, "let {to} lead"),
            Self::DisarmCorrupt { .. } => write!(out, "disarm the CORRUPT alarm"),
            Self::AddFinalizer | Self::DropFinalizer | Self::DeleteStatefulSet { .. } => {
                let name: &str = self.into();
                write!(out, "{name}")
            }
        }
    }
}

/// What is done to one part.
pub type KeepPart = child::KeepPart<Part>;

/// A change of what the machine remembers. It is persisted before any action is performed.
#[derive(Debug, Clone, PartialEq, Eq, IntoStaticStr, Serialize, Deserialize)]
#[serde(rename_all_fields = "camelCase")]
pub enum Record {
    /// The creation begins, or begins again.
    CreationBegun,
    /// The status was lost, and there are volumes: the creation begins with what they may hold.
    CreationResumed,
    /// The status was lost: which birth it is is taken from volumes and `StatefulSet`.
    BirthFound {
        /// Its number.
        incarnation: i64,
    },
    /// etcd's cluster ID and members, once and for all. From here on no member starts anew.
    Identity {
        /// The cluster ID, in hexadecimal.
        #[serde(rename = "clusterID")]
        cluster_id: String,
        /// The birth it belongs to.
        incarnation: i64,
        /// Member name to member ID in hexadecimal.
        members: BTreeMap<String, String>,
        /// Those of them that never ran: an empty volume of theirs has lost nothing.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        unborn: BTreeSet<String>,
    },
    /// The creation is over.
    CreationDone,
    /// Something begins to be done to one member.
    Begun {
        /// What.
        kind: OperationKind,
        /// To whom.
        member: String,
        /// Members in whose places nothing was, known from the one before.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        free: BTreeSet<String>,
    },
    /// What was being done to a member is done, or given up.
    OperationDone,
    /// A member without a vote has joined.
    LearnerAdded {
        /// Its name.
        member: String,
        /// Its ID, in hexadecimal.
        id: String,
    },
    /// A member is out, and its data can never join again. If it is to be replaced, its place is
    /// to be filled from now on.
    Removed {
        /// Its name.
        member: String,
        /// Its ID, in hexadecimal.
        id: String,
        /// The UID of the volume claim it had.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        volume: Option<String>,
    },
    /// Nothing is left in the place of the member to come.
    SlotCleaned {
        /// The member's name.
        member: String,
        /// The members in whose places nothing is, and nobody is known to have been.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        free: BTreeSet<String>,
    },
    /// A volume was made for a member that did not come.
    Unused {
        /// The member's name.
        member: String,
        /// The UID of the volume claim.
        volume: String,
    },
    /// Nothing is left of all that were taken out.
    SlotsReleased,
    /// A learner that did not come up is taken out, and its place is filled once more.
    Recycled,
    /// One more try is used up.
    Retried,
    /// The user changed what is asked for, so the tries count anew.
    TriesForgotten,
    /// The next birth: a new cluster token, so that nothing of the last one can mix with it.
    NextIncarnation,
}
