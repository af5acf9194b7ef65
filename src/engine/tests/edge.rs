//! PURE. A table as text, letter by letter, and read again.

use super::toy::{Pump, turns};
use super::wreck::{self, Wreck};
use crate::engine::{Exploration, Unreadable, explore};

const LINES: &str = "\
# WaterPump: STEP on FACT if GUARDS: what it does. Every edge that a turn can take, found by running \
the machine. Made by `just render-states`; do not edit.
Blocked on Cleared: moves to Resting
Blocked on Clogged: stays; holds Clog
Blocked on WaterUnwanted: stays
Blocked on WaterWanted if not Powered: stays; holds NoPower
Flowing on Clogged: moves to Blocked; orders Stop
Flowing on WaterUnwanted: moves to Resting; orders Stop
Flowing on WaterWanted if WellFull and Powered and Behind: stays; orders Spin
Flowing on WaterWanted if WellFull and not Powered: stays; holds NoPower
Flowing on WaterWanted if not WellFull: moves to Resting; orders Stop
Priming on Clogged: moves to Blocked; orders Stop
Priming on WaterCame: moves to Flowing
Priming on WaterUnwanted: moves to Resting; orders Stop
Priming on WaterWanted if Powered and Behind: stays; orders Spin
Priming on WaterWanted if not Powered: stays; holds NoPower
Resting on Clogged: moves to Blocked; orders Stop
Resting on WaterUnwanted: stays
Resting on WaterWanted if Powered and WellFull: moves to Priming; records Started
Resting on WaterWanted if Powered and not WellFull: stays; holds WellDry
Resting on WaterWanted if not Powered: stays; holds NoPower
";

#[test]
fn each_decision_is_a_line() {
    assert_eq!(explore::<Pump>(turns()).lines(), LINES);
}

#[test]
fn what_was_written_is_read_as_it_was() {
    let table = explore::<Pump>(turns());
    let again = Exploration::<Pump>::read(&table.lines()).unwrap();
    assert!(again.edges().iter().eq(table.decided()));
    assert_eq!(again.lines(), table.lines());
}

#[test]
fn what_is_ignored_is_not_written() {
    let table = explore::<Wreck>(wreck::turns());
    assert!(table.edges().len() > table.decided().count());
    assert_eq!(table.lines().lines().count(), table.decided().count() + 1);
}

#[test]
fn a_line_with_a_word_this_machine_does_not_have_is_named() {
    for line in [
        "Resting on WaterWanted if Powered",
        "Sleeping on WaterWanted: stays",
        "Resting on Rain: stays",
        "Resting on WaterWanted if Rusty: stays",
        "Resting on WaterWanted: moves to Sleeping",
        "Resting on WaterWanted: stays; holds Rust",
        "Resting on WaterWanted: stays; paints Rust",
        "Resting on WaterWanted: leaves",
        "",
    ] {
        let read = Exploration::<Pump>::read(&format!("# a head\n{line}\n"));
        assert_eq!(read.unwrap_err(), Unreadable(line.to_owned()));
    }
}
