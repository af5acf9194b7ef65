//! PURE. How far the creation is, which creation it is, and what it may start over with.

use crate::crd::GateVerdict;
use crate::engine::Known;
use crate::service::child::Child;
use crate::service::etcd_cluster::observe::observed::{
    Birth, Observed, PodSeen, Template, VolumeSeen,
};
use crate::service::membership::has_quorum;
use jiff::{SignedDuration, Timestamp};

/// Whether the members were made for the present spec and, while they are being born, for the
/// present birth: a status that was lost counts the births anew, and the volumes' templates of the
/// last one cannot be changed.
pub fn is_made_for(seen: &Observed, made: &Template) -> bool {
    let memory = &seen.memory;
    let same_birth = (made.incarnation, made.size) == (memory.incarnation, memory.replicas);
    let recorded = seen.is_sealed() || made.cluster_id.is_some();
    made.hash == seen.spec.hash && (recorded || same_birth)
}

/// Whether the `StatefulSet` was made for another spec.
pub fn spec_changed(seen: &Observed) -> bool {
    seen.objects.template.as_ref().is_some_and(|made| !is_made_for(seen, made))
}

/// Whether the `StatefulSet` itself, in whose birth nothing was on record yet, says that its members may
/// begin the cluster: then there was no volume before it.
pub fn begins_by_template(seen: &Observed) -> bool {
    let template = seen.objects.template.as_ref();
    template.is_some_and(|made| made.begins && made.cluster_id.is_none())
}

/// Whether no client can ever have been served by this birth, so that starting over loses nothing.
pub fn never_served(seen: &Observed) -> bool {
    let template = seen.objects.template.as_ref();
    !seen.is_sealed()
        && seen.memory.birth == Birth::Begun
        && template.is_none_or(|made| made.cluster_id.is_none())
        && seen.serving_endpoints == 0
        && seen.looks.values().filter_map(Known::known).all(|look| look.revision <= 1)
}

/// The members that wait for a node, a volume or an image.
pub fn pending(seen: &Observed) -> impl Iterator<Item = u32> {
    let waits = seen.pods.iter().filter(|(_, pod)| pod.started.is_none() && pod.waiting.is_some());
    waits.map(|(&at, _)| at)
}

/// Whether a volume claim was made for this very birth, and stays.
pub fn is_of_this_birth(seen: &Observed, volume: &VolumeSeen) -> bool {
    is_of_birth(seen, volume) && !volume.deleting
}

/// Whether a volume claim was made for this very birth.
pub fn is_of_birth(seen: &Observed, volume: &VolumeSeen) -> bool {
    volume.cluster_uid.as_ref() == Some(&seen.uid)
        && volume.incarnation == Some(seen.memory.incarnation)
}

/// Which birth it is. If that is not on record, volumes and `StatefulSet` say so.
pub fn incarnation(seen: &Observed) -> i64 {
    let made = seen.objects.template.iter().map(|made| made.incarnation);
    let found = ours(seen).filter_map(|(_, volume)| volume.incarnation).chain(made).max();
    match seen.memory.birth {
        Birth::Begun | Birth::Resumed => seen.memory.incarnation,
        Birth::Unrecorded => found.unwrap_or(seen.memory.incarnation),
    }
}

/// The volume claims made for this very `EtcdCluster`.
pub fn ours(seen: &Observed) -> impl Iterator<Item = (u32, &VolumeSeen)> {
    let is_ours = |volume: &VolumeSeen| volume.cluster_uid.as_ref() == Some(&seen.uid);
    seen.volumes.iter().filter(move |(_, volume)| is_ours(volume)).map(|(&at, volume)| (at, volume))
}

/// The pods that stay though their `StatefulSet` was deleted: nobody else clears them away.
pub fn orphans(seen: &Observed) -> impl Iterator<Item = (u32, &PodSeen)> {
    let stays = |pod: &PodSeen| !pod.owned && !pod.deleting;
    seen.pods.iter().filter(move |(_, pod)| stays(pod)).map(|(&at, pod)| (at, pod))
}

