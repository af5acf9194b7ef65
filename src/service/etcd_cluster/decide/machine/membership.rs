//! PURE. What is ordered and recorded of members that come and go, for Scaling and Recovering.

use super::turn::{Next, Turn};
use crate::crd::OperationKind;
use crate::service::etcd_cluster::decide::action::{Action, Record};
use crate::service::etcd_cluster::decide::queries::{listing, roster};
use crate::service::etcd_cluster::decide::vocabulary::{Guard, Reason, Step};
use statig::Outcome::{Handled, Transition};
use std::collections::BTreeSet;

/// Something begins to be done to a member. Who comes after another may have a pod by now.
pub fn begin(turn: &mut Turn<'_>, kind: OperationKind, ordinal: u32, step: Step) -> Next {
    let member = turn.observed.member_name(ordinal);
    let before = turn.observed.memory.operation.as_ref().filter(|at| at.kind == kind);
    let free = before.map_or_else(BTreeSet::new, |at| at.free.clone());
    turn.record(Record::Begun { kind, member, free });
    Transition(step)
}

/// Nothing more is to be done to a member. Of members that were to come and did not, volumes may be
/// left.
pub fn over(turn: &mut Turn<'_>) -> Next {
    if turn.is(Guard::NothingUnused) {
        turn.record(Record::OperationDone);
        return Transition(Step::Steady);
    }
    leave(turn)
}

/// The same, and something is left for sure.
pub fn leave(turn: &mut Turn<'_>) -> Next {
    for (at, volume) in roster::unused(turn.observed) {
        let (member, volume) = (turn.observed.member_name(at), volume.uid.clone());
        turn.record(Record::Unused { member, volume });
    }
    turn.record(Record::OperationDone);
    Transition(Step::ReleaseSlot)
}

/// The learner votes. On with the next, if there is one.
pub fn grown(turn: &mut Turn<'_>) -> Next {
    if turn.is(Guard::MoreMissing)
        && let Some(next) = roster::missing(turn.observed)
    {
        turn.record(Record::OperationDone);
        return begin(turn, OperationKind::AddMember, next, Step::CleanSlot);
    }
    over(turn)
}

/// The member is out. On with the next, if there is one.
pub fn shrunk(turn: &mut Turn<'_>) -> Next {
    record_removed(turn);
    if turn.is(Guard::MoreSurplus)
        && let Some(next) = roster::surplus(turn.observed)
    {
        let (kind, member) = (OperationKind::RemoveMember, turn.observed.member_name(next));
        turn.record(Record::Begun { kind, member, free: BTreeSet::new() });
        return Handled;
    }
    leave(turn)
}

/// The member that joins, as etcd lists it.
pub fn record_learner(turn: &mut Turn<'_>) {
    if let Some((member, id)) = listed(turn) {
        turn.record(Record::LearnerAdded { member, id });
    }
}

/// Name and ID of the member something is being done to, as etcd lists it.
fn listed(turn: &mut Turn<'_>) -> Option<(String, String)> {
    let (member, id) =
        turn.is(Guard::SubjectListed).then(|| listing::listed(turn.observed)).flatten()?;
    Some((member.to_owned(), id.to_owned()))
}

/// The member that left, with the volume it had.
pub fn record_removed(turn: &mut Turn<'_>) {
    let seen = turn.observed;
    if let Some((member, _)) = listing::subject(seen)
        && let Some(id) = seen.memory.members.get(member)
    {
        let volume = seen.ordinal_of(member).and_then(|at| seen.volumes.get(&at));
        turn.record(Record::Removed {
            member: member.to_owned(),
            id: id.clone(),
            volume: volume.map(|volume| volume.uid.clone()),
        });
    }
}

/// Its place is clean.
pub fn record_clean(turn: &mut Turn<'_>) {
    if let Some((member, _)) = listing::subject(turn.observed) {
        let free = roster::free(turn.observed);
        turn.record(Record::SlotCleaned { member: member.to_owned(), free });
    }
}

