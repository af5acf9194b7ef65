//! PURE. What each guard means. A guard is a positive claim: what is not known does not satisfy it.

use super::fact::{birth_failed_at, member_refuses};
use super::health::Health;
use super::observed::{Child, Observed, VolumeSeen};
use super::vocabulary::{Guard, Step};
use crate::crd::Retention;
use crate::mutants;
use jiff::{SignedDuration, Timestamp};

/// How long a sealed cluster waits for its last members before it runs without them.
const STRAGGLERS: SignedDuration = SignedDuration::from_mins(5);
/// How long a returned quorum has to last.
const LASTING: SignedDuration = SignedDuration::from_secs(10);

/// Whether `guard` is true of what was observed.
pub fn holds(guard: Guard, seen: &Observed) -> bool {
    mutants::told(guard.into(), is_so(guard, seen))
}

fn is_so(guard: Guard, seen: &Observed) -> bool {
    match guard {
        Guard::SizeAboveZero => seen.spec.size > 0,
        Guard::NamesFree => seen.objects.all().iter().all(|(_, child)| is_free(child)),
        Guard::VolumesClean => seen.volumes.values().all(|volume| is_of_this_birth(seen, volume)),
        Guard::NeverServed => never_served(seen),
        Guard::RetriesLeft => i64::from(seen.memory.attempts) < max_retries(seen),
        Guard::RetryDue => retry_at(seen).is_some_and(|at| at <= seen.now),
        Guard::EveryMemberListed => seen.members.is_known_and(|list| {
            list.learners.is_empty()
                && list.voters.len() == seen.memory.replicas as usize
                && seen.ordinals().all(|at| list.voters.contains_key(&seen.member_name(at)))
        }),
        Guard::OneCluster => seen.members.is_known_and(|list| {
            seen.ordinals()
                .filter_map(|at| seen.look(at))
                .all(|look| look.cluster_id == list.cluster_id)
        }),
        Guard::EveryMemberHealthy => {
            seen.has_quorum() && healthy(seen) == seen.memory.replicas as usize
        }
        Guard::Quorum => seen.has_quorum(),
        Guard::Fenced => {
            holds(Guard::TemplateFenced, seen) && seen.pods.values().all(|pod| pod.current)
        }
        Guard::TemplateFenced => is_template_fenced(seen),
        Guard::StragglersAwaited => {
            in_step_for(seen, Step::AwaitQuorum, STRAGGLERS)
                || in_step_for(seen, Step::Seal, STRAGGLERS)
        }
        Guard::QuorumLasted => in_step_for(seen, Step::Settle, LASTING),
        Guard::ListFresh => seen.members.is_known_and(|list| {
            seen.memory.cluster_id.as_ref().is_none_or(|id| *id == list.cluster_id)
        }),
        Guard::MemberRefuses => member_refuses(seen),
        Guard::MembersStarted => {
            seen.ordinals().all(|at| seen.pods.get(&at).is_some_and(|pod| pod.started.is_some()))
        }
        Guard::NothingPending => pending(seen).next().is_none(),
        Guard::StatefulSetOurs => seen.objects.stateful_set.uid().is_some(),
        Guard::StatefulSetGone => seen.objects.stateful_set == Child::Absent,
        // A watch that lags shows nothing, too.
        Guard::Counted => seen.counted,
        Guard::PodsGone => seen.counted && seen.pods.is_empty(),
        Guard::VolumesGone => seen.counted && ours(seen).next().is_none(),
        Guard::VolumesLeaving => seen.counted && ours(seen).all(|(_, volume)| volume.deleting),
        Guard::VolumesRetained => seen.spec.retention == Retention::Retain,
        Guard::Finalizer => seen.finalizer,
        Guard::TemplateNamesIdentity => {
            seen.objects.template.as_ref().is_some_and(|made| made.cluster_id.is_some())
        }
        Guard::SpecCurrent => {
            // A `StatefulSet` that could not be read may be of any spec.
            !matches!(seen.objects.stateful_set, Child::Unknown(_))
                && seen.objects.template.as_ref().is_none_or(|made| made.hash == seen.spec.hash)
        }
    }
}

