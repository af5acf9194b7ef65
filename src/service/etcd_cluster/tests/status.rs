//! PURE. The status: what the machine remembers comes back, and people read what was seen.

use super::{list, look};
use crate::crd::{
    EtcdCluster, EtcdClusterStatus, MemberRole, MemberStatus, Operation, OperationKind,
    TRANSITIONS_MAX, Transition,
};
use crate::engine::{Moved, Settled};
use crate::service::etcd_cluster::decide::action::Record;
use crate::service::etcd_cluster::decide::machine::EtcdClusterMachine;
use crate::service::etcd_cluster::decide::vocabulary::Step;
use crate::service::etcd_cluster::observe::observed::{Birth, Memory, Observed};
use crate::service::etcd_cluster::observe::recorded::memory;
use crate::service::etcd_cluster::report::metrics::operation;
use crate::service::etcd_cluster::report::status::next;
use crate::service::etcd_cluster::worlds::bases::{formed, healthy, provisioned};
use crate::service::etcd_cluster::worlds::memberships::{growing, leaving};
use crate::service::etcd_cluster::worlds::worlds;
use crate::service::said::step_named;
use jiff::SignedDuration;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use serde_json::json;
use strum::IntoEnumIterator;

/// The `EtcdCluster` of every scenario.
pub fn cluster(size: i32) -> EtcdCluster {
    serde_json::from_value(json!({
        "apiVersion": "etcd.etcd.io/v1alpha1",
        "kind": "EtcdCluster",
        "metadata": {"name": "a", "namespace": "default", "uid": "uid-1", "generation": 4},
        "spec": {"size": size},
    }))
    .unwrap()
}

/// A turn that ended in `to` with these records, and decided nothing else.
pub fn settled(to: Step, records: Vec<Record>) -> Settled<EtcdClusterMachine> {
    let (facts, path, fired, actions, held) = (vec![], vec![], vec![], vec![], vec![]);
    Settled { from: to, to, facts, path, fired, records, actions, held }
}

/// The cluster after a turn that saw `seen`.
fn after(cluster: EtcdCluster, seen: &Observed, to: Step, records: Vec<Record>) -> EtcdCluster {
    let status = next(&cluster, seen, &settled(to, records));
    EtcdCluster { status: Some(status), ..cluster }
}

fn identity(seen: &Observed) -> Record {
    let list = seen.members.known().unwrap();
    Record::Identity {
        cluster_id: list.cluster_id.clone(),
        incarnation: seen.memory.incarnation,
        members: list.voters.clone(),
        unborn: [].into(),
    }
}

/// A cluster of three that runs.
pub fn running() -> EtcdCluster {
    let sealed = after(cluster(3), &formed(3), Step::Seal, vec![identity(&formed(3))]);
    after(sealed, &healthy(3), Step::Steady, vec![])
}

fn status(cluster: &EtcdCluster) -> &EtcdClusterStatus {
    cluster.status.as_ref().unwrap()
}

fn member(cluster: &EtcdCluster, at: usize) -> &MemberStatus {
    &status(cluster).members[at]
}

#[test]
fn an_object_without_a_status_is_the_first_birth_of_what_is_asked_for() {
    let birth = Birth::Unrecorded;
    let expected = Memory { incarnation: 1, replicas: 5, birth, ..Memory::default() };
    assert_eq!(memory(&cluster(5)), expected);
    assert_eq!(memory(&cluster(-1)).replicas, 0);
}

#[test]
fn a_creation_that_begins_with_volumes_stays_one_that_does() {
    let records = vec![Record::BirthFound { incarnation: 2 }, Record::CreationResumed];
    let resumed = after(cluster(3), &formed(3), Step::Provision, records);
    assert_eq!((memory(&resumed).birth, memory(&resumed).incarnation), (Birth::Resumed, 2));
    let sealed = after(resumed, &formed(3), Step::Seal, vec![identity(&formed(3))]);
    let done = after(sealed, &healthy(3), Step::Steady, vec![Record::CreationDone]);
    assert_eq!((status(&done).operation.as_ref(), memory(&done).birth), (None, Birth::Begun));
}

