//! SHELL. `EtcdCluster`: its folders read as a turn does. Each names only those before it.
//!
//! | folder | contents |
//! |---|---|
//! | `observe/` | what is seen, and reading it |
//! | `decide/` | what is so, what may be done, and the machine |
//! | `act/` | doing what the machine ordered |
//! | `report/` | status, conditions, Events, metrics, and the sentences in them |
//! | `worlds/` | observations to explore the machine in |
//! | `gate/` | the member gate: whether etcd may start on a volume |

mod act;
pub mod decide;
pub mod gate;
pub mod observe;
pub mod report;
#[cfg(test)]
mod tests;
pub mod worlds;

pub use decide::action::{Action, Record};
pub use decide::machine::EtcdClusterMachine;
pub use decide::vocabulary::{Fact, Guard, Reason, Step};
pub use observe::observed::Observed;

use super::{Announcement, Kind, World, said};
use crate::client::Answer;
use crate::crd::{EtcdCluster, EtcdClusterStatus, Owner};
use crate::engine::{Moved, Settled};
use crate::telemetry;
use decide::needs::NEEDS;
use decide::{desired, requeue};
use jiff::Timestamp;
use observe::recorded;
use report::{events, metrics, status};
use std::time::Duration;

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
        let memory = recorded::memory(cluster);
        let shape = desired::shape(cluster, &memory, &world.image);
        observe::gather(world, cluster, (memory, &shape), &NEEDS).await
    }

    async fn perform(world: &World, cluster: &EtcdCluster, action: &Action) -> Answer {
        act::perform(world, cluster, action).await
    }

    fn look_again(seen: &Observed, settled: &Settled<EtcdClusterMachine>) -> Duration {
        requeue::after(seen, settled)
    }

    fn announce(seen: &Observed, moved: &Moved) -> Announcement {
        events::announce(seen, moved)
    }

    fn forget(namespace: &str, name: &str) {
        telemetry::forget_cluster(namespace, name);
    }

    fn measure(seen: &Observed, settled: &Settled<EtcdClusterMachine>) {
        if seen.deleting && settled.actions.contains(&Action::DropFinalizer) {
            return telemetry::forget_cluster(&seen.namespace, &seen.name);
        }
        for record in &settled.records {
            if let Some((operation, result)) = metrics::operation(record, seen) {
                telemetry::operation(operation, result);
            }
        }
        let gauges = metrics::gauges(seen, settled);
        telemetry::observe_cluster((&seen.namespace, &seen.name), gauges, seen.now);
    }
}
