//! PURE. What every phase shares: pause, deletion, keeping the parts, and what ends a rollout.

use super::turn::{Next, Turn};
use crate::service::app_service::decide::action::{Action, Record};
use crate::service::app_service::decide::vocabulary::{Fact, Guard, Reason, Step};
use crate::service::app_service::observe::observed::Child;
use statig::Outcome::{Handled, Super, Transition};

/// What a phase does not decide is decided here.
///
/// No wildcard: a new fact does not compile until someone decides it.
#[deny(clippy::wildcard_enum_match_arm)]
pub fn service(turn: &mut Turn<'_>, fact: Fact) -> Next {
    match fact {
        Fact::Paused => turn.hold(Reason::Paused),
        // What is owned goes with its owner; nothing is made meanwhile.
        Fact::Deleted => turn.hold(Reason::Deleting),
        // Neither the one nor the other is known to be meant, so all stays as it is.
        Fact::RevisionUnknown => turn.hold(Reason::RevisionUnknown),

        Fact::NameTaken => turn.hold(Reason::ForeignObject),
        Fact::PartsDrifted => keep_parts(turn),
        Fact::PartsSurplus => {
            turn.emit(Action::Remove { parts: turn.observed.surplus() });
            Handled
        }
        Fact::NumberDrifted if turn.is(Guard::NumberOurs) => set_number(turn),
        Fact::NumberDrifted => Handled,
        Fact::PodsFailing => turn.hold(Reason::PodsFailing),

        Fact::RevisionChanged
        | Fact::RolloutDone
        | Fact::NumberChanged
        | Fact::DeadlinePassed
        | Fact::PodsMissing
        | Fact::Pinned
        | Fact::Looked => Super,
    }
}

/// Makes what is absent and mends what differs.
pub fn keep_parts(turn: &mut Turn<'_>) -> Next {
    turn.emit(Action::Keep { parts: turn.observed.parts_to_keep() });
    Handled
}

fn set_number(turn: &mut Turn<'_>) -> Next {
    let seen = turn.observed;
    if let (Child::Ours { uid, generation, .. }, Some(replicas)) =
        (&seen.objects.deployment, seen.spec.replicas)
    {
        turn.emit(Action::Scale { uid: uid.clone(), generation: *generation, replicas });
    }
    Handled
}

/// Another revision is to run: that it begins is on record before anything is changed for it.
pub fn begin(turn: &mut Turn<'_>) {
    let revision = turn.observed.spec.target.clone();
    turn.record(Record::RevisionBegun { revision });
}

/// The same in a step that is left for it: a service that never served is still being created.
pub fn begin_anew(turn: &mut Turn<'_>) -> Next {
    begin(turn);
    Transition(if turn.is(Guard::EverServed) { Step::Roll } else { Step::Start })
}

/// All pods that are asked for serve, all of the revision on record: it can be brought back from now
/// on.
pub fn done(turn: &mut Turn<'_>) -> Next {
    let next = if turn.is(Guard::SpecRuns) { Step::Serving } else { Step::RolledBack };
    done_in(turn, next)
}

/// The same, when it is known what runs.
pub fn done_in(turn: &mut Turn<'_>, next: Step) -> Next {
    let (replicas, _) = turn.observed.pods();
    let revision = turn.observed.spec.target.clone();
    turn.record(Record::RolloutDone { revision, replicas });
    Transition(next)
}

/// Another number of pods is asked for.
pub fn number(turn: &mut Turn<'_>) {
    let (replicas, _) = turn.observed.pods();
    turn.record(Record::NumberBegun { replicas });
}
