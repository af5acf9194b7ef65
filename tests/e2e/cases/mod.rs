//! SHELL. Every case, in the order they are run.

use crate::case::{Case, Run};

mod admission;
mod children;
mod conformance;
mod conformance_etcd;
mod corrupt;
mod create;
mod delete;
mod explain;
mod forgotten;
mod hibernate;
mod kept;
mod missing;
pub mod neighbours;
mod processes;
mod quorum;
mod replace;
mod scale;
mod services;
mod unknown;
mod wiped;

/// A case that shares the Kubernetes.
macro_rules! shared {
    ($name:literal, $run:path $(, $kind:ident)*) => {
        Case { $($kind: true,)* ..Case::plain($name, Run::Shared(|context| Box::pin($run(context)))) }
    };
}

/// A case that needs the Kubernetes to itself.
macro_rules! alone {
    ($name:literal, $run:path $(, $kind:ident)*) => {
        Case { $($kind: true,)* ..Case::plain($name, Run::Alone(|context| Box::pin($run(context)))) }
    };
}

/// Every case.
pub const ALL: &[Case] = &[
    Case::plain("conformance-etcd", Run::Bare(|bare| Box::pin(conformance_etcd::run(bare)))),
    shared!("create", create::run, smoke, local),
    shared!("conformance-api", conformance::api, smoke),
    shared!("explain", explain::run, smoke, local),
    shared!("admission", admission::creations, smoke),
    shared!("edits", admission::edits, smoke),
    shared!("unknown-step", unknown::run, smoke),
    shared!("status-lost", forgotten::run, local),
    shared!("image-missing", missing::image, smoke),
    shared!("storage-class-missing", missing::storage_class),
    shared!("foreign-service", missing::foreign_service, smoke),
    shared!("stale-volumes", missing::stale_volumes),
    shared!("data-wiped", wiped::data, smoke, local),
    shared!("birth-failed", wiped::at_birth, local),
    shared!("volume-wiped", wiped::volume, local),
    shared!("two-volumes-wiped", wiped::two_volumes, local),
    shared!("pvc-deleted", replace::volume_deleted),
    shared!("member-removed", replace::member_removed),
    shared!("bit-flipped", corrupt::bit_flipped, local),
    shared!("scale", scale::run, smoke),
    shared!("scale-no-room", scale::no_room, local),
    shared!("scale-leader", scale::leader),
    shared!("scale-flapping", scale::flapping),
    shared!("scale-killed-between", scale::killed_between, local),
    shared!("scale-operator-killed", scale::operator_killed, local),
    shared!("hibernate", hibernate::run),
    shared!("pods-deleted-at-once", kept::pods_deleted, local),
    shared!("oom", kept::crash_loop, local),
    shared!("operator-killed", processes::killed, smoke, local),
    shared!("children-deleted", children::deleted, smoke, local),
    alone!("quorum-lost", quorum::lost, smoke, local),
    alone!("node-restart", quorum::node_restart, local),
    alone!("node-gone", quorum::node_gone, local),
    alone!("node-lost", quorum::node_lost, local),
    shared!("paused", children::paused, local),
    shared!("delete", delete::retention, smoke),
    shared!("delete-dead", delete::dead, local),
    alone!("delete-namespace", delete::namespace),
    shared!("delete-operator-down", delete::operator_down, local),
    alone!("neighbours", neighbours::run, local),
    shared!("namespaced", processes::namespaced, local),
    shared!("leader", processes::leader, local),
    alone!("install", processes::install, local),
    shared!("service-create", services::create, smoke, local),
    shared!("service-rolls", services::rolls, smoke, local),
    shared!("service-removed", services::removed),
    shared!("service-bad-image", services::bad_image, smoke, local),
    shared!("service-drift", services::drift),
    shared!("service-operator-killed", services::killed, smoke, local),
];
