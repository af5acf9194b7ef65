//! PURE. What the cluster's machine decides, and what users are told of it.

mod conditions;
mod facts;
mod guards;
mod guards_of_members;
mod hashes;
mod health;
mod kind;
mod machine;
mod messages;
mod plan;
mod properties;
mod safety;
mod sight;
mod status;

use super::machine::EtcdClusterMachine;
use super::observed::Observed;
use super::vocabulary::Step;
use crate::engine::{Settled, settle};

/// One turn from a step.
fn turn(from: Step, seen: &Observed) -> Settled<EtcdClusterMachine> {
    settle(from, seen).unwrap()
}
