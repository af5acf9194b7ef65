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
use super::vocabulary::{Reason, Step};
use crate::crd::GateVerdict;
use crate::engine::{Known, Settled, name, settle};

/// One turn, begun in any of some steps, and what must come of it.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    /// What is so, in a sentence.
    pub about: &'static str,
    /// The steps in which it is decided alike.
    pub steps: &'static [Step],
    /// What is seen.
    pub seen: fn() -> Observed,
    /// Where it leads; none if the machine stays.
    pub to: Option<Step>,
    /// Why it waits there.
    pub held: &'static [Reason],
    /// The names of what is recorded and then ordered.
    pub does: &'static [&'static str],
}

/// What a case that is decided otherwise came to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("in {from:?}, {about}: it came to {to:?}, holds {held:?}, does {does:?}")]
pub struct Otherwise {
    from: Step,
    about: &'static str,
    to: Step,
    held: Vec<Reason>,
    does: Vec<String>,
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
    Case { about, steps, seen, to: None, held: &[], does: &[] }
}

impl Case {
    /// The same, but it leads to this step.
    const fn leads(self, to: Step) -> Self {
        Self { to: Some(to), ..self }
    }

    /// The same, but it waits for these reasons.
    const fn holds(self, held: &'static [Reason]) -> Self {
        Self { held, ..self }
    }

    /// The same, but it records and orders these.
    const fn does(self, does: &'static [&'static str]) -> Self {
        Self { does, ..self }
    }

    /// The turn begun in each of its steps, if it is decided as the case says.
    ///
    /// # Errors
    /// The first step in which it is not.
    pub fn decide(&self) -> Result<Vec<Settled<EtcdClusterMachine>>, Otherwise> {
        self.steps.iter().map(|&from| self.decide_in(from)).collect()
    }

    fn decide_in(&self, from: Step) -> Result<Settled<EtcdClusterMachine>, Otherwise> {
        let seen = (self.seen)().in_step(from);
        let about = self.about;
        let Ok(turn) = settle::<EtcdClusterMachine>(from, &seen) else {
            return Err(Otherwise { from, about, to: from, held: vec![], does: vec![] });
        };
        let records = turn.records.iter().map(name);
        let does: Vec<String> = records.chain(turn.actions.iter().map(name)).collect();
        let to = self.to.unwrap_or(from);
        if (turn.to, &*turn.held) == (to, self.held) && does == self.does {
            return Ok(turn);
        }
        Err(Otherwise { from, about, to: turn.to, held: turn.held, does })
    }
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
