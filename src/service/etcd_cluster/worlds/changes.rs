//! PURE. What may be otherwise about a cluster, each by name.

use super::bases::{drifted, list, without_set};
use super::memberships::doing;
use crate::crd::{GateVerdict, OperationKind, Retention};
use crate::engine::Known;
use crate::service::etcd_cluster::observe::observed::{Birth, Child, Look, Observed};
use jiff::SignedDuration;

/// Changes by name, each what it does.
macro_rules! changes {
    ($($name:ident($seen:ident) $does:expr;)*) => {
        $(pub(super) fn $name($seen: &mut Observed) { $does; })*
    };
}

// What the user asks for.
changes! {
    paused(seen) seen.spec.paused = true;
    deleted(seen) seen.deleting = true;
    deleted_whole(seen) (seen.deleting, seen.spec.retention) = (true, Retention::Delete);
    releasing_volumes(seen) seen.spec.retention = Retention::Delete;
    respecified(seen) "another".clone_into(&mut seen.spec.hash);
    without_retries(seen) seen.spec.recovery.max_retries = 0;
    size_0(seen) seen.spec.size = 0;
    size_1(seen) seen.spec.size = 1;
    size_3(seen) seen.spec.size = 3;
    size_4(seen) seen.spec.size = 4;
    size_5(seen) seen.spec.size = 5;
}

// What is on record.
changes! {
    forgotten(seen) (seen.memory.cluster_id, seen.memory.members) = (None, [].into());
    never_made(seen) { forgotten(seen); without_set(seen) };
    entered(seen) seen.memory.step = None;
    idle(seen) seen.memory.operation = None;
    adding(seen) seen.memory.operation = doing(OperationKind::AddMember, "a-2");
    removing(seen) seen.memory.operation = doing(OperationKind::RemoveMember, "a-2");
    replacing(seen) seen.memory.operation = doing(OperationKind::ReplaceMember, "a-2");
    tried_often(seen) seen.memory.attempts = 3;
    resumed(seen) seen.memory.birth = Birth::Resumed;
    resumed_in_part(seen) (seen.memory.birth, _) = (Birth::Resumed, seen.volumes.remove(&1));
    resumed_served(seen) (seen.memory.birth, seen.serving_endpoints) = (Birth::Resumed, 2);
    another_birth(seen) (seen.memory.birth, seen.memory.incarnation) = (Birth::Unrecorded, 7);
    off_record(seen) { seen.memory.birth = Birth::Unrecorded; begun_by_nobody(seen) };
    off_record_begun(seen) seen.memory.birth = Birth::Unrecorded;
    begun_by_nobody(seen) seen.objects.template.iter_mut().for_each(|made| made.begins = false);
    freed(seen) seen.memory.operation.iter_mut().for_each(|at| at.free = ["a-3".to_owned()].into());
    unborn(seen) seen.memory.unborn = ["a-3".to_owned()].into();
    unrecorded(seen) drop(seen.memory.members.remove("a-2"));
}

// How much time has passed.
changes! {
    later(seen) seen.now += SignedDuration::from_secs(20);
    much_later(seen) seen.now += SignedDuration::from_secs(700);
}

// What Kubernetes has.
changes! {
    unheld(seen) seen.finalizer = false;
    uncounted(seen) seen.counted = false;
    taken(seen) seen.objects.client_service = Child::Foreign { owner: "nobody".to_owned() };
    lacking(seen) seen.objects.peer_service = Child::Absent;
    adrift(seen) seen.objects.stateful_set = drifted();
    unread(seen) seen.objects.stateful_set = Child::Unknown("timeout".to_owned());
    removed_set(seen) without_set(seen);
    without_pods(seen) seen.pods.clear();
    without_pod_2(seen) drop(seen.pods.remove(&2));
    without_pod_3(seen) drop(seen.pods.remove(&3));
    untold(seen) seen.pods.values_mut().for_each(|pod| pod.current = false);
    pending(seen) seen.pods.values_mut().for_each(|pod| pod.waiting = Some("no node".to_owned()));
    unreached(seen) seen.pods.values_mut().for_each(|pod| pod.address = None);
    stopping(seen) seen.pods.values_mut().for_each(|pod| pod.deleting = true);
    without_volumes(seen) seen.volumes.clear();
    without_volume_2(seen) drop(seen.volumes.remove(&2));
    volumes_leaving(seen) seen.volumes.values_mut().for_each(|volume| volume.deleting = true);
    volumes_foreign(seen) seen.volumes.values_mut().for_each(|volume| volume.cluster_uid = None);
}

