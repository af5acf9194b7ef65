//! PURE. What is true of the machine in every step, for every fact, in every world.

use crate::engine::{Edge, Exploration, Machine, explore, name, resume, settle};
use crate::service::app_service::machine::AppServiceMachine;
use crate::service::app_service::scenarios::worlds;
use crate::service::app_service::vocabulary::{Fact, Step};
use std::collections::BTreeSet;
use std::sync::LazyLock;
use strum::IntoEnumIterator;

static ALL: LazyLock<Exploration<AppServiceMachine>> = LazyLock::new(|| explore(worlds()));

#[test]
fn every_step_is_reached_from_the_first() {
    assert_eq!(ALL.reachable(Step::Assemble), Step::iter().collect());
}

#[test]
fn every_step_can_come_to_serve() {
    assert_eq!(ALL.cannot_reach(Step::Serving), [].into());
}

#[test]
fn every_step_decides_something() {
    assert_eq!(ALL.unhandled(), [].into());
}

#[test]
fn no_decision_hides_outside_the_named_guards() {
    assert_eq!(ALL.hidden(), Vec::<&[Edge<AppServiceMachine>]>::new());
}

#[test]
fn every_guard_is_seen_to_answer_both_ways() {
    assert_eq!(ALL.one_sided(), [].into());
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
    use crate::service::app_service::action::Action;
    use crate::service::app_service::observed::{Child, KeepPart};
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
