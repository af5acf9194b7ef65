//! PURE. Turn by turn: what the machine does with one thing broken.

use super::turn;
use crate::crd::OperationKind;
use crate::crd::{GateVerdict, Retention};
use crate::engine::Known;
use crate::service::etcd_cluster::action::{Action, KeepPart, Part, Record};
use crate::service::etcd_cluster::observed::{Child, Observed, Removed};
use crate::service::etcd_cluster::scenarios::memberships::{doing, removed};
use crate::service::etcd_cluster::scenarios::{
    CLUSTER_ID, formed, fresh, healthy, provisioned, recorded, volume_of, without_set,
};
use crate::service::etcd_cluster::vocabulary::{Reason, Step};

fn lost() -> GateVerdict {
    GateVerdict::DataLost { detail: "empty".to_owned() }
}

#[test]
fn a_fresh_object_gets_its_finalizer_and_every_part_in_one_turn() {
    let settled = turn(Step::Provision, &fresh(3));
    let parts = [Part::PeerService, Part::ClientService, Part::DisruptionBudget, Part::StatefulSet];
    let keep = Action::Keep { parts: parts.map(KeepPart::Create).into() };
    assert_eq!(settled.actions, [Action::AddFinalizer, keep]);
    assert_eq!((settled.to, settled.records), (Step::Provision, vec![Record::CreationBegun]));
}

/// That it gets members is on record first, so that no record of the last ones' birth can follow.
#[test]
fn a_stateful_set_gets_its_members_in_another_step_than_it_is_made_in() {
    let gone = || formed(3).with(without_set);
    for from in [Step::AwaitQuorum, Step::Bootstrap] {
        let settled = turn(from, &gone().with(|seen| seen.counted = false));
        assert_eq!((settled.to, settled.actions), (Step::Provision, vec![]), "{from:?}");
    }
    assert_eq!(turn(Step::Provision, &gone()).to, Step::Provision);
    assert_eq!(turn(Step::Provision, &provisioned(3)).to, Step::AwaitQuorum);
}

#[test]
fn a_finalizer_whose_write_failed_is_put_on_in_any_later_step() {
    for (step, seen) in [
        (Step::AwaitQuorum, provisioned(3)),
        (Step::Seal, recorded(3)),
        (Step::Steady, healthy(3)),
        (Step::QuorumLost, healthy(3).with_down(&[0, 1])),
    ] {
        let settled = turn(step, &seen.with(|seen| seen.finalizer = false));
        assert_eq!(settled.actions.first(), Some(&Action::AddFinalizer), "{step:?}");
    }
}

#[test]
fn size_zero_makes_nothing() {
    let settled = turn(Step::Provision, &fresh(0));
    assert_eq!((settled.held, settled.actions), (vec![Reason::SizeIsZero], vec![]));
}

#[test]
fn a_foreign_object_is_left_alone_and_named() {
    let taken = Child::Foreign { owner: "Deployment web".to_owned() };
    let seen = fresh(3).with(|seen| seen.objects.client_service = taken);
    let settled = turn(Step::Provision, &seen);
    assert_eq!((settled.held, settled.actions), (vec![Reason::ForeignObject], vec![]));
}

#[test]
fn a_volume_of_another_cluster_stops_the_birth() {
    let seen = provisioned(3).with(|seen| {
        seen.objects = fresh(3).objects;
        seen.volumes.get_mut(&1).unwrap().cluster_uid = Some("another".to_owned());
    });
    let settled = turn(Step::Provision, &seen);
    assert_eq!((settled.held, settled.actions), (vec![Reason::StaleVolume], vec![]));
}

#[test]
fn a_formed_cluster_is_recorded_before_anything_else_happens() {
    let settled = turn(Step::AwaitQuorum, &formed(3));
    let members = (0..3).map(|at| (format!("a-{at}"), format!("m{at}"))).collect();
    let identity = Record::Identity {
        cluster_id: CLUSTER_ID.to_owned(),
        incarnation: 1,
        members,
        unborn: [].into(),
    };
    assert_eq!((settled.to, settled.records), (Step::Seal, vec![identity]));
    assert_eq!(settled.actions, []);
}

