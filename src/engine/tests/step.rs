//! PURE. One fact into one step. Which fact climbs where, and who is asked on the way, stands in `edge`,
//! letter by letter.

use super::toy::{Fact, Pump, Reason, Step, calm};
use super::wreck;
use crate::engine::{Turn, Verdict, step};
use strum::IntoEnumIterator;

#[test]
fn a_reason_given_twice_is_held_once_where_it_was_first() {
    let observed = calm();
    let mut turn = Turn::<Pump>::new(&observed);
    for reason in [Reason::WellDry, Reason::NoPower, Reason::WellDry] {
        let _ = turn.hold(reason);
    }
    assert_eq!(turn.held, [Reason::WellDry, Reason::NoPower]);
}

#[test]
fn a_fact_nobody_decides_is_ignored() {
    let observed = calm();
    let mut turn = Turn::<Pump>::new(&observed);
    assert_eq!(step(Step::Resting, Fact::WaterCame, &mut turn), Verdict::Ignored);
    assert!(turn.asked.is_empty() && turn.held.is_empty() && !turn.is_spent(), "{turn:?}");
    for fact in wreck::Fact::iter() {
        let mut turn = Turn::<wreck::Wreck>::new(&(true, 0));
        assert_eq!(step(wreck::Step::Forgotten, fact, &mut turn), Verdict::Ignored);
    }
}
