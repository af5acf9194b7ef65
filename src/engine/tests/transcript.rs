//! PURE. A turn as data, and the same turn decided again.

use super::toy::{Action, Observed, Pump, Record, Step, calm, worlds};
use super::wreck::{self, Wreck};
use crate::engine::{Difference, Transcript, replay, resume, settle};
use strum::IntoEnumIterator;

/// The transcript of a turn that begins as recorded.
pub fn recorded(step: Option<&str>, observed: Observed) -> Transcript<Pump> {
    let settled = settle(resume::<Pump>(step, &observed), &observed).unwrap();
    Transcript::of(step, observed, &settled)
}

/// A turn in which everything happens: two moves, guards and a record.
pub fn busy() -> Transcript<Pump> {
    recorded(Some("Blocked"), Observed { wanted: 2, note: "a: b\n- c".into(), ..calm() })
}

/// The part that replay finds different after `change`.
fn part_changed(change: impl FnOnce(&mut Transcript<Pump>)) -> (&'static str, String, String) {
    let mut turn = busy();
    change(&mut turn);
    match replay(&turn).unwrap_err() {
        Difference::Part { part, recorded, decided } => (part, recorded, decided),
        unsettled @ Difference::Unsettled(_) => panic!("{unsettled}"),
    }
}

#[test]
fn a_transcript_survives_json_and_yaml_and_is_decided_the_same_again() {
    for from in Step::iter() {
        for observed in worlds() {
            let turn = recorded(Some(from.into()), observed);
            let json = serde_json::to_string(&turn).unwrap();
            assert_eq!(serde_json::from_str::<Transcript<Pump>>(&json).unwrap(), turn);
            let yaml = serde_saphyr::to_string(&turn).unwrap();
            assert_eq!(serde_saphyr::from_str::<Transcript<Pump>>(&yaml).unwrap(), turn);
            assert_eq!(replay(&turn), Ok(()));
        }
    }
}

#[test]
fn a_transcript_is_written_in_the_words_of_the_machine() {
    let json = serde_json::to_value(busy()).unwrap();
    assert_eq!(json["recorded"], "Blocked");
    assert_eq!(json["facts"], serde_json::json!(["Cleared", "WaterWanted"]));
    assert_eq!(json["to"], "Priming");
    assert_eq!(json["records"], serde_json::json!([{ "Started": { "at": 7 } }]));
    assert_eq!(json["asked"][0]["saw"], "powered: true");
}

#[test]
fn only_a_turn_that_changes_something_has_decided() {
    let idle = recorded(Some("Resting"), calm());
    let waits = recorded(Some("Resting"), Observed { wanted: 2, well: 0, ..calm() });
    let spins = recorded(Some("Priming"), Observed { wanted: 2, ..calm() });
    let decided = [&idle, &waits, &spins, &busy()].map(Transcript::decided);
    assert_eq!(decided, [false, false, true, true]);
}

#[test]
fn replay_finds_every_kind_of_difference() {
    assert_eq!(part_changed(|turn| turn.facts.clear()).0, "facts");
    assert_eq!(part_changed(|turn| turn.asked[0].answer = false).0, "guards");
    assert_eq!(part_changed(|turn| turn.path[0].to = "Idle/Drying".into()).0, "path");
    assert_eq!(part_changed(|turn| turn.to = "Flowing".into()).0, "last step");
    assert_eq!(part_changed(|turn| turn.held.push("NoPower".into())).0, "holds");
    assert_eq!(part_changed(|turn| turn.records.push(Record::Started { at: 8 })).0, "records");
    assert_eq!(part_changed(|turn| turn.actions.push(Action::Stop)).0, "actions");
}

#[test]
fn a_difference_shows_the_first_entry_that_differs() {
    let (_, was, is) = part_changed(|turn| turn.records[0] = Record::Started { at: 8 });
    assert_eq!((was.as_str(), is.as_str()), ("Started { at: 8 }", "Started { at: 7 }"));
    let (_, was, is) = part_changed(|turn| turn.actions.push(Action::Stop));
    assert_eq!((was.as_str(), is.as_str()), ("Stop", "nothing"));
    let (_, was, is) = part_changed(|turn| turn.facts.truncate(1));
    assert_eq!((was.as_str(), is.as_str()), ("nothing", "\"WaterWanted\""));
}

#[test]
fn replay_says_that_the_machine_does_not_settle_any_more() {
    let settled = settle::<Wreck>(wreck::Step::Sunk, &(true, 9)).unwrap();
    let mut turn = Transcript::of(Some("Sunk"), (true, 9), &settled);
    turn.recorded = Some("Ping".into());
    assert!(matches!(replay(&turn), Err(Difference::Unsettled(_))));
}

#[test]
fn a_recorded_step_is_taken_at_its_word() {
    assert_eq!(resume::<Pump>(Some("Priming"), &calm()), Step::Priming);
}

#[test]
fn a_step_that_is_not_recorded_or_not_known_is_classified() {
    let flowing = Observed { flow: 1, ..calm() };
    for word in [None, Some(""), Some("Drying"), Some("priming"), Some("Pumping/Priming")] {
        assert_eq!(resume::<Pump>(word, &calm()), Step::Resting, "{word:?}");
        assert_eq!(resume::<Pump>(word, &flowing), Step::Flowing, "{word:?}");
        assert_eq!(replay(&recorded(word, flowing.clone())), Ok(()), "{word:?}");
    }
}
