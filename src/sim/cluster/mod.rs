//! SHELL. What Kubernetes does with the objects of a cluster: its controllers and kubelets, one
//! small move at a time, so that the operator can act between any two.
//!
//! | file | who |
//! |---|---|
//! | `stateful_set` | the `StatefulSet` controller: volume claims and pods |
//! | `deployment` | the Deployment controller, with the pods it makes |
//! | `kubelet` | scheduler and kubelets: volumes bound, the member gate asked, etcd run |
//! | `container` | what a pod's status says of its containers |
//! | `volumes` | the protection of claims in use |
//! | `endpoints` | who a Service leads to |
//! | `canonical` | what its future depends on |

mod canonical;
mod container;
mod deployment;
mod endpoints;
mod kubelet;
mod stateful_set;
mod volumes;

use container::Container;
pub use deployment::{Deployments, adopted};
pub use endpoints::SERVICE_NAME;
pub use kubelet::{GateEntry, Kubelet};
pub use stateful_set::StatefulSets;

use super::api::ApiServer;
use super::clock::SimClock;
use super::etcd::SimEtcd;
use crate::service::Clock;
use jiff::Timestamp;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A Kubernetes cluster with etcd in it, and no operator.
pub struct SimCluster {
    /// Virtual time.
    pub clock: SimClock,
    /// The API server.
    pub api: ApiServer,
    /// etcd's processes, disks and network.
    pub etcd: SimEtcd,
    /// The nodes.
    pub kubelet: Kubelet,
    /// The image operators think is theirs.
    pub image: String,
    /// Whether the API server refuses whatever an operator writes.
    pub refuses: Arc<AtomicBool>,
    sets: StatefulSets,
    deployments: Deployments,
}

impl SimCluster {
    /// An empty cluster. etcd's elections are drawn from `seed`.
    pub fn new(clock: SimClock, seed: u64) -> Self {
        let shared = Arc::new(clock.clone());
        let api = ApiServer::new(shared.clone());
        let etcd = SimEtcd::new(shared, seed);
        let kubelet = Kubelet::new(api.clone(), etcd.clone(), clock.clone());
        let sets = StatefulSets::new(api.clone(), clock.clone());
        let deployments = Deployments::new(api.clone(), clock.clone());
        let image = "registry.local/etcd-operator:sim".to_owned();
        let refuses = Arc::default();
        Self { clock, api, etcd, kubelet, image, refuses, sets, deployments }
    }

    /// Another cluster in which everything is as it is here now, and goes on by itself.
    #[must_use]
    pub fn fork(&self) -> Self {
        let clock = SimClock::at(self.clock.now());
        let shared = Arc::new(clock.clone());
        let api = self.api.fork(shared.clone());
        let etcd = self.etcd.fork(shared);
        self.around(api, etcd, clock, AtomicBool::new(self.refuses()).into())
    }

    /// The same in place of another cluster, for whoever is connected to that one.
    #[must_use]
    pub fn in_place_of(&self, other: &Self) -> Self {
        other.clock.set(&self.clock);
        other.api.become_like(&self.api);
        other.etcd.become_like(&self.etcd);
        other.refuses.store(self.refuses(), Ordering::Relaxed);
        let refuses = Arc::clone(&other.refuses);
        self.around(other.api.clone(), other.etcd.clone(), other.clock.clone(), refuses)
    }

    fn around(
        &self,
        api: ApiServer,
        etcd: SimEtcd,
        clock: SimClock,
        refuses: Arc<AtomicBool>,
    ) -> Self {
        let kubelet = self.kubelet.fork(api.clone(), etcd.clone(), clock.clone());
        let sets = self.sets.fork(api.clone(), clock.clone());
        let deployments = self.deployments.fork(api.clone(), clock.clone());
        let image = self.image.clone();
        Self { clock, api, etcd, kubelet, image, refuses, sets, deployments }
    }

    /// Whether the API server refuses whatever an operator writes.
    pub fn refuses(&self) -> bool {
        self.refuses.load(Ordering::Relaxed)
    }

    /// Lets everybody make one move. Says whether anything came of it.
    pub fn step(&mut self) -> bool {
        let sets = self.sets.step();
        let deployments = self.deployments.step();
        let nodes = self.kubelet.step();
        let etcd = self.etcd.tick();
        let probes = self.kubelet.probe();
        let volumes = volumes::step(&self.api);
        let endpoints = endpoints::step(&self.api);
        let garbage = self.api.collect_garbage();
        sets | deployments | nodes | etcd | probes | volumes | endpoints | garbage
    }

    /// When something will happen by itself next, should nobody act before.
    pub fn next_due(&self) -> Option<Timestamp> {
        let (sets, deployments) = (self.sets.next_due(), self.deployments.next_due());
        [self.etcd.next_due(), self.kubelet.next_due(), sets, deployments]
            .into_iter()
            .flatten()
            .min()
    }
}
