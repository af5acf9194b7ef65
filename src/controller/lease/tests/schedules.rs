//! SHELL. Two candidates over bad lines: never two leaders, and always one again.

use super::fake::{Chance, Line, Mood, Server, pause};
use super::{Candidate, Clock, Identity, Leadership, Lost, Timing};
use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

const SEEDS: u64 = 60;

/// A wall clock that jumps by up to a day at every glance.
fn jumping(seed: u64) -> Clock {
    let chance = Mutex::new(Chance::new(seed));
    Arc::new(move || {
        let seconds = chance.lock().below(2 * 86_400);
        let noon = Timestamp::from_second(1_000_000_000).unwrap();
        noon + SignedDuration::from_secs(i64::try_from(seconds).unwrap())
    })
}

/// What the processes believe, each in its own place.
type Beliefs = Arc<Mutex<[Option<Leadership>; 2]>>;

/// One process after another in the same place: elected, in office, then ended and started anew.
async fn place(index: usize, line: Line, beliefs: Beliefs, seed: u64) {
    let mut chance = Chance::new(seed);
    loop {
        let me = Identity::of_run("same", None, chance.below(u64::MAX));
        let keeper =
            Candidate::new(line.clone(), me, Timing::default(), jumping(chance.below(u64::MAX)))
                .elected()
                .await;
        beliefs.lock()[index] = Some(keeper.leadership());
        let office = Duration::from_millis(chance.below(120_000));
        let lost = keeper.keep(pause(office)).await;
        assert_ne!(lost, Lost::Deleted);
        pause(Duration::from_millis(chance.below(3_000))).await;
    }
}

fn leaders(beliefs: &Beliefs) -> usize {
    beliefs.lock().iter().flatten().filter(|leadership| leadership.is_proven()).count()
}

/// Five bad minutes, then two good ones. How many changes of leadership there were.
async fn run(seed: u64) -> i32 {
    let (server, beliefs) = (Arc::new(Server::default()), Beliefs::default());
    let lines = [Line::new(&server, seed), Line::new(&server, !seed)];
    let mut chance = Chance::new(seed ^ 0x5eed);
    let places: Vec<_> = (0..2)
        .map(|index| place(index, lines[index].clone(), beliefs.clone(), chance.below(u64::MAX)))
        .map(tokio::spawn)
        .collect();
    let began = Instant::now();
    let mut seen_in_the_calm = false;
    while began.elapsed() < Duration::from_secs(420) {
        let moods = [Mood::Chaotic, Mood::Chaotic, Mood::Good, Mood::Cut];
        let is_calm = began.elapsed() > Duration::from_secs(300);
        for line in &lines {
            if is_calm {
                line.set(Mood::Good);
            } else if chance.below(50) == 0 {
                line.set(moods[usize::try_from(chance.below(4)).unwrap()]);
            }
        }
        pause(Duration::from_millis(100)).await;
        assert!(leaders(&beliefs) <= 1, "two leaders: seed {seed}, at {:?}", began.elapsed());
        seen_in_the_calm |= is_calm && leaders(&beliefs) == 1;
    }
    assert!(seen_in_the_calm, "no leader in two good minutes: seed {seed}");
    for place in places {
        assert!(!place.is_finished(), "a place failed: seed {seed}");
        place.abort();
    }
    server.lease().unwrap().spec.unwrap().lease_transitions.unwrap()
}

#[test]
fn there_are_never_two_leaders_and_always_one_again() {
    let mut changes = 0;
    for seed in 0..SEEDS {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        changes += runtime.block_on(run(seed));
    }
    // A schedule in which leadership hardly ever changes hands would prove nothing.
    assert!(changes > 200, "{changes}");
}
