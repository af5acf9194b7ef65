//! PURE. The sentences people read, word for word.

use super::{list, look, lost, stale};
use crate::crd::GateVerdict;
use crate::engine::Known;
use crate::service::etcd_cluster::decide::vocabulary::{Reason, Step};
use crate::service::etcd_cluster::observe::observed::{Child, Observed};
use crate::service::etcd_cluster::report::messages::{bounded, entered, hold, issues};
use crate::service::etcd_cluster::worlds::bases::{
    formed, fresh, given_up, healthy, provisioned, recorded,
};
use crate::service::etcd_cluster::worlds::memberships::{
    asleep, growing, joining, leaving, losing, outvoted, removed,
};
use strum::IntoEnumIterator;

fn foreign(owner: &str) -> Child {
    Child::Foreign { owner: owner.to_owned() }
}

/// A scenario in which the machine holds for this reason, and what people read then.
fn case(reason: Reason) -> (Observed, &'static str) {
    let all = [before_a_birth, in_creation, in_operation, of_a_member];
    all.iter().find_map(|case| case(reason)).unwrap()
}

fn before_a_birth(reason: Reason) -> Option<(Observed, &'static str)> {
    Some(match reason {
        Reason::Paused => (
            healthy(3),
            "The operator only observes, because spec.paused is true. To let it act, run \
             `kubectl -n default patch etcdc a --type merge -p '{\"spec\":{\"paused\":false}}'`.",
        ),
        Reason::Deleting => (healthy(3), "The cluster is being deleted."),
        Reason::SizeIsZero => (
            fresh(0),
            "spec.size is 0, so no member is made. Set it to 1, 3, 5, 7 or 9, as in \
             `kubectl -n default scale etcdc a --replicas 3`.",
        ),
        Reason::ForeignObject => (
            fresh(3).with(|seen| {
                seen.objects.client_service = foreign("nobody");
                seen.objects.disruption_budget = foreign("Deployment web");
            }),
            "Service a-client belongs to nobody. Run `kubectl -n default delete service a-client` \
             if it is not needed, or choose another name for this cluster. \
             PodDisruptionBudget a belongs to Deployment web. Run \
             `kubectl -n default delete poddisruptionbudget a` \
             if it is not needed, or choose another name for this cluster.",
        ),
        Reason::VolumeMissing => (
            given_up(3).with(|seen| drop(seen.volumes.remove(&1))),
            "The status was lost, and the volumes data-a-0, data-a-2 are left, which may hold data, \
             but not data-a-1. Nobody is started, for a member without its volume would begin \
             another cluster. Bring it back, or set spec.size to how many members there were, with \
             `kubectl -n default edit etcdc a`; or, if nobody needs the data, run \
             `kubectl -n default delete pvc data-a-0 data-a-2`.",
        ),
        Reason::StaleVolume => (
            given_up(3).with(|seen| {
                seen.volumes.get_mut(&0).unwrap().cluster_uid = None;
                seen.volumes.get_mut(&2).unwrap().incarnation = Some(7);
            }),
            "Volumes of an earlier cluster or birth stand in the way. Run \
             `kubectl -n default delete pvc data-a-0 data-a-2` if nobody needs their data, or \
             choose another name for this cluster.",
        ),
        _ => return None,
    })
}

fn of_a_member(reason: Reason) -> Option<(Observed, &'static str)> {
    Some(match reason {
        Reason::DataDiverges => (
            healthy(3).with_hashes(&[1, 2, 1]),
            "The data of a-1 is not what the majority of the members holds (hashes: \
             a-0 00000001, a-1 00000002, a-2 00000001). It is replaced once every other member is \
             healthy.",
        ),
        Reason::StrangerMember => (
            healthy(3).with(|seen| {
                let list = list(seen);
                list.voters.insert("b-9".to_owned(), "m9".to_owned());
            }),
            "etcd lists members that this operator did not add: b-9. Take them out with `etcdctl \
             member remove` if they do not belong there; until then no member comes or goes.",
        ),
        Reason::OthersUnhealthy => (
            joining().with_down(&[1]),
            "a-3 waits until every other member is healthy: 2 of 3 members serve. a-1: unreachable.",
        ),
        Reason::SlotReleasing => (removed(), "What a removed member left is being deleted."),
        Reason::LearnerJoining => (joining(), "a-3 joins, without a vote at first."),
        Reason::LearnerBehind => {
            (growing(), "a-3 runs without a vote and has nearly all of the log.")
        }
        Reason::LearnerStalled => (
            growing().with_refusal(3, lost()).with(|seen| seen.memory.attempts = 3),
            "a-3 does not come up, and was tried 4 times. The other members serve. a-3: its data is \
             lost: the volume is empty. See `kubectl -n default describe pod a-3`.",
        ),
        Reason::LearnerPromoting => (growing(), "a-3 has caught up and gets its vote."),
        Reason::LeaderMoving => (leaving(), "a-2 leads, and hands over before it goes."),
        Reason::MemberLeaving => (leaving(), "a-2 is being taken out."),
        Reason::FallingAsleep => (asleep(), "Every member is being stopped. Their volumes stay."),
        Reason::Hibernated => (
            asleep(),
            "No member runs, because spec.size is 0. Their volumes are kept. To wake them, run \
             `kubectl -n default scale etcdc a --replicas 3`.",
        ),
        Reason::WakingUp => {
            (healthy(1).with_down(&[0]), "Waiting for 1 member to come back. a-0: unreachable.")
        }
        _ => return None,
    })
}

