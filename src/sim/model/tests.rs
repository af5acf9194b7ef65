//! SHELL. The model holds, and each planted mistake breaks it.

use super::Event::Killed;
use super::mistakes::{CAUGHT, NOT_MODELLED, hunt, limits, scope_of};
use super::{Budget, Scope, check, scope};
use crate::engine::{resume, settle};
use crate::mutants;
use crate::service::etcd_cluster::{EtcdClusterMachine, Step};
use std::collections::BTreeSet;
use strum::IntoEnumIterator;

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
    // etcd allows no change of its membership here, and no member falls asleep; Evict wants three.
    let modelled = Step::iter().filter(|step| !Step::OF_MEMBERS.contains(step));
    assert_eq!(report.reached(), modelled.collect::<BTreeSet<_>>());
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
        let sound = check(&scope, &limits()).unwrap();
        assert!(sound.complete, "{mutant} is not planted, and still: {sound}");
        let report = hunt(mutant).unwrap();
        let law = report.violated.first().map(|first| first.law);
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
