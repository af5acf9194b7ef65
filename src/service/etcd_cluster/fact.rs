//! PURE. What is so, drawn from the observation in order of urgency.

use super::guard::is_made_for;
use super::hashes;
use super::health::Health;
use super::observed::{Birth, Child, Look, Observed};
use super::roster::{self, Place};
use super::vocabulary::Fact;
use crate::crd::{GateVerdict, OperationKind};
use crate::mutants::planted;
use crate::service::facts::{self, drawn};
use crate::service::membership::has_quorum;
use jiff::{SignedDuration, Timestamp};

/// How many entries of the log a learner may lack to get its vote.
pub const BEHIND_MAX: u64 = 1000;
/// How often a learner's container may end before it is given up.
const RESTARTS_MAX: u32 = 3;
/// How long a learner that was started may be silent.
const SILENT_MAX: SignedDuration = SignedDuration::from_mins(10);

/// The facts of this turn, most urgent first.
pub fn derive(seen: &Observed) -> Vec<Fact> {
    drawn(ALONE, ORDER, seen)
}

type Row = facts::Row<Observed, Fact>;

/// The facts beside which nothing else counts, in order of urgency.
const ALONE: &[Row] = &[
    (|seen| seen.spec.paused, Fact::Paused),
    (|seen| seen.deleting, Fact::Deleted),
    // Whatever else is seen is held against a memory that is not true.
    (memory_lost, Fact::MemoryLost),
];

/// Each other fact beside what makes it so, in order of urgency.
const ORDER: &[Row] = &[
    (foreign_cluster, Fact::ForeignCluster),
    (|seen| seen.is_sealed(), Fact::IdentityRecorded),
    (|seen| !seen.is_sealed(), Fact::IdentityMissing),
    (stateful_set_missing, Fact::StatefulSetMissing),
    (spec_changed, Fact::SpecChanged),
    (|seen| seen.is_sealed() && seen.has_lost_quorum(), Fact::QuorumLost),
    (|seen| seen.is_sealed() && seen.has_quorum(), Fact::QuorumHeld),
    (|seen| seen.is_sealed() && seen.memory.operation.is_none(), Fact::NothingOpen),
    (|seen| does(seen, OperationKind::AddMember), Fact::AdditionOpen),
    (|seen| does(seen, OperationKind::RemoveMember), Fact::RemovalOpen),
    (|seen| does(seen, OperationKind::ReplaceMember), Fact::ReplacementOpen),
    (|seen| !seen.finalizer, Fact::FinalizerMissing),
    (|seen| seen.objects.all().iter().any(|(_, child)| child.is_taken()), Fact::NameTaken),
    (|seen| !seen.parts_to_keep().is_empty(), Fact::PartsDrifted),
    (|seen| seen.pods.values().any(|pod| !pod.current && !pod.deleting), Fact::PodsDrifted),
    (|seen| !seen.is_sealed() && seen.members.known().is_some(), Fact::ClusterFormed),
    (|seen| birth_failed_at(seen).is_some_and(|at| at <= seen.now), Fact::BirthFailed),
    (|seen| roster::lost(seen).is_some(), Fact::DataLost),
    (|seen| refuses(seen, |gate| matches!(gate, GateVerdict::StaleData { .. })), Fact::DataStale),
    (|seen| seen.is_sealed() && !seen.in_health(Health::Down).is_empty(), Fact::MemberDown),
    (|seen| seen.is_sealed() && !seen.in_health(Health::Unknown).is_empty(), Fact::MemberUnseen),
    (alarm_outlived, Fact::AlarmOutlived),
    (alarmed, Fact::MemberAlarmed),
    (|seen| seen.is_sealed() && roster::has_unrecorded_voter(seen), Fact::VoterUnrecorded),
    (|seen| seen.is_sealed() && roster::has_unrecorded_learner(seen), Fact::LearnerUnrecorded),
    (|seen| seen.is_sealed() && roster::forgotten(seen).is_some(), Fact::LearnerForgotten),
    (|seen| seen.is_sealed() && roster::vanished(seen).is_some(), Fact::MemberVanished),
    (|seen| seen.is_sealed() && hashes::diverge(seen), Fact::DataDiverges),
    (|seen| is_listed(seen, |place| place == Place::Nowhere), Fact::MemberOut),
    (|seen| is_listed(seen, |place| matches!(place, Place::Learner(_))), Fact::LearnerListed),
    (|seen| is_listed(seen, |place| matches!(place, Place::Voter(_))), Fact::LearnerPromoted),
    (is_caught_up, Fact::LearnerCaughtUp),
    (is_stalled, Fact::LearnerStalled),
    (|seen| seen.is_sealed() && seen.spec.size == 0, Fact::SleepAsked),
    (|seen| seen.is_sealed() && roster::surplus(seen).is_some(), Fact::MembersSurplus),
    (|seen| seen.is_sealed() && roster::missing(seen).is_some(), Fact::MembersMissing),
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
    seen.ordinals()
        .into_iter()
        .filter_map(|ordinal| seen.look(ordinal))
        .any(|look| foreign(&look.cluster_id))
}

fn stateful_set_missing(seen: &Observed) -> bool {
    !seen.is_sealed() && seen.objects.stateful_set == Child::Absent
}