#[test]
fn a_list_that_misses_a_member_is_not_recorded() {
    let seen = formed(3).with(|seen| {
        let Known::Known(list) = &mut seen.members else { unreachable!() };
        list.voters.pop_first();
    });
    let settled = turn(Step::AwaitQuorum, &seen);
    assert_eq!((settled.to, settled.held[0]), (Step::AwaitQuorum, Reason::MembersMismatch));
    assert_eq!(settled.records, []);
}

#[test]
fn a_missing_part_is_made_again_while_members_start() {
    let seen = provisioned(3).with(|seen| seen.objects.peer_service = Child::Absent);
    let settled = turn(Step::AwaitQuorum, &seen);
    let keep = Action::Keep { parts: vec![KeepPart::Create(Part::PeerService)] };
    assert_eq!((settled.to, settled.actions), (Step::AwaitQuorum, vec![keep]));
}

#[test]
fn a_stateful_set_is_made_again_only_when_no_pod_of_the_last_one_is_left() {
    let gone = healthy(3).with(without_set);
    let keep = Action::Keep { parts: vec![KeepPart::Create(Part::StatefulSet)] };
    assert_eq!(turn(Step::Steady, &gone).actions, std::slice::from_ref(&keep));
    let going = gone.with(|seen| {
        let pod = seen.pods.get_mut(&2).unwrap();
        (pod.owned, pod.gone_by) = (true, Some(seen.now));
    });
    assert_eq!(turn(Step::Steady, &going.clone().later(30)).actions, []);
    assert_eq!(turn(Step::Steady, &going.later(31)).actions, [keep]);
}

#[test]
fn sealing_tells_the_template_first_and_the_pods_after_it() {
    let first = turn(Step::Seal, &recorded(3));
    let mend = KeepPart::Mend(Part::StatefulSet, "uid-of-part".to_owned(), None);
    assert_eq!(first.actions, [Action::Keep { parts: vec![mend] }]);

    let told = healthy(3).with(|seen| seen.pods.values_mut().for_each(|pod| pod.current = false));
    let pods = (0..3).map(|at| (at, format!("pod-{at}"))).collect();
    let then = turn(Step::Seal, &told);
    assert_eq!((then.to, then.actions), (Step::Seal, vec![Action::Direct { pods }]));
}

#[test]
fn a_sealed_cluster_of_healthy_members_runs() {
    let settled = turn(Step::Seal, &healthy(3));
    assert_eq!((settled.to, settled.records), (Step::Steady, vec![Record::CreationDone]));
}

#[test]
fn a_birth_waits_five_minutes_for_its_last_member_before_it_is_recorded() {
    let missing = formed(3).with(|seen| {
        seen.looks.remove(&2);
        seen.pods.get_mut(&2).unwrap().started = None;
        seen.memory.step = Some("AwaitQuorum".to_owned());
    });
    let waits = turn(Step::AwaitQuorum, &missing.clone().later(290));
    assert_eq!((waits.to, waits.held), (Step::AwaitQuorum, vec![Reason::MembersStarting]));
    let settled = turn(Step::AwaitQuorum, &missing.later(300));
    assert_eq!(settled.to, Step::Seal);
    let [Record::Identity { unborn, .. }] = &settled.records[..] else { panic!("{settled:?}") };
    assert_eq!(*unborn, ["a-2".to_owned()].into());
}

#[test]
fn a_birth_with_a_member_that_refuses_is_never_recorded_and_is_tried_again() {
    let refused = formed(3).with_refusal(2, lost()).later(300).with(|seen| {
        seen.memory.step = Some("AwaitQuorum".to_owned());
    });
    let settled = turn(Step::AwaitQuorum, &refused);
    assert_eq!((settled.to, settled.records), (Step::Reset, vec![Record::Retried]));
}

