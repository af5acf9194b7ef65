//! PURE. Whose data is damaged, as far as hashes can tell.

use crate::engine::Known;
use crate::service::etcd_cluster::hashes::{agree, diverge, is_due, outvoted};
use crate::service::etcd_cluster::observed::Observed;
use crate::service::etcd_cluster::scenarios::healthy;
use jiff::{SignedDuration, Timestamp};

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
    let table = [
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

#[test]
fn a_cluster_at_rest_is_swept_in_each_ten_minutes_for_just_over_a_minute() {
    let due = |uid: &str, largest: i64| {
        let at = |second| Timestamp::UNIX_EPOCH + SignedDuration::from_secs(second);
        (0..600).filter(|second| is_due(at(*second), uid, largest)).collect::<Vec<_>>()
    };
    let all = ["uid-1", "uid-2", "5f6a"].map(|uid| due(uid, 4 << 30));
    assert!(all.iter().all(|due| due.len() == 66));
    assert!(all[0] != all[1] && all[1] != all[2], "they take turns");
    assert_eq!(due("uid-1", (4 << 30) + 1), Vec::<i64>::new(), "too much to read each time");
}
