//! PURE. What is so, drawn from the observation in order of urgency.

use super::guard::is_made_for;
use super::health::Health;
use super::observed::{Child, Observed};
use super::vocabulary::Fact;
use crate::crd::GateVerdict;
use crate::mutants;
use crate::service::membership::has_quorum;
use jiff::{SignedDuration, Timestamp};

/// The facts of this turn, most urgent first.
pub fn derive(seen: &Observed) -> Vec<Fact> {
    let is_so = |&(is_so, fact): &(Test, Fact)| {
        (is_so(seen) && !mutants::hidden(fact.into())).then_some(fact)
    };
    match ALONE.iter().find_map(is_so) {
        Some(alone) => vec![alone],
        None => ORDER.iter().filter_map(is_so).collect(),
    }
}

type Test = fn(&Observed) -> bool;

/// The facts beside which nothing else counts, in order of urgency.
const ALONE: &[(Test, Fact)] = &[
    (|seen| seen.spec.paused, Fact::Paused),
    (|seen| seen.deleting, Fact::Deleted),
    // Whatever else is seen is held against a memory that is not true.
    (memory_lost, Fact::MemoryLost),
];

/// Each other fact beside what makes it so, in order of urgency.
const ORDER: &[(Test, Fact)] = &[
    (foreign_cluster, Fact::ForeignCluster),
    (|seen| seen.is_sealed(), Fact::IdentityRecorded),
    (|seen| !seen.is_sealed(), Fact::IdentityMissing),
    (stateful_set_missing, Fact::StatefulSetMissing),
    (spec_changed, Fact::SpecChanged),
    (|seen| seen.is_sealed() && seen.has_lost_quorum(), Fact::QuorumLost),
    (|seen| seen.is_sealed() && seen.has_quorum(), Fact::QuorumHeld),
    (|seen| !seen.finalizer, Fact::FinalizerMissing),
    (|seen| seen.objects.all().iter().any(|(_, child)| child.is_taken()), Fact::NameTaken),
    (|seen| !seen.parts_to_keep().is_empty(), Fact::PartsDrifted),
    (|seen| seen.pods.values().any(|pod| !pod.current && !pod.deleting), Fact::PodsDrifted),
    (|seen| !seen.is_sealed() && seen.members.known().is_some(), Fact::ClusterFormed),
    (|seen| birth_failed_at(seen).is_some_and(|at| at <= seen.now), Fact::BirthFailed),
    (|seen| refuses(seen, |gate| matches!(gate, GateVerdict::DataLost { .. })), Fact::DataLost),
    (|seen| refuses(seen, |gate| matches!(gate, GateVerdict::StaleData { .. })), Fact::DataStale),
    (|seen| seen.is_sealed() && !seen.in_health(Health::Down).is_empty(), Fact::MemberDown),
    (|seen| seen.is_sealed() && !seen.in_health(Health::Unknown).is_empty(), Fact::MemberUnseen),
    (alarmed, Fact::MemberAlarmed),
    (all_healthy, Fact::MembersHealthy),
    (|_| true, Fact::Looked),
];

fn memory_lost(seen: &Observed) -> bool {
    !seen.is_sealed()
        && seen.objects.template.as_ref().is_some_and(|made| made.cluster_id.is_some())
}

fn foreign_cluster(seen: &Observed) -> bool {
    let recorded = seen.memory.cluster_id.as_deref();
    let foreign = |id: &str| recorded.is_some_and(|recorded| recorded != id);
    seen.ordinals().filter_map(|ordinal| seen.look(ordinal)).any(|look| foreign(&look.cluster_id))
}

fn stateful_set_missing(seen: &Observed) -> bool {
    !seen.is_sealed() && seen.objects.stateful_set == Child::Absent
}

fn spec_changed(seen: &Observed) -> bool {
    seen.objects.template.as_ref().is_some_and(|made| !is_made_for(seen, made))
}

fn refuses(seen: &Observed, verdict: impl Fn(&GateVerdict) -> bool) -> bool {
    let lacks_look = |ordinal: &u32| seen.look(*ordinal).is_none();
    seen.pods
        .iter()
        .filter(|(ordinal, _)| seen.ordinals().contains(ordinal) && lacks_look(ordinal))
        .filter_map(|(_, pod)| pod.gate.as_ref())
        .any(verdict)
}

fn alarmed(seen: &Observed) -> bool {
    seen.is_sealed() && reports(seen, |error| !error.contains("no leader"))
}

/// Whether a member warns of what keeps all of them from taking writes.
pub fn refuses_writes(seen: &Observed) -> bool {
    reports(seen, |error| error.contains("alarm:"))
}

/// Whether a member reports such an error of its own.
fn reports(seen: &Observed, is_such: impl Fn(&str) -> bool) -> bool {
    let mut looks = seen.ordinals().filter_map(|at| seen.look(at));
    looks.any(|look| look.errors.iter().any(|error| is_such(error)))
}

fn all_healthy(seen: &Observed) -> bool {
    seen.is_sealed()
        && seen.memory.replicas > 0
        && seen.has_quorum()
        && seen.in_health(Health::Healthy).len() == seen.memory.replicas as usize
}

/// Whether the gate of a member that does not answer keeps etcd from its volume, for good.
pub fn member_refuses(seen: &Observed) -> bool {
    refuses(seen, |gate| match gate {
        GateVerdict::DataLost { .. } | GateVerdict::StaleData { .. } => true,
        GateVerdict::New
        | GateVerdict::Join
        | GateVerdict::Existing
        | GateVerdict::NoDirective { .. }
        | GateVerdict::Unreadable { .. } => false,
    })
}

/// Whether Kubernetes finds enough members ready. Its probe asks each for what only a quorum can
/// tell, so they were born, even if we cannot hear them.
fn decide_together(seen: &Observed) -> bool {
    let is_ready = |at: &u32| seen.pods.get(at).is_some_and(|pod| pod.ready);
    let ready = seen.ordinals().filter(is_ready).count();
    has_quorum(seen.memory.replicas as usize, ready)
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
        seen.ordinals().map(|ordinal| seen.pods.get(&ordinal)?.started).collect();
    let last = started?.into_iter().max()?;
    let timeout = i64::from(seen.spec.recovery.bootstrap_timeout_seconds);
    let given = if refused { 0 } else { timeout };
    last.checked_add(SignedDuration::from_secs(given)).ok()
}
