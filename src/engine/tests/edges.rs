//! PURE. The edges turns took: what is counted, and how it is told.

use super::toy::{Observed, Pump, Step, calm, worlds};
use crate::engine::{Edges, Fired, Firing, Verdict, explore, settle};
use std::collections::BTreeSet;
use strum::IntoEnumIterator;

fn all() -> Edges {
    let turns = Step::iter().flat_map(|from| worlds().into_iter().map(move |seen| (from, seen)));
    Edges::of::<Pump>(turns).unwrap()
}

#[test]
fn a_turn_is_told_as_the_table_tells_it() {
    let observed = Observed { wanted: 2, well: 0, ..calm() };
    let mut edges = Edges::default();
    edges.add(&settle::<Pump>(Step::Blocked, &observed).unwrap());
    let told = ["Blocked: Cleared -> Resting", "Resting: WaterWanted [Powered ∧ ¬WellFull] stays"];
    assert_eq!(edges.lines(), told.map(str::to_owned).into());
}

#[test]
fn what_is_ignored_is_not_counted_and_nothing_is_counted_twice() {
    let mut edges = all();
    let before = edges.clone();
    assert!(edges.told().all(|edge| edge.verdict != Verdict::Ignored));
    edges.merge(all());
    assert_eq!(edges, before);
}

#[test]
fn a_turn_takes_no_edge_that_the_table_lacks() {
    let table = explore::<Pump>(worlds());
    let known: BTreeSet<_> = table
        .edges()
        .iter()
        .map(|edge| Firing {
            at: edge.from,
            fact: edge.fact,
            guards: edge.guards.clone(),
            verdict: edge.verdict,
        })
        .map(|firing: Fired<Pump>| firing.told())
        .collect();
    for edge in all().told() {
        assert!(known.contains(edge), "{edge}");
    }
}
