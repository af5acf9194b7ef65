//! PURE. What each guard looked at, in words: people read it in `explain`, journals and fixtures.

use super::guard::RECYCLES_MAX;
use super::queries::alarms::corrupt;
use super::queries::birth::{
    begins_by_template, incarnation, is_of_this_birth, max_retries, orphans, ours, pending,
    retry_at,
};
use super::queries::listing::{self, Place};
use super::queries::{hashes, roster};
use super::vocabulary::Guard;
use crate::crd::{GateVerdict, Retention};
use crate::service::etcd_cluster::observe::observed::{
    Birth, Child, Members, Observed, PodSeen, VolumeSeen,
};
use crate::service::etcd_cluster::observe::part::{Part, kind_of, name_of};
use crate::service::said::listed;

/// The value a guard looked at, for a person to read.
#[allow(clippy::too_many_lines, reason = "a table, one row for each guard")]
pub fn saw(guard: Guard, seen: &Observed) -> String {
    match guard {
        Guard::SizeAboveZero => format!("spec.size {}", seen.spec.size),
        Guard::NamesFree => {
            let taken = seen.objects.all().into_iter().filter(|(_, child)| !child.is_free());
            listed(taken.map(|(part, child)| object(seen, part, child)), "all names free")
        }
        Guard::VolumesClean => {
            let foreign = seen.volumes.iter().filter(|(_, volume)| !is_of_this_birth(seen, volume));
            listed(foreign.map(|(at, _)| claim(seen, *at)), "no volume of another birth")
        }
        Guard::NeverServed => {
            let endpoints = format!("{} serving endpoints", seen.serving_endpoints);
            [identity(seen), endpoints, revisions(seen), birth(seen).to_owned()].join(", ")
        }
        Guard::RetriesLeft => format!("{} of {} used", seen.memory.attempts, max_retries(seen)),
        Guard::RetryDue => {
            retry_at(seen).map_or_else(|| "not failed".into(), |at| format!("due at {at}"))
        }
        Guard::EveryMemberListed => of_list(seen, |list| lists(seen, list)),
        Guard::OneCluster => of_list(seen, |list| answers(seen, list)),
        Guard::ListFresh => of_list(seen, |list| {
            let recorded = seen.memory.cluster_id.as_deref().unwrap_or("none");
            format!("the list is of cluster {}, recorded is {recorded}", list.cluster_id)
        }),
        Guard::EveryMemberHealthy | Guard::Quorum => {
            let following = seen.leader().map_or(0, |(_, votes)| votes);
            format!("{following} of {} follow one leader", seen.ordinals().len())
        }
        Guard::Fenced => format!("{}; {}", fence(seen), told(seen)),
        Guard::TemplateFenced => fence(seen),
        Guard::TemplateNamesIdentity => template(seen),
        Guard::StragglersAwaited | Guard::QuorumLasted | Guard::StepOnRecord => in_step(seen),
        Guard::MemberRefuses => listed(refusals(seen), "no gate refuses"),
        Guard::MembersStarted => {
            let started = seen.pods.values().filter(|pod| pod.started.is_some()).count();
            format!("{started} of {} started", seen.ordinals().len())
        }
        Guard::NothingPending => listed(pending(seen).map(|at| seen.member_name(at)), "none waits"),
        Guard::StatefulSetOurs | Guard::StatefulSetGone => stateful_set(seen),
        Guard::Counted => counted(seen).to_owned(),
        Guard::PodsGone | Guard::SurplusGone => {
            format!("{} pods, {}", seen.pods.len(), counted(seen))
        }
        Guard::OrphansLeft => orphaned(seen),
        Guard::OrphansWanted => format!("spec.size {}, {}", seen.spec.size, orphaned(seen)),
        Guard::BirthKnown => {
            format!(
                "birth {} is on record, {} is found",
                seen.memory.incarnation,
                incarnation(seen)
            )
        }
        Guard::Resumed => birth(seen).to_owned(),
        Guard::NobodyServed => format!("{} serving endpoints", seen.serving_endpoints),
        Guard::VolumesWhole => {
            let there = ours(seen).map(|(at, volume)| leaving(claim(seen, at), volume));
            format!("spec.size {}, {}", seen.spec.size, listed(there, "no volume"))
        }
        Guard::VolumesNew if seen.memory.birth == Birth::Begun => birth(seen).to_owned(),
        Guard::VolumesNew if begins_by_template(seen) => {
            format!("{}, the StatefulSet was made when there was none", birth(seen))
        }
        Guard::VolumesNew | Guard::VolumesGone | Guard::VolumesLeaving => {
            let left = ours(seen).map(|(at, volume)| leaving(claim(seen, at), volume));
            format!("{}, {}", listed(left, "none left"), counted(seen))
        }
        Guard::VolumesRetained => match seen.spec.retention {
            Retention::Retain => "spec.storage.retention Retain",
            Retention::Delete => "spec.storage.retention Delete",
        }
        .to_owned(),
        Guard::SpecCurrent => match &seen.objects.stateful_set {
            Child::Unknown(_) => stateful_set(seen),
            Child::Absent | Child::Ours { .. } | Child::Foreign { .. } => {
                let made = seen.objects.template.as_ref().map(|made| made.hash.as_str());
                format!("spec {}, made from {}", seen.spec.hash, made.unwrap_or("nothing yet"))
            }
        },
        Guard::ListExact => of_list(seen, |list| lists(seen, list)),
        Guard::DataAgrees => {
            let corrupt =
                corrupt(seen).map(|at| format!("{} reports CORRUPT", seen.member_name(at)));
            format!("{}, {}", listed(corrupt, "no member reports CORRUPT"), swept(seen))
        }
        Guard::HashesEqual | Guard::HashMajority => swept(seen),
        Guard::MemberRecorded | Guard::SubjectListed | Guard::LearnerBorn | Guard::VictimLeads => {
            subject(seen)
        }
        Guard::VictimHealthy | Guard::VictimLost => format!("{}, {}", subject(seen), swept(seen)),
        Guard::SlotWanted => {
            format!("spec.size {}, {}", seen.spec.size, subject(seen))
        }
        Guard::SlotReached => slot_pod(seen),
        Guard::SlotOurs | Guard::SlotClean | Guard::SlotLeaving => slot(seen),
        Guard::NothingUnused => listed(roster::unused(seen).map(|(at, _)| claim(seen, at)), "none"),
        Guard::LeaderReached => {
            roster::endpoint(seen).unwrap_or_else(|| "no address of the leader".to_owned())
        }
        Guard::VotersKnown | Guard::StrayOurs => of_list(seen, |list| lists(seen, list)),
        Guard::RecyclesLeft => format!("{} of {RECYCLES_MAX} used", seen.memory.attempts),
        Guard::OthersHealthy => {
            let following = seen.leader().map_or(0, |(_, votes)| votes);
            format!("{following} of {} follow one leader; {}", seen.ordinals().len(), subject(seen))
        }
        Guard::MoreMissing | Guard::MoreSurplus => {
            format!("spec.size {}, {} vote", seen.spec.size, seen.ordinals().len())
        }
        Guard::RemovedGone | Guard::RemovedLeaving => {
            let kept = |at| roster::left_pods(seen).any(|(pod, seen)| pod == at && !seen.deleting);
            let left = roster::left_behind(seen).map(|(at, volume)| {
                let left = leaving(claim(seen, at), volume);
                if kept(at) { format!("{left}, kept by its pod") } else { left }
            });
            format!("{}, {}", listed(left, "none left"), counted(seen))
        }
        Guard::Finalizer => if seen.finalizer { "present" } else { "absent" }.to_owned(),
    }
}

