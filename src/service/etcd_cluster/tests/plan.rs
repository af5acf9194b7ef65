//! PURE. What the parts should be, before and after the record, and which are touched.

use super::status::cluster;
use crate::crd::{Mode, OperationKind};
use crate::service::etcd_cluster::decide::action::KeepPart;
use crate::service::etcd_cluster::decide::desired::{as_made, shape};
use crate::service::etcd_cluster::decide::vocabulary::Step;
use crate::service::etcd_cluster::observe::observed::{Child, Memory, Observed};
use crate::service::etcd_cluster::observe::part::Part;
use crate::service::etcd_cluster::worlds::bases::{CLUSTER_ID, healthy, recorded};
use crate::service::etcd_cluster::worlds::memberships::doing;

const PARTS: [Part; 4] =
    [Part::PeerService, Part::ClientService, Part::DisruptionBudget, Part::StatefulSet];

#[test]
fn before_the_record_an_empty_volume_may_begin_the_cluster_and_nobody_serves() {
    let memory = Memory { incarnation: 2, replicas: 3, ..Memory::default() };
    let shape = shape(&cluster(3), &memory, "operator:1");
    assert_eq!((shape.replicas, shape.voters, shape.serving), (3, 3, false));
    assert_eq!(shape.operator_image, "operator:1");
    let directive = shape.directive;
    assert_eq!((directive.mode, directive.cluster_id.as_deref()), (Mode::New, None));
    assert_eq!((directive.token().as_str(), directive.members.len()), ("uid-1-2", 0));
    let peers: Vec<&str> = directive.initial_cluster.split(',').collect();
    assert_eq!((peers.len(), peers[0]), (3, "a-0=http://a-0.a-peer.default.svc:2380"));
}

#[test]
fn after_the_record_every_member_must_have_data_but_those_never_born() {
    let memory = Memory { unborn: ["a-2".to_owned()].into(), ..recorded(3).memory };
    let shape = shape(&cluster(5), &memory, "operator:1");
    // The recorded members count, not what the spec asks for by now.
    assert_eq!((shape.replicas, shape.voters, shape.serving), (3, 3, true));
    let directive = shape.directive;
    assert_eq!((directive.mode, directive.cluster_id.as_deref()), (Mode::Member, Some(CLUSTER_ID)));
    assert_eq!(directive.members, memory.members);
    assert_eq!(directive.unborn, memory.unborn);
    assert_eq!(directive.initial_cluster.split(',').count(), 3);
}

#[test]
fn pods_start_before_their_members_join_only_in_places_that_were_seen_to_be_empty() {
    let joining = |step: Step, free: &[&str]| {
        let mut memory = recorded(3).memory;
        memory.step = Some(<&str>::from(step).to_owned());
        memory.operation = doing(OperationKind::AddMember, "a-3");
        let free = free.iter().map(|name| (*name).to_owned());
        memory.operation.as_mut().unwrap().free = free.collect();
        memory
    };
    let replicas = |size, memory: &Memory| {
        let shape = shape(&cluster(size), memory, "operator:1");
        assert_eq!(
            shape.directive.members.len(),
            3,
            "nobody is told to join before it is asked to"
        );
        assert_eq!(shape.directive.initial_cluster.split(',').count(), 3);
        (shape.replicas, shape.voters)
    };
    assert_eq!(replicas(5, &joining(Step::CleanSlot, &[])), (3, 3), "its place is not clean yet");
    assert_eq!(replicas(5, &joining(Step::AddLearner, &[])), (4, 3));
    assert_eq!(replicas(5, &joining(Step::AddLearner, &["a-3", "a-4"])), (5, 3));
    assert_eq!(replicas(5, &joining(Step::CleanSlot, &["a-3", "a-4"])), (5, 3));
    assert_eq!(replicas(7, &joining(Step::AddLearner, &["a-3", "a-5"])), (4, 3), "in order");
    assert_eq!(replicas(3, &joining(Step::AddLearner, &["a-3", "a-4"])), (3, 3), "as asked for");
    let mut removing = joining(Step::RemoveMember, &["a-3"]);
    removing.operation.as_mut().unwrap().kind = OperationKind::RemoveMember;
    assert_eq!(replicas(5, &removing), (3, 3));
}

#[test]
fn a_stateful_set_is_made_with_the_members_that_live_and_lets_none_begin() {
    let born = Memory { incarnation: 1, replicas: 3, ..Memory::default() };
    assert_eq!(as_made(&shape(&cluster(3), &born, "operator:1")).replicas, 0);
    let memory = Memory { unborn: ["a-2".to_owned()].into(), ..recorded(3).memory };
    let made = as_made(&shape(&cluster(3), &memory, "operator:1"));
    assert_eq!((made.replicas, made.directive.mode), (3, Mode::Member));
    assert_eq!((made.directive.members, made.directive.unborn.len()), (memory.members, 0));
}

/// What is kept of a healthy cluster with one part as `child`.
fn kept(part: Part, child: &Child) -> Vec<KeepPart> {
    with(part, child).parts_to_keep()
}

fn with(part: Part, child: &Child) -> Observed {
    healthy(3).with(|seen| {
        let objects = &mut seen.objects;
        *match part {
            Part::PeerService => &mut objects.peer_service,
            Part::ClientService => &mut objects.client_service,
            Part::DisruptionBudget => &mut objects.disruption_budget,
            Part::StatefulSet => &mut objects.stateful_set,
        } = child.clone();
    })
}

#[test]
fn what_is_absent_is_made_and_what_drifted_is_mended_and_nothing_else_is_touched() {
    let ours = |drift: Option<&str>, deleting| Child::Ours {
        uid: "u".to_owned(),
        generation: Some(4),
        drift: drift.map(str::to_owned),
        deleting,
    };
    for part in PARTS {
        assert_eq!(kept(part, &Child::Absent), [KeepPart::Create(part)]);
        let mend = KeepPart::Mend(part, "u".to_owned(), Some(4));
        assert_eq!(kept(part, &ours(Some("spec"), false)), [mend]);
        for left in [
            ours(None, false),
            ours(None, true),
            ours(Some("spec"), true),
            Child::Foreign { owner: "nobody".to_owned() },
            Child::Unknown("timeout".to_owned()),
        ] {
            assert_eq!(kept(part, &left), [], "{part:?} {left:?}");
        }
    }
}

#[test]
fn members_of_another_spec_are_left_as_they_are_and_the_other_parts_are_not() {
    let drifted = recorded(3).objects.stateful_set;
    for part in PARTS {
        let seen = with(part, &drifted).with(|seen| "another".clone_into(&mut seen.spec.hash));
        let touched = usize::from(part != Part::StatefulSet);
        assert_eq!(seen.parts_to_keep().len(), touched, "{part:?}");
    }
}
