//! PURE. What is true of the machine in every step and every world.

use crate::engine::tests::is_sound;
use crate::engine::{Edge, Exploration, Machine, Verdict, explore, name, resume, settle};
use crate::service::app_service::decide::machine::AppServiceMachine;
use crate::service::app_service::decide::vocabulary::{Fact, Guard, Step};
use crate::service::app_service::observe::observed::Observed;
use crate::service::app_service::worlds::{turns, worlds};
use std::collections::BTreeSet;
use std::sync::LazyLock;
use strum::IntoEnumIterator;

static ALL: LazyLock<Exploration<AppServiceMachine>> = LazyLock::new(|| explore(turns()));

#[test]
fn the_machine_is_sound() {
    // That the number drifted is only so of a Deployment of ours.
    is_sound(&ALL, (Step::Assemble, Step::Serving), [Guard::NumberOurs]);
}

#[test]
fn every_fact_is_drawn_from_some_world() {
    let drawn: BTreeSet<Fact> =
        worlds().flat_map(|seen| AppServiceMachine::derive(&seen)).collect();
    assert_eq!(drawn, Fact::iter().collect());
}

#[test]
fn the_machine_settles_in_every_world_from_every_step_and_from_unknown_words() {
    for seen in worlds() {
        for from in Step::iter() {
            assert!(settle::<AppServiceMachine>(from, &seen).is_ok(), "{from:?} {seen:?}");
        }
        let from = resume::<AppServiceMachine>(Some("no such step"), &seen);
        assert!(settle::<AppServiceMachine>(from, &seen).is_ok(), "{seen:?}");
    }
}

#[test]
fn what_is_paused_deleted_or_not_known_orders_nothing_and_does_not_move() {
    for seen in worlds() {
        let still = seen.spec.paused || seen.deleting || seen.is_pin_unknown();
        for from in Step::iter().filter(|_| still) {
            let settled = settle::<AppServiceMachine>(from, &seen).unwrap();
            assert_eq!((settled.to, settled.actions, settled.records), (from, vec![], vec![]));
        }
    }
}

/// What is not known to be ours, and to be of this generation, is neither changed nor deleted.
#[test]
fn only_what_was_seen_to_be_ours_is_touched() {
    use crate::service::app_service::decide::action::Action;
    use crate::service::app_service::observe::observed::{Child, KeepPart};
    for seen in worlds() {
        let is_ours = |uid: &String| {
            let all = &seen.objects;
            let all = [&all.config_map, &all.service, &all.ingress, &all.deployment];
            all.into_iter().any(|child| {
                matches!(child, Child::Ours { uid: ours, deleting: false, .. } if ours == uid)
            })
        };
        for from in Step::iter() {
            for action in settle::<AppServiceMachine>(from, &seen).unwrap().actions {
                let uids: Vec<String> = match &action {
                    Action::Keep { parts } => parts
                        .iter()
                        .filter_map(|part| match part {
                            KeepPart::Create(_) => None,
                            KeepPart::Mend(_, uid, _) => Some(uid.clone()),
                        })
                        .collect(),
                    Action::Remove { parts } => parts.iter().map(|(_, uid)| uid.clone()).collect(),
                    Action::Scale { uid, .. } => vec![uid.clone()],
                };
                assert!(uids.iter().all(is_ours), "{from:?} {action:?}");
            }
        }
    }
}

#[test]
fn a_number_that_is_left_to_others_is_never_changed() {
    for seen in worlds().filter(|seen| seen.spec.replicas.is_none()) {
        for from in Step::iter() {
            let settled = settle::<AppServiceMachine>(from, &seen).unwrap();
            assert!(settled.actions.iter().all(|action| name(action) != "Scale"), "{seen:?}");
        }
    }
}

#[test]
fn a_revision_is_kept_only_once_all_its_pods_serve() {
    for seen in worlds() {
        for from in Step::iter() {
            let settled = settle::<AppServiceMachine>(from, &seen).unwrap();
            let kept = settled.records.iter().any(|record| name(record) == "RolloutDone");
            assert!(!kept || seen.is_rolled_out(), "{from:?} {seen:?}");
        }
    }
}

fn edges_that_record(record: &str) -> Vec<&'static Edge<AppServiceMachine>> {
    let records = |edge: &&Edge<AppServiceMachine>| edge.records.iter().any(|name| name == record);
    let edges: Vec<_> = ALL.edges().iter().filter(records).collect();
    assert!(!edges.is_empty(), "nothing records {record}");
    edges
}

#[test]
fn a_revision_is_taken_back_only_once_it_failed_where_the_user_wants_that() {
    for edge in edges_that_record("TakenBack") {
        let asked = [Guard::RollbackAutomatic, Guard::RollbackPossible].map(|guard| (guard, true));
        let at = (edge.from, edge.fact);
        assert_eq!(at, (Step::Stalled, Fact::DeadlinePassed), "{edge}");
        assert_eq!(edge.guards, asked, "{edge}");
    }
}

/// Whatever else is so: that another revision is to run is on record before anything is made of it.
#[test]
fn another_revision_is_on_record_before_anything_is_made_of_it() {
    for edge in ALL.decided().filter(|edge| edge.fact == Fact::RevisionChanged) {
        assert!(edge.actions.is_empty(), "{edge}");
        assert!(edge.from == Step::Assemble || edge.records == ["RevisionBegun"], "{edge}");
    }
    for edge in edges_that_record("RevisionBegun") {
        let is_free = edge.guards.contains(&(Guard::NamesFree, true));
        assert!(is_free || edge.fact == Fact::RevisionChanged, "{edge}");
    }
}

#[test]
fn a_service_that_never_served_is_being_created_whatever_its_spec_becomes() {
    for edge in ALL.decided().filter(|edge| edge.guards.contains(&(Guard::EverServed, false))) {
        assert_eq!(edge.verdict, Verdict::Moved(Step::Start), "{edge}");
    }
}

/// Kubernetes goes on telling of the last rollout for a while.
#[test]
fn the_deadline_of_a_rollout_before_the_one_on_record_fails_nothing() {
    let overdue = |seen: &Observed| AppServiceMachine::derive(seen).contains(&Fact::DeadlinePassed);
    let mut both = [0, 0];
    for seen in worlds().filter(|seen| seen.memory.revision_since.is_some()) {
        both[usize::from(overdue(&seen))] += 1;
        let begun_now = seen.with(|seen| seen.memory.revision_since = Some(seen.now));
        assert!(!overdue(&begun_now), "{begun_now:?}");
    }
    assert!(both.iter().all(|&count| count > 50), "{both:?}");
}

/// A pod that cannot come up fails a rollout, never what serves.
#[test]
fn what_serves_is_left_only_because_something_else_is_asked_for_or_fewer_serve() {
    for edge in ALL.edges().iter().filter(|edge| edge.from == Step::Serving) {
        let left = matches!(edge.verdict, Verdict::Moved(_));
        let causes =
            [Fact::RevisionChanged, Fact::NumberChanged, Fact::RolloutDone, Fact::PodsMissing];
        assert!(!left || causes.contains(&edge.fact), "{edge}");
    }
}