fn in_creation(reason: Reason) -> Option<(Observed, &'static str)> {
    Some(match reason {
        Reason::MembersStarting => (provisioned(3), "Waiting for 3 members to start."),
        Reason::MemberPending => (
            provisioned(3).with(|seen| {
                let why = "0/1 nodes are available: didn't match pod anti-affinity rules.";
                seen.pods.get_mut(&1).unwrap().waiting = Some(why.to_owned());
            }),
            "a-1: 0/1 nodes are available: didn't match pod anti-affinity rules. Add a node, or \
             set spec.pod.antiAffinity to Preferred. A corrected spec begins the creation again.",
        ),
        Reason::QuorumForming => {
            (formed(3), "The members run and have not agreed on a leader yet.")
        }
        Reason::MembersMismatch => (
            formed(3).with(|seen| {
                let list = list(seen);
                list.voters.remove("a-1");
                list.learners.insert("m9".to_owned(), "b-9".to_owned());
            }),
            "etcd's member list names a-0, a-2, b-9; asked for are a-0, a-1, a-2. b-9 is a learner that \
             is not on record. Remove it with `kubectl -n default exec a-0 -c etcd -- etcdctl member \
             remove m9`, and set spec.size to how many members are left, with `kubectl -n default edit \
             etcdc a`.",
        ),
        Reason::Sealing => (recorded(3), "Every member is being told the recorded identity."),
        Reason::SpecChangeTooLate => (
            healthy(3),
            "The spec no longer fits the members, which may hold data, so they are left as they \
             are. Set it back with `kubectl -n default edit etcdc a`.",
        ),
        Reason::RetryBackoff => (
            formed(3).with_refusal(2, lost()),
            "The members did not form a cluster. a-2: its data is lost: the volume is empty. The \
             next try begins at 1970-01-01T00:16:47Z.",
        ),
        Reason::RetriesExhausted => (
            provisioned(1).with(|seen| seen.memory.attempts = 3).with_refusal(0, stale()),
            "The members did not form a cluster in 4 tries. a-0: its volume holds other data: it \
             is of member b-2. Correct the spec, or raise spec.recoveryStrategy.maxRetries, with \
             `kubectl -n default edit etcdc a`.",
        ),
        Reason::ClearingLastTry => {
            (given_up(3), "The last try is being cleared away. It held no data.")
        }
        _ => return None,
    })
}

fn in_operation(reason: Reason) -> Option<(Observed, &'static str)> {
    Some(match reason {
        Reason::QuorumLost => (
            healthy(3).with_down(&[0]).with(|seen| {
                seen.looks.remove(&2);
                seen.pods.remove(&2);
            }),
            "2 of 3 members are down, so nothing can be decided. a-0: unreachable. a-2: its pod \
             does not exist. Nothing is touched until they are back: see \
             `kubectl -n default describe pod a-0 a-2`.",
        ),
        Reason::QuorumReturned => (healthy(3), "Quorum is back and has to last for 10 seconds."),
        Reason::ListStale => (
            healthy(3).with(|seen| seen.members = Known::Unknown("no answer within 2s".into())),
            "etcd's member list could not be read: no answer within 2s.",
        ),
        Reason::ForeignCluster => (
            healthy(3).with(|seen| "c2".clone_into(&mut look(seen, 1).cluster_id)),
            "This is cluster c1. a-1 answers with the ID of cluster c2. Nothing is done before a \
             person has looked.",
        ),
        Reason::MemberDataLost => (
            healthy(3).with_refusal(2, lost()),
            "2 of 3 members serve. a-2: its data is lost: the volume is empty. Without its data a \
             member must not vote under its old name, so it is not started: bring its volume back.",
        ),
        Reason::MemberDataStale => (
            healthy(3).with_refusal(2, stale()),
            "2 of 3 members serve. a-2: its volume holds other data: it is of member b-2. The data \
             was not touched: give the member its own volume back.",
        ),
        Reason::MemberDown => (
            healthy(3).with_down(&[2]).with(|seen| {
                seen.pods.get_mut(&2).unwrap().waiting =
                    Some("its container restarts, last exit code 2 (Error)".to_owned());
            }),
            "2 of 3 members serve. a-2: its container restarts, last exit code 2 (Error). See \
             `kubectl -n default describe pod a-2`.",
        ),
        Reason::MemberUnseen => (
            healthy(3).with_unseen(&[0, 2]),
            "The last look failed at a-0, a-2, which Kubernetes finds ready.",
        ),
        Reason::MemberAlarm => (
            healthy(3).with(|seen| look(seen, 1).errors.push("memberID:1 alarm:NOSPACE ".into())),
            "a-1: memberID:1 alarm:NOSPACE. No room is left, so nothing can be written: compact \
             and defragment the database, then run `etcdctl alarm disarm`.",
        ),
        _ => return None,
    })
}

