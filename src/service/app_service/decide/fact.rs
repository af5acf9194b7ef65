//! PURE. What is so, drawn from the observation in order of urgency.

use super::vocabulary::Fact;
use crate::service::app_service::observe::observed::{Child, Observed};
use crate::service::facts::{self, drawn};

/// The facts of this turn, most urgent first.
pub fn derive(seen: &Observed) -> Vec<Fact> {
    drawn(ALONE, ORDER, seen)
}

type Row = facts::Row<Observed, Fact>;

/// The facts beside which nothing else counts, in order of urgency.
const ALONE: &[Row] = &[
    (|seen| seen.spec.paused, Fact::Paused),
    (|seen| seen.deleting, Fact::Deleted),
    (Observed::is_pin_unknown, Fact::RevisionUnknown),
];

/// Each other fact beside what makes it so, in order of urgency.
const ORDER: &[Row] = &[
    (|seen| seen.parts().any(|(_, child)| child.is_taken()), Fact::NameTaken),
    (|seen| !seen.parts_to_keep().is_empty(), Fact::PartsDrifted),
    (|seen| !seen.surplus().is_empty(), Fact::PartsSurplus),
    (number_drifted, Fact::NumberDrifted),
    (|seen| seen.memory.revision.as_ref() != Some(&seen.spec.target), Fact::RevisionChanged),
    (rollout_done, Fact::RolloutDone),
    (number_changed, Fact::NumberChanged),
    (Observed::is_overdue, Fact::DeadlinePassed),
    (|seen| !seen.failing.is_empty(), Fact::PodsFailing),
    (pods_missing, Fact::PodsMissing),
    (|seen| seen.spec.pinned.is_some(), Fact::Pinned),
    (|_| true, Fact::Looked),
];

/// The Deployment is ours and asks for another number than the spec. A number that is left to
/// others is none of ours.
fn number_drifted(seen: &Observed) -> bool {
    let ours = matches!(seen.objects.deployment, Child::Ours { deleting: false, .. });
    let asked = seen.rollout.as_ref().map(|is| is.asked);
    ours && asked.is_some() && seen.spec.replicas.is_some() && asked != seen.spec.replicas
}

fn rollout_done(seen: &Observed) -> bool {
    seen.is_rolled_out() && !number_drifted(seen)
}

fn number_changed(seen: &Observed) -> bool {
    let asked = seen.rollout.as_ref().map(|is| is.asked);
    seen.memory.desired.is_some() && asked.is_some() && asked != seen.memory.desired
}

fn pods_missing(seen: &Observed) -> bool {
    let (asked, serve) = seen.pods();
    serve < asked
}
