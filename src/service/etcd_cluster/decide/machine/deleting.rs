//! PURE. Deleting: an overlay on every phase. It needs neither etcd nor a namespace that still
//! takes new objects, and can be begun again anywhere.

use super::orders;
use super::turn::{Next, Turn};
use crate::service::etcd_cluster::decide::action::Action;
use crate::service::etcd_cluster::decide::vocabulary::{Guard, Reason};
use statig::Outcome::Handled;

/// First the `StatefulSet` with its pods, then pods it left behind, then the volumes where the user
/// wants that, and our finalizer last. What else is owned by the object goes with it.
pub fn proceed(turn: &mut Turn<'_>) -> Next {
    if !turn.is(Guard::Finalizer) {
        return turn.hold(Reason::Deleting);
    }
    // It would make a deleted volume anew; and one that is being deleted without its pods leaves them
    // behind only when it is gone.
    if turn.is(Guard::StatefulSetOurs) {
        orders::delete_stateful_set(turn);
        return turn.hold(Reason::Deleting);
    }
    if !turn.is(Guard::StatefulSetGone) || !turn.is(Guard::Counted) {
        return turn.hold(Reason::Deleting);
    }
    if turn.is(Guard::OrphansLeft) {
        orders::delete_orphans(turn);
        return turn.hold(Reason::Deleting);
    }
    // Kubernetes keeps a volume until its last pod is gone; nobody has to wait for that here.
    if !turn.is(Guard::VolumesRetained) && !turn.is(Guard::VolumesLeaving) {
        orders::delete_volumes(turn);
        return turn.hold(Reason::Deleting);
    }
    turn.emit(Action::DropFinalizer);
    Handled
}
