//! SHELL. One who wants to lead.

use super::claim::Identity;
use super::timing::{Clock, Timing};
use std::hash::{BuildHasher, RandomState};

/// One who wants to lead.
pub struct Candidate<A> {
    pub(super) api: A,
    pub(super) me: Identity,
    pub(super) timing: Timing,
    pub(super) clock: Clock,
}

impl Identity {
    /// The identity of this run of this process, in the pod `name` with that uid or outside of any.
    pub fn new(name: &str, pod_uid: Option<&str>) -> Self {
        // The one source of chance in the standard library: every state is seeded anew.
        Self::of_run(name, pod_uid, RandomState::new().hash_one(name))
    }
}
