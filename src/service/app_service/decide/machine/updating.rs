//! PURE. Updating: pods are replaced, come or go. Those that serve go only once others do.

use super::root;
use super::turn::{Next, Turn};
use crate::service::app_service::decide::vocabulary::{Fact, Guard, Reason, Step};
use statig::Outcome::{Handled, Super, Transition};

/// What is on its way is not missing.
pub fn phase(_: &mut Turn<'_>, fact: Fact) -> Next {
    match fact {
        Fact::PodsMissing => Handled,
        _ => Super,
    }
}

/// The pods are replaced by those of another revision. Left when all serve, one cannot come up, or
/// the time is over.
pub fn roll(turn: &mut Turn<'_>, fact: Fact) -> Next {
    match fact {
        Fact::RevisionChanged => {
            root::begin(turn);
            Handled
        }
        Fact::RolloutDone => root::done(turn),
        Fact::DeadlinePassed => Transition(Step::Stalled),
        Fact::PodsFailing => Transition(Step::Struggle),
        Fact::Looked => turn.hold(Reason::RollingOut),
        _ => Super,
    }
}

/// Pods come or go. Left when as many serve as are asked for, or it takes too long.
pub fn scale(turn: &mut Turn<'_>, fact: Fact) -> Next {
    match fact {
        Fact::RevisionChanged => {
            root::begin(turn);
            Transition(Step::Roll)
        }
        Fact::RolloutDone => root::done(turn),
        Fact::NumberChanged => {
            root::number(turn);
            Handled
        }
        Fact::PodsFailing => Transition(Step::Short),
        Fact::Looked if turn.is(Guard::StepOverdue) => Transition(Step::Short),
        Fact::Looked => turn.hold(Reason::Scaling),
        _ => Super,
    }
}

/// The last revision that was rolled out whole comes back. Left when all its pods serve.
pub fn roll_back(turn: &mut Turn<'_>, fact: Fact) -> Next {
    match fact {
        Fact::RevisionChanged => {
            root::begin(turn);
            Transition(Step::Roll)
        }
        Fact::RolloutDone => root::done(turn),
        Fact::DeadlinePassed => Transition(Step::Stalled),
        Fact::Looked => turn.hold(Reason::RollingBack),
        _ => Super,
    }
}
