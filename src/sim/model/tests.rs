//! SHELL. The model holds, and each planted mistake breaks it.

use super::Event::{
    Crash, Deaf, Delete, Edit, Killed, Lag, Pause, Recreate, StatusLost, Stranger, Takeover, Wiped,
};
use super::{Budget, Event, Limits, Report, Scope, check, scope};
use crate::engine::{resume, settle};
use crate::mutants;
use crate::service::etcd_cluster::{EtcdClusterMachine, Step};
use std::cell::Cell;
use std::collections::BTreeSet;
use std::time::Duration;
use strum::IntoEnumIterator;

thread_local! {
    static PLANTED: Cell<Option<&'static str>> = const { Cell::new(None) };
}

/// The mistake the next model is checked with.
pub fn planted() -> Option<&'static str> {
    PLANTED.get()
}

/// Each mistake, the size of the cluster, and what has to happen for it to show.
const CAUGHT: &[(&str, u8, &[Event])] = &[
    ("Fenced is true", 1, &[]),
    ("MemberRefuses is false", 3, &[Wiped]),
    ("NamesFree is true", 1, &[Stranger]),
    ("VolumesClean is true", 1, &[Delete, Recreate]),
    ("VolumesRetained is false", 1, &[Delete]),
    ("SpecCurrent is true", 1, &[StatusLost, Edit]),
    ("Paused never", 1, &[Pause]),
    ("Deleted never", 1, &[Delete]),
    ("FinalizerMissing never", 1, &[Crash]),
    ("PartsDrifted never", 1, &[]),
    ("PodsDrifted never", 1, &[]),
    ("delete-without-uid", 1, &[Takeover, Delete, Recreate]),
    ("update-without-expectation", 1, &[Takeover, Delete, Recreate]),
    ("create-by-apply", 1, &[Takeover]),
    ("status-after-actions", 1, &[]),
    ("status-without-version", 1, &[Edit]),
    ("proof-skipped", 1, &[Pause]),
    ("cache-is-truth", 1, &[Lag, Stranger]),
    ("unknown-is-down", 1, &[Deaf]),
    ("gate-says-new", 1, &[Wiped]),
    ("mode-new-forever", 1, &[]),
    ("serving-from-the-start", 1, &[]),
    ("birth-not-counted", 1, &[Edit]),
];

/// Neither clients that write past the Service are in the model, nor selectors.
const NOT_MODELLED: &[&str] = &["NeverServed is true", "selector-drift-ignored"];

fn limits() -> Limits {
    Limits { moves: scope::MOVES_MAX, time: Duration::from_secs(600), threads: 1 }
}

fn scope_of(size: u8, events: &[Event]) -> Scope {
    let faults = events.iter().filter(|event| event.is_fault()).count();
    let budget = Budget::faults(u8::try_from(faults).unwrap());
    let budget = events.iter().fold(budget, |budget, &event| budget.with(event, 1));
    Scope { about: "a mistake", sizes: [size, 1], budget }
}

fn with_mutant(mutant: &'static str, scope: &Scope) -> Report {
    PLANTED.set(Some(mutant));
    let report = check(scope, &limits()).unwrap();
    PLANTED.set(None);
    mutants::plant(None);
    report
}

#[test]
fn one_member_keeps_every_law_whatever_goes_wrong() {
    let scope = Scope { about: "any fault", sizes: [1, 1], budget: scope::any_fault(1) };
    let report = check(&scope, &limits()).unwrap();
    assert!(report.complete, "{report}");
}

#[test]
fn whatever_a_user_asks_of_one_member_keeps_every_law() {
    let budget = scope::with_user(scope::any_fault(0), 1);
    let report = check(&Scope { about: "the user", sizes: [1, 1], budget }, &limits()).unwrap();
    assert!(report.complete, "{report}");
}

/// A model that never gets anywhere keeps every law, too.
#[test]
fn every_step_is_reached_and_every_turn_can_be_decided_again() {
    let budget = Budget::faults(2).with(Killed, 2);
    let report = check(&Scope { about: "killed", sizes: [1, 1], budget }, &limits()).unwrap();
    assert!(report.complete, "{report}");
    assert_eq!(report.reached(), Step::iter().collect::<BTreeSet<_>>());
    for (recorded, seen) in report.decided() {
        let from = resume::<EtcdClusterMachine>(recorded.as_deref(), &seen);
        assert!(settle::<EtcdClusterMachine>(from, &seen).is_ok());
    }
}

#[test]
fn every_mistake_breaks_the_model_and_nothing_else_does() {
    let mut missed = vec![];
    for (mutant, size, events) in CAUGHT {
        let scope = scope_of(*size, events);
        let broken = |report: &Report| report.violated.first().map(|first| first.law);
        let sound = check(&scope, &limits()).unwrap();
        assert!(sound.complete, "{mutant} is not planted, and still: {sound}");
        let report = with_mutant(mutant, &scope);
        let law = broken(&report);
        println!("{mutant:28} {:>7} states  {}", report.states, law.unwrap_or("NOT CAUGHT"));
        missed.extend(law.is_none().then_some(*mutant));
    }
    assert_eq!(missed, Vec::<&str>::new());
}

#[test]
fn every_mistake_there_is_was_tried_or_is_named_as_not_modelled() {
    let tried = CAUGHT.iter().map(|(name, ..)| *name).chain(NOT_MODELLED.iter().copied());
    let all = mutants::ALL.iter().map(|(name, _)| *name);
    assert_eq!(tried.collect::<BTreeSet<_>>(), all.collect::<BTreeSet<_>>());
}
