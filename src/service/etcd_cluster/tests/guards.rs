//! PURE. Each guard both ways, and what it says it looked at.

use super::cases::{Case, in_step};
use super::guards_of_members::{of_a_member, of_a_slot, of_the_data};
use super::{list, look};
use crate::crd::{GateVerdict, Retention};
use crate::engine::Known;
use crate::service::etcd_cluster::decide::evidence::saw;
use crate::service::etcd_cluster::decide::guard::holds;
use crate::service::etcd_cluster::decide::vocabulary::Guard;
use crate::service::etcd_cluster::observe::observed::{Birth, Child, Observed};
use crate::service::etcd_cluster::worlds::bases::{
    formed, fresh, given_up, healthy, provisioned, recorded, returning,
};
use crate::service::etcd_cluster::worlds::worlds;
use strum::IntoEnumIterator;

/// A birth whose members started 3 seconds ago and never agreed.
fn unformed() -> Observed {
    formed(3).with(|seen| seen.members = Known::Unknown("no leader".to_owned()))
}

/// The waits before the tries: 300 seconds for the birth, and 10 before the first retry.
const FAILED_AND_DUE: i64 = 307;

/// An observation that satisfies the guard, and one that just misses it.
#[allow(clippy::too_many_lines, reason = "a table, one row for each guard")]
fn cases(guard: Guard) -> (Case, Case) {
    let all = [
        of_the_birth,
        of_the_members,
        of_a_member,
        of_a_slot,
        of_the_data,
        of_the_pods,
        of_the_parts,
    ];
    all.iter().find_map(|cases| cases(guard)).unwrap()
}

fn of_the_birth(guard: Guard) -> Option<(Case, Case)> {
    Some(match guard {
        Guard::SizeAboveZero => ((fresh(1), "spec.size 1"), (fresh(0), "spec.size 0")),
        Guard::NamesFree => {
            let foreign = Child::Foreign { owner: "Deployment web".to_owned() };
            let taken = fresh(3).with(|seen| seen.objects.client_service = foreign);
            ((healthy(3), "all names free"), (taken, "Service a-client belongs to Deployment web"))
        }
        Guard::VolumesClean => {
            let stale = given_up(3).with(|seen| {
                seen.volumes.get_mut(&1).unwrap().incarnation = Some(2);
            });
            ((given_up(3), "no volume of another birth"), (stale, "data-a-1"))
        }
        Guard::BirthKnown => {
            let second = provisioned(3).with(|seen| {
                seen.memory.birth = Birth::Unrecorded;
                seen.objects.template.as_mut().unwrap().incarnation = 2;
            });
            let (known, found) = ("birth 1 is on record, 1 is found", "2 is found");
            ((provisioned(3), known), (second, found))
        }
        Guard::VolumesNew => {
            let resumed = given_up(3).with(|seen| seen.memory.birth = Birth::Resumed);
            ((given_up(3), "no volume was there before"), (resumed, "data-a-0, data-a-1, data-a-2"))
        }
        Guard::VolumesWhole => {
            let lacking = given_up(3).with(|seen| drop(seen.volumes.remove(&1)));
            let (all, two) = ("data-a-0, data-a-1, data-a-2", "spec.size 3, data-a-0, data-a-2");
            ((given_up(3), all), (lacking, two))
        }
        Guard::Resumed => {
            let resumed = given_up(3).with(|seen| seen.memory.birth = Birth::Resumed);
            ((resumed, "volumes were there before"), (given_up(3), "no volume was there before"))
        }
        Guard::NobodyServed => {
            let served = formed(3).with(|seen| seen.serving_endpoints = 2);
            ((formed(3), "0 serving endpoints"), (served, "2 serving endpoints"))
        }
        Guard::NeverServed => {
            let written = formed(3).with(|seen| look(seen, 2).revision = 2);
            let none = "no identity recorded, 0 serving endpoints, a-0 at revision 1, ";
            ((formed(3), none), (written, "a-2 at revision 2"))
        }
        Guard::RetriesLeft => {
            let spent = fresh(3).with(|seen| seen.memory.attempts = 3);
            let last = fresh(3).with(|seen| seen.memory.attempts = 2);
            ((last, "2 of 3 used"), (spent, "3 of 3 used"))
        }
        Guard::RetryDue => (
            (unformed().later(FAILED_AND_DUE), "due at 1970-01-01T00:21:47Z"),
            (unformed().later(FAILED_AND_DUE - 1), "due at 1970-01-01T00:21:47Z"),
        ),
        _ => return None,
    })
}

