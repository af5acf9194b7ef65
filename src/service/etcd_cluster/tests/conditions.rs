//! PURE. What the conditions promise: never more than is so.

use super::status::{cluster, running};
use super::{look, turn};
use crate::crd::GateVerdict;
use crate::engine::{Machine, Settled};
use crate::service::Kind;
use crate::service::etcd_cluster::Cluster;
use crate::service::etcd_cluster::decide::guard::holds;
use crate::service::etcd_cluster::decide::machine::EtcdClusterMachine;
use crate::service::etcd_cluster::decide::vocabulary::{Guard, Reason, Step};
use crate::service::etcd_cluster::observe::observed::Observed;
use crate::service::etcd_cluster::report::conditions::conditions;
use crate::service::etcd_cluster::report::status::next;
use crate::service::etcd_cluster::worlds::bases::{self, fresh, healthy, provisioned, recorded};
use crate::service::etcd_cluster::worlds::{self, worlds};
use crate::service::said::fault;
use jiff::SignedDuration;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use std::str::FromStr;
use strum::IntoEnumIterator;

fn said(step: Step, held: &[Reason], seen: &Observed) -> [Condition; 3] {
    conditions(&[], Some(4), (step, held), seen).try_into().unwrap()
}

/// Status and reason of Available, Progressing and Degraded after a turn from `step`.
fn after(step: Step, seen: &Observed) -> String {
    let settled = turn(step, seen);
    let all = conditions(&[], Some(4), (settled.to, &settled.held), seen);
    all.iter().map(|at| format!("{} {}", at.status, at.reason)).collect::<Vec<_>>().join(", ")
}

/// Every claim in `Available=True`, each from the observation itself.
fn serves(seen: &Observed) -> bool {
    let template = seen.objects.template.as_ref().and_then(|made| made.cluster_id.clone());
    let recorded = seen.memory.cluster_id.clone();
    let voters = seen.ordinals();
    let following = |id: &str| {
        let follows = |at: &u32| {
            seen.pods.contains_key(at)
                && seen.look(*at).is_some_and(|look| {
                    Some(&look.cluster_id) == recorded.as_ref()
                        && look.leader.as_deref() == Some(id)
                })
        };
        voters.iter().filter(|&at| follows(at)).count()
    };
    let warned = |at: &u32| {
        seen.look(*at).is_some_and(|look| look.errors.iter().any(|it| it.contains("alarm:")))
    };
    recorded.is_some()
        && !voters.iter().any(warned)
        && template == recorded
        && ["m0", "m2"].into_iter().any(|leader| 2 * following(leader) > voters.len())
        && seen.serving_endpoints > 0
        && !seen.deleting
}

#[test]
fn available_is_said_of_exactly_what_serves_now() {
    let mut both = [0, 0];
    for (number, mut seen) in worlds().enumerate() {
        // No scenario that serves lacks an endpoint, so every third is taken it.
        seen.serving_endpoints = u32::from(number % 3 != 0);
        // A look without a pod has no address to come from.
        let pods = seen.pods.clone();
        seen.looks.retain(|at, _| pods.contains_key(at));
        for step in Step::iter() {
            let [available, ..] = said(step, &[], &seen);
            let begun = !matches!(step, Step::Provision | Step::Seal | Step::Reset);
            let so = serves(&seen) && begun;
            assert_eq!(available.status == "True", so, "{step:?} {available:?} {seen:?}");
            both[usize::from(so)] += 1;
        }
    }
    assert!(both[0] > 1000 && both[1] > 100, "{both:?}");
}

#[test]
fn a_settled_turn_never_hides_a_cluster_that_serves() {
    for seen in worlds().filter(|seen| serves(seen) && !seen.spec.paused) {
        let sealed = holds(Guard::Fenced, &seen) && holds(Guard::Counted, &seen);
        for from in Step::iter() {
            let settled = turn(from, &seen);
            let [available, ..] = said(settled.to, &settled.held, &seen);
            assert!(available.status == "True" || !sealed, "{from:?} {available:?} {seen:?}");
        }
    }
}

#[test]
fn the_life_of_a_cluster_in_conditions() {
    let down = || healthy(3).with_down(&[2]);
    for (step, seen, expected) in [
        (
            Step::Provision,
            fresh(3),
            "False MembersStarting, True MembersStarting, False AsExpected",
        ),
        (Step::Provision, fresh(0), "False SizeIsZero, False SizeIsZero, False AsExpected"),
        (Step::Seal, recorded(3), "False Sealing, True Sealing, False AsExpected"),
        (Step::Seal, healthy(3), "True QuorumServing, False Steady, False AsExpected"),
        // A creation that ends without a member is degraded from its first turn.
        (
            Step::Seal,
            down().in_step(Step::Seal),
            "True QuorumServing, False MemberDown, True MemberDown",
        ),
        (Step::QuorumLost, down(), "True QuorumServing, True QuorumReturned, True MemberDown"),
        (
            Step::Steady,
            healthy(3).with(|seen| seen.deleting = true),
            "False Deleting, True Deleting, False AsExpected",
        ),
    ] {
        assert_eq!(after(step, &seen), expected, "{step:?}");
    }
}