fn orphaned(seen: &Observed) -> String {
    let left = orphans(seen).map(|(at, _)| seen.member_name(at));
    format!("{}, {}", listed(left, "none without a StatefulSet"), counted(seen))
}

fn birth(seen: &Observed) -> &'static str {
    match seen.memory.birth {
        Birth::Begun => "no volume was there before this birth",
        Birth::Resumed => "volumes were there before this birth",
        Birth::Unrecorded => "the birth is not on record",
    }
}

/// The member something is being done to, and how it fares.
fn subject(seen: &Observed) -> String {
    let Some((name, place)) = listing::subject(seen) else {
        return "nothing is being done to a member".to_owned();
    };
    let place = match place {
        None => "not known to be listed",
        Some(Place::Voter(_)) => "listed with a vote",
        Some(Place::Learner(_)) => "listed as a learner",
        Some(Place::Nowhere) => "not listed",
    };
    let look = seen.ordinal_of(name).and_then(|at| seen.look(at));
    let look = match look {
        None => "does not answer".to_owned(),
        Some(look) if look.leads() => "leads".to_owned(),
        Some(look) => format!("answers at raft index {}", look.raft_applied_index),
    };
    let born = if seen.memory.unborn.contains(name) { ", never seen to run" } else { "" };
    format!("{name} is {place}, {look}{born}")
}

