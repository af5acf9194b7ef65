//! PURE. One fact into one step.

use super::toy::{Action, Fact, Guard, Observed, Pump, Reason, Record, Step, calm};
use super::wreck;
use crate::engine::{Turn, Verdict, step};
use strum::IntoEnumIterator;

/// What one fact did: the verdict, and the turn it was done in.
fn after(from: Step, fact: Fact, observed: &Observed) -> (Verdict<Step>, Turn<'_, Pump>) {
    let mut turn = Turn::<Pump>::new(observed);
    (step(from, fact, &mut turn), turn)
}

#[test]
fn a_step_that_decides_to_leave_has_moved() {
    let observed = Observed { wanted: 2, ..calm() };
    let (verdict, turn) = after(Step::Resting, Fact::WaterWanted, &observed);
    assert_eq!(verdict, Verdict::Moved(Step::Priming));
    assert_eq!(turn.asked, [(Guard::Powered, true), (Guard::WellFull, true)]);
    assert_eq!(turn.records, [Record::Started { at: 7 }]);
    assert!(turn.is_spent());
}

#[test]
fn a_step_that_holds_has_stayed_and_says_why() {
    let observed = Observed { wanted: 2, powered: false, ..calm() };
    let (verdict, turn) = after(Step::Resting, Fact::WaterWanted, &observed);
    assert_eq!(verdict, Verdict::Stayed);
    assert_eq!(turn.held, [Reason::NoPower]);
    assert_eq!(turn.asked, [(Guard::Powered, false)]);
    assert!(!turn.is_spent());
}

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
    let (verdict, turn) = after(Step::Resting, Fact::WaterCame, &observed);
    assert_eq!(verdict, Verdict::Ignored);
    assert!(turn.asked.is_empty() && turn.held.is_empty() && !turn.is_spent(), "{turn:?}");
}

#[test]
fn a_fact_climbs_to_the_phase() {
    for from in [Step::Priming, Step::Flowing] {
        let observed = calm();
        let (verdict, turn) = after(from, Fact::WaterUnwanted, &observed);
        assert_eq!((verdict, turn.actions), (Verdict::Moved(Step::Resting), vec![Action::Stop]));
    }
}

#[test]
fn a_fact_climbs_to_the_root_from_every_step_but_the_one_that_shields_itself() {
    for from in Step::iter() {
        let observed = calm();
        let (verdict, turn) = after(from, Fact::Clogged, &observed);
        let shielded = (Verdict::Stayed, vec![]);
        let moved = (Verdict::Moved(Step::Blocked), vec![Action::Stop]);
        let expected = if from == Step::Blocked { shielded } else { moved };
        assert_eq!((verdict, turn.actions), expected, "{from:?}");
    }
}

#[test]
fn guards_asked_on_the_way_up_are_remembered_in_order() {
    let observed = Observed { wanted: 2, flow: 1, ..calm() };
    let (verdict, turn) = after(Step::Flowing, Fact::WaterWanted, &observed);
    let asked = [(Guard::WellFull, true), (Guard::Powered, true), (Guard::Behind, true)];
    assert_eq!((verdict, turn.asked.as_slice()), (Verdict::Stayed, &asked[..]));
    assert_eq!(turn.actions, [Action::Spin { rpm: 200 }]);
}

#[test]
fn a_step_without_a_handler_ignores_everything() {
    for fact in wreck::Fact::iter() {
        let mut turn = Turn::<wreck::Wreck>::new(&(true, 0));
        assert_eq!(step(wreck::Step::Forgotten, fact, &mut turn), Verdict::Ignored);
    }
}
