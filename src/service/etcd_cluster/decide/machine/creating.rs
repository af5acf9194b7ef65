//! PURE. Creating: the first members start together; nothing is served until the cluster's
//! identity is recorded and every member is told.

use super::orders::{self, delete_orphans, delete_stateful_set, delete_volumes, done};
use super::turn::{Next, Turn};
use crate::service::etcd_cluster::decide::action::{Action, Record};
use crate::service::etcd_cluster::decide::queries::birth::incarnation;
use crate::service::etcd_cluster::decide::vocabulary::{Fact, Guard, Reason, Step};
use crate::service::etcd_cluster::observe::observed::{Birth, Observed};
use statig::Outcome::{Handled, Super, Transition};
use std::collections::BTreeSet;

/// Starting members are not failed members.
pub fn phase(turn: &mut Turn<'_>, fact: Fact) -> Next {
    match fact {
        Fact::DataLost | Fact::DataStale => Handled,
        Fact::MemberDown | Fact::MemberUnseen => turn.hold(Reason::MembersStarting),
        _ => Super,
    }
}

/// The birth is put on record. Left when nothing stands in the way of the names and volumes we need, and the
/// `StatefulSet` is there.
///
/// It gets its members in the next step: that this is on record before keeps out a leader that was
/// suspended while it wrote down what the members of the last `StatefulSet` were.
pub fn provision(turn: &mut Turn<'_>, fact: Fact) -> Next {
    match fact {
        Fact::IdentityRecorded => Transition(Step::Seal),
        Fact::Looked if !turn.is(Guard::SizeAboveZero) => turn.hold(Reason::SizeIsZero),
        Fact::Looked if !turn.is(Guard::NamesFree) => turn.hold(Reason::ForeignObject),
        // The next turn counts.
        Fact::Looked if !turn.is(Guard::Counted) => Handled,
        Fact::Looked if !turn.is(Guard::BirthKnown) => {
            turn.record(Record::BirthFound { incarnation: incarnation(turn.observed) });
            turn.hold(Reason::MembersStarting)
        }
        Fact::Looked if !turn.is(Guard::VolumesClean) => turn.hold(Reason::StaleVolume),
        Fact::Looked if turn.is(Guard::VolumesNew) => {
            turn.record(Record::CreationBegun);
            make(turn)
        }
        // Whoever has none would begin another cluster.
        Fact::Looked if !turn.is(Guard::VolumesWhole) => turn.hold(Reason::VolumeMissing),
        Fact::Looked if !turn.is(Guard::Resumed) => {
            turn.record(Record::CreationResumed);
            turn.hold(Reason::MembersStarting)
        }
        // A `StatefulSet` takes away whoever it does not ask for.
        Fact::Looked if !turn.is(Guard::OrphansWanted) => turn.hold(Reason::MembersMismatch),
        Fact::Looked => make(turn),
        // Nothing is made, and nothing mended, before the guards above have answered.
        Fact::FinalizerMissing
        | Fact::NameTaken
        | Fact::PartsDrifted
        | Fact::PodsDrifted
        | Fact::StatefulSetMissing
        | Fact::SpecChanged => Handled,
        _ => Super,
    }
}

fn make(turn: &mut Turn<'_>) -> Next {
    if !turn.is(Guard::Finalizer) {
        turn.emit(Action::AddFinalizer);
    }
    orders::keep_parts(turn);
    if turn.is(Guard::StatefulSetOurs) {
        Transition(Step::AwaitQuorum)
    } else {
        turn.hold(Reason::MembersStarting)
    }
}

/// The members start together. Left when they are a cluster of just the members asked for.
pub fn await_quorum(turn: &mut Turn<'_>, fact: Fact) -> Next {
    match fact {
        Fact::IdentityRecorded => Transition(Step::Seal),
        Fact::StatefulSetMissing => Transition(Step::Provision),
        Fact::SpecChanged => begin_again(turn),

        Fact::ClusterFormed if !turn.is(Guard::SpecCurrent) => Handled,
        Fact::ClusterFormed if !turn.is(Guard::EveryMemberListed) => {
            turn.hold(Reason::MembersMismatch)
        }
        Fact::ClusterFormed if !turn.is(Guard::OneCluster) => turn.hold(Reason::ForeignCluster),
        Fact::ClusterFormed if !turn.is(Guard::Quorum) => turn.hold(Reason::QuorumForming),
        // One that refuses to start would be missing for good, and another birth loses nothing.
        Fact::ClusterFormed if turn.is(Guard::MemberRefuses) => Handled,
        // Whoever starts after the record is told that it must have data, so all are awaited; one
        // that cannot be placed for long is recorded as never born, unless it may have lived before.
        Fact::ClusterFormed if turn.is(Guard::EveryMemberHealthy) => record_identity(turn),
        Fact::ClusterFormed if !turn.is(Guard::VolumesNew) && !turn.is(Guard::Resumed) => Handled,
        Fact::ClusterFormed if turn.is(Guard::StragglersAwaited) => record_identity(turn),

        Fact::BirthFailed => retry(turn),
        Fact::ClusterFormed | Fact::PodsDrifted => Handled,
        Fact::Looked if turn.is(Guard::MembersStarted) => turn.hold(Reason::QuorumForming),
        Fact::Looked if turn.is(Guard::NothingPending) => turn.hold(Reason::MembersStarting),
        Fact::Looked => turn.hold(Reason::MemberPending),
        _ => Super,
    }
}

