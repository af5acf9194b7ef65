//! PURE. What the machine must do in named worlds, as data: a turn, and all that must come of it.
//!
//! Here stands what no story of the simulated world comes by: what every step does alike, and what
//! two accidents at once bring about. Tests decide each case; `coverage` counts those that are
//! decided as they say.

mod adding;
mod corrupt;
mod creating;
mod every_step;
mod failed;
mod learning;
mod removing;
mod running;
mod sleeping;
mod worlds;

use super::machine::EtcdClusterMachine;
use super::observed::{Child, Look, Observed};
use super::vocabulary::Step;
use crate::crd::GateVerdict;
use crate::engine::Known;
use crate::service::case::{self, InStep};

/// One turn, begun in any of some steps, and what must come of it.
pub type Case = case::Case<EtcdClusterMachine>;

impl InStep<Step> for Observed {
    fn recorded_in(self, step: Step) -> Self {
        self.in_step(step)
    }
}

/// Every case.
pub fn all() -> impl Iterator<Item = &'static Case> {
    [
        every_step::ALL,
        creating::ALL,
        running::ALL,
        adding::ALL,
        learning::ALL,
        removing::ALL,
        sleeping::ALL,
        failed::ALL,
        corrupt::ALL,
    ]
    .into_iter()
    .flatten()
}

/// One in which the machine stays, waits for nothing and does nothing.
const fn case(about: &'static str, steps: &'static [Step], seen: fn() -> Observed) -> Case {
    Case::of(about, steps, seen)
}

impl Observed {
    /// Member 0 answers as `change` makes it.
    fn answering(mut self, change: impl FnOnce(&mut Look)) -> Self {
        if let Some(Known::Known(look)) = self.looks.get_mut(&0) {
            change(look);
        }
        self
    }

    /// The spec is not the one the members were made from.
    fn respecified(self) -> Self {
        self.with(|seen| "another".clone_into(&mut seen.spec.hash))
    }

    /// No pod was told yet what it should be.
    fn untold(self) -> Self {
        self.with(|seen| seen.pods.values_mut().for_each(|pod| pod.current = false))
    }

    /// Somebody else has an object of the client Service's name.
    fn taken(self) -> Self {
        self.with(|seen| {
            seen.objects.client_service = Child::Foreign { owner: "nobody".to_owned() };
        })
    }

    /// A member reports an alarm.
    fn alarmed(self) -> Self {
        self.answering(|look| look.errors.push("alarm:NOSPACE".to_owned()))
    }

    /// The finalizer's write failed.
    fn unheld(self) -> Self {
        self.with(|seen| seen.finalizer = false)
    }

    /// A part is gone.
    fn lacking(self) -> Self {
        self.with(|seen| seen.objects.peer_service = Child::Absent)
    }

    /// Nothing was counted live yet.
    fn uncounted(self) -> Self {
        self.with(|seen| seen.counted = false)
    }

    /// Who has the name of the `StatefulSet` cannot be read.
    fn unread(self) -> Self {
        self.with(|seen| {
            seen.objects.stateful_set = Child::Unknown("timeout".to_owned());
            seen.objects.template = None;
        })
    }

    /// The list of members cannot be read.
    fn unlisted(self) -> Self {
        self.with(|seen| seen.members = Known::Unknown("timeout".to_owned()))
    }
}

fn lost() -> GateVerdict {
    GateVerdict::DataLost { detail: String::new() }
}

fn stale() -> GateVerdict {
    GateVerdict::StaleData { detail: String::new() }
}
