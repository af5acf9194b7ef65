//! PURE. What happened in a run, in order.

use jiff::Timestamp;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// When, in virtual time.
    pub at: Timestamp,
    /// What.
    pub what: What,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Somebody did something to the world.
    Deed(String),
    /// A fault struck.
    Fault(String),
    /// An operator wrote something.
    Write {
        /// The HTTP method.
        verb: String,
        /// The path.
        path: String,
        /// The status it was answered with.
        code: u16,
    },
    /// A turn ended early.
    Failed(String),
    /// A turn decided something: its transcript, as the journal keeps it.
    Decided(String),
}
