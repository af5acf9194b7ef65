//! PURE. Whose data is damaged, as far as hashes can tell.

use super::look;
use crate::crd::{HashCheck, HashResult};
use crate::engine::Known;
use crate::service::etcd_cluster::decide::queries::hashes::{agree, diverge, is_due, outvoted};
use crate::service::etcd_cluster::observe::compared;
use crate::service::etcd_cluster::observe::observed::{Look, Observed};
use crate::service::etcd_cluster::observe::recorded::remembered;
use crate::service::etcd_cluster::report::hash_check::next;
use crate::service::etcd_cluster::worlds::bases::healthy;
use jiff::Timestamp;

/// A member that etcd does not let start, because its data is not as its peers'.
fn unlike(seen: Observed, at: u32) -> Observed {
    seen.with(|seen| {
        seen.looks.insert(at, Known::Unknown("unreachable".to_owned()));
        seen.pods.get_mut(&at).unwrap().inconsistent = true;
    })
}

#[test]
fn only_a_majority_of_all_voters_tells_whose_data_is_damaged() {
    let swept = |hashes: &[u32]| healthy(3).with_hashes(hashes);
    let five = |hashes: &[u32]| healthy(5).with_hashes(hashes);
    let table = vec![
        (healthy(3), false, None),
        (swept(&[1, 1, 1]), false, None),
        (swept(&[1, 1, 2]), true, Some(2)),
        (swept(&[2, 1, 1]), true, Some(0)),
        (swept(&[1, 2, 3]), true, None),
        (swept(&[1, 2]), true, None),
        (swept(&[1]), false, None),
        (five(&[1, 1, 1, 2, 3]), true, Some(4)),
        (five(&[1, 1, 2, 2]), true, None),
        (five(&[1, 1, 1, 2]), true, Some(3)),
        (healthy(1).with_hashes(&[1]), false, None),
        (unlike(swept(&[1, 1]), 2), true, Some(2)),
        (unlike(healthy(3), 2), true, None),
        // It differs from one of two that differ themselves.
        (unlike(swept(&[1, 2]), 2), true, None),
        (unlike(five(&[1, 1, 1, 2]), 4), true, Some(3)),
    ];
    for (at, (seen, differs, whose)) in table.into_iter().enumerate() {
        assert_eq!((diverge(&seen), outvoted(&seen)), (differs, whose), "{at}");
    }
}

#[test]
fn a_hash_of_somebody_who_is_no_member_any_more_counts_for_nothing() {
    let seen = healthy(3).with_hashes(&[1, 1, 1, 2]).with(|seen| {
        seen.sweep.as_mut().unwrap().hashes.remove("m2");
    });
    assert!(!diverge(&seen) && !agree(&seen));
}

#[test]
fn all_agree_only_if_all_were_asked() {
    assert!(agree(&healthy(3).with_hashes(&[1, 1, 1])));
    assert!(!agree(&healthy(3).with_hashes(&[1, 1])));
    assert!(!agree(&healthy(3)));
}

/// A cluster at rest, how its members answer, and its status.
struct Rest {
    seen: Observed,
    hashes: Vec<u32>,
    last: Option<HashCheck>,
    clock: i64,
}

impl Rest {
    fn new() -> Self {
        let seen = healthy(3).with(|seen| seen.memory.step = Some("Steady".to_owned()));
        Self { seen, hashes: vec![1, 1, 1], last: None, clock: 1_000_000_000 }
    }

    fn look(&mut self, at: u32) -> &mut Look {
        look(&mut self.seen, at)
    }

    fn warn(&mut self) {
        self.look(1).errors.push("memberID:7 alarm:CORRUPT".to_owned());
    }

    /// A turn every so many seconds, each as an operator that knows nothing but the status takes it.
    /// At which of those seconds were the members asked for their hashes?
    fn turns(&mut self, seconds: i64, every: usize) -> Vec<i64> {
        let mut asked = vec![];
        for second in (0..seconds).step_by(every) {
            let mut seen = self.seen.clone();
            seen.now = Timestamp::from_second(self.clock + second).unwrap();
            seen.memory.hash_check = self.last.as_ref().map(remembered);
            if is_due(&seen) {
                asked.push(second);
                seen = seen.with_hashes(&self.hashes);
            }
            self.last = next(self.last.take(), &seen);
        }
        self.clock += seconds;
        asked
    }
}

/// Ten times an hour, in each of just over a minute of turns, it would be more than 4,000 checks.
#[test]
fn a_cluster_at_rest_is_checked_once_a_day() {
    let mut times = vec![];
    for uid in ["uid-1", "5f6a", "0b6e9c1d"] {
        let mut rest = Rest::new();
        rest.seen.uid = uid.to_owned();
        let asked = rest.turns(10 * 86_400, 66);
        assert_eq!(asked.len(), 10, "{asked:?}");
        assert!(asked.windows(2).all(|two| (two[1] - two[0] - 86_400).abs() <= 66), "{asked:?}");
        times.push(asked[0]);
    }
    assert!(times[0] != times[1] && times[1] != times[2], "they take turns");
}

