//! SHELL. What has to happen for each planted mistake to show in the model.

use super::Event::{
    ClaimLost, Deaf, Delete, Edit, Lag, Pause, PodLost, Recreate, SetLost, StatusLost, TakenOut,
    Takeover, Wiped,
};
use super::{Budget, Event, Limits, Report, Scope, check, scope};
use crate::mutants;
use std::time::Duration;

/// A mistake, the sizes of the two specs, and what has to happen for it to show.
type Mistake = (&'static str, [u8; 2], &'static [Event]);

/// Each mistake that shows from the beginning of a cluster.
const OF_BIRTHS: &[Mistake] = &[
    ("Fenced is true", [1, 1], &[]),
    ("MemberRefuses is false", [3, 1], &[Wiped]),
    ("VolumesClean is true", [1, 1], &[Delete, Recreate]),
    ("VolumesRetained is false", [1, 1], &[Delete]),
    ("VolumesNew is true", [1, 1], &[StatusLost, SetLost, Edit]),
    ("SpecCurrent is true", [1, 1], &[StatusLost, Edit]),
    ("Paused never", [1, 1], &[Pause]),
    ("Deleted never", [1, 1], &[Delete]),
    ("PartsDrifted never", [1, 1], &[]),
    ("PodsDrifted never", [1, 1], &[]),
    ("delete-without-uid", [1, 1], &[Takeover, Delete, Recreate]),
    ("update-without-expectation", [1, 1], &[Takeover, Delete, Recreate]),
    ("create-by-apply", [1, 1], &[Takeover]),
    ("status-after-actions", [1, 1], &[]),
    ("status-without-version", [1, 1], &[Edit]),
    ("proof-skipped", [1, 1], &[Pause]),
    ("cache-is-truth", [1, 1], &[Lag, Delete, Recreate]),
    ("unknown-is-down", [1, 1], &[Deaf]),
    ("gate-says-new", [1, 1], &[Wiped]),
    ("mode-new-forever", [1, 1], &[]),
    ("serving-from-the-start", [1, 1], &[]),
    ("birth-not-counted", [1, 1], &[Edit]),
];

/// Each mistake that shows in the life of a cluster that runs.
const OF_MEMBERS: &[Mistake] = &[
    ("OthersHealthy is true", [3, 1], &[Edit, PodLost]),
    ("LearnerBorn is true", [1, 3], &[Edit, ClaimLost]),
    ("caught-up-at-once", [1, 3], &[Edit]),
    ("SlotClean is true", [3, 1], &[Wiped]),
    ("MemberOut never", [3, 1], &[Edit]),
    ("LearnerListed never", [1, 3], &[Edit]),
    ("DataLost never", [3, 1], &[Wiped]),
    ("MemberVanished never", [3, 1], &[TakenOut]),
];

/// Neither the schedule, nor clients that write past the Service are in the model, nor selectors, a
/// stranger's Services, finalizers that somebody takes off, pods that have no `StatefulSet` or that
/// another one adopts, volumes that are lost with their node or together with the status, nor what
/// the members' data comes to.
pub const NOT_MODELLED: &[&str] = &[
    "NeverServed is true",
    "VolumesWhole is true",
    "resumed-as-new",
    "selector-drift-ignored",
    "made-without-members",
    "OrphansLeft is false",
    "NamesFree is true",
    "FinalizerMissing never",
    "DataDiverges never",
    "AlarmOutlived never",
    "time-is-proof",
    "leader-is-right",
    "disarm-first",
    "wake-forgotten",
    "requeue-forgotten",
    "backoff-runaway",
];

/// Every mistake that is in the model, with the scope it shows in.
pub fn modelled() -> impl Iterator<Item = (&'static str, Scope)> {
    let born = OF_BIRTHS.iter().map(|mistake| (mistake, scope::of as Begin));
    let running = OF_MEMBERS.iter().map(|mistake| (mistake, scope::running as Begin));
    born.chain(running)
        .map(|(&(name, sizes, events), begin)| (name, begin("a mistake", sizes, only(events))))
}

type Begin = fn(&'static str, [u8; 2], Budget) -> Scope;

/// How far is looked.
pub fn limits() -> Limits {
    Limits { moves: scope::MOVES_MAX, time: Duration::from_secs(600), threads: 1 }
}

/// No more than this happens, each once.
fn only(events: &[Event]) -> Budget {
    let faults = events.iter().filter(|event| event.is_fault()).count();
    let budget = Budget::faults(u8::try_from(faults).unwrap());
    events.iter().fold(budget, |budget, &event| budget.with(event, 1))
}

/// What the model shows of a mistake in its scope; nothing if it does not model it.
pub fn hunt(mutant: &'static str) -> Option<Report> {
    let (_, scope) = modelled().find(|(name, _)| *name == mutant)?;
    mutants::plant(Some(mutant));
    let report = check(&scope, &limits()).unwrap();
    mutants::plant(None);
    Some(report)
}
