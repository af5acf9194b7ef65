//! PURE. When the object is looked at again, should no watch wake it before.

use super::guard;
use super::machine::EtcdClusterMachine;
use super::vocabulary::{Guard, Step};
use crate::engine::Settled;
use crate::service::etcd_cluster::observe::observed::Observed;
use crate::service::pace::{self, AT_REST};
use std::time::Duration;

/// The least wait of a machine that waits for something no watch shows.
const CONVERGING: Duration = Duration::from_millis(250);
/// The least wait of a machine that waits for Kubernetes or a person.
const WAITING: Duration = Duration::from_secs(2);

/// How long after this turn.
pub fn after(seen: &Observed, settled: &Settled<EtcdClusterMachine>) -> Duration {
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