/// The value a guard looked at, for a person to read.
pub fn saw(guard: Guard, seen: &Observed) -> String {
    match guard {
        Guard::SizeAboveZero => format!("spec.size {}", seen.spec.size),
        Guard::NamesFree => {
            let taken = seen.objects.all().into_iter().filter(|(_, child)| !is_free(child));
            listed(taken.map(|(part, child)| format!("{part:?}: {child:?}")), "all names free")
        }
        Guard::VolumesClean => {
            let foreign = seen.volumes.iter().filter(|(_, seen_)| !is_of_this_birth(seen, seen_));
            let name = |(at, _): (&u32, _)| format!("data-{}", seen.member_name(*at));
            listed(foreign.map(name), "no volume of another birth")
        }
        Guard::NeverServed => format!(
            "identity {}, {} endpoints, revisions {:?}",
            seen.memory.cluster_id.as_deref().unwrap_or("not recorded"),
            seen.serving_endpoints,
            revisions(seen).collect::<Vec<_>>(),
        ),
        Guard::RetriesLeft => format!("{} of {} used", seen.memory.attempts, max_retries(seen)),
        Guard::RetryDue => {
            retry_at(seen).map_or_else(|| "not failed".into(), |at| format!("due at {at}"))
        }
        Guard::EveryMemberListed | Guard::OneCluster | Guard::ListFresh => {
            match (seen.members.known(), seen.members.unknown()) {
                (Some(list), _) => format!("cluster {}: {:?}", list.cluster_id, list.voters),
                (None, why) => format!("unknown: {}", why.unwrap_or_default()),
            }
        }
        Guard::EveryMemberHealthy | Guard::Quorum => {
            let following = seen.leader().map_or(0, |(_, votes)| votes);
            format!("{following} of {} follow one leader", seen.memory.replicas)
        }
        Guard::Fenced => {
            let behind = seen.pods.iter().filter(|(_, pod)| !pod.current);
            listed(behind.map(|(at, _)| seen.member_name(*at)), "every pod is told")
        }
        Guard::TemplateFenced | Guard::TemplateNamesIdentity => {
            format!("{:?}", seen.objects.template)
        }
        Guard::StragglersAwaited | Guard::QuorumLasted => match seen.memory.step_since {
            Some(since) => format!("in this step since {since}"),
            None => "in this step since now".to_owned(),
        },
        Guard::MemberRefuses => {
            let refusing = seen.pods.iter().filter(|(_, pod)| pod.gate.is_some());
            listed(refusing.map(|(at, _)| seen.member_name(*at)), "no gate refuses")
        }
        Guard::MembersStarted => {
            let started = seen.pods.values().filter(|pod| pod.started.is_some()).count();
            format!("{started} of {} started", seen.memory.replicas)
        }
        Guard::NothingPending => listed(pending(seen).map(|at| seen.member_name(at)), "none waits"),
        Guard::StatefulSetOurs | Guard::StatefulSetGone => {
            format!("{:?}", seen.objects.stateful_set)
        }
        Guard::Counted => {
            if seen.counted { "pods and volumes listed live" } else { "seen through watches only" }
                .to_owned()
        }
        Guard::PodsGone => format!("{} pods", seen.pods.len()),
        Guard::VolumesGone | Guard::VolumesLeaving => {
            listed(ours(seen).map(|(at, _)| format!("data-{}", seen.member_name(at))), "none left")
        }
        Guard::VolumesRetained => format!("retention {:?}", seen.spec.retention),
        Guard::SpecCurrent => {
            let made = seen.objects.template.as_ref().map(|made| made.hash.as_str());
            format!("spec {}, made from {}", seen.spec.hash, made.unwrap_or("nothing yet"))
        }
        Guard::Finalizer => if seen.finalizer { "present" } else { "absent" }.to_owned(),
    }
}

/// Whether no client can ever have been served by this birth, so that starting over loses nothing.
fn never_served(seen: &Observed) -> bool {
    let template = seen.objects.template.as_ref();
    !seen.is_sealed()
        && template.is_none_or(|made| made.cluster_id.is_none())
        && seen.serving_endpoints == 0
        && revisions(seen).all(|revision| revision <= 1)
}

fn revisions(seen: &Observed) -> impl Iterator<Item = i64> {
    seen.looks.values().filter_map(|look| Some(look.known()?.revision))
}

/// The members that wait for a node, a volume or an image.
fn pending(seen: &Observed) -> impl Iterator<Item = u32> {
    let waits = seen.pods.iter().filter(|(_, pod)| pod.started.is_none() && pod.waiting.is_some());
    waits.map(|(&at, _)| at)
}

fn is_free(child: &Child) -> bool {
    !child.is_taken() && !matches!(child, Child::Unknown(_))
}

fn is_of_this_birth(seen: &Observed, volume: &VolumeSeen) -> bool {
    volume.cluster_uid.as_ref() == Some(&seen.uid)
        && volume.incarnation == Some(seen.memory.incarnation)
        && !volume.deleting
}

/// The volume claims made for this very `EtcdCluster`.
pub fn ours(seen: &Observed) -> impl Iterator<Item = (u32, &VolumeSeen)> {
    let is_ours = |volume: &VolumeSeen| volume.cluster_uid.as_ref() == Some(&seen.uid);
    seen.volumes.iter().filter(move |(_, volume)| is_ours(volume)).map(|(&at, volume)| (at, volume))
}

fn is_template_fenced(seen: &Observed) -> bool {
    seen.objects.stateful_set.is_current()
        && seen.is_sealed()
        && seen
            .objects
            .template
            .as_ref()
            .is_some_and(|made| made.cluster_id == seen.memory.cluster_id)
}

/// A step entered in this very turn has lasted for no time at all, whatever the one before did.
fn in_step_for(seen: &Observed, step: Step, duration: SignedDuration) -> bool {
    let recorded = seen.memory.step.as_deref() == Some(step.into());
    recorded
        && seen.memory.step_since.is_some_and(|since| seen.now.duration_since(since) >= duration)
}

fn max_retries(seen: &Observed) -> i64 {
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

fn listed(items: impl Iterator<Item = String>, none: &str) -> String {
    let items: Vec<String> = items.collect();
    if items.is_empty() { none.to_owned() } else { items.join(", ") }
}

/// How many members are healthy, for messages.
pub fn healthy(seen: &Observed) -> usize {
    seen.in_health(Health::Healthy).len()
}
