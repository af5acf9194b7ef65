//! PURE. Failed: the rollout had its time. What serves goes on serving.

use super::root;
use super::turn::{Next, Turn};
use crate::service::app_service::decide::action::Record;
use crate::service::app_service::decide::vocabulary::{Fact, Guard, Reason, Step};
use statig::Outcome::{Handled, Super, Transition};

/// Both are left when something else is asked for.
pub fn phase(turn: &mut Turn<'_>, fact: Fact) -> Next {
    match fact {
        Fact::RevisionChanged => root::begin_anew(turn),
        _ => Super,
    }
}

/// The rollout made no progress for as long as it may. Left when it comes up all the same, when
/// something else is asked for, or when it is to be taken back by itself.
pub fn stalled(turn: &mut Turn<'_>, fact: Fact) -> Next {
    match fact {
        Fact::RolloutDone => root::done(turn),
        Fact::DeadlinePassed
            if turn.is(Guard::RollbackAutomatic) && turn.is(Guard::RollbackPossible) =>
        {
            take_back(turn)
        }
        Fact::PodsFailing | Fact::PodsMissing => Handled,
        Fact::Looked => turn.hold(Reason::ProgressDeadlineExceeded),
        _ => Super,
    }
}

/// A rollout was taken back, and the revision before it serves. Left when the spec asks for
/// something else.
pub fn rolled_back(turn: &mut Turn<'_>, fact: Fact) -> Next {
    match fact {
        Fact::RolloutDone if turn.is(Guard::SpecRuns) => root::done_in(turn, Step::Serving),
        Fact::NumberChanged => {
            root::number(turn);
            Handled
        }
        Fact::PodsMissing => turn.hold(Reason::PodsMissing),
        Fact::Looked => turn.hold(Reason::RolledBack),
        _ => Super,
    }
}

fn take_back(turn: &mut Turn<'_>) -> Next {
    let seen = turn.observed;
    if let Some(to) = seen.last_good() {
        let (from, to) = (seen.spec.target.clone(), to.to_owned());
        turn.record(Record::TakenBack { from, to });
    }
    Transition(Step::RollBack)
}
