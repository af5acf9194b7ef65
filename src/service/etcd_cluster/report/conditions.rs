//! PURE. The conditions: what the step, the observation and the holds say to a user.

use super::messages;
use crate::resource::names;
use crate::service::etcd_cluster::decide::queries::alarms;
use crate::service::etcd_cluster::decide::queries::health::Health;
use crate::service::etcd_cluster::decide::vocabulary::{Reason, Step};
use crate::service::etcd_cluster::observe::observed::Observed;
use crate::service::said::{Said, dated};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;

/// Available, Progressing and Degraded. A condition that says what it said keeps its time.
pub fn conditions(
    old: &[Condition],
    generation: Option<i64>,
    (step, held): (Step, &[Reason]),
    seen: &Observed,
) -> Vec<Condition> {
    // A step that holds nothing yet says what it is about, so that the next turn need not.
    let standing: Vec<Reason> = about(step, seen).into_iter().collect();
    let held = if held.is_empty() { &standing } else { held };
    let said = [available(step, held, seen), progressing(step, held, seen), degraded(held, seen)];
    said.into_iter().map(|said| dated(said, old, generation, seen.now)).collect()
}

fn about(step: Step, seen: &Observed) -> Option<Reason> {
    match step {
        _ if seen.deleting => Some(Reason::Deleting),
        Step::AwaitQuorum => Some(Reason::MembersStarting),
        Step::Seal => Some(Reason::Sealing),
        Step::Reset => Some(Reason::ClearingLastTry),
        Step::QuorumLost => Some(Reason::QuorumLost),
        Step::Bootstrap => Some(Reason::RetriesExhausted),
        Step::Corrupt => Some(Reason::DataDiverges),
        Step::Settle => Some(Reason::QuorumReturned),
        Step::Steady => unwell(seen),
        Step::Hibernated => Some(Reason::Hibernated),
        Step::CleanSlot | Step::ReleaseSlot => Some(Reason::SlotReleasing),
        Step::AddLearner => Some(Reason::LearnerJoining),
        Step::CatchUp => Some(Reason::LearnerBehind),
        Step::Promote => Some(Reason::LearnerPromoting),
        Step::DropLearner | Step::RemoveMember | Step::Evict => Some(Reason::MemberLeaving),
        Step::Sleep => Some(Reason::FallingAsleep),
        Step::Wake => Some(Reason::WakingUp),
        Step::Provision => None,
    }
}

/// What is wrong with the members of a recorded cluster, whether or not the machine waits for it.
fn unwell(seen: &Observed) -> Option<Reason> {
    let any = |health| seen.is_sealed() && !seen.in_health(health).is_empty();
    match () {
        () if seen.is_sealed() && seen.has_lost_quorum() => Some(Reason::QuorumLost),
        () if any(Health::Down) => Some(Reason::MemberDown),
        () if any(Health::Unknown) => Some(Reason::MemberUnseen),
        () => None,
    }
}

/// True only if quorum answers now and takes writes, no member can start anew, and clients are sent
/// to a member.
fn available(step: Step, held: &[Reason], seen: &Observed) -> Said {
    let say = |status, reason: &str, message: String| Said {
        kind: "Available",
        status,
        reason: reason.to_owned(),
        message,
    };
    if seen.deleting {
        return say("False", "Deleting", messages::hold(Reason::Deleting, seen));
    }
    if !seen.is_sealed() || matches!(step, Step::Seal | Step::Reset | Step::Provision) {
        let (reason, message) = first(held, seen, "Creating", "The cluster is being created.");
        return say("False", &reason, message);
    }
    if matches!(step, Step::Sleep | Step::Hibernated | Step::Wake) && !seen.has_quorum() {
        let (reason, message) = first(held, seen, "Hibernated", "No member runs.");
        return say("False", &reason, message);
    }
    if seen.has_lost_quorum() {
        return say("False", "QuorumLost", messages::hold(Reason::QuorumLost, seen));
    }
    if !seen.has_quorum() {
        let message = "Too few members answered the last look to tell.".to_owned();
        return say("Unknown", "MembersUnseen", message);
    }
    if alarms::refuses_writes(seen) {
        return say("False", "MemberAlarm", messages::hold(Reason::MemberAlarm, seen));
    }
    let url = url_of(seen);
    let template = seen.objects.template.as_ref();
    let fenced = template.is_some_and(|made| made.cluster_id == seen.memory.cluster_id);
    if seen.serving_endpoints == 0 || !fenced {
        let message = format!("Quorum holds; no member is ready to take clients at {url} yet.");
        return say("False", "NoEndpoints", message);
    }
    say("True", "QuorumServing", format!("Quorum holds; clients are served at {url}."))
}

/// As `names::client_endpoint` says it of the cluster itself.
fn url_of(seen: &Observed) -> String {
    format!("http://{}-client.{}.svc:{}", seen.name, seen.namespace, names::CLIENT_PORT)
}

fn progressing(step: Step, held: &[Reason], seen: &Observed) -> Said {
    let under_way = match step {
        Step::Provision
        | Step::AwaitQuorum
        | Step::Seal
        | Step::Reset
        | Step::CleanSlot
        | Step::AddLearner
        | Step::CatchUp
        | Step::Promote
        | Step::DropLearner
        | Step::RemoveMember
        | Step::ReleaseSlot
        | Step::Sleep
        | Step::Wake
        | Step::Settle
        | Step::Evict => true,
        Step::Steady | Step::Hibernated | Step::QuorumLost | Step::Bootstrap | Step::Corrupt => {
            seen.deleting
        }
    };
    let waits_for_user = |reason: &Reason| {
        matches!(
            reason,
            Reason::Paused
                | Reason::SizeIsZero
                | Reason::ForeignObject
                | Reason::StaleVolume
                | Reason::VolumeMissing
        )
    };
    let progresses = under_way && !held.first().is_some_and(waits_for_user);
    let name: &str = step.into();
    let (reason, message) = first(held, seen, name, "Nothing is being changed.");
    Said {
        kind: "Progressing",
        status: if progresses { "True" } else { "False" },
        reason,
        message: if under_way && held.is_empty() { messages::entered(step, seen) } else { message },
    }
}

/// True for whatever a person who runs etcd would want to be woken for.
fn degraded(held: &[Reason], seen: &Observed) -> Said {
    // While the user holds the operator back nothing else is held, and is wrong all the same.
    let hidden = unwell(seen).filter(|_| seen.spec.paused && !seen.deleting);
    let worst = held.iter().copied().find(|reason| reason.degrades()).or(hidden);
    let (status, reason, message) = match worst {
        Some(reason) if reason == Reason::MemberUnseen => {
            ("Unknown", reason, messages::hold(reason, seen))
        }
        Some(reason) => ("True", reason, messages::hold(reason, seen)),
        None => {
            let message = "Nothing is known to be wrong.".to_owned();
            let reason = "AsExpected".to_owned();
            return Said { kind: "Degraded", status: "False", reason, message };
        }
    };
    Said { kind: "Degraded", status, reason: <&str>::from(reason).to_owned(), message }
}

fn first(held: &[Reason], seen: &Observed, reason: &str, message: &str) -> (String, String) {
    match held.first() {
        Some(&held) => (<&str>::from(held).to_owned(), messages::hold(held, seen)),
        None => (reason.to_owned(), message.to_owned()),
    }
}