#[test]
fn what_is_too_large_or_incomplete_is_not_checked_without_a_suspicion() {
    let mut large = Rest::new();
    large.look(2).db_size_bytes = (4 << 30) + 1;
    assert_eq!(large.turns(86_400, 60), Vec::<i64>::new(), "too much to read each day");
    large.warn();
    assert_eq!(large.turns(60, 2), [0]);

    let mut away = Rest::new();
    assert_eq!(away.turns(86_400, 60).len(), 1);
    let all = away.seen.clone();
    away.seen = all.clone().with_down(&[2]);
    assert_eq!(away.turns(2 * 86_400, 60), Vec::<i64>::new());
    away.seen = all;
    assert_eq!(away.turns(3600, 60), [0], "who is back is asked, for it was due");
}

/// Every two seconds it would be 600 checks.
#[test]
fn a_warning_is_looked_into_at_once_and_again_only_after_ten_minutes() {
    let mut rest = Rest::new();
    rest.warn();
    rest.hashes = vec![1, 2, 3];
    assert_eq!(rest.turns(1200, 2), [0, 600]);
    assert!(rest.last.as_ref().is_some_and(|last| last.result == HashResult::Different));
    // Without the warning the hashes themselves are suspicion enough.
    rest.look(1).errors.clear();
    assert_eq!(rest.turns(1200, 2), [0, 600]);
}

#[test]
fn a_warning_after_a_routine_check_and_one_after_all_was_well_are_news() {
    let mut rest = Rest::new();
    let first = rest.turns(2 * 86_400, 66)[0];
    let mut rest = Rest::new();
    rest.turns(first + 66, 66);
    assert!(rest.last.is_some());
    rest.warn();
    assert_eq!(rest.turns(300, 2), [0]);
    rest.look(1).errors.clear();
    assert_eq!(rest.turns(60, 2), Vec::<i64>::new());
    rest.warn();
    assert_eq!(rest.turns(300, 2), [0]);
}

#[test]
fn a_voter_that_was_not_asked_yet_is_asked_at_once() {
    let mut rest = Rest::new();
    rest.warn();
    rest.seen = rest.seen.with_unseen(&[2]);
    rest.hashes = vec![1, 1];
    assert_eq!(rest.turns(300, 2), [0]);
    let warned = rest.seen.looks[&1].clone();
    rest.seen = healthy(3).with(|seen| drop(seen.looks.insert(1, warned)));
    rest.hashes = vec![1, 1, 1];
    assert_eq!(rest.turns(300, 2), [0]);
    rest.look(2).member_id = "m9".to_owned();
    assert_eq!(rest.turns(2, 2), [0]);
}

#[test]
fn whoever_could_not_be_compared_is_asked_again_after_a_minute_if_something_is_suspected() {
    let answers = |compacted: [i64; 2]| {
        let answer = |at: usize| (format!("m{at}"), Some((7, compacted[at])));
        vec![answer(0), answer(1), ("m2".to_owned(), None)]
    };
    let apart = compared(5, answers([3, 4]));
    assert!(apart.hashes.is_empty() && apart.unknown.len() == 3, "{apart:?}");
    let silent = compared(5, answers([3, 3]));
    assert_eq!((silent.hashes.len(), silent.unknown.len(), silent.revision), (2, 1, 5));

    let mut rest = Rest::new();
    rest.warn();
    let asked = rest.seen.clone().with(|seen| seen.sweep = Some(silent));
    rest.last = next(None, &asked);
    assert!(rest.last.as_ref().is_some_and(|last| last.result == HashResult::Unknown));
    rest.clock = asked.now.as_second();
    assert_eq!(rest.turns(300, 2), [60]);
}

#[test]
fn what_the_status_remembers_is_decided_on_until_the_next_check() {
    for (hashes, result) in [
        (&[1, 1, 1][..], HashResult::Same),
        (&[1, 1, 2], HashResult::Different),
        (&[], HashResult::Unknown),
    ] {
        let fresh = healthy(3).with_hashes(hashes);
        let status = next(None, &fresh).unwrap();
        assert_eq!((status.result, status.time.0), (result, fresh.now));
        let later = healthy(3).with(|seen| seen.memory.hash_check = Some(remembered(&status)));
        let said = |seen: &Observed| (agree(seen), diverge(seen), outvoted(seen));
        assert_eq!(said(&later), said(&fresh), "{hashes:?}");
        assert_eq!(later.memory.hash_check.unwrap().sweep, fresh.sweep.unwrap());
    }
}
