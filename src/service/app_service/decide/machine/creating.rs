//! PURE. Creating: the parts are made, and the first pods start.

use super::root;
use super::turn::{Next, Turn};
use crate::service::app_service::decide::vocabulary::{Fact, Guard, Reason, Step};
use statig::Outcome::{Handled, Super, Transition};

/// Starting pods are not missing pods.
pub fn phase(_: &mut Turn<'_>, fact: Fact) -> Next {
    match fact {
        Fact::PodsMissing => Handled,
        _ => Super,
    }
}

/// Nothing exists. Left when nobody else has the names we need.
pub fn assemble(turn: &mut Turn<'_>, fact: Fact) -> Next {
    match fact {
        Fact::Looked if !turn.is(Guard::NamesFree) => turn.hold(Reason::ForeignObject),
        Fact::Looked => {
            root::begin(turn);
            root::keep_parts(turn);
            Transition(Step::Start)
        }
        // Nothing is made, and nothing mended, before the guard above has answered.
        Fact::NameTaken
        | Fact::PartsDrifted
        | Fact::PartsSurplus
        | Fact::NumberDrifted
        | Fact::RevisionChanged
        | Fact::PodsFailing => Handled,
        _ => Super,
    }
}

/// The first pods start. Left when all serve, one cannot come up, or the time is over.
pub fn start(turn: &mut Turn<'_>, fact: Fact) -> Next {
    match fact {
        Fact::RevisionChanged => {
            root::begin(turn);
            Handled
        }
        Fact::RolloutDone => root::done(turn),
        Fact::DeadlinePassed => Transition(Step::Stalled),
        Fact::PodsFailing => Transition(Step::Struggle),
        Fact::Looked => turn.hold(Reason::PodsStarting),
        _ => Super,
    }
}
