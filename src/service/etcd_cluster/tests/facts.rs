//! PURE. Each fact both ways, their order, and when a birth has failed.

use super::{list, look, lost, stale};
use crate::crd::GateVerdict;
use crate::engine::Known;
use crate::service::etcd_cluster::decide::fact::derive;
use crate::service::etcd_cluster::decide::queries::birth::birth_failed_at;
use crate::service::etcd_cluster::decide::queries::roster::in_doubt;
use crate::service::etcd_cluster::decide::vocabulary::{Fact, Step};
use crate::service::etcd_cluster::observe::observed::{Child, Observed};
use crate::service::etcd_cluster::worlds::bases::{
    CLUSTER_ID, formed, fresh, healthy, provisioned, recorded,
};
use crate::service::etcd_cluster::worlds::memberships::{
    asleep, growing, joining, leaving, losing,
};
use crate::service::etcd_cluster::worlds::worlds;
use jiff::SignedDuration;
use std::collections::BTreeSet;
use strum::IntoEnumIterator;

/// The list has this voter.
fn listing(name: &str, id: &str) -> Observed {
    healthy(3).with(|seen| drop(list(seen).voters.insert(name.to_owned(), id.to_owned())))
}

/// The list has the fourth member as a learner.
fn learning(seen: Observed) -> Observed {
    seen.with(|seen| drop(list(seen).learners.insert("m3".to_owned(), "a-3".to_owned())))
}

/// The list has no third member.
fn unlisting(seen: Observed) -> Observed {
    seen.with(|seen| drop(list(seen).voters.remove("a-2")))
}

fn alarmed(error: &str) -> Observed {
    healthy(3).with(|seen| look(seen, 1).errors.push(error.to_owned()))
}

#[allow(clippy::too_many_lines, reason = "a table, one row for each fact")]
/// An observation of which the fact is so, and one of which it is just not.
fn cases(fact: Fact) -> (Observed, Observed) {
    let forgotten = || healthy(3).with(|seen| seen.memory.cluster_id = None);
    match fact {
        Fact::Paused => (healthy(3).with(|seen| seen.spec.paused = true), healthy(3)),
        Fact::Deleted => (healthy(3).with(|seen| seen.deleting = true), healthy(3)),
        Fact::MemoryLost => (forgotten(), formed(3)),
        Fact::ForeignCluster => {
            let foreign =
                |seen: Observed| seen.with(|seen| "c2".clone_into(&mut look(seen, 2).cluster_id));
            (foreign(healthy(3)), foreign(formed(3)))
        }
        Fact::IdentityRecorded => (recorded(3), formed(3)),
        Fact::IdentityMissing => (formed(3), forgotten()),
        Fact::SpecChanged => {
            let another = |seen: &mut Observed| "hash-2".clone_into(&mut seen.spec.hash);
            (formed(3).with(another), fresh(3).with(another))
        }
        Fact::QuorumLost => (healthy(3).with_down(&[0, 1]), healthy(3).with_unseen(&[0, 1])),
        Fact::QuorumHeld => (healthy(3).with_down(&[0]), healthy(3).with_unseen(&[0, 1])),
        Fact::FinalizerMissing => (healthy(3).with(|seen| seen.finalizer = false), healthy(3)),
        Fact::NameTaken => {
            let child = |child| fresh(3).with(|seen| seen.objects.peer_service = child);
            let leaving = Child::Ours {
                uid: "uid".to_owned(),
                generation: None,
                drift: None,
                deleting: true,
            };
            (child(leaving), child(Child::Unknown("timeout".to_owned())))
        }
        Fact::PartsDrifted => (recorded(3), healthy(3)),
        Fact::PodsDrifted => {
            let behind = |deleting| {
                healthy(3).with(|seen| {
                    let pod = seen.pods.get_mut(&1).unwrap();
                    (pod.current, pod.deleting) = (false, deleting);
                })
            };
            (behind(false), behind(true))
        }
        Fact::ClusterFormed => (formed(3), recorded(3)),
        Fact::StatefulSetMissing => (fresh(3), provisioned(3)),
        Fact::BirthFailed => (unformed().later(297), unformed().later(296)),
        Fact::DataLost => (healthy(3).with_refusal(2, lost()), healthy(3).with_refusal(2, stale())),
        Fact::DataStale => {
            (healthy(3).with_refusal(2, stale()), healthy(3).with_refusal(2, lost()))
        }
        Fact::MemberDown => (healthy(3).with_down(&[2]), formed(3).with_down(&[2])),
        Fact::MemberUnseen => (healthy(3).with_unseen(&[2]), healthy(3).with_down(&[2])),
        Fact::MemberAlarmed => (alarmed("NOSPACE on member 1"), alarmed("etcdserver: no leader")),
        Fact::DataDiverges => {
            (healthy(3).with_hashes(&[1, 1, 2]), healthy(3).with_hashes(&[1, 1, 1]))
        }
        Fact::AlarmOutlived => (
            alarmed("alarm:CORRUPT").with_hashes(&[1, 1, 1]),
            alarmed("alarm:CORRUPT").with_hashes(&[1, 1]),
        ),
        Fact::NothingOpen => (healthy(3), joining()),
        Fact::AdditionOpen => (joining(), leaving()),
        Fact::RemovalOpen => (leaving(), losing()),
        Fact::ReplacementOpen => (losing(), joining()),
        Fact::VoterUnrecorded => (listing("other", "x"), listing("a-2", "m2")),
        Fact::LearnerUnrecorded => (learning(healthy(3)), learning(joining())),
        Fact::LearnerForgotten => {
            let forgotten = |seen: Observed| {
                seen.with(|seen| {
                    drop(list(seen).learners.insert("m2".to_owned(), "a-2".to_owned()));
                })
            };
            (forgotten(unlisting(healthy(3))), growing())
        }
        Fact::MemberVanished => (unlisting(healthy(3)), healthy(3)),
        Fact::MemberOut => (unlisting(leaving()), leaving()),
        Fact::LearnerListed => (growing(), joining()),
        Fact::LearnerPromoted => {
            let promoted = growing().with(|seen| {
                let list = list(seen);
                list.learners.clear();
                list.voters.insert("a-3".to_owned(), "m3".to_owned());
            });
            (promoted, growing())
        }
        Fact::LearnerCaughtUp => {
            let behind = |by: u64| growing().with(|seen| look(seen, 0).raft_index = 90 + by);
            (behind(1000), behind(1001))
        }
        Fact::LearnerStalled => {
            let silent = || growing().with_down(&[3]);
            (silent().later(598), silent().later(597))
        }
        Fact::SleepAsked => (asleep(), leaving()),
        Fact::MembersSurplus => {
            let of = |size| healthy(3).with(|seen| seen.spec.size = size);
            (of(2), of(3))
        }
        Fact::MembersMissing => {
            let of = |size| healthy(3).with(|seen| seen.spec.size = size);
            (of(4), of(3))
        }
        Fact::MembersHealthy => (healthy(3), healthy(3).with_unseen(&[2])),
        Fact::Looked => (fresh(0), fresh(0).with(|seen| seen.spec.paused = true)),
    }
}