#[test]
fn the_recorded_members_are_named_with_their_addresses_by_ordinal() {
    let members = (0..10).map(|at| (format!("a-{at}"), format!("m{at}"))).collect();
    let record = Record::Identity {
        cluster_id: "c1".to_owned(),
        incarnation: 1,
        members,
        unborn: [].into(),
    };
    let ten = after(cluster(3), &formed(3), Step::Seal, vec![record]);
    let names: Vec<&str> = status(&ten).members.iter().map(|at| at.name.as_str()).collect();
    assert_eq!((names[1], names[2], names[9]), ("a-1", "a-2", "a-9"));
    assert_eq!(member(&ten, 9).peer_url, "http://a-9.a-peer.default.svc:2380");
    assert_eq!(member(&ten, 9).client_url, "http://a-9.a-peer.default.svc:2379");
    assert_eq!((status(&ten).replicas, memory(&ten).replicas), (10, 10));
}

#[test]
fn a_member_that_comes_back_left_nothing_behind() {
    let removed = Record::Removed {
        member: "a-1".to_owned(),
        id: "m1".to_owned(),
        volume: Some("volume-1".to_owned()),
    };
    let out = after(cluster(3), &healthy(3), Step::CleanSlot, vec![identity(&healthy(3)), removed]);
    assert!(memory(&out).removed.contains_key("a-1"));
    let added = Record::LearnerAdded { member: "a-1".to_owned(), id: "m9".to_owned() };
    let back = after(out, &healthy(3), Step::CatchUp, vec![added]);
    assert!(memory(&back).removed.is_empty());
}

#[test]
fn a_recorded_member_that_never_answered_is_unborn_until_it_does() {
    let formed = formed(3).with_down(&[2]);
    let Record::Identity { cluster_id, incarnation, members, .. } = identity(&formed) else {
        unreachable!()
    };
    let unborn = ["a-2".to_owned()].into();
    let record = Record::Identity { cluster_id, incarnation, members, unborn };
    let sealed = after(cluster(3), &formed, Step::Seal, vec![record]);
    assert_eq!(memory(&sealed).unborn, ["a-2".to_owned()].into());
    let up = after(sealed, &healthy(3), Step::Seal, vec![]);
    assert_eq!(memory(&up).unborn, [].into());
    let down = after(up, &healthy(3).with_down(&[2]), Step::Steady, vec![]);
    assert_eq!(memory(&down).unborn, [].into());
}

#[test]
fn a_damaged_count_of_tries_leaves_none() {
    let mut cluster = after(cluster(3), &provisioned(3), Step::AwaitQuorum, vec![]);
    let started = status(&cluster).step_since.clone().unwrap();
    let operation = Operation {
        kind: OperationKind::Create,
        member: None,
        started,
        attempts: -1,
        free: vec![],
    };
    cluster.status.as_mut().unwrap().operation = Some(operation);
    assert_eq!(memory(&cluster).attempts, u32::MAX);
    let seen = provisioned(3).with(|seen| seen.memory = memory(&cluster));
    let failed = after(cluster, &seen, Step::Bootstrap, vec![]);
    assert!(status(&failed).conditions[0].message.contains("did not form a cluster"));
}

#[test]
fn the_last_twenty_moves_are_kept_newest_last() {
    let mut cluster = cluster(3);
    for number in 0..25 {
        let moved = |end| Moved {
            from: format!("Creating/{number}{end}"),
            fact: "Looked".to_owned(),
            to: format!("Running/{number}{end}"),
        };
        let path = vec![moved("a"), moved("b")];
        let turn = Settled { path, ..settled(Step::Steady, vec![]) };
        cluster.status = Some(next(&cluster, &healthy(3).later(number), &turn));
    }
    let kept = &status(&cluster).transitions;
    assert_eq!(kept.len(), TRANSITIONS_MAX);
    assert_eq!((kept[0].to.as_str(), kept[19].to.as_str()), ("Running/15a", "Running/24b"));
    let last = (kept[19].from.as_str(), kept[19].reason.as_str(), kept[19].at.0);
    assert_eq!(last, ("Creating/24b", "Looked", healthy(3).later(24).now));
}

