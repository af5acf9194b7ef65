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
    /// An operator changed etcd's membership.
    Call {
        /// The RPC.
        call: &'static str,
        /// `done`, or the class of its error.
        answer: &'static str,
    },
    /// A turn ended early.
    Failed(String),
    /// A turn decided something: its transcript, as the journal keeps it.
    Decided(String),
}

impl Entry {
    /// The transcript of a turn that decided something, if it is one.
    pub fn decided(&self) -> Option<&str> {
        match &self.what {
            What::Decided(line) => Some(line),
            What::Deed(_)
            | What::Fault(_)
            | What::Write { .. }
            | What::Call { .. }
            | What::Failed(_) => None,
        }
    }
}
