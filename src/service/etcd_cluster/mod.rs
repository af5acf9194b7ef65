//! SHELL. `EtcdCluster`: the machine and its two shells.
//!
//! | file | what |
//! |---|---|
//! | `observed` | the snapshot a turn decides on |
//! | `vocabulary` | steps, facts, guards, reasons |
//! | `fact` | what is so, in order of urgency |
//! | `health` | who is alive, as far as it is known |
//! | `hashes` | whether the members hold the same data |
//! | `roster` | who is a member by the record, by etcd's list, by the spec |
//! | `guard`, `saw` | what each guard means, and what it looked at |
//! | `action` | what the machine may order and remember |
//! | `machine/` | the phases, one file each |
//! | `plan` | what the parts should be |
//! | `status`, `conditions`, `messages` | what users read |
//! | `scenarios` | worlds by name, and those each step is explored in |
//! | `sight`, `gather` | reading the world |
//! | `perform` | changing it |
//! | `gate` | the member gate: whether etcd may start on a volume |

pub mod action;
mod change;
mod conditions;
mod fact;
pub mod gate;
mod gather;
mod guard;
mod hashes;
mod health;
pub mod machine;
pub mod messages;
pub mod observed;
mod perform;
mod plan;
mod roster;
mod saw;
pub mod scenarios;
pub mod sight;
mod status;
#[cfg(test)]
mod tests;
mod told;
pub mod vocabulary;

pub use action::{Action, KeepPart, Part, Record};
pub use gather::counts;
pub use machine::EtcdClusterMachine;
pub use observed::Observed;
pub(crate) use plan::shape;
pub(crate) use status::memory;
pub use vocabulary::{Fact, Guard, Reason, Step};

use crate::client::Answer;
use crate::crd::{EtcdCluster, EtcdClusterStatus, Owner};
use crate::engine::{Machine, Moved, Settled};
use crate::service::pace::{self, AT_REST};
use crate::service::{Announcement, Kind, World, said};
use crate::telemetry::{self, ClusterGauges};
use jiff::Timestamp;
use std::time::Duration;

/// Our finalizer.
pub const FINALIZER: &str = "etcd.etcd.io/cluster";

/// The least wait of a machine that waits for something no watch shows.
const CONVERGING: Duration = Duration::from_millis(250);
/// The least wait of a machine that waits for Kubernetes or a person.
const WAITING: Duration = Duration::from_secs(2);

/// The `EtcdCluster` kind.
#[derive(Debug, Clone, Copy)]
pub struct Cluster;

impl Kind for Cluster {
    const UID_LABEL: &'static str = EtcdCluster::UID_LABEL;

    type Object = EtcdCluster;
    type Machine = EtcdClusterMachine;
    type Status = EtcdClusterStatus;

    fn recorded(cluster: &EtcdCluster) -> Option<&str> {
        cluster.status.as_ref()?.step.as_deref()
    }

    fn status(cluster: &EtcdCluster) -> Option<&EtcdClusterStatus> {
        cluster.status.as_ref()
    }

    fn next_status(
        cluster: &EtcdCluster,
        seen: &Observed,
        settled: &Settled<EtcdClusterMachine>,
    ) -> EtcdClusterStatus {
        status::next(cluster, seen, settled)
    }

    fn fault(cluster: &EtcdCluster, message: &str, now: Timestamp) -> EtcdClusterStatus {
        let mut status = cluster.status.clone().unwrap_or_default();
        let generation = cluster.metadata.generation;
        status.conditions = said::fault(&status.conditions, generation, message, now);
        status
    }

    async fn gather(world: &World, cluster: &EtcdCluster) -> Observed {
        gather::gather(world, cluster).await
    }

    async fn perform(world: &World, cluster: &EtcdCluster, action: &Action) -> Answer {
        perform::perform(world, cluster, action).await
    }

    fn look_again(seen: &Observed, settled: &Settled<EtcdClusterMachine>) -> Duration {
        let members_run = seen.pods.values().any(|pod| pod.started.is_some());
        let least = match settled.to {
            Step::AwaitQuorum | Step::Seal if members_run => CONVERGING,
            // Pods are watched.
            Step::AddLearner if !guard::holds(Guard::SlotReached, seen) => WAITING,
            // What etcd does no watch shows.
            Step::AddLearner
            | Step::CatchUp
            | Step::Promote
            | Step::DropLearner
            | Step::RemoveMember
            | Step::Evict
            | Step::Wake => CONVERGING,
            Step::Hibernated => AT_REST,
            Step::Steady if !seen.deleting && settled.held.is_empty() => AT_REST,
            Step::CleanSlot
            | Step::ReleaseSlot
            | Step::Sleep
            | Step::Provision
            | Step::AwaitQuorum
            | Step::Seal
            | Step::Reset
            | Step::Steady
            | Step::QuorumLost
            | Step::Bootstrap
            | Step::Corrupt
            | Step::Settle => WAITING,
        };
        let moved = !settled.path.is_empty();
        let since = seen.memory.unchanged_since.or(seen.memory.step_since).filter(|_| !moved);
        pace::wait(least, (since, seen.now), settled.held.iter().map(|reason| reason.pace()))
    }

    fn announce(seen: &Observed, moved: &Moved) -> Announcement {
        let step = said::step_named::<Step>(&moved.to);
        Announcement {
            warning: matches!(
                step,
                Some(
                    Step::QuorumLost
                        | Step::Bootstrap
                        | Step::Corrupt
                        | Step::Reset
                        | Step::Evict
                        | Step::DropLearner
                )
            ),
            note: step.map_or_else(String::new, |step| messages::entered(step, seen)),
        }
    }

    fn forget(namespace: &str, name: &str) {
        telemetry::forget_cluster(namespace, name);
    }

    fn measure(seen: &Observed, settled: &Settled<EtcdClusterMachine>) {
        if seen.deleting && settled.actions.contains(&Action::DropFinalizer) {
            return telemetry::forget_cluster(&seen.namespace, &seen.name);
        }
        for record in &settled.records {
            if let Some((operation, result)) = status::operation(record, seen) {
                telemetry::operation(operation, result);
            }
        }
        let gauges = ClusterGauges {
            size: seen.ordinals().len(),
            tolerance: seen.tolerance(),
            healthy: seen.is_sealed() && seen.has_quorum(),
            phase: EtcdClusterMachine::phase(settled.to),
            step: settled.to.into(),
            since: seen.memory.step_since.filter(|_| settled.path.is_empty()).unwrap_or(seen.now),
        };
        telemetry::observe_cluster((&seen.namespace, &seen.name), gauges, seen.now);
    }
}

/// The name of a part.
pub(crate) fn name_of(part: Part, cluster: &str) -> String {
    match part {
        Part::PeerService => format!("{cluster}-peer"),
        Part::ClientService => format!("{cluster}-client"),
        Part::DisruptionBudget | Part::StatefulSet => cluster.to_owned(),
    }
}
