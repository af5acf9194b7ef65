//! PURE. What each guard means. A guard is a positive claim: what is not known does not satisfy it.

use super::queries::alarms::corrupt;
use super::queries::birth::{
    begins_by_template, incarnation, is_of_birth, is_of_this_birth, is_spec_current, max_retries,
    member_refuses, never_served, orphans, ours, pending, retry_at,
};
use super::queries::health::{Health, healthy};
use super::queries::{hashes, listing, roster};
use super::vocabulary::{Guard, Step};
use crate::crd::Retention;
use crate::mutants;
use crate::service::etcd_cluster::observe::observed::{
    Birth, Child, Look, Observed, Template, VolumeSeen,
};
use crate::service::membership::has_quorum;
use jiff::SignedDuration;

/// How long a sealed cluster waits for its last members before it runs without them.
const STRAGGLERS: SignedDuration = SignedDuration::from_mins(5);
/// How often a learner that does not come up is taken out and added once more.
pub const RECYCLES_MAX: u32 = 3;
/// How long a returned quorum has to last.
const LASTING: SignedDuration = SignedDuration::from_secs(10);

/// Whether `guard` is true of what was observed.
pub fn holds(guard: Guard, seen: &Observed) -> bool {
    mutants::told(guard.into(), is_so(guard, seen))
}

#[allow(clippy::too_many_lines, reason = "a table, one row for each guard")]
fn is_so(guard: Guard, seen: &Observed) -> bool {
    match guard {
        Guard::SizeAboveZero => seen.spec.size > 0,
        Guard::NamesFree => seen.objects.all().iter().all(|(_, child)| child.is_free()),
        Guard::VolumesClean => seen.volumes.values().all(|volume| is_of_this_birth(seen, volume)),
        Guard::BirthKnown => incarnation(seen) == seen.memory.incarnation,
        Guard::VolumesNew => match seen.memory.birth {
            Birth::Begun => true,
            Birth::Unrecorded if begins_by_template(seen) => true,
            Birth::Resumed | Birth::Unrecorded => seen.counted && ours(seen).next().is_none(),
        },
        Guard::VolumesWhole => {
            let there =
                |at: u32| seen.volumes.get(&at).is_some_and(|at| is_of_this_birth(seen, at));
            (0..seen.spec.size).all(there)
        }
        Guard::Resumed => seen.memory.birth == Birth::Resumed,
        Guard::NobodyServed => seen.serving_endpoints == 0,
        Guard::NeverServed => never_served(seen),
        Guard::RetriesLeft => i64::from(seen.memory.attempts) < max_retries(seen),
        Guard::RetryDue => retry_at(seen).is_some_and(|at| at <= seen.now),
        Guard::EveryMemberListed => seen.members.is_known_and(|list| {
            list.learners.is_empty()
                && list.voters.len() == seen.memory.replicas as usize
                && seen.ordinals().iter().all(|&at| list.voters.contains_key(&seen.member_name(at)))
        }),
        Guard::OneCluster => seen.members.is_known_and(|list| {
            seen.ordinals()
                .into_iter()
                .filter_map(|at| seen.look(at))
                .all(|look| look.cluster_id == list.cluster_id)
        }),
        Guard::EveryMemberHealthy => seen.has_quorum() && healthy(seen) == seen.ordinals().len(),
        Guard::Quorum => seen.has_quorum(),
        Guard::Fenced => {
            holds(Guard::TemplateFenced, seen) && seen.pods.values().all(|pod| pod.current)
        }
        Guard::TemplateFenced => is_template_fenced(seen),
        Guard::StragglersAwaited => {
            in_step_for(seen, Step::AwaitQuorum, STRAGGLERS)
                || in_step_for(seen, Step::Seal, STRAGGLERS)
                || in_step_for(seen, Step::Wake, STRAGGLERS)
        }
        Guard::QuorumLasted => in_step_for(seen, Step::Settle, LASTING),
        Guard::ListFresh => listing::is_list_fresh(seen),
        Guard::MemberRefuses => member_refuses(seen),
        Guard::MembersStarted => {
            let started = |at: &u32| seen.pods.get(at).is_some_and(|pod| pod.started.is_some());
            seen.ordinals().iter().all(started)
        }
        Guard::NothingPending => pending(seen).next().is_none(),
        Guard::StatefulSetOurs => seen.objects.stateful_set.uid().is_some(),
        // A stranger's of the name is none of ours: nobody has to wait for it to go.
        Guard::StatefulSetGone => {
            matches!(seen.objects.stateful_set, Child::Absent | Child::Foreign { .. })
        }
        // A watch that lags shows nothing, too.
        Guard::Counted => seen.counted,
        Guard::PodsGone => seen.counted && seen.pods.is_empty(),
        Guard::OrphansLeft => seen.counted && orphans(seen).next().is_some(),
        Guard::OrphansWanted => seen.counted && orphans(seen).all(|(at, _)| at < seen.spec.size),
        Guard::VolumesGone => seen.counted && ours(seen).next().is_none(),
        Guard::VolumesLeaving => seen.counted && ours(seen).all(|(_, volume)| volume.deleting),
        Guard::VolumesRetained => seen.spec.retention == Retention::Retain,
        Guard::Finalizer => seen.finalizer,
        Guard::TemplateNamesIdentity => {
            seen.objects.template.as_ref().is_some_and(|made| made.cluster_id.is_some())
        }
        Guard::ListExact => listing::list(seen).is_some_and(|list| {
            list.learners.is_empty() && seen.memory.voters().eq(list.voters.iter())
        }),
        Guard::DataAgrees => {
            hashes::agree(seen) || (!hashes::diverge(seen) && corrupt(seen).next().is_none())
        }
        Guard::HashesEqual => hashes::agree(seen),
        Guard::HashMajority => hashes::outvoted(seen).is_some(),
        Guard::MemberRecorded => listing::is_recorded(seen),
        Guard::SubjectListed => listing::listed(seen).is_some(),
        Guard::VotersKnown => listing::list(seen).is_some() && !listing::has_unrecorded_voter(seen),
        Guard::LeaderReached => roster::endpoint(seen).is_some(),
        Guard::StrayOurs => listing::stray(seen).is_some(),
        Guard::LearnerBorn => {
            seen.memory.learner().is_some_and(|name| !seen.memory.unborn.contains(name))
        }
        Guard::StepOnRecord => seen.memory.step.as_deref() == Some(Step::Promote.into()),
        Guard::SlotWanted => listing::slot(seen).is_some_and(|at| at < seen.spec.size),
        Guard::SlotOurs => slot_volume(seen).is_none_or(|volume| is_of_birth(seen, volume)),
        Guard::SlotReached => {
            let pod = listing::slot(seen).and_then(|at| seen.pods.get(&at));
            pod.is_some_and(|pod| pod.named && pod.started.is_some() && !pod.deleting)
        }
        Guard::SlotClean => seen.counted && is_slot_clean(seen),
        Guard::SlotLeaving => seen.counted && is_slot_leaving(seen),
        Guard::NothingUnused => roster::unused(seen).next().is_none(),
        Guard::RecyclesLeft => seen.memory.attempts < RECYCLES_MAX,
        Guard::OthersHealthy => are_others_healthy(seen),
        Guard::VictimLeads => {
            listing::slot(seen).and_then(|at| seen.look(at)).is_some_and(Look::leads)
        }
        Guard::VictimHealthy => {
            let slot = listing::slot(seen);
            slot.is_some_and(|at| seen.health(at) == Health::Healthy)
                && hashes::outvoted(seen) != slot
        }
        Guard::VictimLost => listing::slot(seen).is_some_and(|at| {
            roster::has_lost_data(seen, at) || hashes::outvoted(seen) == Some(at)
        }),
        Guard::MoreMissing => roster::missing(seen).is_some(),
        Guard::MoreSurplus => roster::surplus(seen).is_some(),
        Guard::SurplusGone => {
            let recorded = roster::recorded(seen);
            seen.counted && seen.pods.keys().all(|at| recorded.iter().any(|member| member >= at))
        }
        Guard::RemovedGone => seen.counted && roster::left_behind(seen).next().is_none(),
        Guard::RemovedLeaving => {
            seen.counted
                && roster::left_behind(seen).all(|(_, volume)| volume.deleting)
                && roster::left_pods(seen).all(|(_, pod)| pod.deleting)
        }
        Guard::SpecCurrent => is_spec_current(seen),
    }
}

