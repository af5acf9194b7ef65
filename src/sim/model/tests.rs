//! SHELL. The model holds, and each planted mistake breaks it.

use super::Event::{Edit, Killed, Wiped};
use super::mistakes::{NOT_MODELLED, hunt, limits, modelled};
use super::{Budget, Scope, check, scope};
use crate::engine::{resume, settle};
use crate::mutants;
use crate::service::etcd_cluster::decide::machine::EtcdClusterMachine;
use crate::service::etcd_cluster::decide::vocabulary::Step;
use std::collections::BTreeSet;
use strum::IntoEnumIterator;

#[test]
fn one_member_keeps_every_law_whatever_goes_wrong() {
    let scope = scope::of("any fault", [1, 1], scope::any_fault(1));
    let report = check(&scope, &limits()).unwrap();
    assert!(report.complete, "{report}");
}

#[test]
fn whatever_a_user_asks_of_one_member_keeps_every_law() {
    let budget = scope::with_user(scope::any_fault(0), 1);
    let report = check(&scope::of("the user", [1, 1], budget), &limits()).unwrap();
    assert!(report.complete, "{report}");
}

#[test]
fn members_come_and_go_as_often_as_the_user_likes() {
    let scope = scope::running("edits", [1, 3], scope::any_fault(0).with(Edit, 2));
    let report = check(&scope, &limits()).unwrap();
    assert!(report.complete, "{report}");
}

/// A model that never gets anywhere keeps every law, too.
#[test]
fn every_step_is_reached_and_every_turn_can_be_decided_again() {
    let budget = |faults: u8, edits| Budget::faults(faults).with(Edit, edits);
    let scopes: [Scope; 4] = [
        scope::of("killed", [1, 1], budget(2, 0).with(Killed, 2)),
        scope::running("wiped", [3, 1], budget(1, 0).with(Wiped, 1)),
        scope::running("changed", [1, 3], budget(0, 2)),
        scope::running("asleep", [1, 0], budget(0, 2)),
    ];
    let mut reached = BTreeSet::new();
    for scope in scopes {
        let report = check(&scope, &limits()).unwrap();
        assert!(report.complete, "{report}");
        reached.extend(report.reached());
        for (recorded, seen) in report.decided() {
            let from = resume::<EtcdClusterMachine>(recorded.as_deref(), &seen);
            assert!(settle::<EtcdClusterMachine>(from, &seen).is_ok());
        }
    }
    // What the members' data comes to is not in the model.
    let modelled = Step::iter().filter(|step| *step != Step::Corrupt);
    assert_eq!(reached, modelled.collect::<BTreeSet<_>>());
}

#[test]
fn every_mistake_breaks_the_model_and_nothing_else_does() {
    let mut missed = vec![];
    for (mutant, scope) in modelled() {
        let sound = check(&scope, &limits()).unwrap();
        assert!(sound.complete, "{mutant} is not planted, and still: {sound}");
        let report = hunt(mutant).unwrap();
        let law = report.violated.first().map(|first| first.law);
        println!("{mutant:28} {:>7} states  {}", report.states, law.unwrap_or("NOT CAUGHT"));
        missed.extend(law.is_none().then_some(mutant));
    }
    assert_eq!(missed, Vec::<&str>::new());
}

#[test]
fn every_mistake_there_is_was_tried_or_is_named_as_not_modelled() {
    let tried = modelled().map(|(name, _)| name).chain(NOT_MODELLED.iter().copied());
    let all = mutants::ALL.iter().map(|(name, _)| *name);
    assert_eq!(tried.collect::<BTreeSet<_>>(), all.collect::<BTreeSet<_>>());
}
