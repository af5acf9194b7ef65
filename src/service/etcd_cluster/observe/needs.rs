//! PURE. The questions that come up while the world is read. `decide` answers them, so that nothing is decided
//! here.

use super::observed::{Memory, Observed};
use std::time::Duration;

/// The questions, each a pure function of what is known by then.
#[derive(Debug, Clone, Copy)]
pub struct Needs {
    /// Whether pods and volumes are listed live.
    pub live: fn(&Observed) -> bool,
    /// How long a member is waited for; none if it is not asked.
    pub patience: fn(&Memory, &str) -> Option<Duration>,
    /// Which voters are asked for their hashes; none if it is not time for that.
    pub hashes: fn(&Observed) -> Option<HashRequest>,
    /// The members whose volumes may be lost.
    pub in_doubt: fn(&Observed) -> Vec<u32>,
}

/// Voters that are asked for the hash of all they hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HashRequest {
    /// The revision it is taken at.
    pub revision: i64,
    /// Who is asked: ordinal and member ID in hexadecimal.
    pub voters: Vec<(u32, String)>,
}
