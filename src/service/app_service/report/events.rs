//! PURE. What a move is announced with: a Kubernetes Event.

use super::messages;
use crate::engine::{Machine, Moved};
use crate::service::app_service::decide::machine::AppServiceMachine;
use crate::service::app_service::decide::vocabulary::Step;
use crate::service::app_service::observe::observed::Observed;
use crate::service::{Announcement, said};

/// The Event of one move.
pub fn announce(seen: &Observed, moved: &Moved) -> Announcement {
    let step = said::step_named::<Step>(&moved.to);
    Announcement {
        warning: step
            .is_some_and(|step| ["Degraded", "Failed"].contains(&AppServiceMachine::phase(step))),
        note: step.map_or_else(String::new, |step| messages::entered(step, seen)),
    }
}
