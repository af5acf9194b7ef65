//! PURE. What every phase shares: pause, deletion, keeping the parts, and losing quorum.

use super::deleting;
use super::orders::keep_parts;
use super::turn::{Next, Turn};
use crate::service::etcd_cluster::decide::action::{Action, Record};
use crate::service::etcd_cluster::decide::vocabulary::{Fact, Guard, Reason, Step};
use statig::Outcome::{Handled, Super, Transition};

/// What a phase does not decide is decided here.
///
/// No wildcard: a new fact does not compile until someone decides it.
#[deny(clippy::wildcard_enum_match_arm)]
pub fn cluster(turn: &mut Turn<'_>, fact: Fact) -> Next {
    match fact {
        Fact::Paused => turn.hold(Reason::Paused),
        Fact::Deleted => deleting::proceed(turn),

        Fact::MemoryLost if turn.is(Guard::TemplateNamesIdentity) => remember_template(turn),
        Fact::ForeignCluster => turn.hold(Reason::ForeignCluster),
        // Admission refuses such an edit; this is the same rule again, should it be bypassed.
        Fact::SpecChanged => turn.hold(Reason::SpecChangeTooLate),
        Fact::QuorumLost => Transition(Step::QuorumLost),

        Fact::FinalizerMissing => {
            turn.emit(Action::AddFinalizer);
            Handled
        }
        Fact::NameTaken => turn.hold(Reason::ForeignObject),
        Fact::PartsDrifted => keep_parts(turn),
        // Pods are told only once the template is right: a pod made in between is then right too.
        Fact::PodsDrifted if turn.is(Guard::TemplateFenced) => direct_pods(turn),
        Fact::PodsDrifted | Fact::MemoryLost => Handled,

        Fact::VoterUnrecorded | Fact::LearnerUnrecorded => turn.hold(Reason::StrangerMember),

        Fact::DataLost => turn.hold(Reason::MemberDataLost),
        Fact::DataStale => turn.hold(Reason::MemberDataStale),
        Fact::MemberDown => turn.hold(Reason::MemberDown),
        Fact::MemberUnseen => turn.hold(Reason::MemberUnseen),
        Fact::DataDiverges => turn.hold(Reason::DataDiverges),
        Fact::MemberAlarmed => turn.hold(Reason::MemberAlarm),

        Fact::IdentityRecorded
        | Fact::IdentityMissing
        | Fact::StatefulSetMissing
        | Fact::NothingOpen
        | Fact::AdditionOpen
        | Fact::RemovalOpen
        | Fact::ReplacementOpen
        | Fact::AlarmOutlived
        | Fact::LearnerForgotten
        | Fact::MemberVanished
        | Fact::MemberOut
        | Fact::LearnerListed
        | Fact::LearnerPromoted
        | Fact::LearnerCaughtUp
        | Fact::LearnerStalled
        | Fact::SleepAsked
        | Fact::MembersSurplus
        | Fact::MembersMissing
        | Fact::QuorumHeld
        | Fact::ClusterFormed
        | Fact::BirthFailed
        | Fact::MembersHealthy
        | Fact::Looked => Super,
    }
}

fn direct_pods(turn: &mut Turn<'_>) -> Next {
    let behind = turn.observed.pods.iter().filter(|(_, pod)| !pod.current && !pod.deleting);
    let pods = behind.map(|(&ordinal, pod)| (ordinal, pod.uid.clone())).collect();
    turn.emit(Action::Direct { pods });
    Handled
}

/// The status was lost and the template was not: the identity is taken from there, for the
/// members it names live.
fn remember_template(turn: &mut Turn<'_>) -> Next {
    if let Some(made) = &turn.observed.objects.template
        && let Some(cluster_id) = made.cluster_id.clone()
    {
        let (members, unborn) = (made.members.clone(), made.unborn.clone());
        let incarnation = made.incarnation;
        turn.record(Record::Identity { cluster_id, incarnation, members, unborn });
    }
    Handled
}
