//! PURE. What a look at something remote gave: a value, or the reason there is none.

use serde::{Deserialize, Serialize};

/// The answer of a remote read. Error is not empty, and empty is not absent.
///
/// # Guarantees
/// [`Known::known`] is the only way to the value, so a guard written over it can never be
/// satisfied by `Unknown`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Known<T> {
    /// The read succeeded and this is what it said.
    Known(T),
    /// The read failed, for this reason. Nothing follows from it.
    Unknown(String),
}

impl<T> Known<T> {
    /// The value, if the read succeeded.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unknown(_) => None,
        }
    }

    /// Whether the read succeeded and `predicate` is true of its value.
    pub fn is_known_and(&self, predicate: impl FnOnce(&T) -> bool) -> bool {
        self.known().is_some_and(predicate)
    }

    /// Why the read failed, if it did.
    pub fn unknown(&self) -> Option<&str> {
        match self {
            Self::Known(_) => None,
            Self::Unknown(why) => Some(why),
        }
    }
}