#[test]
fn the_time_of_a_step_changes_only_with_the_step() {
    let first = running();
    let since = |cluster: &EtcdCluster| status(cluster).step_since.clone().unwrap().0;
    let later = healthy(3).later(60);
    let same = after(first.clone(), &later, Step::Steady, vec![]);
    assert_eq!(since(&same), since(&first));
    let other = after(same, &later, Step::QuorumLost, vec![]);
    assert_eq!(since(&other), later.now);
    let words = (status(&other).phase.as_deref(), status(&other).step.as_deref());
    assert_eq!(words, (Some("Failed"), Some("QuorumLost")));

    let mut damaged = first;
    damaged.status.as_mut().unwrap().step_since = None;
    assert_eq!(since(&after(damaged, &later, Step::Steady, vec![])), later.now);
}

#[test]
fn a_healthy_cluster_is_described_as_it_is() {
    let cluster = running();
    let shown = status(&cluster);
    assert_eq!((shown.replicas, shown.ready_replicas), (3, 3));
    let leader = (shown.leader.as_deref(), shown.leader_id.as_deref());
    assert_eq!((leader, shown.version.as_deref()), ((Some("a-0"), Some("m0")), Some("3.6.16")));
    assert_eq!(shown.client_endpoints, ["http://a-client.default.svc:2379"]);
    assert_eq!(shown.observed_generation, Some(4));
    assert!(shown.selector.as_ref().unwrap().contains("cluster-uid=uid-1"));
    let roles: Vec<MemberRole> = shown.members.iter().map(|at| at.role).collect();
    assert_eq!(roles, [MemberRole::Leader, MemberRole::Follower, MemberRole::Follower]);
    let second = member(&cluster, 1);
    assert_eq!((second.ready, second.db_size_bytes), (Some(true), Some(20480)));
    assert_eq!((second.last_seen.as_ref(), second.issues.len()), (None, 0));
}

#[test]
fn a_learner_is_no_follower() {
    let seen = healthy(3).with(|seen| look(seen, 2).learner = true);
    let cluster = after(running(), &seen, Step::Steady, vec![]);
    assert_eq!(member(&cluster, 2).role, MemberRole::Learner);
}

#[test]
fn a_failed_look_takes_back_what_it_would_have_said_and_keeps_what_stays() {
    let cluster = after(running(), &healthy(3).with_unseen(&[1]), Step::Steady, vec![]);
    let unseen = member(&cluster, 1);
    assert_eq!((unseen.ready, unseen.role), (None, MemberRole::Unknown));
    assert_eq!((unseen.id.as_deref(), unseen.version.as_deref()), (Some("m1"), Some("3.6.16")));
    assert_eq!(
        (unseen.db_size_bytes, unseen.issues.as_slice()),
        (Some(20480), &["timeout".to_owned()][..])
    );
    assert_eq!(status(&cluster).ready_replicas, 2);

    let cluster = after(running(), &healthy(3).with_down(&[0]), Step::Steady, vec![]);
    assert_eq!(
        (member(&cluster, 0).ready, member(&cluster, 0).role),
        (Some(false), MemberRole::Unknown)
    );
    // The others still name it as their leader.
    assert_eq!(status(&cluster).leader_id.as_deref(), Some("m0"));
}

#[test]
fn a_member_that_went_away_keeps_the_time_it_was_last_seen_until_it_is_back() {
    let away = healthy(3).with_down(&[1]);
    let gone = after(running(), &away, Step::Steady, vec![]);
    assert_eq!(member(&gone, 1).last_seen.as_ref().unwrap().0, away.now);
    let unseen = healthy(3).with_unseen(&[1]).later(60);
    let still = after(gone, &unseen, Step::Steady, vec![]);
    assert_eq!(member(&still, 1).last_seen.as_ref().unwrap().0, away.now);
    let back = after(still, &healthy(3).later(120), Step::Steady, vec![]);
    assert_eq!(member(&back, 1).last_seen, None);
}

