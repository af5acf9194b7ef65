//! SHELL. What has to happen for each planted mistake to show in the model.

use super::Event::{Deaf, Delete, Edit, Lag, Pause, Recreate, StatusLost, Takeover, Wiped};
use super::{Budget, Event, Limits, Report, Scope, check, scope};
use crate::mutants;
use std::time::Duration;

/// Each mistake, the size of the cluster, and what has to happen for it to show.
pub const CAUGHT: &[(&str, u8, &[Event])] = &[
    ("Fenced is true", 1, &[]),
    ("MemberRefuses is false", 3, &[Wiped]),
    ("VolumesClean is true", 1, &[Delete, Recreate]),
    ("VolumesRetained is false", 1, &[Delete]),
    ("SpecCurrent is true", 1, &[StatusLost, Edit]),
    ("Paused never", 1, &[Pause]),
    ("Deleted never", 1, &[Delete]),
    ("PartsDrifted never", 1, &[]),
    ("PodsDrifted never", 1, &[]),
    ("delete-without-uid", 1, &[Takeover, Delete, Recreate]),
    ("update-without-expectation", 1, &[Takeover, Delete, Recreate]),
    ("create-by-apply", 1, &[Takeover]),
    ("status-after-actions", 1, &[]),
    ("status-without-version", 1, &[Edit]),
    ("proof-skipped", 1, &[Pause]),
    ("cache-is-truth", 1, &[Lag, Delete, Recreate]),
    ("unknown-is-down", 1, &[Deaf]),
    ("gate-says-new", 1, &[Wiped]),
    ("mode-new-forever", 1, &[]),
    ("serving-from-the-start", 1, &[]),
    ("birth-not-counted", 1, &[Edit]),
];

/// Neither clients that write past the Service are in the model, nor selectors, a stranger's
/// Services, finalizers that somebody takes off, pods that outlive their `StatefulSet`, changes of
/// etcd's membership, nor what the members' data comes to.
pub const NOT_MODELLED: &[&str] = &[
    "NeverServed is true",
    "selector-drift-ignored",
    "made-without-members",
    "NamesFree is true",
    "FinalizerMissing never",
    "OthersHealthy is true",
    "LearnerBorn is true",
    "SlotClean is true",
    "MemberOut never",
    "LearnerListed never",
    "DataLost never",
    "MemberVanished never",
    "DataDiverges never",
    "AlarmOutlived never",
    "time-is-proof",
    "leader-is-right",
    "disarm-first",
];

/// How far is looked.
pub fn limits() -> Limits {
    Limits { moves: scope::MOVES_MAX, time: Duration::from_secs(600), threads: 1 }
}

/// A scope in which no more than this happens.
pub fn scope_of(size: u8, events: &[Event]) -> Scope {
    let faults = events.iter().filter(|event| event.is_fault()).count();
    let budget = Budget::faults(u8::try_from(faults).unwrap());
    let budget = events.iter().fold(budget, |budget, &event| budget.with(event, 1));
    Scope { about: "a mistake", sizes: [size, 1], budget }
}

/// What the model shows of a mistake in its scope; nothing if it does not model it.
pub fn hunt(mutant: &'static str) -> Option<Report> {
    let (_, size, events) = CAUGHT.iter().find(|(name, ..)| *name == mutant)?;
    mutants::plant(Some(mutant));
    let report = check(&scope_of(*size, events), &limits()).unwrap();
    mutants::plant(None);
    Some(report)
}
