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

macro_rules! case {
    ($name:literal, $run:path $(, $kind:ident)*) => {
        Case { $($kind: true,)* ..Case::plain($name, |context| Box::pin($run(context))) }
    };
}

/// Every case.
pub const ALL: &[Case] = &[
    Case {
        name: "conformance-etcd",
        smoke: false,
        local: false,
        run: Run::Alone(|alone| Box::pin(conformance_etcd::run(alone))),
    },
    case!("create", create::run, smoke, local),
    case!("conformance-api", conformance::api, smoke),
    case!("explain", explain::run, smoke, local),
    case!("admission", admission::creations, smoke),
    case!("edits", admission::edits, smoke),
    case!("unknown-step", unknown::run, smoke),
    case!("image-missing", missing::image, smoke),
    case!("storage-class-missing", missing::storage_class),
    case!("foreign-service", missing::foreign_service, smoke),
    case!("stale-volumes", missing::stale_volumes),
    case!("data-wiped", wiped::data, smoke, local),
    case!("volume-wiped", wiped::volume, local),
    case!("two-volumes-wiped", wiped::two_volumes, local),
    case!("pvc-deleted", replace::volume_deleted),
    case!("member-removed", replace::member_removed),
    case!("bit-flipped", corrupt::bit_flipped, local),
    case!("scale", scale::run, smoke),
    case!("scale-no-room", scale::no_room, local),
    case!("scale-leader", scale::leader),
    case!("scale-flapping", scale::flapping),
    case!("scale-killed-between", scale::killed_between, local),
    case!("scale-operator-killed", scale::operator_killed, local),
    case!("hibernate", hibernate::run),
    case!("pods-deleted-at-once", kept::pods_deleted, local),
    case!("oom", kept::crash_loop, local),
    case!("operator-killed", processes::killed, smoke, local),
    case!("children-deleted", children::deleted, smoke, local),
    case!("quorum-lost", quorum::lost, smoke, local),
    case!("node-restart", quorum::node_restart, local),
    case!("node-gone", quorum::node_gone, local),
    case!("node-lost", quorum::node_lost, local),
    case!("paused", children::paused, local),
    case!("delete", delete::retention, smoke),
    case!("delete-dead", delete::dead, local),
    case!("delete-namespace", delete::namespace),
    case!("delete-operator-down", delete::operator_down, local),
    case!("neighbours", neighbours::run, local),
    case!("namespaced", processes::namespaced, local),
    case!("leader", processes::leader, local),
    case!("install", processes::install, local),
    case!("service-create", services::create, smoke, local),
    case!("service-rolls", services::rolls, smoke, local),
    case!("service-removed", services::removed),
    case!("service-bad-image", services::bad_image, smoke, local),
    case!("service-drift", services::drift),
    case!("service-operator-killed", services::killed, smoke, local),
];