#[test]
fn every_reason_says_what_is_why_and_what_to_do() {
    for reason in Reason::iter() {
        let (seen, expected) = case(reason);
        assert_eq!(hold(reason, &seen), expected, "{reason:?}");
    }
}

#[test]
fn one_member_is_not_several() {
    assert_eq!(hold(Reason::MembersStarting, &fresh(1)), "Waiting for 1 member to start.");
    let failed = hold(Reason::RetriesExhausted, &provisioned(1));
    assert!(failed.starts_with("The members did not form a cluster in 1 try. "), "{failed}");
    assert!(hold(Reason::MemberDown, &healthy(1)).starts_with("1 of 1 member serve"));
}

#[test]
fn members_that_may_hold_data_are_not_said_to_need_only_another_try() {
    let written = formed(3).with(|seen| look(seen, 0).revision = 2);
    let said = hold(Reason::RetriesExhausted, &written);
    assert!(said.contains("They may hold data, so nothing is cleared away."), "{said}");
    assert!(!said.contains("maxRetries"), "{said}");
}

#[test]
fn a_name_that_is_not_free_says_why() {
    let leaving =
        Child::Ours { uid: "uid".to_owned(), generation: None, drift: None, deleting: true };
    let seen = healthy(3).with(|seen| {
        seen.objects.peer_service = Child::Unknown("timeout".to_owned());
        seen.objects.stateful_set = leaving;
    });
    let said = "Service a-peer could not be read: timeout. StatefulSet a is still being deleted.";
    assert_eq!(hold(Reason::ForeignObject, &seen), said);
}

#[test]
fn volumes_on_their_way_out_are_waited_for_and_not_to_be_deleted_by_hand() {
    let leaving =
        given_up(3).with(|seen| seen.volumes.values_mut().for_each(|at| at.deleting = true));
    let said = hold(Reason::StaleVolume, &leaving);
    assert_eq!(said, "A volume of the last try is still being deleted.");
}

#[test]
fn a_member_that_waits_for_its_volume_names_the_class() {
    let seen = provisioned(1).with(|seen| {
        let why = "pod has unbound immediate PersistentVolumeClaims";
        seen.pods.get_mut(&0).unwrap().waiting = Some(why.to_owned());
        let claim = "Volume claim data-a-0 waits for StorageClass fast.";
        seen.volumes.get_mut(&0).unwrap().pending = Some(claim.to_owned());
    });
    let said = "a-0: pod has unbound immediate PersistentVolumeClaims. Volume claim data-a-0 waits \
                for StorageClass fast. A corrected spec begins the creation again.";
    assert_eq!(hold(Reason::MemberPending, &seen), said);
    let image = seen.with(|seen| {
        let why = "its image etcd:v9 cannot be pulled";
        seen.pods.get_mut(&0).unwrap().waiting = Some(why.to_owned());
    });
    let said =
        "a-0: its image etcd:v9 cannot be pulled. A corrected spec begins the creation again.";
    assert_eq!(hold(Reason::MemberPending, &image), said);
}

#[test]
fn a_list_of_another_cluster_is_said_to_be_one() {
    let said = "etcd's member list is of another cluster than the recorded one.";
    assert_eq!(hold(Reason::ListStale, &healthy(3)), said);
}

#[test]
fn only_a_full_database_is_told_how_to_make_room() {
    let corrupt = healthy(3).with(|seen| look(seen, 1).errors.push("alarm:CORRUPT".into()));
    assert_eq!(hold(Reason::MemberAlarm, &corrupt), "a-1: alarm:CORRUPT.");
}

#[test]
fn a_member_that_cannot_keep_up_is_told_of_and_one_that_nearly_can_is_not() {
    let behind = |by: u64| {
        healthy(3).with(|seen| {
            (look(seen, 0).raft_index, look(seen, 2).raft_applied_index) = (9000, 9000 - by);
            (look(seen, 0).raft_applied_index, look(seen, 1).raft_applied_index) = (9000, 9000);
        })
    };
    let said = "it is far behind the leader, so its disk or its network is slow";
    assert_eq!(issues(2, &behind(5001)), [said]);
    assert_eq!(hold(Reason::MemberAlarm, &behind(5001)), format!("a-2: {said}."));
    assert!(issues(2, &behind(5000)).is_empty());
}

