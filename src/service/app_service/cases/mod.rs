//! PURE. What the machine must do in named worlds, as data: a turn, and all that must come of it.
//!
//! Here stands what no story of the simulated world comes by: what every step does alike, and what
//! two accidents at once bring about.

mod every_step;
mod single_steps;

use super::machine::AppServiceMachine;
use super::observed::Observed;
use super::scenarios::{OLD, rolling};
use super::vocabulary::Step;
use crate::service::case::{self, InStep};

/// One turn, begun in any of some steps, and what must come of it.
pub type Case = case::Case<AppServiceMachine>;

impl InStep<Step> for Observed {
    fn recorded_in(self, step: Step) -> Self {
        self.in_step(step)
    }
}

/// Every case.
pub fn all() -> impl Iterator<Item = &'static Case> {
    [every_step::ALL, every_step::BESIDE, single_steps::ALL].into_iter().flatten()
}

/// A part is gone.
fn lacking() -> Observed {
    use super::observed::Child;
    rolling().with(|seen| seen.objects.ingress = Child::Absent)
}

/// A part is there that nobody asks for.
fn abounding() -> Observed {
    rolling().with(|seen| seen.spec.ingress = false)
}

/// The Deployment asks for another number than the spec.
fn miscounted() -> Observed {
    rolling().with(|seen| seen.spec.replicas = Some(3))
}

/// An autoscaler asks for two pods more.
fn autoscaled() -> Observed {
    rolling().with(|seen| seen.spec.replicas = None).pods_are(|is| is.asked = 4)
}

/// One pod less serves than is asked for.
fn lessened() -> Observed {
    rolling().pods_are(|is| is.available = 1)
}

/// Another revision is to run than the one on record.
fn respecified() -> Observed {
    rolling().with(|seen| seen.memory.revision = Some(OLD.to_owned()))
}

/// The same, and none was ever rolled out whole.
fn respecified_unserved() -> Observed {
    respecified().with(|seen| seen.memory.revisions.clear())
}
