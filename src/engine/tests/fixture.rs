//! PURE. A story of turns as a file.

use super::toy::{Action, Observed, Pump, calm};
use super::transcript::{busy, recorded};
use crate::engine::{FIXTURE_BYTES_MAX, Fixture, FixtureError};

/// A well that runs dry, and is full again.
fn story() -> Fixture<Pump> {
    let wanted = Observed { wanted: 2, ..calm() };
    let turns = vec![
        recorded(None, Observed { well: 0, ..wanted.clone() }),
        recorded(Some("Resting"), wanted.clone()),
        recorded(Some("Priming"), wanted),
        busy(),
    ];
    Fixture { story: "yes: the well ran dry, 012 # times".into(), turns }
}

/// The line and the reason a text is refused with.
fn refused(text: &str) -> (u64, String) {
    match Fixture::<Pump>::read(text).unwrap_err() {
        FixtureError::Malformed { line, reason } => (line, reason),
        other => panic!("{other}"),
    }
}

#[test]
fn a_fixture_is_read_back_as_it_was_written() {
    let text = story().write().unwrap();
    assert_eq!(Fixture::read(&text), Ok(story()), "{text}");
    assert_eq!(Fixture::<Pump>::read(&text).unwrap().write().unwrap(), text);
}

#[test]
fn a_story_decided_again_is_the_same() {
    assert_eq!(story().replay(), Ok(()));
}

#[test]
fn the_first_turn_that_is_decided_otherwise_is_named() {
    let mut story = story();
    story.turns[2].actions = vec![Action::Spin { rpm: 999 }];
    story.turns[3].to = "Flowing".into();
    let departure = story.replay().unwrap_err();
    assert_eq!(departure.turn, 3);
    let message = "turn 3: actions: recorded Spin { rpm: 999 }, decided again Spin { rpm: 200 }";
    assert_eq!(departure.to_string(), message);
}

/// Each spoils the story in one place.
#[test]
fn whatever_is_misspelt_missing_or_told_twice_is_refused_and_named_by_its_line() {
    let text = story().write().unwrap();
    for (from, to, named) in [
        ("Spin:", "Explode:", "Explode"),
        ("rpm: 200", "rpm: many", ""),
        ("powered:", "horsepower:", "horsepower"),
    ] {
        let line = text.lines().zip(1..).find(|(line, _)| line.contains(from)).unwrap().1;
        let (at, reason) = refused(&text.replacen(from, to, 1));
        assert_eq!(at, line, "{to}: {reason}");
        assert!(reason.contains(named), "{to}: {reason}");
    }
    for (from, to, named) in
        [("clogged: false", "", "clogged"), ("recorded:", "recoded:", "recorded")]
    {
        let reason = refused(&text.replacen(from, to, 1)).1;
        assert!(reason.contains(named), "{from}: {reason}");
    }
    assert!(refused("story: no turns\n").1.contains("turns"));
    assert!(refused("story: a\nturns: []\nmoral: b\n").1.contains("moral"));
    assert_eq!(refused("story: a\nturns: []\nstory: b\n").0, 3);
    assert_eq!(refused("").0, 1);
}

#[test]
fn hostile_text_is_refused_and_never_panics() {
    let hostile = [
        "story: &a *a\nturns: *a\n",
        "<<: {story: a, turns: []}\nturns: 5\n",
        "story: \"\\uD800\\x\nturns",
        "\u{0}\u{1}\u{feff}%YAML 9.9\n--- !!binary \"\"",
        "--- {story: a, turns: []}\n--- {story: b, turns: []}\n",
        "turns: !!set {? a, ? b}\nstory: !!float a",
    ];
    for text in hostile {
        assert!(!refused(text).1.is_empty(), "{text}");
    }
}

#[test]
fn what_has_no_end_is_refused_by_the_parsers_own_limits() {
    // In a field the machine does not know, where anything at all is skipped.
    let inside = |value: &str| refused(&format!("story: a\nturns:\n- skipped: {value}\n")).1;
    for deep in ["[", "{a: ", "? ", "- "] {
        let reason = inside(&deep.repeat(100_000));
        assert!(!reason.contains("missing field"), "{deep} was followed to its end: {reason}");
    }
    let steps = (0..10_000).map(|depth| format!("\n{}a:", " ".repeat(depth.min(300) + 3)));
    assert!(inside(&steps.collect::<Vec<_>>().concat()).contains("depth"));
    let bomb =
        (1..40).map(|n| format!("&a{n} [*a{0}, *a{0}], ", n - 1)).collect::<Vec<_>>().concat();
    let reason = inside(&format!("[&a0 [x, x], {bomb}]"));
    assert!(reason.contains("budget breached"), "{reason}");
}

#[test]
fn every_cut_of_a_fixture_is_read_or_refused() {
    let text = story().write().unwrap();
    let ends = (0..text.len()).filter(|&end| text.is_char_boundary(end)).step_by(7);
    let whole = ends.filter(|&end| Fixture::<Pump>::read(&text[..end]).is_ok()).count();
    assert!(whole < text.len() / 14, "most cuts leave a turn half told: {whole}");
}

#[test]
fn a_text_over_the_limit_is_refused_unread() {
    let bytes = FIXTURE_BYTES_MAX + 1;
    let why = Fixture::<Pump>::read(&"[".repeat(bytes)).unwrap_err();
    assert_eq!(why, FixtureError::TooLarge { bytes });
}

#[test]
fn a_fixture_that_could_not_be_read_is_not_written() {
    let mut story = story();
    story.story = "x".repeat(FIXTURE_BYTES_MAX);
    assert!(matches!(story.write(), Err(FixtureError::Unwritable { .. })));
}
