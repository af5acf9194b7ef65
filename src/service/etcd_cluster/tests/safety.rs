//! PURE. What must be so before anything is done that could cost data, a vote or a member: in every
//! edge that a turn can take, and in every turn.

use super::properties::{ALL, edges_that_order};
use super::turn;
use crate::engine::{Edge, Known, Machine, Verdict};
use crate::service::etcd_cluster::decide::action::{Action, KeepPart};
use crate::service::etcd_cluster::decide::machine::EtcdClusterMachine;
use crate::service::etcd_cluster::decide::vocabulary::Guard::{
    self, Counted, DataAgrees, EveryMemberHealthy, EveryMemberListed, Fenced, Finalizer,
    LeaderReached, LearnerBorn, ListExact, ListFresh, MemberRecorded, MemberRefuses, MoreMissing,
    MoreSurplus, NeverServed, NobodyServed, OneCluster, OrphansLeft, OthersHealthy, PodsGone,
    Quorum, RemovedGone, Resumed, SlotClean, SlotOurs, SlotReached, SlotWanted, SpecCurrent,
    StatefulSetGone, StepOnRecord, StragglersAwaited, StrayOurs, SubjectListed,
    TemplateNamesIdentity, VictimHealthy, VictimLeads, VictimLost, VolumesLeaving, VolumesNew,
    VolumesRetained, VotersKnown,
};
use crate::service::etcd_cluster::decide::vocabulary::{Fact, Step};
use crate::service::etcd_cluster::observe::observed::{Child, Observed};
use crate::service::etcd_cluster::worlds::turns;

type Decided = Edge<EtcdClusterMachine>;

/// Whether an edge is taken only where all of these hold and none of those.
fn asks(edge: &Decided, all: &[Guard], none: &[Guard]) -> bool {
    let answered = |guards: &[Guard], answer| {
        guards.iter().all(|&guard| edge.guards.contains(&(guard, answer)))
    };
    answered(all, true) && answered(none, false)
}

/// The edges that record this, of which there are some.
fn edges_that_record(record: &str) -> Vec<&'static Decided> {
    let records = |edge: &&Decided| edge.records.iter().any(|name| name == record);
    let edges: Vec<_> = ALL.edges().iter().filter(records).collect();
    assert!(!edges.is_empty(), "nothing records {record}");
    edges
}

/// The edges that lead from elsewhere to this step, of which there are some.
fn edges_to(step: Step) -> Vec<&'static Decided> {
    let leads = |edge: &&Decided| edge.verdict == Verdict::Moved(step) && edge.from != step;
    let edges: Vec<_> = ALL.edges().iter().filter(leads).collect();
    assert!(!edges.is_empty(), "nothing leads to {step:?}");
    edges
}

const OF_ETCD: [&str; 5] = ["AddLearner", "Promote", "RemoveMember", "MoveLeader", "DisarmCorrupt"];

#[test]
fn etcd_is_asked_for_a_change_only_by_way_of_the_leader_and_where_every_voter_is_known() {
    for edge in OF_ETCD.into_iter().flat_map(edges_that_order) {
        assert!(asks(edge, &[VotersKnown, LeaderReached], &[]), "{edge}");
    }
}

#[test]
fn a_vote_is_taken_only_from_a_follower_and_while_all_others_are_healthy() {
    for edge in edges_that_order("RemoveMember") {
        let sound = match edge.fact {
            Fact::LearnerListed => asks(edge, &[SubjectListed], &[]),
            Fact::LearnerUnrecorded => asks(edge, &[StrayOurs], &[]),
            _ => {
                let unwanted = asks(edge, &[DataAgrees], &[SlotWanted]);
                let lost = asks(edge, &[VictimLost], &[VictimHealthy]);
                asks(edge, &[ListFresh, OthersHealthy, SubjectListed], &[VictimLeads])
                    && (unwanted || lost)
            }
        };
        assert!(sound, "{edge}");
    }
}

#[test]
fn a_vote_is_given_only_to_a_learner_that_caught_up_and_while_all_members_are_healthy() {
    for edge in edges_that_order("Promote") {
        let all = [StepOnRecord, SlotWanted, EveryMemberHealthy, DataAgrees, SubjectListed];
        assert!(edge.fact == Fact::LearnerCaughtUp && asks(edge, &all, &[]), "{edge}");
    }
    for edge in edges_to(Step::Promote) {
        let born = asks(edge, &[SlotWanted, LearnerBorn, Fenced], &[]);
        assert!(edge.fact == Fact::LearnerCaughtUp && born, "{edge}");
    }
}

#[test]
fn a_learner_joins_only_where_it_is_wanted_and_can_come_and_while_all_members_are_healthy() {
    for edge in edges_that_order("AddLearner") {
        let all = [SlotWanted, ListFresh, EveryMemberHealthy, DataAgrees, ListExact, SlotReached];
        assert!(asks(edge, &all, &[]), "{edge}");
    }
}