#[test]
fn another_spec_before_the_record_clears_the_birth_away() {
    let seen = provisioned(3).with(|seen| seen.spec.hash = "another".to_owned());
    let settled = turn(Step::AwaitQuorum, &seen);
    assert_eq!((settled.to, settled.records), (Step::Reset, vec![Record::TriesForgotten]));
}

#[test]
fn another_spec_after_a_write_changes_nothing() {
    let seen = formed(3).with(|seen| {
        seen.spec.hash = "another".to_owned();
        let Some(Known::Known(look)) = seen.looks.get_mut(&0) else { unreachable!() };
        look.revision = 2;
    });
    let settled = turn(Step::AwaitQuorum, &seen);
    assert_eq!(settled.held[0], Reason::SpecChangeTooLate);
    assert_eq!(settled.actions, []);
}

#[test]
fn a_birth_is_tried_again_only_when_its_time_is_over_and_the_wait_too() {
    let stuck = formed(3).with(|seen| seen.members = Known::Unknown("no leader".to_owned()));
    let timeout = i64::from(stuck.spec.recovery.bootstrap_timeout_seconds);
    let early = turn(Step::AwaitQuorum, &stuck.clone().later(timeout - 4));
    assert_eq!((early.to, early.held), (Step::AwaitQuorum, vec![Reason::QuorumForming]));
    let waits = turn(Step::AwaitQuorum, &stuck.clone().later(timeout));
    assert_eq!((waits.to, waits.held[0]), (Step::AwaitQuorum, Reason::RetryBackoff));
    let again = turn(Step::AwaitQuorum, &stuck.later(timeout + 10));
    assert_eq!((again.to, again.records), (Step::Reset, vec![Record::Retried]));
}

#[test]
fn a_member_that_waits_for_its_image_is_no_failed_birth() {
    let seen = provisioned(3).with(|seen| {
        seen.pods.get_mut(&1).unwrap().waiting = Some("ErrImagePull: no such image".to_owned());
    });
    let settled = turn(Step::AwaitQuorum, &seen.later(100_000));
    assert_eq!((settled.to, settled.held), (Step::AwaitQuorum, vec![Reason::MemberPending]));
}

#[test]
fn a_birth_fails_for_good_when_no_try_is_left() {
    let seen = formed(3)
        .with(|seen| {
            seen.members = Known::Unknown("no leader".to_owned());
            seen.memory.attempts = 3;
        })
        .later(1000);
    assert_eq!(turn(Step::AwaitQuorum, &seen).to, Step::Bootstrap);
    let more = seen.with(|seen| seen.spec.recovery.max_retries = 4);
    assert_eq!(turn(Step::Bootstrap, &more).to, Step::Reset);
}

#[test]
fn a_cleared_birth_goes_pods_first_then_volumes_then_the_next_token() {
    let pods = turn(Step::Reset, &provisioned(1));
    assert_eq!(pods.actions, [Action::DeleteStatefulSet { uid: "uid-of-part".to_owned() }]);
    let gone = provisioned(1).with(without_set);
    assert_eq!(turn(Step::Reset, &gone).actions, []);
    let volumes = gone.with(|seen| seen.pods.clear());
    let deletes = Action::DeleteVolumes { volumes: vec![(0, "volume-0".to_owned())] };
    assert_eq!(turn(Step::Reset, &volumes).actions, [deletes]);
    let clean = turn(Step::Reset, &volumes.with(|seen| seen.volumes.clear()));
    assert_eq!((clean.to, clean.records), (Step::Provision, vec![Record::NextIncarnation]));
}

#[test]
fn one_member_down_is_said_and_nothing_is_touched() {
    let settled = turn(Step::Steady, &healthy(3).with_down(&[1]));
    assert_eq!((settled.to, settled.held), (Step::Steady, vec![Reason::MemberDown]));
    assert_eq!(settled.actions, []);
}