/// How often the creation may be begun again.
pub fn max_retries(seen: &Observed) -> i64 {
    i64::from(seen.spec.recovery.max_retries)
}

/// When the next try may begin: `retryInterval * backoffFactor ^ attempts`, at most `maxBackoff`.
pub fn retry_at(seen: &Observed) -> Option<Timestamp> {
    let strategy = &seen.spec.recovery;
    let factor = i64::from(strategy.backoff_factor).saturating_pow(seen.memory.attempts);
    let wait = i64::from(strategy.retry_interval_seconds).saturating_mul(factor);
    let wait = wait.min(i64::from(strategy.max_backoff_seconds));
    birth_failed_at(seen)?.checked_add(SignedDuration::from_secs(wait)).ok()
}

/// When the first members have had their time, or the moment one refused to start.
///
/// The clock runs from the last member's first start: waiting for a node, a volume or an image is
/// not a failure of the birth, however long it takes.
pub fn birth_failed_at(seen: &Observed) -> Option<Timestamp> {
    if seen.is_sealed() || !matches!(seen.objects.stateful_set, Child::Ours { .. }) {
        return None;
    }
    // Whoever decided together was born, whatever the clock says; but a member that refuses to
    // start would be missing for good.
    let refused = member_refuses(seen);
    if (seen.members.known().is_some() || decide_together(seen)) && !refused {
        return None;
    }
    let started: Option<Vec<Timestamp>> =
        seen.ordinals().iter().map(|ordinal| seen.pods.get(ordinal)?.started).collect();
    let last = started?.into_iter().max()?;
    let timeout = i64::from(seen.spec.recovery.bootstrap_timeout_seconds);
    let given = if refused { 0 } else { timeout };
    last.checked_add(SignedDuration::from_secs(given)).ok()
}

/// Whether Kubernetes finds enough members ready. Its probe asks each for what only a quorum can
/// tell, so they were born, even if we cannot hear them.
fn decide_together(seen: &Observed) -> bool {
    let is_ready = |at: &u32| seen.pods.get(at).is_some_and(|pod| pod.ready);
    let ready = seen.ordinals().iter().filter(|&at| is_ready(at)).count();
    has_quorum(seen.ordinals().len(), ready)
}

/// Whether the gate of a member that does not answer keeps etcd from its volume, for good. Where the
/// status was lost the member lived before, and is replaced once the others are on record.
pub fn member_refuses(seen: &Observed) -> bool {
    seen.memory.birth != Birth::Resumed && refuses(seen, is_final)
}

/// Whether the gate of a member that does not answer last gave such a verdict.
pub fn refuses(seen: &Observed, verdict: impl Fn(&GateVerdict) -> bool) -> bool {
    let lacks_look = |ordinal: &u32| seen.look(*ordinal).is_none();
    let ordinals = seen.ordinals();
    seen.pods
        .iter()
        .filter(|(ordinal, _)| ordinals.contains(ordinal) && lacks_look(ordinal))
        .filter_map(|(_, pod)| pod.gate.as_ref())
        .any(verdict)
}

/// Whether the gate will not start etcd on this volume, however often it is asked.
pub fn is_final(gate: &GateVerdict) -> bool {
    match gate {
        GateVerdict::DataLost { .. } | GateVerdict::StaleData { .. } => true,
        GateVerdict::New
        | GateVerdict::Join
        | GateVerdict::Existing
        | GateVerdict::NoDirective { .. }
        | GateVerdict::Unreadable { .. } => false,
    }
}

/// Whether the members were made from the present spec, or are not made yet. A `StatefulSet` that could not be
/// read may be of any spec.
pub fn is_spec_current(seen: &Observed) -> bool {
    !matches!(seen.objects.stateful_set, Child::Unknown(_))
        && seen.objects.template.as_ref().is_none_or(|made| is_made_for(seen, made))
}