#[test]
fn the_version_is_the_lowest_by_number() {
    let versions = ["3.6.16", "3.6.9", "3.10.0"];
    let seen = healthy(3).with(|seen| {
        for (at, version) in (0..).zip(versions) {
            version.clone_into(&mut look(seen, at).version);
        }
    });
    let cluster = after(running(), &seen, Step::Steady, vec![]);
    assert_eq!(status(&cluster).version.as_deref(), Some("3.6.9"));
}

#[test]
fn a_databases_size_is_written_again_only_when_it_changed_by_more_than_a_tenth() {
    let shown = |bytes| {
        let seen = healthy(3).with(|seen| look(seen, 1).db_size_bytes = bytes);
        member(&after(running(), &seen, Step::Steady, vec![]), 1).db_size_bytes
    };
    let written = [20480, 22528, 18432, 22529, 18431, 1 << 30].map(|bytes| shown(bytes).unwrap());
    assert_eq!(written, [20480, 20480, 20480, 22529, 18431, 1 << 30]);
}

#[test]
fn a_status_written_twice_from_what_was_seen_is_the_same() {
    for (seen, to) in worlds().zip(Step::iter().cycle()) {
        let once = after(running(), &seen, to, vec![]);
        // Who is not asked again is remembered.
        let later = seen.later(61).with(|seen| {
            seen.memory.hash_check = memory(&once).hash_check;
            seen.sweep = None;
        });
        let twice = after(once.clone(), &later, to, vec![]);
        assert_eq!(status(&once), status(&twice), "{to:?}");
    }
}

#[test]
fn a_member_of_a_name_that_is_none_of_ours_is_left_as_it_is() {
    let mut cluster = running();
    let stranger = MemberStatus { name: "b-0".to_owned(), ..MemberStatus::default() };
    cluster.status.as_mut().unwrap().members.push(stranger.clone());
    assert_eq!(member(&after(cluster, &healthy(3), Step::Steady, vec![]), 3), &stranger);
}

#[test]
fn a_step_is_found_by_its_name_alone_or_behind_its_phase() {
    for step in Step::iter() {
        let name: &str = step.into();
        assert_eq!(step_named(name), Some(step));
        assert_eq!(step_named(&format!("Creating/{name}")), Some(step));
    }
    assert_eq!((step_named::<Step>("Juggling"), step_named::<Step>("")), (None, None));
}

fn begun(kind: OperationKind, member: &str) -> Record {
    Record::Begun { kind, member: member.to_owned(), free: [].into() }
}

fn added(member: &str, id: &str) -> Record {
    Record::LearnerAdded { member: member.to_owned(), id: id.to_owned() }
}

#[test]
fn a_learner_is_a_member_without_a_vote_until_its_addition_is_done() {
    let (add, kind) = (added("a-3", "m3"), OperationKind::AddMember);
    let joined = after(running(), &healthy(3), Step::CatchUp, vec![begun(kind, "a-3"), add]);
    let now = memory(&joined);
    assert_eq!((now.learner(), now.replicas, now.members.len()), (Some("a-3"), 3, 4));
    assert!(now.unborn.contains("a-3"), "it never ran");
    let voted = after(joined, &growing(), Step::Steady, vec![Record::OperationDone]);
    let now = memory(&voted);
    assert_eq!((now.learner(), now.replicas, now.unborn.len()), (None, 4, 0));
    assert_eq!(status(&voted).members[3].peer_url, "http://a-3.a-peer.default.svc:2380");
}

