//! PURE. What the cluster's machine decides, and what users are told of it.

mod cases;
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

use super::decide::machine::EtcdClusterMachine;
use super::decide::vocabulary::Step;
use super::observe::observed::{Look, Members, Observed};
use crate::crd::GateVerdict;
use crate::engine::{Known, Settled, settle};

/// One turn from a step.
fn turn(from: Step, seen: &Observed) -> Settled<EtcdClusterMachine> {
    settle(from, seen).unwrap()
}

/// etcd's list, which is known.
fn list(seen: &mut Observed) -> &mut Members {
    let Known::Known(list) = &mut seen.members else { unreachable!() };
    list
}

/// The answer of a member.
fn look(seen: &mut Observed, at: u32) -> &mut Look {
    let Some(Known::Known(look)) = seen.looks.get_mut(&at) else { unreachable!() };
    look
}

fn lost() -> GateVerdict {
    GateVerdict::DataLost { detail: "the volume is empty".to_owned() }
}

fn stale() -> GateVerdict {
    GateVerdict::StaleData { detail: "it is of member b-2".to_owned() }
}