fn of_the_members(guard: Guard) -> Option<(Case, Case)> {
    Some(match guard {
        Guard::EveryMemberListed => {
            let other = formed(3).with(|seen| {
                list(seen).voters.remove("a-2");
                list(seen).voters.insert("b-2".to_owned(), "m2".to_owned());
            });
            let asked = "; asked for a-0, a-1, a-2";
            ((formed(3), asked), (other, "listed a-0, a-1, b-2; asked for a-0, a-1, a-2"))
        }
        Guard::OneCluster => {
            let two = formed(3).with(|seen| "c2".clone_into(&mut look(seen, 1).cluster_id));
            let all = "the list is of cluster c1; so is every member that answers";
            ((formed(3), all), (two, "a-1 answers with cluster c2"))
        }
        Guard::EveryMemberHealthy => (
            (formed(3), "3 of 3 follow one leader"),
            (formed(3).with_down(&[2]), "2 of 3 follow one leader"),
        ),
        Guard::Quorum => (
            (formed(3).with_down(&[2]), "2 of 3 follow one leader"),
            (formed(3).with_unseen(&[1, 2]), "1 of 3 follow one leader"),
        ),
        Guard::Fenced => {
            let behind = healthy(3).with(|seen| seen.pods.get_mut(&1).unwrap().current = false);
            ((healthy(3), "every pod is told"), (behind, "not told: a-1"))
        }
        Guard::TemplateFenced => (
            (
                healthy(3),
                "StatefulSet a is ours, the template names identity c1, identity c1 recorded",
            ),
            (recorded(3), "differs at spec.replicas, the template names no identity"),
        ),
        Guard::TemplateNamesIdentity => (
            (healthy(3), "the template names identity c1"),
            (formed(3), "the template names no identity"),
        ),
        Guard::StragglersAwaited => (
            (in_step("Seal", 300), "in Seal for 300 s, since 1970-01-01T00:11:40Z"),
            (in_step("Seal", 299), "since 1970-01-01T00:11:41Z"),
        ),
        Guard::QuorumLasted => {
            ((in_step("Settle", 10), "for 10 s, "), (in_step("Settle", 9), "for 9 s, "))
        }
        Guard::ListFresh => {
            let other = healthy(3).with(|seen| "c2".clone_into(&mut list(seen).cluster_id));
            (
                (healthy(3), "of cluster c1, recorded is c1"),
                (other, "of cluster c2, recorded is c1"),
            )
        }
        _ => return None,
    })
}

fn of_the_pods(guard: Guard) -> Option<(Case, Case)> {
    Some(match guard {
        Guard::Counted => (
            (fresh(3), "listed live"),
            (fresh(3).with(|seen| seen.counted = false), "through watches only"),
        ),
        Guard::MemberRefuses => {
            let lost = GateVerdict::DataLost { detail: String::new() };
            (
                (formed(3).with_refusal(1, lost), "a-1: its data is lost"),
                (formed(3), "no gate refuses"),
            )
        }
        Guard::MembersStarted => {
            let two = formed(3).with(|seen| seen.pods.get_mut(&0).unwrap().started = None);
            ((formed(3), "3 of 3 started"), (two, "2 of 3 started"))
        }
        Guard::NothingPending => {
            let waits = provisioned(3).with(|seen| {
                seen.pods.get_mut(&2).unwrap().waiting = Some("no node".to_owned());
            });
            ((provisioned(3), "none waits"), (waits, "a-2"))
        }
        _ => return None,
    })
}

fn of_the_parts(guard: Guard) -> Option<(Case, Case)> {
    Some(match guard {
        Guard::StatefulSetOurs => {
            let foreign = Child::Foreign { owner: "nobody".to_owned() };
            let taken = fresh(3).with(|seen| seen.objects.stateful_set = foreign);
            ((healthy(3), "StatefulSet a is ours"), (taken, "belongs to nobody"))
        }
        Guard::StatefulSetGone => {
            ((given_up(3), "StatefulSet a is absent"), (healthy(3), "is ours"))
        }
        Guard::PodsGone => ((given_up(3), "0 pods, listed live"), (healthy(3), "3 pods")),
        Guard::OrphansLeft => {
            let of = |owned, deleting| {
                healthy(3).with(|seen| {
                    seen.pods.values_mut().for_each(|pod| pod.owned = true);
                    let one = seen.pods.get_mut(&1).unwrap();
                    (one.owned, one.deleting) = (owned, deleting);
                })
            };
            let leaves = "none without a StatefulSet, listed live";
            ((of(false, false), "a-1, listed live"), (of(false, true), leaves))
        }
        Guard::OrphansWanted => {
            let of = |size| returning().with(|seen| seen.spec.size = size);
            (
                (of(3), "spec.size 3, a-0, a-1, a-2, listed live"),
                (of(1), "spec.size 1, a-0, a-1, a-2, listed live"),
            )
        }
        Guard::VolumesGone => {
            let strangers = given_up(3)
                .with(|seen| seen.volumes.values_mut().for_each(|at| at.cluster_uid = None));
            ((strangers, "none left"), (given_up(1), "data-a-0"))
        }
        Guard::VolumesLeaving => {
            let leaving = given_up(2)
                .with(|seen| seen.volumes.values_mut().for_each(|at| at.deleting = true));
            let one = given_up(2).with(|seen| seen.volumes.get_mut(&0).unwrap().deleting = true);
            let both = "data-a-0 on its way out, data-a-1 on its way out";
            ((leaving, both), (one, "data-a-0 on its way out, data-a-1, listed live"))
        }
        Guard::VolumesRetained => {
            let delete = fresh(3).with(|seen| seen.spec.retention = Retention::Delete);
            ((fresh(3), "retention Retain"), (delete, "spec.storage.retention Delete"))
        }
        Guard::Finalizer => ((healthy(3), "present"), (fresh(3), "absent")),
        Guard::SpecCurrent => {
            let another = healthy(3).with(|seen| "hash-2".clone_into(&mut seen.spec.hash));
            let unmade = "spec hash-1, made from nothing yet";
            ((fresh(3), unmade), (another, "spec hash-2, made from hash-1"))
        }
        _ => return None,
    })
}

