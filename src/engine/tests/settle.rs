//! PURE. All facts into the machine, until nothing moves.

use super::toy::{Action, Observed, Pump, Reason, Record, Step, calm};
use super::wreck::{self, Wreck};
use crate::engine::{Asked, PASSES_MAX, settle};

#[test]
fn moves_follow_one_another_until_one_orders_something() {
    // Blocked, resting, priming; and not on to flowing, though water is already seen to come.
    let observed = Observed { wanted: 2, flow: 1, ..calm() };
    let settled = settle::<Pump>(Step::Blocked, &observed).unwrap();
    let path: Vec<_> =
        settled.path.iter().map(|moved| (moved.fact.as_str(), moved.to.as_str())).collect();
    assert_eq!(path, [("Cleared", "Idle/Resting"), ("WaterWanted", "Pumping/Priming")]);
    assert_eq!(settled.path[1].from, "Idle/Resting");
    assert_eq!((settled.to, settled.records), (Step::Priming, vec![Record::Started { at: 7 }]));
    assert!(settled.actions.is_empty());
}

#[test]
fn an_action_ends_the_turn_in_the_pass_that_orders_it() {
    let observed = Observed { wanted: 2, ..calm() };
    let settled = settle::<Pump>(Step::Priming, &observed).unwrap();
    assert_eq!((settled.to, settled.actions), (Step::Priming, vec![Action::Spin { rpm: 200 }]));
    assert_eq!(
        settled.fired.iter().map(|fired| fired.guards.len()).sum::<usize>(),
        2,
        "one pass only"
    );
}

#[test]
fn the_most_urgent_fact_moves_first_and_the_rest_of_the_pass_is_dropped() {
    let observed = Observed { clogged: true, ..calm() };
    let settled = settle::<Pump>(Step::Flowing, &observed).unwrap();
    assert_eq!((settled.to, settled.actions), (Step::Blocked, vec![Action::Stop]));
    assert_eq!(settled.path.len(), 1, "WaterUnwanted would have moved it too");
}

#[test]
fn holds_are_kept_in_order_of_urgency() {
    let observed = Observed { clogged: true, powered: false, wanted: 2, ..calm() };
    let settled = settle::<Pump>(Step::Blocked, &observed).unwrap();
    assert_eq!((settled.to, settled.held), (Step::Blocked, vec![Reason::Clog, Reason::NoPower]));
}

#[test]
fn what_a_step_waited_for_is_forgotten_when_it_is_left() {
    let mut observed = (false, 0);
    let held = settle::<Wreck>(wreck::Step::Adrift, &observed).unwrap().held;
    assert_eq!(held, [wreck::Reason::Water]);
    observed.1 = 9;
    let settled = settle::<Wreck>(wreck::Step::Adrift, &observed).unwrap();
    assert_eq!((settled.to, settled.held), (wreck::Step::Sunk, vec![]));
}

#[test]
fn guards_are_recorded_with_the_step_and_the_fact_that_asked() {
    let observed = Observed { wanted: 2, well: 0, ..calm() };
    let settled = settle::<Pump>(Step::Blocked, &observed).unwrap();
    let asked = |guard: &str, answer, saw: &str| Asked {
        step: "Resting".into(),
        fact: "WaterWanted".into(),
        guard: guard.into(),
        answer,
        saw: saw.into(),
    };
    let expected =
        [asked("Powered", true, "powered: true"), asked("WellFull", false, "0 in the well")];
    assert_eq!(settled.asked(&observed), expected);
    assert_eq!((settled.to, settled.held), (Step::Resting, vec![Reason::WellDry]));
}

#[test]
fn a_machine_that_goes_round_in_circles_is_stopped() {
    let unsettled = settle::<Wreck>(wreck::Step::Ping, &(true, 9)).unwrap_err();
    assert_eq!(unsettled.path.len(), PASSES_MAX);
    let message = unsettled.to_string();
    assert!(
        message.starts_with("the machine still moved after 16 passes: Sea/Pong -> Sea/Ping"),
        "{message}"
    );
}
