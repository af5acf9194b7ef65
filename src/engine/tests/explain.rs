//! PURE. What keeps a machine from leaving a step.

use super::toy::{Observed, Pump, Step, calm, turns};
use crate::engine::{Way, explore, ways};

fn out_of(step: Step, seen: &Observed) -> Vec<Way> {
    ways::<Pump>(step, seen, &explore::<Pump>(turns()))
}

#[test]
fn a_closed_way_names_the_guard_that_closes_it_and_what_it_saw() {
    let dry = Observed { wanted: 2, well: 0, ..calm() };
    let ways = out_of(Step::Resting, &dry);
    let way = ways.iter().find(|way| way.fact == "WaterWanted").unwrap();
    assert!(way.so && !way.open, "{way:?}");
    let failed: Vec<_> = way.checks.iter().filter(|check| !check.pass).collect();
    assert_eq!(failed.len(), 1);
    assert_eq!((failed[0].guard.as_str(), failed[0].needs), ("WellFull", true));
    assert!(!failed[0].saw.is_empty());
}

#[test]
fn an_open_way_comes_first_and_one_whose_fact_is_not_so_is_not_open() {
    let wanted = Observed { wanted: 2, ..calm() };
    let ways = out_of(Step::Resting, &wanted);
    assert!(ways[0].open && ways[0].fact == "WaterWanted", "{ways:?}");
    assert!(out_of(Step::Resting, &calm()).iter().all(|way| !way.open));
}

#[test]
fn every_way_of_the_table_is_told_once() {
    let ways = out_of(Step::Blocked, &calm());
    let mut told: Vec<_> = ways.iter().map(|way| (&way.to, &way.fact, &way.checks)).collect();
    let count = told.len();
    told.sort();
    told.dedup();
    assert_eq!(told.len(), count);
    assert!(ways.iter().any(|way| way.fact == "Cleared"));
}
