//! PURE. Degraded: something a person should look at; Kubernetes goes on trying.

use super::root;
use super::turn::{Next, Turn};
use crate::service::app_service::decide::vocabulary::{Fact, Reason, Step};
use statig::Outcome::{Handled, Super, Transition};

/// Both are left when all pods serve, or something else is asked for.
pub fn phase(turn: &mut Turn<'_>, fact: Fact) -> Next {
    match fact {
        Fact::RevisionChanged => root::begin_anew(turn),
        Fact::RolloutDone => root::done(turn),
        _ => Super,
    }
}

/// A new pod cannot come up. Those from before go on serving until the time is over, and after.
pub fn struggle(turn: &mut Turn<'_>, fact: Fact) -> Next {
    match fact {
        Fact::DeadlinePassed => Transition(Step::Stalled),
        Fact::PodsMissing => Handled,
        Fact::Looked => turn.hold(Reason::RollingOut),
        _ => Super,
    }
}

/// Fewer serve than are asked for, and nothing is being changed.
pub fn short(turn: &mut Turn<'_>, fact: Fact) -> Next {
    match fact {
        Fact::NumberChanged => {
            root::number(turn);
            Handled
        }
        Fact::Looked => turn.hold(Reason::PodsMissing),
        _ => Super,
    }
}
