//! PURE. Who is alive: the two witnesses, the leader, and quorum against its definition.

use super::list;
use crate::crd::OperationKind;
use crate::engine::Known;
use crate::service::etcd_cluster::decide::queries::health::Health::{self, Down, Healthy, Unknown};
use crate::service::etcd_cluster::observe::observed::{Look, Observed, PodSeen};
use crate::service::etcd_cluster::worlds::bases::{CLUSTER_ID, fresh, healthy};
use crate::service::etcd_cluster::worlds::memberships::doing;
use std::iter::successors;

fn answer(cluster_id: &str, leader: Option<&str>) -> Known<Look> {
    Known::Known(Look {
        cluster_id: cluster_id.to_owned(),
        leader: leader.map(str::to_owned),
        ..Look::default()
    })
}

/// The health of the only member, by its look, its pod's readiness and the recorded cluster ID.
fn health(look: Option<Known<Look>>, pod: Option<bool>, recorded: Option<&str>) -> Health {
    let mut seen = fresh(1);
    seen.memory.cluster_id = recorded.map(str::to_owned);
    seen.looks.extend(look.map(|look| (0, look)));
    seen.pods.extend(pod.map(|ready| (0, PodSeen { ready, ..PodSeen::default() })));
    seen.health(0)
}

#[test]
fn a_member_is_healthy_only_by_its_own_word_and_down_only_by_two() {
    let ours = || Some(answer(CLUSTER_ID, Some("m0")));
    let leaderless = || Some(answer(CLUSTER_ID, None));
    let foreign = || Some(answer("c2", Some("m0")));
    let failed = || Some(Known::Unknown("timeout".to_owned()));
    for pod in [None, Some(false), Some(true)] {
        let unless_ready = if pod == Some(true) { Unknown } else { Down };
        assert_eq!(health(ours(), pod, Some(CLUSTER_ID)), Healthy, "{pod:?}");
        assert_eq!(health(foreign(), pod, Some(CLUSTER_ID)), Down, "{pod:?}");
        assert_eq!(health(leaderless(), pod, Some(CLUSTER_ID)), unless_ready, "{pod:?}");
        assert_eq!(health(failed(), pod, Some(CLUSTER_ID)), unless_ready, "{pod:?}");
        assert_eq!(health(None, pod, Some(CLUSTER_ID)), unless_ready, "{pod:?}");
        // Before there is anything to compare with, whoever follows a leader is well.
        assert_eq!(health(foreign(), pod, None), Healthy, "{pod:?}");
    }
}

#[test]
fn before_the_record_a_member_is_held_against_the_list() {
    let seen = healthy(3).with(|seen| {
        seen.memory.cluster_id = None;
        seen.looks.insert(2, answer("c2", Some("m0")));
    });
    assert_eq!((seen.health(0), seen.health(2)), (Healthy, Down));
    assert_eq!(seen.cluster_id(), Some(CLUSTER_ID));
    let recorded = seen.with(|seen| seen.memory.cluster_id = Some("c2".to_owned()));
    assert_eq!((recorded.health(0), recorded.health(2)), (Down, Healthy));
}

/// The model found it: of two voters and a learner that has just got its vote, one is lost. The two
/// that are left decide, and nobody would ever look again at a cluster that is taken for lost.
#[test]
fn a_learner_counts_from_the_moment_etcd_lists_it_with_a_vote() {
    let learns = healthy(3).with(|seen| {
        seen.memory.operation = doing(OperationKind::AddMember, "a-2");
        let list = list(seen);
        list.learners.insert("m2".to_owned(), "a-2".to_owned());
        list.voters.remove("a-2");
    });
    assert_eq!(learns.ordinals(), [0, 1]);
    assert!(learns.clone().with_down(&[1]).has_lost_quorum());
    let votes = learns.with(|seen| {
        let list = list(seen);
        list.learners.clear();
        list.voters.insert("a-2".to_owned(), "m2".to_owned());
    });
    assert_eq!(votes.ordinals(), [0, 1, 2]);
    let lost = votes.with_down(&[1]);
    assert!(lost.has_quorum() && !lost.has_lost_quorum());
    // Whoever has its name and another ID is another.
    let other =
        lost.with(|seen| drop(seen.memory.members.insert("a-2".to_owned(), "m9".to_owned())));
    assert_eq!(other.ordinals(), [0, 1]);
}