#[test]
fn a_place_that_was_empty_is_one_until_somebody_was_there() {
    let seen = healthy(3);
    let begun = begun(OperationKind::AddMember, "a-3");
    let free = ["a-3".to_owned(), "a-4".to_owned()];
    let cleaned = Record::SlotCleaned { member: "a-3".to_owned(), free: free.into() };
    let adding = after(running(), &seen, Step::AddLearner, vec![begun, cleaned]);
    let of = |cluster: &EtcdCluster| memory(cluster).operation.unwrap().free;
    assert_eq!(of(&adding).len(), 2);
    let out = Record::Removed { member: "a-3".to_owned(), id: "m3".to_owned(), volume: None };
    let recycled = after(adding.clone(), &seen, Step::CleanSlot, vec![out, Record::Recycled]);
    assert_eq!(of(&recycled), ["a-4".to_owned()].into());
    let unused = Record::Unused { member: "a-4".to_owned(), volume: "volume-4".to_owned() };
    let over = after(adding, &seen, Step::ReleaseSlot, vec![unused, Record::OperationDone]);
    let left = &status(&over).removed_members[0];
    assert_eq!((&*left.name, &left.id), ("a-4", &None));
    assert_eq!(memory(&over).removed["a-4"].volume.as_deref(), Some("volume-4"));
}

#[test]
fn what_is_being_done_to_a_member_outlives_a_lost_quorum() {
    let begun = begun(OperationKind::RemoveMember, "a-2");
    let lost = after(running(), &healthy(3), Step::QuorumLost, vec![begun]);
    let back = after(lost, &healthy(3), Step::Steady, vec![Record::CreationDone]);
    let goes_on = memory(&back).operation.unwrap();
    assert_eq!((goes_on.kind, &*goes_on.member), (OperationKind::RemoveMember, "a-2"));
    assert_eq!(goes_on.since, Some(healthy(3).now));
}

#[test]
fn scaling_says_how_far_it_is_and_how_long_it_will_take_by_what_it_took() {
    let moved = |at: i64, from: &str, to: &str| Transition {
        at: Time(healthy(3).now + SignedDuration::from_secs(at)),
        from: from.to_owned(),
        to: to.to_owned(),
        reason: "Looked".to_owned(),
    };
    let scaling = |transitions: Vec<Transition>, to: Step, seen: &Observed| {
        let mut cluster = running();
        cluster.status.as_mut().unwrap().transitions = transitions;
        status(&after(cluster, seen, to, vec![])).scaling.clone()
    };
    assert_eq!(scaling(vec![], Step::Steady, &growing()), None);
    let unmeasured = scaling(vec![], Step::CatchUp, &growing()).unwrap();
    assert_eq!((unmeasured.current_size, unmeasured.target_size), (3, 5));
    assert_eq!((unmeasured.progress, unmeasured.estimated_seconds), (60, None));
    let took_four = vec![
        moved(-9, "Running/Steady", "Scaling/CleanSlot"),
        moved(-5, "Scaling/Promote", "Scaling/CleanSlot"),
    ];
    let measured = scaling(took_four, Step::CatchUp, &growing()).unwrap();
    assert_eq!((measured.ready_replicas, measured.estimated_seconds), (3, Some(8)));
    let shrinking = scaling(vec![], Step::RemoveMember, &leaving()).unwrap();
    assert_eq!((shrinking.target_size, shrinking.progress), (1, 33));
}

#[test]
fn every_operation_is_counted_as_it_begins_and_as_it_ends() {
    let done = Record::OperationDone;
    let removed = Record::Removed { member: "a-2".to_owned(), id: "m2".to_owned(), volume: None };
    let promoted = growing().with(|seen| {
        let list = list(seen);
        list.learners.clear();
        list.voters.insert("a-3".to_owned(), "m3".to_owned());
    });
    let out = leaving().with(|seen| {
        let list = list(seen);
        list.voters.remove("a-2");
    });
    let begun = begun(OperationKind::RemoveMember, "a-2");
    let table = [
        (&begun, healthy(3), Some(("RemoveMember", "begun"))),
        (&removed, out.clone(), Some(("RemoveMember", "done"))),
        (&done, out, None),
        (&done, leaving(), Some(("RemoveMember", "given_up"))),
        (&done, promoted, Some(("AddMember", "done"))),
        (&done, growing(), Some(("AddMember", "given_up"))),
        (&removed, growing(), None),
        (&Record::Recycled, growing(), Some(("AddMember", "given_up"))),
        (&Record::CreationDone, healthy(3), None),
    ];
    for (record, seen, counted) in table {
        assert_eq!(operation(record, &seen), counted, "{record:?}");
    }
}