/// The identity is recorded; template and pods are being told. Left when no member can start anew
/// any more.
pub fn seal(turn: &mut Turn<'_>, fact: Fact) -> Next {
    match fact {
        Fact::IdentityMissing => orders::not_born(),
        // A pod made of the last template may not be in the watches yet.
        Fact::QuorumHeld if turn.is(Guard::Fenced) && turn.is(Guard::Counted) => done(turn),
        Fact::QuorumHeld => turn.hold(Reason::Sealing),
        // The members have just come up, and an unanswered look is no loss.
        Fact::QuorumLost if !turn.is(Guard::StragglersAwaited) => turn.hold(Reason::QuorumForming),
        Fact::DataLost => turn.hold(Reason::MemberDataLost),
        _ => Super,
    }
}

/// A birth that never served is cleared away: first the pods, then the volumes, then the next
/// birth begins under a new token.
pub fn reset(turn: &mut Turn<'_>, fact: Fact) -> Next {
    match fact {
        Fact::IdentityRecorded => Transition(Step::Seal),
        Fact::Looked if !turn.is(Guard::NeverServed) => Transition(Step::Bootstrap),
        Fact::Looked if turn.is(Guard::StatefulSetOurs) => {
            delete_stateful_set(turn);
            turn.hold(Reason::ClearingLastTry)
        }
        Fact::Looked if !turn.is(Guard::StatefulSetGone) => turn.hold(Reason::ClearingLastTry),
        Fact::Looked if !turn.is(Guard::PodsGone) => {
            if turn.is(Guard::OrphansLeft) {
                delete_orphans(turn);
            }
            turn.hold(Reason::ClearingLastTry)
        }
        Fact::Looked if !turn.is(Guard::VolumesLeaving) => {
            delete_volumes(turn);
            turn.hold(Reason::ClearingLastTry)
        }
        Fact::Looked if !turn.is(Guard::VolumesGone) => turn.hold(Reason::ClearingLastTry),
        Fact::Looked => {
            turn.record(Record::NextIncarnation);
            Transition(Step::Provision)
        }
        // What is being cleared away is neither mended nor counted.
        Fact::NameTaken
        | Fact::PartsDrifted
        | Fact::PodsDrifted
        | Fact::StatefulSetMissing
        | Fact::SpecChanged
        | Fact::ClusterFormed
        | Fact::BirthFailed => Handled,
        _ => Super,
    }
}

/// The user asks for something else: the birth is begun again, if nothing can be lost by it.
pub fn begin_again(turn: &mut Turn<'_>) -> Next {
    // A watch may not show yet who serves by now.
    if !turn.is(Guard::Counted) {
        return Handled;
    }
    if !turn.is(Guard::NeverServed) {
        if !turn.is(Guard::Resumed) || !turn.is(Guard::NobodyServed) {
            return turn.hold(Reason::SpecChangeTooLate);
        }
        // The members are made again on the volumes they have.
        if turn.is(Guard::StatefulSetOurs) {
            delete_stateful_set(turn);
        }
        return turn.hold(Reason::MembersStarting);
    }
    turn.record(Record::TriesForgotten);
    Transition(Step::Reset)
}

/// One more try, if one is left and due, and if nothing can be lost by it.
pub fn retry(turn: &mut Turn<'_>) -> Next {
    if !turn.is(Guard::NeverServed) || !turn.is(Guard::RetriesLeft) {
        return Transition(Step::Bootstrap);
    }
    if !turn.is(Guard::RetryDue) {
        return turn.hold(Reason::RetryBackoff);
    }
    turn.record(Record::Retried);
    Transition(Step::Reset)
}

fn record_identity(turn: &mut Turn<'_>) -> Next {
    let seen = turn.observed;
    if let Some(list) = seen.members.known() {
        turn.record(Record::Identity {
            cluster_id: list.cluster_id.clone(),
            incarnation: seen.memory.incarnation,
            members: list.voters.clone(),
            unborn: never_started(seen),
        });
    }
    Transition(Step::Seal)
}

/// The members that never ran, by both witnesses: they do not answer, and Kubernetes, which tells
/// of a start later than etcd itself, never started them. Where the status was lost, all may have.
fn never_started(seen: &Observed) -> BTreeSet<String> {
    if seen.memory.birth != Birth::Begun {
        return BTreeSet::new();
    }
    let started = |at: &u32| seen.pods.get(at).is_some_and(|pod| pod.started.is_some());
    let ran = |at: &u32| seen.look(*at).is_some() || started(at);
    seen.ordinals().into_iter().filter(|at| !ran(at)).map(|at| seen.member_name(at)).collect()
}