#[test]
fn every_fact_is_drawn_where_it_is_so_and_nowhere_else() {
    for fact in Fact::iter() {
        let (so, not_so) = cases(fact);
        assert!(derive(&so).contains(&fact), "{fact:?} is missing: {:?}", derive(&so));
        assert!(!derive(&not_so).contains(&fact), "{fact:?} is drawn: {:?}", derive(&not_so));
    }
}

#[test]
fn the_most_urgent_fact_comes_first_whatever_else_is_so() {
    for seen in worlds() {
        let facts = derive(&seen);
        assert!(facts.is_sorted() && !facts.is_empty(), "{facts:?}");
        let set: BTreeSet<Fact> = facts.iter().copied().collect();
        assert_eq!(set.len(), facts.len(), "twice: {facts:?}");
    }
}

#[test]
fn a_paused_a_deleted_or_a_forgotten_object_says_nothing_else() {
    for seen in worlds() {
        let paused = seen.clone().with(|seen| (seen.spec.paused, seen.deleting) = (true, true));
        assert_eq!(derive(&paused), [Fact::Paused]);
        let deleted = seen.with(|seen| (seen.spec.paused, seen.deleting) = (false, true));
        assert_eq!(derive(&deleted), [Fact::Deleted]);
    }
    let forgotten = healthy(3).with(|seen| seen.memory.cluster_id = None);
    assert_eq!(derive(&forgotten), [Fact::MemoryLost]);
}

#[test]
fn the_identity_is_either_recorded_or_missing_or_only_forgotten() {
    let about =
        [Fact::MemoryLost, Fact::IdentityRecorded, Fact::IdentityMissing].map(|fact| (fact, 1));
    for seen in worlds().filter(|seen| !seen.spec.paused && !seen.deleting) {
        let facts = derive(&seen);
        let said: usize = about.iter().filter(|(fact, _)| facts.contains(fact)).count();
        assert_eq!(said, 1, "{facts:?}");
        let quorum = [Fact::QuorumLost, Fact::QuorumHeld].map(|fact| facts.contains(&fact));
        assert_ne!(quorum, [true, true], "{facts:?}");
    }
}

#[test]
fn a_refusal_of_a_member_that_answers_by_now_is_over() {
    let answers = healthy(3).with(|seen| seen.pods.get_mut(&2).unwrap().gate = Some(lost()));
    assert!(!derive(&answers).contains(&Fact::DataLost));
}

/// Members that started 3 seconds ago and never agreed.
fn unformed() -> Observed {
    formed(3).with(|seen| {
        seen.looks.clear();
        seen.members = Known::Unknown("no leader".to_owned());
    })
}

