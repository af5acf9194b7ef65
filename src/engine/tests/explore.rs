//! PURE. Every step, every fact, every world; and the questions the result answers.

use super::toy::{Action, Fact, Guard, Pump, Reason, Record, Step, calm, worlds};
use super::wreck::{self, Wreck};
use crate::engine::{Decision, Edge, Exploration, Verdict, explore, name};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use strum::IntoEnumIterator;

fn sound() -> Exploration<Pump> {
    explore(worlds())
}

fn broken() -> Exploration<Wreck> {
    explore(wreck::worlds())
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
        derived: true,
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
fn every_step_meets_every_fact_and_no_edge_comes_twice() {
    let exploration = sound();
    let pairs: BTreeSet<_> =
        exploration.edges().iter().map(|edge| (edge.from, edge.fact)).collect();
    assert_eq!(pairs.len(), Step::iter().count() * Fact::iter().count());
    assert!(exploration.edges().is_sorted_by(|a, b| a < b), "sorted, and none equal");
    // Ten times the worlds, the same table.
    let again = explore::<Pump>(worlds().into_iter().cycle().take(320));
    assert_eq!(again.edges(), exploration.edges());
}

#[test]
fn a_fact_no_world_gives_rise_to_is_explored_but_marked() {
    let exploration = broken();
    let marks = |fact| {
        exploration.edges().iter().filter(move |edge| edge.fact == fact).map(|edge| edge.derived)
    };
    assert!(marks(wreck::Fact::Never).all(|derived| !derived));
    assert_eq!(marks(wreck::Fact::Never).count(), wreck::Step::iter().count());
    assert!(marks(wreck::Fact::Flooded).all(|derived| derived));
}

#[test]
fn an_edge_is_derived_if_any_of_its_worlds_gives_rise_to_the_fact() {
    let derived = |worlds: Vec<wreck::Observed>| {
        let edges = explore::<Wreck>(worlds).edges().to_vec();
        let sunk =
            |edge: &&Edge<Wreck>| edge.from == wreck::Step::Sunk && edge.fact == wreck::Fact::Hit;
        edges.iter().find(sunk).unwrap().derived
    };
    assert!(!derived(vec![(false, 0)]));
    assert!(derived(vec![(false, 0), (true, 0)]));
    assert!(derived(vec![(true, 0), (false, 0)]));
}

#[test]
fn every_step_of_a_sound_machine_is_reachable() {
    assert_eq!(sound().reachable(Step::Resting), Step::iter().collect());
}

#[test]
fn a_step_only_a_fact_that_never_is_leads_to_is_not_reachable() {
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
    let poor: Exploration<Pump> = explore([calm()]);
    let expected = BTreeMap::from([
        (Guard::Powered, Some(true)),
        (Guard::WellFull, Some(true)),
        (Guard::Behind, Some(false)),
    ]);
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