/// What the members' data comes to.
fn swept(seen: &Observed) -> String {
    let Some(sweep) = hashes::latest(seen) else {
        return "the members' hashes were not asked for".into();
    };
    let hashes = hashes::known(seen).into_iter();
    let hashes = hashes.map(|(at, hash)| format!("{} has hash {hash:08x}", seen.member_name(at)));
    format!("at revision {} {}", sweep.revision, listed(hashes, "nobody told"))
}

/// What is in the place of the member to come.
fn slot(seen: &Observed) -> String {
    let Some(at) = listing::slot(seen) else { return "no place".to_owned() };
    let volume = match seen.volumes.get(&at) {
        None => format!("no {}", claim(seen, at)),
        Some(volume) if volume.deleting => format!("{} on its way out", claim(seen, at)),
        Some(volume) => format!("{} {}", claim(seen, at), volume.uid),
    };
    let left = seen.memory.removed.get(&seen.member_name(at)).and_then(|left| left.volume.clone());
    let left = left.map_or_else(String::new, |uid| format!(", left behind was {uid}"));
    format!("{volume}{left}, {}", counted(seen))
}

/// How far the pod of the member to come is.
fn slot_pod(seen: &Observed) -> String {
    let Some(at) = listing::slot(seen) else { return "no place".to_owned() };
    let name = seen.member_name(at);
    match seen.pods.get(&at) {
        None => format!("no pod {name}"),
        Some(pod) if pod.deleting => format!("pod {name} is on its way out"),
        Some(pod) if pod.started.is_none() => {
            format!("pod {name} waits: {}", pod.waiting.as_deref().unwrap_or("it is starting"))
        }
        Some(pod) if !pod.named => format!("the name {name} does not lead to its pod yet"),
        Some(_) => format!("pod {name} is there"),
    }
}

fn object(seen: &Observed, part: Part, child: &Child) -> String {
    format!("{} {} {}", kind_of(part), name_of(part, &seen.name), child.told())
}

fn stateful_set(seen: &Observed) -> String {
    object(seen, Part::StatefulSet, &seen.objects.stateful_set)
}

fn claim(seen: &Observed, at: u32) -> String {
    format!("data-{}", seen.member_name(at))
}

fn leaving(claim: String, volume: &VolumeSeen) -> String {
    if volume.deleting { claim + " on its way out" } else { claim }
}

/// The identity on record, be it in the status or only in the template.
fn identity(seen: &Observed) -> String {
    let made = seen.objects.template.as_ref().and_then(|made| made.cluster_id.as_ref());
    match (&seen.memory.cluster_id, made) {
        (Some(id), _) => format!("identity {id} recorded"),
        (None, Some(id)) => format!("identity {id} in the template"),
        (None, None) => "no identity recorded".to_owned(),
    }
}