#[test]
fn leadership_moves_only_away_from_a_member_that_is_to_go() {
    for edge in edges_that_order("MoveLeader") {
        assert!(asks(edge, &[ListFresh, OthersHealthy, VictimLeads], &[]), "{edge}");
    }
}

#[test]
fn an_alarm_of_corruption_is_disarmed_only_once_all_data_is_known_to_be_the_same() {
    for edge in edges_that_order("DisarmCorrupt") {
        assert_eq!(edge.fact, Fact::AlarmOutlived, "{edge}");
    }
}

#[test]
fn a_failed_cluster_is_kept_and_nothing_of_it_is_deleted_or_changed_in_etcd() {
    let failed = |edge: &&Decided| EtcdClusterMachine::phase(edge.from) == "Failed";
    for edge in ALL.decided().filter(failed).filter(|edge| edge.fact != Fact::Deleted) {
        let again = edge.fact == Fact::SpecChanged && asks(edge, &[Resumed, NobodyServed], &[]);
        let keeps = |action: &String| match &**action {
            "AddFinalizer" | "Keep" | "Direct" => true,
            "DeleteStatefulSet" => again,
            _ => false,
        };
        assert!(edge.actions.iter().all(keeps), "{edge}");
    }
}

#[test]
fn losing_quorum_itself_orders_and_records_nothing() {
    for edge in ALL.decided().filter(|edge| edge.fact == Fact::QuorumLost) {
        assert!(edge.actions.is_empty() && edge.records.is_empty(), "{edge}");
    }
}

#[test]
fn a_deletion_stays_in_its_step_and_only_deletes_and_lets_go_last() {
    for edge in ALL.decided().filter(|edge| edge.fact == Fact::Deleted) {
        let deletes = |action: &String| {
            ["DeleteStatefulSet", "DeletePods", "DeleteVolumes", "DropFinalizer"]
                .contains(&&**action)
        };
        let stays = edge.verdict == Verdict::Stayed && edge.records.is_empty();
        assert!(stays && edge.actions.iter().all(deletes), "{edge}");
    }
    for edge in edges_that_order("DropFinalizer") {
        let kept = asks(edge, &[Finalizer, Counted, VolumesRetained], &[OrphansLeft]);
        let leaving = asks(edge, &[Finalizer, Counted, VolumesLeaving], &[OrphansLeft]);
        assert!(edge.fact == Fact::Deleted && (kept || leaving), "{edge}");
    }
}

#[test]
fn a_pod_is_deleted_only_in_the_place_of_a_member_that_is_out_or_without_a_stateful_set() {
    for edge in edges_that_order("DeletePods") {
        let cleared = asks(edge, &[SlotWanted, Counted, SlotOurs], &[SlotClean]);
        let released = asks(edge, &[Counted], &[VolumesRetained, RemovedGone]);
        let unborn = asks(edge, &[NeverServed, StatefulSetGone, OrphansLeft], &[PodsGone]);
        let unwanted = edge.fact == Fact::Deleted && asks(edge, &[Finalizer, OrphansLeft], &[]);
        assert!(cleared || released || unborn || unwanted, "{edge}");
    }
}

#[test]
fn an_identity_is_recorded_only_of_a_whole_cluster_or_read_back_from_the_template() {
    for edge in edges_that_record("Identity") {
        let formed = [SpecCurrent, EveryMemberListed, OneCluster, Quorum];
        let sound = match edge.fact {
            Fact::MemoryLost => asks(edge, &[TemplateNamesIdentity], &[]),
            fact => {
                let whole = asks(edge, &[EveryMemberHealthy], &[]);
                // Who is not there yet has nothing that could be missing.
                let new = asks(edge, &[VolumesNew, StragglersAwaited], &[]);
                // Who lived before and is not there must have data once the identity is recorded.
                let back = asks(edge, &[Resumed, StragglersAwaited], &[]);
                let of_it = fact == Fact::ClusterFormed && asks(edge, &formed, &[MemberRefuses]);
                of_it && (whole || new || back)
            }
        };
        assert!(sound, "{edge}");
    }
}

#[test]
fn a_creation_is_begun_again_only_if_it_never_served() {
    for record in ["Retried", "TriesForgotten", "NextIncarnation"] {
        for edge in edges_that_record(record) {
            assert!(asks(edge, &[NeverServed], &[]), "{edge}");
        }
    }
    for edge in edges_to(Step::Reset) {
        let counted = ["Retried", "TriesForgotten"].contains(&&*edge.records.concat());
        assert!(counted, "{edge}");
    }
}

#[test]
fn a_creation_is_over_only_once_no_member_can_start_anew() {
    for edge in edges_that_record("CreationDone") {
        assert!(asks(edge, &[Fenced, Counted], &[]), "{edge}");
    }
}

#[test]
fn a_member_counts_as_removed_only_once_etcd_does_not_list_it_and_its_volume_was_looked_for() {
    for edge in edges_that_record("Removed") {
        let gone = asks(edge, &[MemberRecorded, Counted], &[]);
        assert!(edge.fact == Fact::MemberOut && gone, "{edge}");
    }
}

