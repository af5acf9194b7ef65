//! PURE. What is so, drawn from the observation in order of urgency.

use super::queries::alarms::{corrupt, reporting};
use super::queries::birth::{birth_failed_at, is_final, refuses, spec_changed};
use super::queries::hashes;
use super::queries::health::Health;
use super::queries::listing::{self, Place};
use super::queries::roster::{self, BEHIND_MAX};
use super::vocabulary::Fact;
use crate::crd::{GateVerdict, OperationKind};
use crate::mutants::planted;
use crate::service::etcd_cluster::observe::observed::{Child, Observed};
use crate::service::facts::{self, drawn};
use jiff::{SignedDuration, Timestamp};

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
    (|seen| seen.is_sealed() && listing::has_unrecorded_voter(seen), Fact::VoterUnrecorded),
    (|seen| seen.is_sealed() && listing::has_unrecorded_learner(seen), Fact::LearnerUnrecorded),
    (|seen| seen.is_sealed() && listing::forgotten(seen).is_some(), Fact::LearnerForgotten),
    (|seen| seen.is_sealed() && listing::vanished(seen).is_some(), Fact::MemberVanished),
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

/// Whether this is being done to a member of a recorded cluster.
fn does(seen: &Observed, kind: OperationKind) -> bool {
    seen.is_sealed() && seen.memory.operation.as_ref().is_some_and(|at| at.kind == kind)
}

/// Whether the list has the member something is being done to in such a place.
fn is_listed(seen: &Observed, is_such: impl Fn(Place<'_>) -> bool) -> bool {
    let subject = if seen.is_sealed() { listing::subject(seen) } else { None };
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

fn alarm_outlived(seen: &Observed) -> bool {
    let same = hashes::agree(seen) || planted("disarm-first");
    same && corrupt(seen).next().is_some()
}

fn alarmed(seen: &Observed) -> bool {
    let reports = || reporting(seen, |error| !error.contains("no leader")).next().is_some();
    let slow = || seen.ordinals().into_iter().any(|at| roster::is_slow(seen, at));
    seen.is_sealed() && (reports() || slow())
}

fn all_healthy(seen: &Observed) -> bool {
    seen.is_sealed()
        && seen.has_quorum()
        && seen.in_health(Health::Healthy).len() == seen.ordinals().len()
}