/// A paused cluster says all the same what is wrong with it.
#[test]
fn whatever_is_wrong_with_a_cluster_that_runs_is_said_also_while_it_is_paused() {
    let paused = |seen: Observed| seen.with(|seen| seen.spec.paused = true);
    let (one_down, one_unseen) = (|| healthy(3).with_down(&[2]), || healthy(3).with_unseen(&[2]));
    let lost = || healthy(3).with_down(&[0, 1]);
    let unserved = healthy(3).with(|seen| seen.serving_endpoints = 0);
    let full = healthy(3).with(|seen| look(seen, 1).errors = vec!["alarm:NOSPACE".to_owned()]);
    let unseen = healthy(3).with_unseen(&[0, 1]);
    for (seen, expected) in [
        (one_down(), "True QuorumServing, False MemberDown, True MemberDown"),
        (one_unseen(), "True QuorumServing, False MemberUnseen, Unknown MemberUnseen"),
        (unseen, "Unknown MembersUnseen, False MemberUnseen, Unknown MemberUnseen"),
        (lost(), "False QuorumLost, False QuorumLost, True QuorumLost"),
        (unserved, "False NoEndpoints, False Steady, False AsExpected"),
        (full, "False MemberAlarm, False MemberAlarm, True MemberAlarm"),
        (paused(healthy(3)), "True QuorumServing, False Paused, False AsExpected"),
        (paused(one_unseen()), "True QuorumServing, False Paused, Unknown MemberUnseen"),
        (paused(one_down()), "True QuorumServing, False Paused, True MemberDown"),
        (paused(lost()), "False QuorumLost, False Paused, True QuorumLost"),
        (paused(provisioned(3).with_down(&[1])), "False Paused, False Paused, False AsExpected"),
    ] {
        assert_eq!(after(Step::Steady, &seen), expected);
    }
}

#[test]
fn a_condition_keeps_its_time_while_its_status_stays_and_no_longer() {
    let at = |all: &[Condition]| all.iter().map(|at| at.last_transition_time.0).collect::<Vec<_>>();
    let seen = healthy(3);
    let first = conditions(&[], Some(4), (Step::Steady, &[]), &seen);
    assert_eq!(at(&first), [seen.now; 3]);
    let later = seen.clone().later(60).with_down(&[2]);
    let second = conditions(&first, Some(5), (Step::Steady, &[Reason::MemberDown]), &later);
    assert_eq!(at(&second), [seen.now, seen.now, later.now]);
    assert!(second.iter().all(|at| at.observed_generation == Some(5)));
    // Another reason alone is no transition.
    let third =
        conditions(&second, Some(5), (Step::Steady, &[Reason::MemberDataLost]), &later.later(9));
    assert_eq!(at(&third), at(&second));
    assert_eq!(
        (second[2].reason.as_str(), third[2].reason.as_str()),
        ("MemberDown", "MemberDataLost")
    );
}

/// Every settled turn there can be, with what it saw.
fn turns() -> impl Iterator<Item = (Settled<EtcdClusterMachine>, Observed)> {
    worlds::turns().map(|(from, seen)| (turn(from, &seen), seen))
}

#[test]
fn reasons_are_the_machines_and_messages_are_sentences_of_bounded_length() {
    let own = ["Creating", "MembersUnseen", "NoEndpoints", "QuorumServing", "AsExpected"];
    for (settled, seen) in turns() {
        for at in said(settled.to, &settled.held, &seen) {
            let known = own.contains(&at.reason.as_str())
                || Reason::from_str(&at.reason).is_ok()
                || Step::from_str(&at.reason).is_ok();
            assert!(known, "{at:?}");
            assert!(at.message.len() > 10 && at.message.len() <= 1024, "{at:?}");
            assert!(at.message.ends_with('.') && !at.message.contains("  "), "{at:?}");
            assert!(!at.message.contains(".. ") && !at.message.contains(": ."), "{at:?}");
        }
    }
}

#[test]
fn the_worst_status_of_the_largest_cluster_fits() {
    let detail = || "é".repeat(300);
    let mut seen = healthy(9);
    for at in 0..9 {
        seen = seen.with_refusal(at, GateVerdict::StaleData { detail: detail() });
        seen.pods.get_mut(&at).unwrap().waiting = Some(detail());
    }
    let nine = cluster(9);
    let members = seen.memory.members.clone();
    let identity = crate::service::etcd_cluster::decide::action::Record::Identity {
        cluster_id: bases::CLUSTER_ID.to_owned(),
        incarnation: 1,
        members,
        unborn: [].into(),
    };
    let lost = turn(Step::Steady, &seen);
    let path = lost.path.iter().cycle().take(20).cloned().collect();
    let turn = Settled { records: vec![identity], path, ..lost };
    let status = next(&nine, &seen, &turn);
    assert_eq!((status.members.len(), status.transitions.len()), (9, 20));
    let bytes = serde_json::to_vec(&status).unwrap().len();
    assert!(bytes < 32 * 1024, "{bytes}");
    assert!(status.conditions.iter().all(|at| at.message.len() <= 1024));
}

#[test]
fn a_fault_of_the_operator_is_degraded_beside_what_was_said_before() {
    let before = running();
    let now = healthy(3).now + SignedDuration::from_secs(5);
    let status = Cluster::fault(&before, "the machine still moved", now);
    let [available, progressing, degraded] = &status.conditions[..] else { unreachable!() };
    assert_eq!((available.status.as_str(), progressing.status.as_str()), ("True", "False"));
    assert_eq!((degraded.status.as_str(), degraded.reason.as_str()), ("True", "OperatorFault"));
    let message = "The operator failed at this object and left it alone: the machine still moved.";
    assert_eq!((degraded.message.as_str(), degraded.last_transition_time.0), (message, now));
    let again = fault(
        &status.conditions,
        Some(4),
        "the machine still moved",
        now + SignedDuration::from_secs(9),
    );
    assert_eq!(again, status.conditions);
    assert_eq!(EtcdClusterMachine::phase(Step::Steady), status.phase.unwrap());
}
