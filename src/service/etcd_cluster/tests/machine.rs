//! PURE. Turn by turn: what the machine does with one thing broken.

use super::turn;
use crate::crd::{OperationKind, Retention};
use crate::service::etcd_cluster::decide::action::{Action, KeepPart, Record};
use crate::service::etcd_cluster::decide::vocabulary::{Reason, Step};
use crate::service::etcd_cluster::observe::observed::{Child, Observed, Removed};
use crate::service::etcd_cluster::observe::part::Part;
use crate::service::etcd_cluster::worlds::bases::{formed, healthy, volume_of, without_set};
use crate::service::etcd_cluster::worlds::memberships::{doing, removed};

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

/// Found by the model check: the object stayed for as long as the stranger's did.
#[test]
fn a_strangers_stateful_set_keeps_no_deletion_waiting() {
    let owner = "StatefulSet of somebody else".to_owned();
    let seen = healthy(1).with(|seen| {
        (seen.deleting, seen.spec.retention) = (true, Retention::Delete);
        seen.objects.stateful_set = Child::Foreign { owner };
    });
    // Our pods have no `StatefulSet` then, and nobody else clears them away.
    let pods = Action::DeletePods { pods: vec![(0, "pod-0".to_owned())] };
    assert_eq!(turn(Step::Steady, &seen).actions, [pods]);
    let seen = seen.with(|seen| seen.pods.values_mut().for_each(|pod| pod.deleting = true));
    let volumes = Action::DeleteVolumes { volumes: vec![(0, "volume-0".to_owned())] };
    assert_eq!(turn(Step::Steady, &seen).actions, [volumes]);
}

/// One that is being deleted without its pods is gone only when they are nobody's.
#[test]
fn a_deletion_lets_go_only_once_the_stateful_set_is_gone() {
    for retention in [Retention::Retain, Retention::Delete] {
        let seen = healthy(1).with(|seen| {
            (seen.deleting, seen.spec.retention) = (true, retention);
            let set = &mut seen.objects.stateful_set;
            if let Child::Ours { deleting, .. } = set {
                *deleting = true;
            }
        });
        let uid = seen.objects.stateful_set.uid().unwrap().to_owned();
        assert_eq!(turn(Step::Steady, &seen).actions, [Action::DeleteStatefulSet { uid }]);
    }
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

/// Somebody took a member out and in again by hand: its volume is on record as left behind, by a status
/// that may be older than this rule.
#[test]
fn the_volume_of_a_member_on_record_is_never_left_behind() {
    let seen = removed().with(|seen| {
        seen.spec.retention = Retention::Delete;
        let left = Removed { id: Some("m0".to_owned()), volume: Some("volume-0".to_owned()) };
        seen.memory.removed.insert("a-0".to_owned(), left);
        seen.memory.members.insert("a-3".to_owned(), "m3".to_owned());
    });
    let actions = turn(Step::ReleaseSlot, &seen).actions;
    let ordered = actions.iter().filter_map(|action| match action {
        Action::DeleteVolumes { volumes: all } | Action::DeletePods { pods: all } => Some(all),
        _ => None,
    });
    let deleted: Vec<u32> = ordered.flatten().map(|(at, _)| *at).collect();
    assert!(!deleted.is_empty() && !deleted.contains(&0), "{deleted:?}");
}
