//! PURE. An object of a fixed name, as its owner sees it, and what is done to it.

use crate::crd::Owner;
use crate::resource::names;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::{Deserialize, Serialize};
use std::fmt;

/// One object of a fixed name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Child {
    /// A live read found nothing of that name.
    Absent,
    /// It belongs to this very owner.
    Ours {
        /// Its UID.
        uid: String,
        /// Its generation, for kinds that count them.
        #[serde(default)]
        generation: Option<i64>,
        /// Where it first differs from what it should be, if it does.
        drift: Option<String>,
        /// Whether it is being deleted.
        deleting: bool,
    },
    /// Something of that name belongs to somebody else.
    Foreign {
        /// Whose it is, for a person to read.
        owner: String,
    },
    /// The read failed.
    Unknown(String),
}

impl Child {
    /// What a found object of a fixed name is to its owner.
    pub fn of(
        owner: &impl Owner,
        metadata: &ObjectMeta,
        drift: impl FnOnce() -> Option<String>,
    ) -> Self {
        let owners = metadata.owner_references.iter().flatten();
        let found = owners.clone().find(|found| found.controller == Some(true));
        match found {
            Some(found) if found.uid == names::uid(owner) => Self::Ours {
                uid: metadata.uid.clone().unwrap_or_default(),
                generation: metadata.generation,
                drift: drift(),
                deleting: metadata.deletion_timestamp.is_some(),
            },
            Some(found) => Self::Foreign { owner: format!("{} {}", found.kind, found.name) },
            None => Self::Foreign { owner: "nobody".to_owned() },
        }
    }

    /// The UID, if it is ours.
    pub fn uid(&self) -> Option<&str> {
        match self {
            Self::Ours { uid, .. } => Some(uid),
            Self::Absent | Self::Foreign { .. } | Self::Unknown(_) => None,
        }
    }

    /// Whether its name is not to be had now.
    pub fn is_taken(&self) -> bool {
        match self {
            Self::Foreign { .. } | Self::Ours { deleting: true, .. } => true,
            Self::Absent | Self::Ours { deleting: false, .. } | Self::Unknown(_) => false,
        }
    }

    /// Whether its name is to be had, or it is ours.
    pub fn is_free(&self) -> bool {
        !self.is_taken() && !matches!(self, Self::Unknown(_))
    }

    /// Whether it is ours and just what it should be.
    pub fn is_current(&self) -> bool {
        matches!(self, Self::Ours { drift: None, deleting: false, .. })
    }

    /// What has to be done to it. What belongs to somebody else, is being deleted or could not be
    /// read is left alone.
    pub fn to_keep<P>(&self, part: P) -> Option<KeepPart<P>> {
        match self {
            Self::Absent => Some(KeepPart::Create(part)),
            Self::Ours { uid, generation, drift: Some(_), deleting: false } => {
                Some(KeepPart::Mend(part, uid.clone(), *generation))
            }
            Self::Ours { .. } | Self::Unknown(_) | Self::Foreign { .. } => None,
        }
    }

    /// What it is, for a person to read.
    pub fn told(&self) -> String {
        match self {
            Self::Absent => "is absent".to_owned(),
            Self::Ours { deleting: true, .. } => "is ours and being deleted".to_owned(),
            Self::Ours { drift: Some(at), .. } => format!("is ours and differs at {at}"),
            Self::Ours { .. } => "is ours".to_owned(),
            Self::Foreign { owner } => format!("belongs to {owner}"),
            Self::Unknown(why) => format!("could not be read: {why}"),
        }
    }
}

/// What is done to one part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeepPart<P> {
    /// It is absent and is made. An object of somebody else is never taken over.
    Create(P),
    /// It is ours, with this UID and of this generation, and is made what it should be.
    Mend(P, String, Option<i64>),
}

impl<P: fmt::Debug> fmt::Display for KeepPart<P> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Create(part) => write!(out, "create {part:?}"),
            Self::Mend(part, ..) => write!(out, "mend {part:?}"),
        }
    }
}