#[test]
fn lost_data_is_named_and_no_second_cluster_is_born() {
    let settled = turn(Step::Steady, &healthy(3).with_refusal(2, lost()));
    let replaces = Record::Begun {
        kind: OperationKind::ReplaceMember,
        member: "a-2".to_owned(),
        free: [].into(),
    };
    assert_eq!(
        (settled.to, settled.actions, settled.records),
        (Step::Evict, vec![], vec![replaces])
    );
    let unlisted = healthy(3).with_refusal(2, lost());
    let unlisted = unlisted.with(|seen| seen.members = Known::Unknown("timeout".to_owned()));
    let waits = turn(Step::Steady, &unlisted);
    assert_eq!((waits.to, waits.held[0]), (Step::Steady, Reason::MemberDataLost));
}

#[test]
fn losing_quorum_fails_and_its_return_recovers_and_runs() {
    let down = healthy(3).with_down(&[0, 1]);
    assert_eq!(turn(Step::Steady, &down).to, Step::QuorumLost);
    assert_eq!(turn(Step::QuorumLost, &down).held[0], Reason::QuorumLost);
    let two = healthy(3).with_down(&[2]);
    let back = turn(Step::QuorumLost, &two);
    assert_eq!((back.to, back.held[0]), (Step::Settle, Reason::QuorumReturned));
    let settling = two.with(|seen| seen.memory.step = Some("Settle".to_owned()));
    assert_eq!(turn(Step::Settle, &settling.clone().later(4)).to, Step::Settle);
    assert_eq!(turn(Step::Settle, &settling.later(5)).to, Step::Steady);
    assert_eq!(turn(Step::QuorumLost, &healthy(3)).to, Step::Steady);
}

#[test]
fn members_only_we_cannot_see_are_not_lost() {
    let settled = turn(Step::Steady, &healthy(3).with_unseen(&[0, 1, 2]));
    assert_eq!((settled.to, settled.held), (Step::Steady, vec![Reason::MemberUnseen]));
}

#[test]
fn a_step_that_contradicts_the_record_is_left_at_once() {
    for wrong in [Step::Provision, Step::AwaitQuorum, Step::Reset, Step::Bootstrap] {
        let settled = turn(wrong, &healthy(3));
        assert_eq!((settled.to, settled.actions), (Step::Steady, vec![]), "{wrong:?}");
    }
    for wrong in [Step::Seal, Step::Steady, Step::QuorumLost, Step::Settle] {
        assert_eq!(turn(wrong, &provisioned(3)).to, Step::AwaitQuorum, "{wrong:?}");
        assert_eq!(turn(wrong, &fresh(0)).to, Step::Provision, "{wrong:?}");
    }
}

#[test]
fn a_lost_status_is_read_back_from_the_template() {
    let seen = healthy(3).with(|seen| {
        (seen.memory.cluster_id, seen.memory.members) = (None, [].into());
    });
    let settled = turn(Step::Steady, &seen);
    assert!(
        matches!(&settled.records[0], Record::Identity { cluster_id, .. } if cluster_id == CLUSTER_ID)
    );
    assert_eq!(settled.actions, []);
}

#[test]
fn a_deletion_that_keeps_the_volumes_only_drops_the_finalizer() {
    let seen = healthy(3).with(|seen| seen.deleting = true);
    assert_eq!(turn(Step::Steady, &seen).actions, [Action::DropFinalizer]);
}