/// Whether the `StatefulSet` was made for another spec.
pub fn spec_changed(seen: &Observed) -> bool {
    seen.objects.template.as_ref().is_some_and(|made| !is_made_for(seen, made))
}

fn refuses(seen: &Observed, verdict: impl Fn(&GateVerdict) -> bool) -> bool {
    let lacks_look = |ordinal: &u32| seen.look(*ordinal).is_none();
    let ordinals = seen.ordinals();
    seen.pods
        .iter()
        .filter(|(ordinal, _)| ordinals.contains(ordinal) && lacks_look(ordinal))
        .filter_map(|(_, pod)| pod.gate.as_ref())
        .any(verdict)
}

/// Whether this is being done to a member of a recorded cluster.
fn does(seen: &Observed, kind: OperationKind) -> bool {
    seen.is_sealed() && seen.memory.operation.as_ref().is_some_and(|at| at.kind == kind)
}

/// Whether the list has the member something is being done to in such a place.
fn is_listed(seen: &Observed, is_such: impl Fn(Place<'_>) -> bool) -> bool {
    let subject = if seen.is_sealed() { roster::subject(seen) } else { None };
    subject.is_some_and(|(_, place)| place.is_some_and(is_such))
}

/// Whether the learner has applied all but so little of what the leader has. etcd itself would be
/// content with nine tenths of the log, however much the tenth is.
fn is_caught_up(seen: &Observed) -> bool {
    let learner = seen.memory.learner().and_then(|name| seen.ordinal_of(name));
    let Some(learner) = learner.and_then(|at| seen.look(at)) else { return false };
    let ours = Some(learner.cluster_id.as_str()) == seen.cluster_id();
    let near = |lag| lag <= BEHIND_MAX || planted("caught-up-at-once");
    ours && roster::lag(seen, learner).is_some_and(near)
}

/// Whether the learner will not come up by itself: its gate refuses, it ends again and again, or
/// it was started long ago and never answered. One that answers is waited for.
fn is_stalled(seen: &Observed) -> bool {
    let learner = seen.memory.learner().and_then(|name| seen.ordinal_of(name));
    let Some(at) = learner.filter(|&at| seen.look(at).is_none()) else { return false };
    let Some(pod) = seen.pods.get(&at) else { return false };
    let refused = pod.gate.as_ref().is_some_and(is_final);
    // Its pod may have waited at the gate, long before anybody was to join.
    let begun = seen.memory.operation.as_ref().and_then(|at| at.since);
    let long_ago = |at: Timestamp| {
        seen.now.duration_since(begun.map_or(at, |begun| begun.max(at))) > SILENT_MAX
    };
    refused || pod.restarts >= RESTARTS_MAX || pod.started.is_some_and(long_ago)
}

fn is_final(gate: &GateVerdict) -> bool {
    match gate {
        GateVerdict::DataLost { .. } | GateVerdict::StaleData { .. } => true,
        GateVerdict::New
        | GateVerdict::Join
        | GateVerdict::Existing
        | GateVerdict::NoDirective { .. }
        | GateVerdict::Unreadable { .. } => false,
    }
}

fn alarm_outlived(seen: &Observed) -> bool {
    let same = hashes::agree(seen) || planted("disarm-first");
    same && corrupt(seen).next().is_some()
}

fn alarmed(seen: &Observed) -> bool {
    let reports = || reporting(seen, |error| !error.contains("no leader")).next().is_some();
    let slow = || seen.ordinals().into_iter().any(|at| roster::is_slow(seen, at));
    seen.is_sealed() && (reports() || slow())
}

/// Whether a member warns of what keeps all of them from taking writes.
pub fn refuses_writes(seen: &Observed) -> bool {
    reporting(seen, |error| error.contains("alarm:")).next().is_some()
}

/// The members that report that the members' data differs.
pub fn corrupt(seen: &Observed) -> impl Iterator<Item = u32> {
    let warns = |at: &u32| seen.look(*at).is_some_and(Look::warns_of_corruption);
    seen.ordinals().into_iter().filter(warns)
}

/// The members that report such an error of their own.
fn reporting(seen: &Observed, is_such: impl Fn(&str) -> bool) -> impl Iterator<Item = u32> {
    seen.ordinals().into_iter().filter(move |&at| {
        seen.look(at).is_some_and(|look| look.errors.iter().any(|error| is_such(error)))
    })
}

fn all_healthy(seen: &Observed) -> bool {
    seen.is_sealed()
        && seen.has_quorum()
        && seen.in_health(Health::Healthy).len() == seen.ordinals().len()
}

/// Whether the gate of a member that does not answer keeps etcd from its volume, for good. Where the
/// status was lost the member lived before, and is replaced once the others are on record.
pub fn member_refuses(seen: &Observed) -> bool {
    seen.memory.birth != Birth::Resumed && refuses(seen, is_final)
}

/// Whether Kubernetes finds enough members ready. Its probe asks each for what only a quorum can
/// tell, so they were born, even if we cannot hear them.
fn decide_together(seen: &Observed) -> bool {
    let is_ready = |at: &u32| seen.pods.get(at).is_some_and(|pod| pod.ready);
    let ready = seen.ordinals().iter().filter(|&at| is_ready(at)).count();
    has_quorum(seen.ordinals().len(), ready)
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