/// Who holds what, and who did not say.
fn revisions(seen: &Observed) -> String {
    let told = seen.looks.iter().map(|(&at, look)| match look.known() {
        Some(look) => format!("{} at revision {}", seen.member_name(at), look.revision),
        None => format!("{} does not answer", seen.member_name(at)),
    });
    listed(told, "no member has an address")
}

fn of_list(seen: &Observed, words: impl FnOnce(&Members) -> String) -> String {
    match (seen.members.known(), seen.members.unknown()) {
        (Some(list), _) => words(list),
        (None, why) => format!("member list unknown: {}", why.unwrap_or_default()),
    }
}

fn lists(seen: &Observed, list: &Members) -> String {
    // A member that never started has no name yet.
    let named = |name: &String| if name.is_empty() { "unnamed".to_owned() } else { name.clone() };
    let learners = list.learners.values().map(|name| format!("{} as a learner", named(name)));
    let there = listed(list.voters.keys().map(named).chain(learners), "nobody");
    let asked = listed(seen.ordinals().into_iter().map(|at| seen.member_name(at)), "nobody");
    format!("listed {there}; asked for {asked}")
}

fn answers(seen: &Observed, list: &Members) -> String {
    let other = seen.ordinals().into_iter().filter_map(|at| {
        let id = &seen.look(at)?.cluster_id;
        let answers = || format!("{} answers with cluster {id}", seen.member_name(at));
        (*id != list.cluster_id).then(answers)
    });
    let other = listed(other, "so is every member that answers");
    format!("the list is of cluster {}; {other}", list.cluster_id)
}

fn template(seen: &Observed) -> String {
    match seen.objects.template.as_ref().map(|made| made.cluster_id.as_ref()) {
        None => "no template seen".to_owned(),
        Some(None) => "the template names no identity".to_owned(),
        Some(Some(id)) => format!("the template names identity {id}"),
    }
}

fn fence(seen: &Observed) -> String {
    [stateful_set(seen), template(seen), identity(seen)].join(", ")
}

fn told(seen: &Observed) -> String {
    let behind = seen.pods.iter().filter(|(_, pod)| !pod.current);
    let behind: Vec<_> = behind.map(|(&at, _)| seen.member_name(at)).collect();
    if behind.is_empty() {
        "every pod is told".to_owned()
    } else {
        format!("not told: {}", behind.join(", "))
    }
}

fn in_step(seen: &Observed) -> String {
    match (&seen.memory.step, seen.memory.step_since) {
        (Some(step), Some(since)) => {
            let seconds = seen.now.duration_since(since).as_secs();
            format!("in {step} for {seconds} s, since {since}")
        }
        (None, _) | (_, None) => "in this step since now".to_owned(),
    }
}

fn refusals(seen: &Observed) -> impl Iterator<Item = String> {
    let silent = seen
        .pods
        .iter()
        .filter(|(at, _)| seen.ordinals().contains(at) && seen.look(**at).is_none());
    silent.filter_map(|(&at, pod)| Some(format!("{}: {}", seen.member_name(at), refusal(pod)?)))
}

fn refusal(pod: &PodSeen) -> Option<&'static str> {
    match pod.gate.as_ref()? {
        GateVerdict::DataLost { .. } => Some("its data is lost"),
        GateVerdict::StaleData { .. } => Some("its volume holds other data"),
        GateVerdict::New
        | GateVerdict::Join
        | GateVerdict::Existing
        | GateVerdict::NoDirective { .. }
        | GateVerdict::Unreadable { .. } => None,
    }
}

fn counted(seen: &Observed) -> &'static str {
    if seen.counted { "listed live" } else { "seen through watches only" }
}
