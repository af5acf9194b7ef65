//! SHELL. The simulated world itself: every story as it should go, and that its oracle sees what
//! should not.

use super::course::{Course, Selection, explore};
use super::explore::{drawn, judge, play};
use super::log::{Entry, What};
use super::operator::fault::fates;
use super::run::{Outcome, Plan};
use super::story::{all, named};
use super::{order, scope};
use crate::engine::Transcript;
use crate::service::etcd_cluster::decide::machine::EtcdClusterMachine;

#[test]
fn every_story_ends_as_it_says() {
    for story in all() {
        let outcome = play(story, &Plan::default(), false).unwrap();
        assert_eq!(outcome.violations, [], "{}", story.name);
    }
}

#[test]
fn orders_of_events_that_are_drawn_keep_every_law() {
    for scope in scope::ALL {
        assert_eq!(order::drawn(scope, 2, 1).unwrap(), None);
    }
}

/// Nothing is written any more, so that the fault drawn last never strikes.
#[test]
fn an_order_whose_last_fault_never_strikes_comes_to_an_end() {
    assert_eq!(order::drawn(&scope::ALL[0], 2, 12).unwrap(), None);
}

#[test]
fn the_same_story_faults_and_seed_give_the_same_run() {
    let story = named("create").unwrap();
    let plan = drawn(13, 3, 7);
    let [one, other] = [(); 2].map(|()| play(story, &plan, true).unwrap());
    assert_eq!((one.writes, one.turns, one.digest), (other.writes, other.turns, other.digest));
    let writes =
        |log: &[Entry]| log.iter().filter(|entry| matches!(entry.what, What::Write { .. })).count();
    assert_eq!(writes(&one.log), writes(&other.log));
}

fn some(merges: bool) -> Selection {
    Selection { every: 7, shard: (0, 1), threads: 2, merges, first: false }
}

#[test]
fn a_creation_withstands_its_crash_points() {
    let course = Course::of(named("create-one")).unwrap();
    let explored = explore(&course, some(true)).unwrap();
    assert!(explored.runs > 50, "{}", explored.runs);
    assert_eq!(explored.failures, []);
}

/// What comes before a fault is played once; that must not show.
#[test]
fn a_run_that_is_played_in_part_is_the_run_from_beginning_to_end() {
    for name in ["create", "quorum-lost-again", "namesake", "regrow"] {
        let story = named(name).unwrap();
        let course = Course::of([story]).unwrap();
        let clean = &course.ends()[0].1;
        let faults =
            (0..clean.writes).flat_map(|write| fates().flat_map(move |fate| fate.of(write)));
        for fault in faults.step_by(97) {
            let plan = Plan { faults: vec![fault], seed: 0 };
            let (whole, part) = (play(story, &plan, false).unwrap(), course.to_the_end(&plan));
            let told = |outcome: Outcome| {
                let Outcome { writes, turns, acknowledged, violations, digest, .. } = outcome;
                (writes, turns, acknowledged, violations, digest)
            };
            assert_eq!(told(whole), told(part.unwrap()), "{name} {plan:?}");
        }
    }
}

#[test]
fn an_end_that_differs_is_a_violation() {
    let story = named("create-one").unwrap();
    let clean = play(story, &Plan::default(), false).unwrap();
    let other = play(named("create").unwrap(), &Plan::default(), false).unwrap();
    assert!(!judge(story, &clean, &other).is_empty());
}

/// A write that is refused ends its turn; the moves of that turn happened all the same.
#[test]
fn a_turn_whose_action_is_refused_is_still_in_the_journal() {
    let story = named("create-one").unwrap();
    // Write 0 is the status, write 1 the first action.
    let plan = Plan { faults: vec!["1:500".parse().unwrap()], seed: 0 };
    let outcome = play(story, &plan, true).unwrap();
    let turns = outcome.log.iter().filter_map(Entry::decided);
    let moves =
        turns.map(|line| serde_json::from_str::<Transcript<EtcdClusterMachine>>(line).unwrap());
    let begun = moves.flat_map(|turn| turn.path).filter(|moved| moved.to == "Creating/AwaitQuorum");
    assert_eq!(begun.count(), 1);
    assert!(outcome.log.iter().any(|entry| matches!(entry.what, What::Failed(_))));
}
