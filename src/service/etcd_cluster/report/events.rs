//! PURE. What a move is announced with: a Kubernetes Event.

use super::messages;
use crate::engine::Moved;
use crate::service::etcd_cluster::decide::vocabulary::Step;
use crate::service::etcd_cluster::observe::observed::Observed;
use crate::service::{Announcement, said};

/// The Event of one move.
pub fn announce(seen: &Observed, moved: &Moved) -> Announcement {
    let step = said::step_named::<Step>(&moved.to);
    Announcement {
        warning: matches!(
            step,
            Some(
                Step::QuorumLost
                    | Step::Bootstrap
                    | Step::Corrupt
                    | Step::Reset
                    | Step::Evict
                    | Step::DropLearner
            )
        ),
        note: step.map_or_else(String::new, |step| messages::entered(step, seen)),
    }
}