/// The volume of whoever was there before, and the pod that keeps it. Of those who come after, too:
/// their pods can then start before it is their turn.
pub fn clear_slot(turn: &mut Turn<'_>) {
    let seen = turn.observed;
    let Some(slot) = listing::slot(seen) else { return };
    let left = roster::left_in_slots(seen).filter(|(_, volume)| !volume.deleting);
    let volumes = left.map(|(at, volume)| (at, volume.uid.clone())).collect();
    let pod = seen.pods.get(&slot).filter(|pod| !pod.deleting);
    let pods = pod.map(|pod| (slot, pod.uid.clone())).into_iter().collect();
    delete(turn, volumes, pods);
}

/// What is done follows from the guards alone, so both are ordered, whether or not there is any.
fn delete(turn: &mut Turn<'_>, volumes: Vec<(u32, String)>, pods: Vec<(u32, String)>) {
    turn.emit(Action::DeleteVolumes { volumes });
    turn.emit(Action::DeletePods { pods });
}

/// Where the leader is to be asked. Nobody is asked for a change of a membership that is not the
/// one on record; if the leader cannot be reached, the next look is waited for.
fn leader(turn: &mut Turn<'_>) -> Option<String> {
    if !turn.is(Guard::VotersKnown) {
        return None;
    }
    turn.is(Guard::LeaderReached).then(|| roster::endpoint(turn.observed)).flatten()
}

/// Has etcd take up the member that is to come.
pub fn add_learner(turn: &mut Turn<'_>) -> Next {
    if let Some(endpoint) = leader(turn)
        && let Some((member, _)) = listing::subject(turn.observed)
    {
        turn.emit(Action::AddLearner { endpoint, member: member.to_owned() });
    }
    turn.hold(Reason::LearnerJoining)
}

/// Has etcd give the learner its vote.
pub fn promote(turn: &mut Turn<'_>) -> Next {
    if let Some(endpoint) = leader(turn)
        && let Some((member, id)) = listed(turn)
    {
        turn.emit(Action::Promote { endpoint, member, id });
    }
    turn.hold(Reason::LearnerPromoting)
}

/// Has etcd take out the member that is to go.
pub fn remove(turn: &mut Turn<'_>) -> Next {
    if let Some(endpoint) = leader(turn)
        && let Some((member, id)) = listed(turn)
    {
        turn.emit(Action::RemoveMember { endpoint, member, id });
    }
    turn.hold(Reason::MemberLeaving)
}

/// Has etcd take out a learner of ours that nobody waits for: an answer was lost, or came late.
pub fn drop_stray(turn: &mut Turn<'_>) -> Next {
    if !turn.is(Guard::StrayOurs) {
        return turn.hold(Reason::StrangerMember);
    }
    if let Some(endpoint) = leader(turn)
        && let Some((member, id)) = listing::stray(turn.observed)
    {
        let (member, id) = (member.to_owned(), id.to_owned());
        turn.emit(Action::RemoveMember { endpoint, member, id });
    }
    turn.hold(Reason::MemberLeaving)
}

/// All data is the same again, so etcd need not keep everybody from writing any more.
pub fn disarm(turn: &mut Turn<'_>) -> Next {
    if let Some(endpoint) = leader(turn) {
        turn.emit(Action::DisarmCorrupt { endpoint });
    }
    turn.hold(Reason::MemberAlarm)
}

/// Lets another member lead before the one that leads goes.
pub fn hand_over(turn: &mut Turn<'_>) -> Next {
    if let Some(endpoint) = leader(turn)
        && let Some(to) = roster::heir(turn.observed)
    {
        turn.emit(Action::MoveLeader { endpoint, to: to.to_owned() });
    }
    turn.hold(Reason::LeaderMoving)
}

/// The volumes of those taken out, and the pods that keep them: one in between others is made anew,
/// and waits at its gate.
pub fn delete_removed(turn: &mut Turn<'_>) {
    let seen = turn.observed;
    let staying = roster::left_behind(seen).filter(|(_, volume)| !volume.deleting);
    let volumes = staying.map(|(at, volume)| (at, volume.uid.clone())).collect();
    let keeping = roster::left_pods(seen).filter(|(_, pod)| !pod.deleting);
    let pods = keeping.map(|(at, pod)| (at, pod.uid.clone())).collect();
    delete(turn, volumes, pods);
}
