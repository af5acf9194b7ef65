//! PURE. Running: what the spec asks for serves, and nothing is being changed.

use super::root;
use super::turn::{Next, Turn};
use crate::service::app_service::decide::vocabulary::{Fact, Guard, Reason, Step};
use statig::Outcome::{Handled, Super, Transition};

/// There is one step, and it decides.
pub fn phase(_: &mut Turn<'_>, _: Fact) -> Next {
    Super
}

/// All serve. Left when something else is asked for, or fewer serve.
pub fn serving(turn: &mut Turn<'_>, fact: Fact) -> Next {
    match fact {
        Fact::RevisionChanged => {
            root::begin(turn);
            Transition(Step::Roll)
        }
        Fact::NumberChanged => {
            root::number(turn);
            Transition(Step::Scale)
        }
        Fact::RolloutDone if !turn.is(Guard::SpecRuns) => Transition(Step::RolledBack),
        Fact::PodsMissing => Transition(Step::Short),
        Fact::Pinned => turn.hold(Reason::Pinned),
        // A pod that is not needed to serve fails nobody.
        Fact::RolloutDone | Fact::DeadlinePassed | Fact::PodsFailing | Fact::Looked => Handled,
        _ => Super,
    }
}
