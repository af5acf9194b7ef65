//! PURE. Every step in every world; and the questions the result answers.

use super::toy::{Action, Fact, Guard, Observed, Pump, Reason, Record, Step, calm, turns};
use super::wreck::{self, Wreck};
use crate::engine::{Decision, Edge, Exploration, Verdict, explore, name, settle};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use strum::IntoEnumIterator;

fn sound() -> Exploration<Pump> {
    explore(turns())
}

fn broken() -> Exploration<Wreck> {
    explore(wreck::turns())
}

#[test]
fn an_edge_says_all_that_was_decided() {
    let expected: Edge<Pump> = Decision {
        from: Step::Flowing,
        fact: Fact::WaterWanted,
        guards: vec![(Guard::WellFull, true), (Guard::Powered, false)],
        verdict: Verdict::Stayed,
        actions: vec![],
        records: vec![],
        held: vec![Reason::NoPower],
    };
    assert!(sound().edges().contains(&expected), "{:#?}", sound().edges());
}

#[test]
fn an_edge_names_actions_and_records_without_their_operands() {
    let find = |from, fact, answer| {
        let edges = sound().edges().to_vec();
        let wanted = |edge: &&Edge<Pump>| {
            (edge.from, edge.fact) == (from, fact)
                && edge.guards.iter().all(|asked| asked.1 == answer)
        };
        let found: Vec<_> = edges.iter().filter(wanted).cloned().collect();
        assert_eq!(found.len(), 1, "{found:#?}");
        (found[0].actions.clone(), found[0].records.clone())
    };
    let none: Vec<String> = vec![];
    assert_eq!(
        find(Step::Priming, Fact::WaterWanted, true),
        (vec!["Spin".to_owned()], none.clone())
    );
    assert_eq!(find(Step::Resting, Fact::WaterWanted, true), (none, vec!["Started".to_owned()]));
}

#[test]
fn no_edge_comes_twice_however_many_worlds_show_it() {
    let exploration = sound();
    assert!(exploration.edges().is_sorted_by(|a, b| a < b), "sorted, and none equal");
    let ten_times = turns().into_iter().cycle().take(10 * turns().len());
    assert_eq!(explore::<Pump>(ten_times).edges(), exploration.edges());
}

#[test]
fn its_edges_are_just_those_that_turns_take() {
    let told = |at: Step, fact: Fact, guards: &[(Guard, bool)], verdict: Verdict<Step>| {
        format!("{at:?} {fact:?} {guards:?} {verdict:?}")
    };
    let exploration = sound();
    let edges = exploration.edges().iter();
    let edges: BTreeSet<_> =
        edges.map(|edge| told(edge.from, edge.fact, &edge.guards, edge.verdict)).collect();
    let turns = turns().into_iter();
    let fired = turns.flat_map(|(from, seen)| settle::<Pump>(from, &seen).unwrap().fired);
    let taken = fired.map(|fired| told(fired.at, fired.fact, &fired.guards, fired.verdict));
    assert_eq!(edges, taken.collect());
}

#[test]
fn every_step_of_a_sound_machine_is_reachable() {
    assert_eq!(sound().reachable(Step::Resting), Step::iter().collect());
}

#[test]
fn a_step_that_only_a_fact_which_is_never_so_leads_to_is_not_reachable() {
    use wreck::Step::{Adrift, Forgotten, Ping, Pong, Sunk};
    assert_eq!(broken().reachable(Ping), BTreeSet::from([Ping, Pong, Adrift, Sunk]));
    assert_eq!(broken().reachable(Forgotten), BTreeSet::from([Forgotten]));
}

#[test]
fn every_step_of_a_sound_machine_finds_its_way_back() {
    for target in Step::iter() {
        assert_eq!(sound().cannot_reach(target), BTreeSet::new(), "{target:?}");
    }
}

#[test]
fn steps_that_lead_nowhere_are_found() {
    use wreck::Step::{Adrift, Forgotten, Ping, Sunk, Unreached};
    let stuck = BTreeSet::from([Adrift, Sunk, Forgotten, Unreached]);
    assert_eq!(broken().cannot_reach(Ping), stuck);
}

#[test]
fn every_step_of_a_sound_machine_decides_something() {
    assert_eq!(sound().unhandled(), BTreeSet::new());
}

#[test]
fn a_step_nobody_wrote_a_handler_for_is_found() {
    use wreck::Step::{Forgotten, Unreached};
    assert_eq!(broken().unhandled(), BTreeSet::from([Forgotten, Unreached]));
}

#[test]
fn the_guards_of_a_sound_machine_determine_what_it_does() {
    assert_eq!(sound().hidden(), Vec::<&[Edge<Pump>]>::new());
}

#[test]
fn a_decision_over_something_without_a_name_is_found() {
    let exploration = broken();
    let hidden = exploration.hidden();
    assert_eq!(hidden.len(), 1, "{hidden:#?}");
    let verdicts: Vec<_> =
        hidden[0].iter().map(|edge| (edge.from, edge.fact, edge.verdict)).collect();
    let (step, fact) = (wreck::Step::Adrift, wreck::Fact::Flooded);
    let moved = Verdict::Moved(wreck::Step::Sunk);
    assert_eq!(verdicts, [(step, fact, moved), (step, fact, Verdict::Ignored)]);
}

#[test]
fn every_guard_of_a_sound_machine_is_seen_both_ways() {
    assert_eq!(sound().one_sided(), BTreeMap::new());
}

#[test]
fn a_guard_that_cannot_fail_or_is_not_asked_is_found() {
    use wreck::Guard::{Always, Unasked};
    let one_sided = BTreeMap::from([(Always, Some(true)), (Unasked, None)]);
    assert_eq!(broken().one_sided(), one_sided);
    let wanted = Observed { wanted: 2, ..calm() };
    let poor: Exploration<Pump> = explore(Step::iter().map(|from| (from, wanted.clone())));
    let expected = Guard::iter().map(|guard| (guard, Some(true))).collect();
    assert_eq!(poor.one_sided(), expected);
}

#[test]
fn a_name_is_the_variant_or_else_the_type() {
    #[derive(Serialize)]
    struct Plain {
        _a: u8,
        _b: u8,
    }
    assert_eq!(name(&Action::Stop), "Stop");
    assert_eq!(name(&Action::Spin { rpm: 1 }), "Spin");
    assert_eq!(name(&Record::Started { at: 1 }), "Started");
    assert_eq!(name(&Plain { _a: 1, _b: 2 }), "Plain");
    assert_eq!(name(&()), "()");
}
