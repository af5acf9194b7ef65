//! PURE. Every step in every world; and the questions the result answers. Each edge of the pump stands
//! in `edge`, letter by letter.

use super::is_sound;
use super::toy::{Action, Guard, Observed, Pump, Record, Step, calm, turns};
use super::wreck::{self, Wreck};
use crate::engine::{Exploration, Verdict, explore, name, settle};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use strum::IntoEnumIterator;

#[test]
fn no_edge_comes_twice_however_many_worlds_show_it() {
    let exploration = explore::<Pump>(turns());
    assert!(exploration.edges().is_sorted_by(|a, b| a < b), "sorted, and none equal");
    let ten_times = turns().into_iter().cycle().take(10 * turns().len());
    assert_eq!(explore::<Pump>(ten_times).edges(), exploration.edges());
}

#[test]
fn its_edges_are_just_those_that_turns_take() {
    let exploration = explore::<Pump>(turns());
    let edges = exploration.edges().iter();
    let edges: BTreeSet<_> = edges
        .map(|edge| format!("{:?}", (edge.from, edge.fact, &edge.guards, edge.verdict)))
        .collect();
    let turns = turns().into_iter();
    let fired = turns.flat_map(|(from, seen)| settle::<Pump>(from, &seen).unwrap().fired);
    let taken =
        fired.map(|fired| format!("{:?}", (fired.at, fired.fact, &fired.guards, fired.verdict)));
    assert_eq!(edges, taken.collect());
}

#[test]
fn nothing_is_found_wrong_with_a_sound_machine() {
    let sound = explore::<Pump>(turns());
    for rest in Step::iter() {
        is_sound(&sound, (Step::Resting, rest), []);
    }
}

/// One step is led to only by a fact that is never so, some lead nowhere, two have no handler, one
/// decides by what has no name, one guard cannot fail, and another is never asked.
#[test]
fn all_that_is_wrong_with_a_broken_machine_is_found() {
    use wreck::Guard::{Always, Unasked};
    use wreck::Step::{Adrift, Forgotten, Ping, Pong, Sunk, Unreached};
    let broken: Exploration<Wreck> = explore(wreck::turns());
    assert_eq!(broken.reachable(Ping), BTreeSet::from([Ping, Pong, Adrift, Sunk]));
    assert_eq!(broken.reachable(Forgotten), BTreeSet::from([Forgotten]));
    let stuck = BTreeSet::from([Adrift, Sunk, Forgotten, Unreached]);
    assert_eq!(broken.cannot_reach(Ping), stuck);
    assert_eq!(broken.unhandled(), BTreeSet::from([Forgotten, Unreached]));
    let hidden = broken.hidden();
    assert_eq!(hidden.len(), 1, "{hidden:#?}");
    let verdicts: Vec<_> =
        hidden[0].iter().map(|edge| (edge.from, edge.fact, edge.verdict)).collect();
    let at = |verdict| (Adrift, wreck::Fact::Flooded, verdict);
    assert_eq!(verdicts, [at(Verdict::Moved(Sunk)), at(Verdict::Ignored)]);
    assert_eq!(broken.one_sided(), BTreeMap::from([(Always, Some(true)), (Unasked, None)]));
}

#[test]
fn a_guard_that_few_worlds_ask_is_seen_one_way() {
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
