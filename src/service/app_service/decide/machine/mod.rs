//! PURE. The service's machine: five phases, their steps, and what every phase shares.
//!
//! A phase is a statig superstate, a step a statig state. The handlers of a phase live in the file
//! of its name; what every phase shares stands at the root.

#![allow(missing_docs, reason = "statig writes the enum of phases itself")]

use turn::{Next, Turn};
mod creating;
mod degraded;
mod failed;
mod root;
mod running;
mod turn;
mod updating;

pub use turn::AppServiceMachine;

use super::action::{Action, Record};
use super::vocabulary::{Fact, Guard, Reason, Step};
use super::{fact, guard};
use crate::engine;
use crate::service::app_service::observe::observed::Observed;
use statig::prelude::state_machine;

#[state_machine(
    initial = "Step::Assemble",
    context_identifier = "turn",
    event_identifier = "fact",
    state(custom, name = "Step"),
    superstate(name = "Phase", derive(Debug))
)]
impl AppServiceMachine {
    #[superstate(superstate = "service")]
    fn creating(turn: &mut Turn<'_>, fact: &Fact) -> Next {
        creating::phase(turn, *fact)
    }
    #[state(superstate = "creating")]
    fn assemble(turn: &mut Turn<'_>, fact: &Fact) -> Next {
        creating::assemble(turn, *fact)
    }
    #[state(superstate = "creating")]
    fn start(turn: &mut Turn<'_>, fact: &Fact) -> Next {
        creating::start(turn, *fact)
    }

    #[superstate(superstate = "service")]
    fn running(turn: &mut Turn<'_>, fact: &Fact) -> Next {
        running::phase(turn, *fact)
    }
    #[state(superstate = "running")]
    fn serving(turn: &mut Turn<'_>, fact: &Fact) -> Next {
        running::serving(turn, *fact)
    }

    #[superstate(superstate = "service")]
    fn updating(turn: &mut Turn<'_>, fact: &Fact) -> Next {
        updating::phase(turn, *fact)
    }
    #[state(superstate = "updating")]
    fn roll(turn: &mut Turn<'_>, fact: &Fact) -> Next {
        updating::roll(turn, *fact)
    }
    #[state(superstate = "updating")]
    fn scale(turn: &mut Turn<'_>, fact: &Fact) -> Next {
        updating::scale(turn, *fact)
    }
    #[state(superstate = "updating")]
    fn roll_back(turn: &mut Turn<'_>, fact: &Fact) -> Next {
        updating::roll_back(turn, *fact)
    }

    #[superstate(superstate = "service")]
    fn degraded(turn: &mut Turn<'_>, fact: &Fact) -> Next {
        degraded::phase(turn, *fact)
    }
    #[state(superstate = "degraded")]
    fn struggle(turn: &mut Turn<'_>, fact: &Fact) -> Next {
        degraded::struggle(turn, *fact)
    }
    #[state(superstate = "degraded")]
    fn short(turn: &mut Turn<'_>, fact: &Fact) -> Next {
        degraded::short(turn, *fact)
    }

    #[superstate(superstate = "service")]
    fn failed(turn: &mut Turn<'_>, fact: &Fact) -> Next {
        failed::phase(turn, *fact)
    }
    #[state(superstate = "failed")]
    fn stalled(turn: &mut Turn<'_>, fact: &Fact) -> Next {
        failed::stalled(turn, *fact)
    }
    #[state(superstate = "failed")]
    fn rolled_back(turn: &mut Turn<'_>, fact: &Fact) -> Next {
        failed::rolled_back(turn, *fact)
    }

    #[superstate]
    fn service(turn: &mut Turn<'_>, fact: &Fact) -> Next {
        root::service(turn, *fact)
    }
}

impl engine::Machine for AppServiceMachine {
    type Step = Step;
    type Fact = Fact;
    type Guard = Guard;
    type Reason = Reason;
    type Action = Action;
    type Record = Record;
    type Observed = Observed;

    const KIND: &'static str = "AppService";

    fn phase(step: Step) -> &'static str {
        match step {
            Step::Assemble | Step::Start => "Creating",
            Step::Serving => "Running",
            Step::Roll | Step::Scale | Step::RollBack => "Updating",
            Step::Struggle | Step::Short => "Degraded",
            Step::Stalled | Step::RolledBack => "Failed",
        }
    }

    /// Pods that serve mean a service that lives, a Deployment one that is being made.
    fn classify(seen: &Observed) -> Step {
        match (&seen.rollout, seen.memory.revisions.is_empty()) {
            (None, _) => Step::Assemble,
            (Some(_), true) => Step::Start,
            (Some(_), false) => Step::Roll,
        }
    }

    fn derive(seen: &Observed) -> Vec<Fact> {
        fact::derive(seen)
    }

    fn holds(guard: Guard, seen: &Observed) -> bool {
        guard::holds(guard, seen)
    }

    fn saw(guard: Guard, seen: &Observed) -> String {
        guard::saw(guard, seen)
    }
}