#[test]
fn a_volume_that_is_gone_for_good_is_lost_data_only_once_its_member_had_its_time() {
    let lost = |seconds: i64| {
        healthy(3).with_down(&[1]).with(|seen| {
            seen.volumes.get_mut(&1).unwrap().lost = Some("its node is gone".to_owned());
            let since = seen.now - SignedDuration::from_secs(seconds);
            seen.memory.away.insert("a-1".to_owned(), since);
        })
    };
    let is_lost = |seen: &Observed| derive(seen).contains(&Fact::DataLost);
    assert!(is_lost(&lost(300)) && !is_lost(&lost(299)));
    let patient = lost(300).with(|seen| seen.spec.member_down_grace_seconds = 301);
    assert!(!is_lost(&patient), "the user says how long");
    let away = lost(100_000).with(|seen| seen.volumes.get_mut(&1).unwrap().lost = None);
    assert!(!is_lost(&away), "time alone proves nothing");
    let unseen = lost(300).with_unseen(&[1]);
    assert!(!is_lost(&unseen), "unknown is not dead");
    let answers = healthy(3).with(|seen| {
        seen.volumes.get_mut(&1).unwrap().lost = Some("its node is gone".to_owned());
        seen.memory.away.insert("a-1".to_owned(), seen.now - SignedDuration::from_secs(300));
    });
    assert!(!is_lost(&answers));
}

#[test]
fn whose_volume_may_be_lost_is_asked_only_of_who_is_missed() {
    let away = |seen: Observed| {
        seen.with(|seen| {
            let since = seen.now - SignedDuration::from_secs(300);
            let away = ["a-0", "a-1", "a-2"].map(|name| (name.to_owned(), since));
            seen.memory.away = away.into();
        })
    };
    let down = |at| away(healthy(3)).with(|seen| drop(seen.pods.remove(&at)));
    assert_eq!(in_doubt(&down(1)), [1]);
    assert!(in_doubt(&healthy(3).with(|seen| drop(seen.pods.remove(&1)))).is_empty());
    assert!(in_doubt(&down(1).with(|seen| seen.deleting = true)).is_empty());
    // A cluster at rest asks nobody for anything, asleep too.
    for step in [Step::Sleep, Step::Hibernated] {
        assert!(in_doubt(&away(asleep()).in_step(step)).is_empty(), "{step:?}");
    }
}

/// The clock runs from the last member's first start. A member that refuses to start fails the birth at
/// once, even beside a quorum; and members that Kubernetes finds ready are born even if we cannot hear
/// them: the model check found an operator that was cut off from healthy members and began them again.
#[test]
fn a_birth_fails_when_its_last_member_had_its_time_and_only_if_nobody_decided() {
    let started = |ago: [i64; 3]| {
        unformed().with(|seen| {
            let at = |ago| Some(seen.now - SignedDuration::from_secs(ago));
            seen.pods.values_mut().zip(ago).for_each(|(pod, ago)| pod.started = at(ago));
        })
    };
    let late = |change: fn(&mut Observed)| unformed().later(1_000_000).with(change);
    let ready = |count: u32| {
        let ready = late(|_| {});
        ready.with(|seen| seen.pods.iter_mut().for_each(|(at, pod)| pod.ready = *at < count))
    };
    let passing = |gate: fn(String) -> GateVerdict| {
        (formed(3).with_refusal(2, gate("passing".to_owned())), None)
    };
    let table = vec![
        (started([4000, 30, 4000]), Some(270)),
        (
            started([4000, 30, 4000])
                .with(|seen| seen.spec.recovery.bootstrap_timeout_seconds = 3600),
            Some(3570),
        ),
        (late(|seen| seen.pods.get_mut(&1).unwrap().started = None), None),
        (late(|seen| drop(seen.pods.remove(&1))), None),
        (formed(3).later(1_000_000), None),
        (ready(1), Some(297 - 1_000_000)),
        (ready(2), None),
        (ready(2).with_refusal(2, lost()), Some(-600)),
        (formed(3).with_refusal(2, lost()), Some(-3)),
        (formed(3).with_refusal(2, stale()), Some(-3)),
        passing(|detail| GateVerdict::NoDirective { detail }),
        passing(|detail| GateVerdict::Unreadable { detail }),
        passing(|_| GateVerdict::New),
        passing(|_| GateVerdict::Join),
        passing(|_| GateVerdict::Existing),
        (late(|seen| seen.memory.cluster_id = Some(CLUSTER_ID.to_owned())), None),
        (late(|seen| seen.objects.stateful_set = Child::Unknown(String::new())), None),
        (late(|seen| seen.objects.stateful_set = Child::Absent), None),
        (provisioned(3).later(1_000_000), None),
    ];
    for (number, (seen, seconds)) in table.into_iter().enumerate() {
        let failed = seconds.map(|seconds| seen.now + SignedDuration::from_secs(seconds));
        assert_eq!(birth_failed_at(&seen), failed, "row {number}");
    }
}

/// Found by the model check: a status lost in a second birth counted it as the first, and its
/// `StatefulSet` could neither be mended nor left.
#[test]
fn members_of_another_birth_are_not_the_ones_asked_for() {
    let second = |seen: &mut Observed| seen.objects.template.as_mut().unwrap().incarnation = 2;
    assert!(derive(&formed(3).with(second)).contains(&Fact::SpecChanged));
    assert!(!derive(&formed(3)).contains(&Fact::SpecChanged));
    let recorded = healthy(3).with(second);
    assert!(!derive(&recorded).contains(&Fact::SpecChanged));
}
