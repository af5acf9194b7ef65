//! PURE. What several phases order.

use super::turn::{Next, Turn};
use crate::service::etcd_cluster::decide::action::{Action, Record};
use crate::service::etcd_cluster::decide::queries::birth::{orphans, ours};
use crate::service::etcd_cluster::decide::vocabulary::Step;
use statig::Outcome::{Handled, Transition};

/// Makes what is absent and mends what differs.
pub fn keep_parts(turn: &mut Turn<'_>) -> Next {
    turn.emit(Action::Keep { parts: turn.observed.parts_to_keep() });
    Handled
}

/// A step that only a recorded cluster can be in, and none is recorded: somebody wrote the status.
pub fn not_born() -> Next {
    Transition(Step::Provision)
}

/// Deletes the `StatefulSet` that was seen, if it is ours.
pub fn delete_stateful_set(turn: &mut Turn<'_>) {
    if let Some(uid) = turn.observed.objects.stateful_set.uid() {
        turn.emit(Action::DeleteStatefulSet { uid: uid.to_owned() });
    }
}

/// Deletes the pods that a `StatefulSet` left behind when it was deleted without them.
pub fn delete_orphans(turn: &mut Turn<'_>) {
    let pods = orphans(turn.observed).map(|(ordinal, pod)| (ordinal, pod.uid.clone())).collect();
    turn.emit(Action::DeletePods { pods });
}

/// Deletes every volume made for this `EtcdCluster` that is not on its way out.
pub fn delete_volumes(turn: &mut Turn<'_>) {
    let staying = ours(turn.observed).filter(|(_, volume)| !volume.deleting);
    let volumes = staying.map(|(ordinal, volume)| (ordinal, volume.uid.clone())).collect();
    turn.emit(Action::DeleteVolumes { volumes });
}

/// The creation is over.
pub fn done(turn: &mut Turn<'_>) -> Next {
    turn.record(Record::CreationDone);
    Transition(Step::Steady)
}