#[test]
fn every_guard_holds_where_its_claim_is_so_and_nowhere_else() {
    for guard in Guard::iter() {
        let ((so, _), (not_so, _)) = cases(guard);
        assert!(holds(guard, &so), "{guard:?} does not hold: {}", saw(guard, &so));
        assert!(!holds(guard, &not_so), "{guard:?} holds: {}", saw(guard, &not_so));
    }
}

#[test]
fn every_guard_says_what_it_looked_at_both_ways() {
    for guard in Guard::iter() {
        let ((so, words), (not_so, other)) = cases(guard);
        for (seen, words) in [(so, words), (not_so, other)] {
            let said = saw(guard, &seen);
            assert!(said.contains(words), "{guard:?} says {said:?}, not {words:?}");
        }
    }
}

/// A word that only Rust's debug format writes.
const DEBUG: [&str; 6] = ["Some(", "None", "Known", "{", "[", "\""];

#[test]
fn what_a_guard_saw_is_told_in_words_in_every_world() {
    for seen in worlds() {
        for guard in Guard::iter() {
            let said = saw(guard, &seen);
            assert!(!said.is_empty(), "{guard:?}");
            assert!(!DEBUG.iter().any(|word| said.contains(word)), "{guard:?} says {said}");
        }
    }
}

/// Nothing that is read from afar could be read.
fn unknown(seen: Observed) -> Observed {
    seen.with(|seen| {
        let why = || "timeout".to_owned();
        seen.looks.values_mut().for_each(|look| *look = Known::Unknown(why()));
        seen.members = Known::Unknown(why());
        let objects = &mut seen.objects;
        for child in [
            &mut objects.peer_service,
            &mut objects.client_service,
            &mut objects.disruption_budget,
            &mut objects.stateful_set,
        ] {
            *child = Child::Unknown(why());
        }
        objects.template = None;
    })
}

#[test]
fn what_is_unknown_satisfies_no_guard() {
    let claims = [
        Guard::NamesFree,
        Guard::EveryMemberListed,
        Guard::OneCluster,
        Guard::EveryMemberHealthy,
        Guard::Quorum,
        Guard::Fenced,
        Guard::TemplateFenced,
        Guard::ListFresh,
        Guard::StatefulSetOurs,
        Guard::StatefulSetGone,
        Guard::SpecCurrent,
        Guard::TemplateNamesIdentity,
        Guard::RetryDue,
    ];
    for scenario in [fresh, provisioned, given_up, formed, recorded, healthy] {
        for guard in claims {
            let seen = unknown(scenario(3)).later(100_000);
            assert!(!holds(guard, &seen), "{guard:?}: {}", saw(guard, &seen));
        }
    }
    assert_eq!(saw(Guard::ListFresh, &unknown(healthy(3))), "member list unknown: timeout");
}

#[test]
fn what_watches_do_not_show_may_be_there() {
    for guard in [Guard::PodsGone, Guard::VolumesGone, Guard::VolumesLeaving] {
        let counted = given_up(3).with(|seen| seen.volumes.clear());
        assert!(holds(guard, &counted), "{guard:?}");
        assert!(!holds(guard, &counted.with(|seen| seen.counted = false)), "{guard:?}");
    }
}

#[test]
fn the_list_must_name_every_ordinal_and_nobody_else() {
    let learner = formed(3).with(|seen| {
        list(seen).learners.insert("m9".to_owned(), "a-9".to_owned());
    });
    let more = formed(3).with(|seen| {
        list(seen).voters.insert("a-3".to_owned(), "m3".to_owned());
    });
    let fewer = formed(3).with(|seen| drop(list(seen).voters.remove("a-1")));
    for seen in [learner, more, fewer] {
        assert!(!holds(Guard::EveryMemberListed, &seen), "{:?}", seen.members);
    }
}

