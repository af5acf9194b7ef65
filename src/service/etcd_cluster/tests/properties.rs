//! PURE. What is true of the machine in every step and every world.

use super::turn;
use crate::engine::tests::is_sound;
use crate::engine::{Edge, Exploration, Known, Machine, explore, name, resume, settle};
use crate::service::etcd_cluster::decide::machine::EtcdClusterMachine;
use crate::service::etcd_cluster::decide::vocabulary::{Fact, Guard, Step};
use crate::service::etcd_cluster::observe::observed::Child;
use crate::service::etcd_cluster::worlds::{turns, worlds};
use std::collections::BTreeSet;
use std::sync::LazyLock;
use strum::IntoEnumIterator;

/// Every edge that a turn can take.
pub(super) static ALL: LazyLock<Exploration<EtcdClusterMachine>> =
    LazyLock::new(|| explore(turns()));

pub(super) fn edges_that_order(action: &str) -> Vec<&'static Edge<EtcdClusterMachine>> {
    let orders = |edge: &&Edge<EtcdClusterMachine>| edge.actions.iter().any(|name| name == action);
    ALL.edges().iter().filter(orders).collect()
}

#[test]
fn the_machine_is_sound() {
    // That the status was lost is only so where the template names an identity.
    is_sound(&ALL, (Step::Provision, Step::Steady), [Guard::TemplateNamesIdentity]);
}

#[test]
fn every_fact_is_drawn_from_some_world() {
    let drawn: BTreeSet<Fact> =
        worlds().flat_map(|seen| EtcdClusterMachine::derive(&seen)).collect();
    assert_eq!(drawn, Fact::iter().collect());
}

#[test]
fn the_machine_settles_in_every_world_from_every_step_and_from_unknown_words() {
    for (from, seen) in turns() {
        assert!(settle::<EtcdClusterMachine>(from, &seen).is_ok(), "{from:?} {seen:?}");
    }
    for seen in worlds() {
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
fn the_members_are_stopped_only_from_a_birth_that_serves_nobody_or_on_the_users_word() {
    for edge in edges_that_order("DeleteStatefulSet") {
        let asked_for = edge.fact == Fact::Deleted;
        let never_served = edge.guards.contains(&(Guard::NeverServed, true));
        let again = edge.fact == Fact::SpecChanged
            && edge.guards.contains(&(Guard::Resumed, true))
            && edge.guards.contains(&(Guard::NobodyServed, true));
        assert!(asked_for || never_served || again, "{edge:?}");
    }
}

#[test]
fn a_paused_object_orders_nothing_and_does_not_move() {
    for (from, mut seen) in turns() {
        seen.spec.paused = true;
        let settled = turn(from, &seen);
        assert_eq!((settled.to, settled.actions, settled.records), (from, vec![], vec![]));
    }
}

#[test]
fn nothing_is_recorded_or_destroyed_on_unknown_reads_alone() {
    for (from, mut seen) in turns().filter(|(_, seen)| !seen.deleting) {
        let unknown = || Known::Unknown("timeout".to_owned());
        seen.looks.values_mut().for_each(|look| *look = unknown());
        seen.members = Known::Unknown("timeout".to_owned());
        seen.objects.stateful_set = Child::Unknown("timeout".to_owned());
        seen.objects.template = None;
        let settled = turn(from, &seen);
        let destroys = settled.actions.iter().any(|action| name(action).starts_with("Delete"));
        // What is cleared away there is on record, and was counted.
        let clears = [Step::Reset, Step::CleanSlot, Step::ReleaseSlot].contains(&settled.to);
        assert!(!destroys || clears, "{from:?} {settled:?}");
        assert!(!settled.records.iter().any(|record| name(record) == "Identity"), "{settled:?}");
    }
}

#[test]
fn a_recorded_identity_is_never_born_again() {
    for (from, seen) in turns().filter(|(_, seen)| seen.is_sealed()) {
        let settled = turn(from, &seen);
        let again = |record| name(record) == "NextIncarnation";
        assert!(!settled.records.iter().any(again), "{from:?} {settled:?}");
    }
}