// Which members answer, and what their gates say.
changes! {
    down_0(seen) *seen = seen.clone().with_down(&[0]);
    down_2(seen) *seen = seen.clone().with_down(&[2]);
    others_down(seen) *seen = seen.clone().with_down(&[1, 2]);
    quorum_down(seen) *seen = seen.clone().with_down(&[0, 1]);
    unseen_0(seen) *seen = seen.clone().with_unseen(&[0]);
    quorum_unseen(seen) *seen = seen.clone().with_unseen(&[0, 1]);
    lost_1(seen) refused(seen, 1, GateVerdict::DataLost { detail: String::new() });
    lost_2(seen) refused(seen, 2, GateVerdict::DataLost { detail: String::new() });
    lost_3(seen) refused(seen, 3, GateVerdict::DataLost { detail: String::new() });
    stale_2(seen) refused(seen, 2, GateVerdict::StaleData { detail: String::new() });
}

// What they answer.
changes! {
    foreign(seen) look(seen, |look| "c2".clone_into(&mut look.cluster_id));
    written(seen) look(seen, |look| look.revision = 7);
    out_of_space(seen) look(seen, |look| look.errors.push("alarm:NOSPACE".to_owned()));
    corrupt(seen) look(seen, |look| look.errors.push("alarm:CORRUPT".to_owned()));
    far_ahead(seen) look(seen, |look| look.raft_index = 9000);
    third_leads(seen) seen.looks.values_mut().for_each(leads_third);
    all_alike(seen) *seen = seen.clone().with_hashes(&[1, 1, 1]);
    third_differs(seen) *seen = seen.clone().with_hashes(&[1, 1, 2]);
    all_differ(seen) *seen = seen.clone().with_hashes(&[1, 2, 3]);
}

// Whom etcd lists.
changes! {
    unlisted(seen) seen.members = Known::Unknown("timeout".to_owned());
    list_foreign(seen) list(seen, |list| "c2".clone_into(&mut list.cluster_id));
    first_out(seen) list(seen, |list| drop(list.voters.pop_first()));
    third_out(seen) list(seen, |list| drop(list.voters.remove("a-2")));
    no_learner(seen) list(seen, |list| list.learners.clear());
    third_learns(seen) list(seen, |list| drop(list.learners.insert("m2".to_owned(), "a-2".to_owned())));
    fourth_votes(seen) list(seen, |list| drop(list.voters.insert("a-3".to_owned(), "m3".to_owned())));
    stray(seen) list(seen, |list| drop(list.learners.insert("x".to_owned(), "a-4".to_owned())));
    stranger_learns(seen) list(seen, |list| drop(list.learners.insert("x".to_owned(), "other".to_owned())));
    stranger_votes(seen) list(seen, |list| drop(list.voters.insert("other".to_owned(), "x".to_owned())));
}

/// Changes what member 0 answers, if it does.
fn look(seen: &mut Observed, change: impl FnOnce(&mut Look)) {
    if let Some(Known::Known(look)) = seen.looks.get_mut(&0) {
        change(look);
    }
}

fn refused(seen: &mut Observed, at: u32, gate: GateVerdict) {
    *seen = seen.clone().with_refusal(at, gate);
}

fn leads_third(look: &mut Known<Look>) {
    if let Known::Known(look) = look {
        look.leader = Some("m2".to_owned());
    }
}