#[test]
fn each_sign_that_a_client_may_have_written_ends_never_served() {
    let recorded = formed(3).with(|seen| seen.memory.cluster_id = Some("c1".to_owned()));
    let fenced = healthy(3).with(|seen| {
        (seen.memory.cluster_id, seen.serving_endpoints) = (None, 0);
    });
    let endpoint = formed(3).with(|seen| seen.serving_endpoints = 1);
    for seen in [recorded, fenced, endpoint] {
        assert!(!holds(Guard::NeverServed, &seen), "{}", saw(Guard::NeverServed, &seen));
    }
    assert!(holds(Guard::NeverServed, &fresh(3)));
}

#[test]
fn a_volume_on_its_way_out_is_not_clean_and_neither_is_a_strangers() {
    for at in 0..3 {
        let leaving = given_up(3).with(|seen| seen.volumes.get_mut(&at).unwrap().deleting = true);
        let strange = given_up(3).with(|seen| {
            seen.volumes.get_mut(&at).unwrap().cluster_uid = Some("uid-2".to_owned());
        });
        assert!(!holds(Guard::VolumesClean, &leaving));
        assert!(!holds(Guard::VolumesClean, &strange));
    }
}

/// Found by the model check: an edit that came right after the status was lost is too late, but
/// kept the cluster from being sealed.
#[test]
fn a_template_of_another_spec_fences_if_it_tells_what_it_should() {
    let edited = || {
        healthy(3).with(|seen| {
            seen.objects.stateful_set = recorded(3).objects.stateful_set;
            "another".clone_into(&mut seen.spec.hash);
        })
    };
    assert!(holds(Guard::TemplateFenced, &edited()));
    let unborn = edited().with(|seen| seen.memory.unborn = ["a-1".to_owned()].into());
    let unread = edited().with(|seen| seen.objects.stateful_set = Child::Unknown(String::new()));
    for seen in [unborn, unread] {
        assert!(!holds(Guard::TemplateFenced, &seen));
    }
}

#[test]
fn the_template_fences_only_if_the_stateful_set_is_just_what_it_should_be() {
    let drifted =
        healthy(3).with(|seen| seen.objects.stateful_set = recorded(3).objects.stateful_set);
    let other = healthy(3).with(|seen| {
        seen.objects.template.as_mut().unwrap().cluster_id = Some("c2".to_owned());
    });
    let forgotten = healthy(3).with(|seen| seen.memory.cluster_id = None);
    for seen in [drifted, other, forgotten] {
        assert!(!holds(Guard::TemplateFenced, &seen), "{}", saw(Guard::TemplateFenced, &seen));
        assert!(!holds(Guard::Fenced, &seen));
    }
}

#[test]
fn a_step_just_entered_has_lasted_for_no_time_whatever_the_one_before_did() {
    assert!(holds(Guard::StragglersAwaited, &in_step("AwaitQuorum", 300)));
    assert!(!holds(Guard::StragglersAwaited, &in_step("Settle", 9000)));
    assert!(!holds(Guard::QuorumLasted, &in_step("Seal", 9000)));
    let unrecorded = in_step("Settle", 0).with(|seen| seen.memory.step_since = None);
    assert!(!holds(Guard::QuorumLasted, &unrecorded.clone().later(9000)));
    assert_eq!(saw(Guard::QuorumLasted, &unrecorded), "in this step since now");
}

/// Seconds from the failure of a birth until its next try, by the tries used up.
fn wait_after(attempts: u32, change: impl Fn(&mut Observed)) -> i64 {
    let due = |seconds: &i64| {
        let seen = unformed().with(|seen| seen.memory.attempts = attempts).with(&change);
        holds(Guard::RetryDue, &seen.later(297 + seconds))
    };
    (0..1000).find(due).unwrap()
}

#[test]
fn each_wait_is_longer_than_the_last_up_to_the_longest() {
    let waits = [0, 1, 2, 3, 4, 5, 6, u32::MAX].map(|attempts| wait_after(attempts, |_| {}));
    assert_eq!(waits, [10, 20, 40, 80, 160, 300, 300, 300]);
    assert_eq!(wait_after(9, |seen| seen.spec.recovery.backoff_factor = 1), 10);
}

#[test]
fn a_started_member_that_crashes_is_not_pending() {
    let refused = formed(3).with_refusal(1, GateVerdict::New).with(|seen| {
        seen.pods.get_mut(&1).unwrap().waiting = Some("CrashLoopBackOff".to_owned());
    });
    assert!(holds(Guard::NothingPending, &refused));
    assert_eq!(saw(Guard::RetryDue, &refused), "not failed");
}