#[test]
fn a_deletion_that_deletes_the_volumes_stops_the_members_first() {
    let seen = healthy(1).with(|seen| {
        (seen.deleting, seen.spec.retention) = (true, Retention::Delete);
    });
    let stop = Action::DeleteStatefulSet { uid: "uid-of-part".to_owned() };
    assert_eq!(turn(Step::Steady, &seen).actions, [stop]);
    let stopped = seen.with(|seen| seen.objects.stateful_set = Child::Absent);
    let volumes = Action::DeleteVolumes { volumes: vec![(0, "volume-0".to_owned())] };
    assert_eq!(turn(Step::Steady, &stopped).actions, [volumes]);
    let leaving = stopped.with(|seen| seen.volumes.get_mut(&0).unwrap().deleting = true);
    assert_eq!(turn(Step::Steady, &leaving).actions, [Action::DropFinalizer]);
}

/// Found by the model check: the object stayed for as long as the stranger's did.
#[test]
fn a_strangers_stateful_set_keeps_no_deletion_waiting() {
    let owner = "StatefulSet of somebody else".to_owned();
    let seen = healthy(1).with(|seen| {
        (seen.deleting, seen.spec.retention) = (true, Retention::Delete);
        seen.objects.stateful_set = Child::Foreign { owner };
    });
    let volumes = Action::DeleteVolumes { volumes: vec![(0, "volume-0".to_owned())] };
    assert_eq!(turn(Step::Steady, &seen).actions, [volumes]);
}

/// A pod can start before it is its member's turn only in a place that is known to be free.
#[test]
fn the_places_of_all_that_are_to_come_are_cleared_at_once() {
    let regrowing = removed().with(|seen| {
        seen.spec.size = 4;
        seen.memory.operation = doing(OperationKind::AddMember, "a-2");
        let left = Removed { id: Some("m3".to_owned()), volume: Some("volume-3".to_owned()) };
        seen.memory.removed.insert("a-3".to_owned(), left);
        seen.volumes.insert(3, volume_of(3));
        seen.pods.remove(&2);
    });
    let both = vec![(2, "volume-2".to_owned()), (3, "volume-3".to_owned())];
    let clears = Action::DeleteVolumes { volumes: both };
    assert_eq!(turn(Step::CleanSlot, &regrowing).actions[0], clears);
    let nobody_wants_the_last = regrowing.clone().with(|seen| seen.spec.size = 3);
    let clears_one = Action::DeleteVolumes { volumes: vec![(2, "volume-2".to_owned())] };
    assert_eq!(turn(Step::CleanSlot, &nobody_wants_the_last).actions[0], clears_one);
    let cleaned = |seen: &Observed| match &turn(Step::CleanSlot, seen).records[..] {
        [Record::SlotCleaned { free, .. }] => free.iter().cloned().collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    // Whoever comes now does not wait for the place of the next.
    let one_is_clear = regrowing.with(|seen| drop(seen.volumes.remove(&2)));
    assert_eq!(cleaned(&one_is_clear), ["a-2"]);
    let both_will_be = one_is_clear.with(|seen| seen.volumes.get_mut(&3).unwrap().deleting = true);
    assert_eq!(cleaned(&both_will_be), ["a-2", "a-3"]);
    let both_are = both_will_be.with(|seen| drop(seen.volumes.remove(&3)));
    assert_eq!(cleaned(&both_are), ["a-2", "a-3"]);
}

/// Found by the model: its pod kept the volume, which was waited for for ever.
#[test]
fn a_member_in_between_others_is_released_with_the_pod_that_keeps_its_volume() {
    let released = removed().with(|seen| {
        seen.spec.retention = Retention::Delete;
        seen.memory.members.insert("a-3".to_owned(), "m3".to_owned());
    });
    let volumes = Action::DeleteVolumes { volumes: vec![(2, "volume-2".to_owned())] };
    let pods = Action::DeletePods { pods: vec![(2, "pod-2".to_owned())] };
    assert_eq!(turn(Step::ReleaseSlot, &released).actions, [volumes, pods.clone()]);
    let kept = released.with(|seen| seen.volumes.get_mut(&2).unwrap().deleting = true);
    let nothing = Action::DeleteVolumes { volumes: vec![] };
    assert_eq!(turn(Step::ReleaseSlot, &kept).actions, [nothing, pods]);
}
