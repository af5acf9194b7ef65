//! PURE. What the machine may order and remember, as data with all its operands.

use crate::service::app_service::observe::part::Part;
use crate::service::child::KeepPart;
use serde::{Deserialize, Serialize};
use std::fmt;
use strum::IntoStaticStr;

/// An effect on the world. Each can be repeated: it names what it expects to find, and finding
/// something else does nothing.
#[derive(Debug, Clone, PartialEq, IntoStaticStr, Serialize, Deserialize)]
#[serde(rename_all_fields = "camelCase")]
pub enum Action {
    /// Makes parts that are absent, and mends parts that drifted, in this order.
    Keep {
        /// Which parts.
        parts: Vec<KeepPart<Part>>,
    },
    /// Deletes parts that are not asked for any more.
    Remove {
        /// Which, with the UID each must have.
        parts: Vec<(Part, String)>,
    },
    /// Changes how many pods the Deployment asks for.
    Scale {
        /// The UID it must have.
        uid: String,
        /// The generation it must be of.
        generation: Option<i64>,
        /// To how many.
        replicas: u32,
    },
}

/// In words: what is done, and to what.
impl fmt::Display for Action {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keep { parts } => {
                let parts: Vec<String> = parts.iter().map(ToString::to_string).collect();
                write!(out, "{}", parts.join(", "))
            }
            Self::Remove { parts } => {
                let parts: Vec<String> =
                    parts.iter().map(|(part, _)| format!("delete {part:?}")).collect();
                write!(out, "{}", parts.join(", "))
            }
            Self::Scale { replicas, .. } => write!(out, "ask for {replicas} pods"),
        }
    }
}

/// A change of what the machine remembers. It is persisted before any action is performed.
#[derive(Debug, Clone, PartialEq, Eq, IntoStaticStr, Serialize, Deserialize)]
#[serde(rename_all_fields = "camelCase")]
pub enum Record {
    /// A revision begins to be rolled out.
    RevisionBegun {
        /// Which.
        revision: String,
    },
    /// The revision on record was rolled out whole, with so many pods.
    RolloutDone {
        /// Which.
        revision: String,
        /// How many.
        replicas: u32,
    },
    /// Another number of pods begins to be reached.
    NumberBegun {
        /// How many.
        replicas: u32,
    },
    /// The rollout failed and is taken back.
    TakenBack {
        /// The revision that failed.
        from: String,
        /// The one that runs instead.
        to: String,
    },
}