/// The volume claim in the place of the member something is being done to.
pub fn slot_volume(seen: &Observed) -> Option<&VolumeSeen> {
    seen.volumes.get(&listing::slot(seen)?)
}

/// What another one left is gone. What stays there was made for the member to come.
fn is_slot_clean(seen: &Observed) -> bool {
    let slot = listing::slot(seen);
    let left = roster::left_in_slots(seen).any(|(at, _)| Some(at) == slot);
    !left && slot_volume(seen).is_none_or(|volume| !volume.deleting)
}

/// What is left keeps nobody from going: volume and pod are told to.
fn is_slot_leaving(seen: &Observed) -> bool {
    let pod = listing::slot(seen).and_then(|at| seen.pods.get(&at));
    slot_volume(seen).is_none_or(|volume| volume.deleting) && pod.is_none_or(|pod| pod.deleting)
}

/// Whether all but the member something is being done to are healthy, and a quorum without it. If
/// nothing is being done yet, it is the one that would go.
fn are_others_healthy(seen: &Observed) -> bool {
    let going = listing::slot(seen).or_else(|| roster::surplus(seen));
    let others: Vec<u32> = seen.ordinals().into_iter().filter(|at| Some(*at) != going).collect();
    let leader = seen.leader().map(|(leader, _)| leader);
    let follows = |at: &&u32| seen.look(**at).is_some_and(|look| look.leader.as_deref() == leader);
    let healthy = others.iter().filter(|&&at| seen.health(at) == Health::Healthy).filter(follows);
    let healthy = healthy.count();
    healthy == others.len() && has_quorum(others.len(), healthy)
}

fn is_template_fenced(seen: &Observed) -> bool {
    // Members of another spec are not mended, and their template tells them what it should.
    let says_so = |made: &Template| {
        made.cluster_id == seen.memory.cluster_id
            && made.members == seen.memory.members
            && made.unborn == seen.memory.unborn
    };
    let of_spec = holds(Guard::SpecCurrent, seen);
    let set = &seen.objects.stateful_set;
    seen.is_sealed()
        && (set.is_current() || (!of_spec && set.uid().is_some() && !set.is_taken()))
        && seen.objects.template.as_ref().is_some_and(says_so)
}

/// A step entered in this very turn has lasted for no time at all, whatever the one before did.
fn in_step_for(seen: &Observed, step: Step, duration: SignedDuration) -> bool {
    let recorded = seen.memory.step.as_deref() == Some(step.into());
    recorded
        && seen.memory.step_since.is_some_and(|since| seen.now.duration_since(since) >= duration)
}