#[test]
fn members_of_another_spec_are_neither_scaled_nor_replaced_nor_stopped() {
    for edge in edges_that_record("Begun") {
        let more = asks(edge, &[MoreMissing], &[]) || asks(edge, &[MoreSurplus], &[]);
        let adopts = edge.fact == Fact::LearnerForgotten && asks(edge, &[ListFresh], &[]);
        assert!(asks(edge, &[SpecCurrent], &[]) || more || adopts, "{edge}");
    }
    for edge in edges_to(Step::Sleep) {
        assert!(asks(edge, &[SpecCurrent], &[]) || edge.from == Step::Wake, "{edge}");
    }
}

/// Everything that is deleted, changed or asked of etcd names what was seen, by UID or member ID.
#[test]
fn an_action_names_what_was_seen_and_nothing_else() {
    for (from, seen) in turns() {
        for action in turn(from, &seen).actions {
            assert!(is_of_what_was_seen(&action, &seen), "{from:?} {action:?} {seen:?}");
        }
    }
}

fn is_of_what_was_seen(action: &Action, seen: &Observed) -> bool {
    let has_pod = |(at, uid): &(u32, String)| {
        seen.pods.get(at).is_some_and(|pod| pod.uid == *uid && !pod.deleting)
    };
    let is_ours = |child: &Child, uid: &str| child.uid() == Some(uid) && !child.is_taken();
    let is_listed = |member: &String, id: &String| {
        seen.members.is_known_and(|list| {
            list.voters.get(member) == Some(id) || list.learners.get(id) == Some(member)
        })
    };
    match action {
        Action::AddFinalizer => !seen.finalizer,
        Action::DropFinalizer => seen.finalizer && seen.deleting,
        Action::Keep { parts } => parts.iter().all(|part| match part {
            KeepPart::Create(part) => seen.objects.all().contains(&(*part, &Child::Absent)),
            KeepPart::Mend(part, uid, _) => {
                seen.objects.all().iter().any(|(at, child)| at == part && is_ours(child, uid))
            }
        }),
        Action::Direct { pods } | Action::DeletePods { pods } => pods.iter().all(has_pod),
        Action::DeleteStatefulSet { uid } => seen.objects.stateful_set.uid() == Some(uid),
        Action::DeleteVolumes { volumes } => volumes.iter().all(|(at, uid)| {
            let removed = seen.memory.removed.get(&seen.member_name(*at));
            let superseded = removed.is_some_and(|removed| removed.volume.as_ref() == Some(uid));
            seen.volumes.get(at).is_some_and(|volume| {
                let ours = volume.cluster_uid.as_ref() == Some(&seen.uid);
                volume.uid == *uid && !volume.deleting && (ours || superseded)
            })
        }),
        Action::Promote { member, id, .. } | Action::RemoveMember { member, id, .. } => {
            is_listed(member, id)
        }
        Action::MoveLeader { to, .. } => {
            seen.looks.values().filter_map(Known::known).any(|look| look.member_id == *to)
        }
        Action::AddLearner { member, .. } => {
            seen.memory.operation.as_ref().is_some_and(|at| at.member == *member)
        }
        Action::DisarmCorrupt { .. } => true,
    }
}

/// One read that fails is enough to hold back all that rests on it, whatever else is known.
#[test]
fn what_could_not_be_read_changes_nothing_that_rests_on_it() {
    type Unread = (fn(&mut Observed), &'static [&'static str]);
    let unread: [Unread; 3] = [
        (|seen| seen.members = Known::Unknown("timeout".to_owned()), &OF_ETCD),
        (
            |seen| seen.looks.values_mut().for_each(|look| *look = Known::Unknown(String::new())),
            &OF_ETCD,
        ),
        (|seen| seen.counted = false, &["DeletePods", "DeleteVolumes"]),
    ];
    for (from, seen) in turns().filter(|(_, seen)| !seen.deleting) {
        for (unread, forbidden) in unread {
            let seen = seen.clone().with(unread);
            let settled = turn(from, &seen);
            let names = settled.actions.iter().map(Into::<&str>::into);
            let done: Vec<_> = names.filter(|name| forbidden.contains(name)).collect();
            assert!(done.is_empty(), "{from:?} orders {done:?} in {seen:?}");
        }
    }
}

#[test]
fn a_stateful_set_that_could_not_be_read_keeps_all_volumes_of_a_deleted_cluster() {
    for (from, seen) in turns() {
        let seen = seen.with(|seen| {
            (seen.deleting, seen.spec.paused) = (true, false);
            seen.objects.stateful_set = Child::Unknown("timeout".to_owned());
        });
        let deletes = |action: &Action| Into::<&str>::into(action).starts_with("Delete");
        assert!(!turn(from, &seen).actions.iter().any(deletes), "{from:?} {seen:?}");
    }
}