/// The model found it: the operator was cut off just when a member was out, and called the one that
/// was left half a quorum.
#[test]
fn while_the_list_is_unknown_what_is_being_done_may_be_done() {
    let cut_off = |size, kind, member| {
        healthy(size).with(|seen| {
            seen.memory.operation = doing(kind, member);
            seen.members = Known::Unknown("timeout".to_owned());
        })
    };
    let removing = || cut_off(2, OperationKind::RemoveMember, "a-1").with_down(&[1]);
    assert!(!removing().with_unseen(&[0]).has_lost_quorum());
    assert!(removing().with_down(&[0]).has_lost_quorum());
    // Of two voters and a learner that may have got its vote.
    let adding = || cut_off(3, OperationKind::AddMember, "a-2").with_down(&[1]);
    assert!(!adding().with_unseen(&[0, 2]).has_lost_quorum());
    assert!(adding().with_unseen(&[0]).with_down(&[2]).has_lost_quorum());
    // Nothing is being done, or the list tells.
    let nothing = removing().with_unseen(&[0]).with(|seen| seen.memory.operation = None);
    assert!(nothing.has_lost_quorum());
    let listed = healthy(2).with(|seen| {
        seen.memory.operation = doing(OperationKind::RemoveMember, "a-1");
    });
    assert!(listed.with_down(&[1]).has_lost_quorum());
}

fn following(leaders: &[Option<&str>]) -> Observed {
    let size = u32::try_from(leaders.len()).unwrap();
    healthy(size).with(|seen| {
        seen.looks = (0..).zip(leaders.iter().map(|at| answer(CLUSTER_ID, *at))).collect();
    })
}

#[test]
fn the_leader_is_the_one_most_members_follow() {
    assert_eq!(following(&[]).leader(), None);
    assert_eq!(following(&[None, None, None]).leader(), None);
    let split = [Some("m1"), Some("m2"), Some("m2"), Some("m1"), Some("m2")];
    assert_eq!(following(&split).leader(), Some(("m2", 3)));
    assert!(following(&split).has_quorum());
    let torn = [Some("m1"), Some("m2"), Some("m2"), Some("m1"), Some("m3")];
    assert_eq!(following(&torn).leader().map(|(_, votes)| votes), Some(2));
    assert!(!following(&torn).has_quorum());
    let foreign = following(&split).with(|seen| {
        for at in [1, 2, 4] {
            seen.looks.insert(at, answer("c2", Some("m2")));
        }
    });
    assert_eq!(foreign.leader(), Some(("m1", 2)));
}

/// Every way the members of a cluster of this size can be.
fn healths(size: u32) -> impl Iterator<Item = Vec<Health>> {
    let digit = |number: u32, place| number / 3_u32.pow(place) % 3;
    let of = |digit| [Healthy, Down, Unknown][digit as usize];
    (0..3_u32.pow(size)).map(move |number| (0..size).map(|at| of(digit(number, at))).collect())
}

fn with(healths: &[Health]) -> Observed {
    let ordinals = |health| {
        let all = (0..).zip(healths).filter(move |&(_, &at)| at == health);
        all.map(|(at, _)| at).collect::<Vec<u32>>()
    };
    let size = u32::try_from(healths.len()).unwrap();
    healthy(size).with_down(&ordinals(Down)).with_unseen(&ordinals(Unknown))
}

/// The definition: every set of voters is a quorum that meets each set of the same size.
fn is_quorum(voters: usize, members: usize) -> bool {
    let smallest = successors(Some(0), |size| Some(size + 1)).find(|size| 2 * size > voters);
    voters > 0 && smallest.is_some_and(|smallest| members >= smallest)
}

#[test]
fn quorum_is_held_by_the_healthy_alone_and_lost_by_the_down_alone() {
    for size in [1, 3, 5] {
        for healths in healths(size) {
            let seen = with(&healths);
            let count = |health| healths.iter().filter(|&&at| at == health).count();
            let all = [Healthy, Down, Unknown].map(|health| seen.in_health(health).len());
            assert_eq!(all, [Healthy, Down, Unknown].map(count), "{healths:?}");
            let held = is_quorum(healths.len(), count(Healthy));
            let lost = !is_quorum(healths.len(), count(Healthy) + count(Unknown));
            assert_eq!((seen.has_quorum(), seen.has_lost_quorum()), (held, lost), "{healths:?}");
            assert!(!(held && lost));
        }
    }
}

#[test]
fn no_members_neither_hold_nor_lose_quorum() {
    let none = healthy(0);
    assert!(!none.has_quorum() && !none.has_lost_quorum());
}
