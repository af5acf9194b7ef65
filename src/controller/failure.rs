//! SHELL. Why a turn ended early.

use crate::client::{Answer, ApiError};
use crate::engine::Unsettled;

/// Why a turn ended early. The next one begins by looking again.
#[derive(Debug, thiserror::Error)]
pub enum TurnError {
    /// The lease is not proven, so nothing may be written.
    #[error("not the leader")]
    NotLeading,
    /// The object changed since it was read, so the decision is thrown away.
    #[error("the object changed while the turn was decided")]
    Stale,
    /// The object is gone; nothing is left to do.
    #[error("the object is gone")]
    Gone,
    /// The status could not be written, so nothing was done.
    #[error("failed to write the status")]
    Persist(#[source] ApiError),
    /// An action was refused, or its outcome is not known.
    #[error("failed to perform {action}: {answer:?}")]
    Perform {
        /// Which.
        action: String,
        /// How it ended.
        answer: Answer,
    },
    /// The machine went round in circles.
    #[error(transparent)]
    Unsettled(#[from] Unsettled),
    /// A fault of ours, contained to this object.
    #[error("panicked: {0}")]
    Panicked(String),
}

impl TurnError {
    /// Whether it only has to be asked once more.
    pub fn is_not_yet(&self) -> bool {
        matches!(self, Self::Perform { answer: Answer::NotYet(_), .. })
    }

    /// A bounded word for metrics.
    pub fn label(&self) -> &'static str {
        match self {
            Self::NotLeading => "not_leading",
            Self::Stale => "stale",
            Self::Gone => "gone",
            Self::Persist(_) => "persist_failed",
            Self::Perform { .. } => "action_failed",
            Self::Unsettled(_) => "unsettled",
            Self::Panicked(_) => "panicked",
        }
    }
}
