//! SHELL. The simulated world itself: every story as it should go, and that its oracle sees what
//! should not.

use super::explore::{Harmless, course, drawn, explore, judge, play, single_faults};
use super::log::{Entry, What};
use super::run::{Course, Outcome, Plan, run};
use super::story::{all, named};
use crate::engine::Transcript;
use crate::service::etcd_cluster::EtcdClusterMachine;

#[test]
fn every_story_ends_as_it_says() {
    for story in all() {
        let outcome = play(story, &Plan::default(), false).unwrap();
        assert_eq!(outcome.violations, [], "{}", story.name);
    }
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

#[test]
fn a_creation_withstands_its_crash_points() {
    let story = named("create-one").unwrap();
    let course = course(story).unwrap();
    let plans = single_faults(course.clean.writes).into_iter().step_by(7);
    let explored = explore(story, &course, plans, (2, &Harmless::default()), || false).unwrap();
    assert!(explored.runs > 50, "{}", explored.runs);
    assert_eq!(explored.failures, []);
}

/// What comes before a fault is played once, and what comes after its consequences not again; that
/// must not show.
#[tokio::test]
async fn a_run_that_is_played_in_part_is_the_run_from_beginning_to_end() {
    let mut rejoined = 0;
    for name in ["create", "quorum-lost-again", "namesake", "regrow"] {
        let story = named(name).unwrap();
        let course = Course::of(story).await;
        for plan in single_faults(course.clean.writes).into_iter().step_by(97) {
            let (whole, part) =
                (run(story, &plan, false).await, course.disturbed(story, &plan).await);
            rejoined += usize::from(part.rejoined.is_some());
            let told = |outcome: Outcome| format!("{:?}", (outcome.violations, outcome.digest));
            assert_eq!(told(whole), told(part), "{name} {plan:?}");
        }
    }
    assert!(rejoined > 8, "{rejoined}");
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