#[test]
fn a_member_whose_volume_is_gone_for_good_says_where_it_was() {
    let why = "its volume pv-1 was on node-1, and that node is gone";
    let gone = healthy(3).with_down(&[1]).with(|seen| {
        seen.volumes.get_mut(&1).unwrap().lost = Some(why.to_owned());
        seen.pods.get_mut(&1).unwrap().waiting = Some("no node fits".to_owned());
    });
    assert_eq!(issues(1, &gone), [why, "no node fits"]);
}

#[test]
fn data_that_differs_without_a_majority_is_left_to_a_person() {
    let said = "The members do not hold the same data, and no majority agrees (hashes: \
                a-0 00000001, a-1 00000002), so nobody can tell which is right and nothing is \
                touched. Save what each has with `etcdctl snapshot save`, compare, and take out \
                the wrong ones with `etcdctl member remove`.";
    assert_eq!(hold(Reason::DataDiverges, &healthy(3).with_hashes(&[1, 2])), said);
}

#[test]
fn every_step_is_announced_in_a_sentence() {
    let said = Step::iter().map(|step| entered(step, &healthy(3)));
    let said: Vec<String> = said.collect();
    assert_eq!(said[0], "Birth 1 of the cluster begins.");
    assert_eq!(said[1], "3 members to be made, all at once.");
    assert_eq!(said[2], "The cluster has formed: its ID is c1, and is recorded.");
    assert_eq!(said[3], "This birth is given up and cleared away. It never served.");
    assert_eq!(said[4], "The cluster runs: 3 of 3 members serve.");
    assert_eq!(said[5], hold(Reason::Hibernated, &healthy(3)));
    let of_members = |step| entered(step, &growing());
    assert_eq!(of_members(Step::CleanSlot), "a-3 is to join.");
    assert_eq!(of_members(Step::CatchUp), "a-3 has joined without a vote and catches up.");
    assert_eq!(of_members(Step::DropLearner), "a-3 is taken out again.");
    assert_eq!(entered(Step::RemoveMember, &leaving()), "a-2 is to be taken out.");
    assert_eq!(entered(Step::Evict, &losing()), "a-2 cannot come back, and is to be replaced.");
    let damaged = "The data of a-2 is damaged, and it is to be replaced.";
    assert_eq!(entered(Step::Evict, &outvoted()), damaged);
    assert_eq!(entered(Step::ReleaseSlot, &removed()), "2 members are left.");
    assert_eq!(entered(Step::Wake, &asleep()), "3 members are started again.");
    assert_eq!(entered(Step::QuorumLost, &healthy(3)), hold(Reason::QuorumLost, &healthy(3)));
    assert_eq!(entered(Step::Settle, &healthy(3)), "Quorum is back.");
    assert!(said.iter().all(|said| said.ends_with('.')), "{said:?}");
}

#[test]
fn each_thing_wrong_with_a_member_is_named_and_nothing_with_one_that_is_well() {
    let of = |change: fn(&mut Observed)| issues(1, &healthy(3).with(change)).join("; ");
    assert_eq!(of(|_| {}), "");
    assert_eq!(of(|seen| drop(seen.looks.remove(&1))), "it has no address yet");
    assert_eq!(of(|seen| look(seen, 1).leader = None), "it follows no leader");
    assert_eq!(
        of(|seen| (look(seen, 1).leader, look(seen, 1).errors) = (None, vec!["no leader".into()])),
        "no leader"
    );
    assert_eq!(of(|seen| look(seen, 1).cluster_id = "c2".into()), "it answers with cluster ID c2");
    assert_eq!(of(|seen| *seen = seen.clone().with_unseen(&[1])), "timeout");
    assert_eq!(of(|seen| drop(seen.pods.remove(&1))), "its pod does not exist");
    assert_eq!(
        of(|seen| seen.pods.get_mut(&1).unwrap().deleting = true),
        "its pod is being deleted"
    );
    let detail = || "why".to_owned();
    for (gate, said) in [
        (GateVerdict::NoDirective { detail: detail() }, "it has no directive: why"),
        (GateVerdict::Unreadable { detail: detail() }, "its volume is unreadable: why"),
        (GateVerdict::Existing, "unreachable"),
    ] {
        assert_eq!(issues(1, &healthy(3).with_refusal(1, gate)), [said]);
    }
}

#[test]
fn a_long_message_is_cut_between_characters_and_shows_it() {
    let fits = "é".repeat(512);
    assert_eq!(bounded(fits.clone()), fits);
    let cut = bounded("é".repeat(513));
    assert_eq!((cut.len(), cut.ends_with("é...")), (1023, true));
}
