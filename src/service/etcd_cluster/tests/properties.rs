//! PURE. What is true of the machine in every step, for every fact, in every world.

use crate::engine::{Edge, Exploration, Machine, explore, resume, settle};
use crate::service::etcd_cluster::machine::EtcdClusterMachine;
use crate::service::etcd_cluster::scenarios::worlds;
use crate::service::etcd_cluster::vocabulary::{Fact, Guard, Step};
use std::sync::LazyLock;
use strum::IntoEnumIterator;

static ALL: LazyLock<Exploration<EtcdClusterMachine>> = LazyLock::new(|| explore(worlds()));

fn edges_that_order(action: &str) -> Vec<&'static Edge<EtcdClusterMachine>> {
    let orders = |edge: &&Edge<EtcdClusterMachine>| edge.actions.iter().any(|name| name == action);
    ALL.edges().iter().filter(orders).collect()
}

#[test]
fn every_step_is_reached_from_the_first() {
    assert_eq!(ALL.reachable(Step::Provision), Step::iter().collect());
}

#[test]
fn every_step_can_come_to_run() {
    assert_eq!(ALL.cannot_reach(Step::Steady), [].into());
}

#[test]
fn every_step_decides_something() {
    assert_eq!(ALL.unhandled(), [].into());
}

#[test]
fn no_decision_hides_outside_the_named_guards() {
    assert_eq!(ALL.hidden(), Vec::<&[Edge<EtcdClusterMachine>]>::new());
}

#[test]
fn every_guard_is_seen_to_answer_both_ways() {
    assert_eq!(ALL.one_sided(), [].into());
}

#[test]
fn every_fact_is_drawn_from_some_world() {
    let drawn: std::collections::BTreeSet<Fact> =
        worlds().flat_map(|seen| EtcdClusterMachine::derive(&seen)).collect();
    assert_eq!(drawn, Fact::iter().collect());
}

#[test]
fn the_machine_settles_in_every_world_from_every_step_and_from_unknown_words() {
    for seen in worlds() {
        for from in Step::iter() {
            assert!(settle::<EtcdClusterMachine>(from, &seen).is_ok(), "{from:?} {seen:?}");
        }
        let from = resume::<EtcdClusterMachine>(Some("no such step"), &seen);
        assert!(settle::<EtcdClusterMachine>(from, &seen).is_ok(), "{seen:?}");
    }
}

#[test]
fn a_volume_is_deleted_only_from_a_birth_that_never_served_or_on_the_users_word() {
    for edge in edges_that_order("DeleteVolumes") {
        let asked_for =
            edge.fact == Fact::Deleted && edge.guards.contains(&(Guard::VolumesRetained, false));
        let never_served = edge.guards.contains(&(Guard::NeverServed, true));
        // Whoever was taken out can never join again.
        let superseded = edge.guards.contains(&(Guard::Counted, true))
            && (edge.guards.contains(&(Guard::SlotClean, false))
                || edge.guards.contains(&(Guard::RemovedGone, false)));
        assert!(asked_for || never_served || superseded, "{edge:?}");
        assert!(superseded || edge.guards.contains(&(Guard::StatefulSetGone, true)), "{edge:?}");
    }
}

#[test]
fn the_members_are_stopped_only_from_a_birth_that_never_served_or_on_the_users_word() {
    for edge in edges_that_order("DeleteStatefulSet") {
        let asked_for = edge.fact == Fact::Deleted;
        assert!(asked_for || edge.guards.contains(&(Guard::NeverServed, true)), "{edge:?}");
    }
}

#[test]
fn a_paused_object_orders_nothing_and_does_not_move() {
    for mut seen in worlds() {
        seen.spec.paused = true;
        for from in Step::iter() {
            let settled = settle::<EtcdClusterMachine>(from, &seen).unwrap();
            assert_eq!((settled.to, settled.actions, settled.records), (from, vec![], vec![]));
        }
    }
}

#[test]
fn nothing_is_recorded_or_destroyed_on_unknown_reads_alone() {
    use crate::engine::Known;
    use crate::service::etcd_cluster::observed::Child;
    for mut seen in worlds().filter(|seen| !seen.deleting) {
        let unknown = || Known::Unknown("timeout".to_owned());
        seen.looks.values_mut().for_each(|look| *look = unknown());
        seen.members = Known::Unknown("timeout".to_owned());
        seen.objects.stateful_set = Child::Unknown("timeout".to_owned());
        seen.objects.template = None;
        for from in Step::iter() {
            let settled = settle::<EtcdClusterMachine>(from, &seen).unwrap();
            let destroys = settled
                .actions
                .iter()
                .any(|action| crate::engine::name(action).starts_with("Delete"));
            // What is cleared away there is on record, and was counted.
            let clears = [Step::Reset, Step::CleanSlot, Step::ReleaseSlot].contains(&settled.to);
            assert!(!destroys || clears, "{from:?} {settled:?}");
            let names: Vec<_> = settled.records.iter().map(crate::engine::name).collect();
            assert!(!names.iter().any(|name| name == "Identity"), "{from:?} {settled:?}");
        }
    }
}

#[test]
fn a_recorded_identity_is_never_born_again() {
    for seen in worlds().filter(crate::service::etcd_cluster::observed::Observed::is_sealed) {
        for from in Step::iter() {
            let settled = settle::<EtcdClusterMachine>(from, &seen).unwrap();
            let names: Vec<_> = settled.records.iter().map(crate::engine::name).collect();
            assert!(!names.iter().any(|name| name == "NextIncarnation"), "{from:?} {settled:?}");
        }
    }
}
