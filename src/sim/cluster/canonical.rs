//! SHELL. What of Kubernetes its future depends on.

use super::{Container, Kubelet, SimCluster};
use crate::sim::canonical::Hashing;
use crate::sim::etcd::{DiskId, ProcessId};
use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Pod};
use kube::ResourceExt;
use std::sync::Arc;

impl SimCluster {
    /// Adds all there is to a state's hash. `kept` says whether a disk has what clients were promised,
    /// by what it gives back for a key.
    pub fn hash_into(
        &self,
        hashing: &mut Hashing,
        kept: impl Fn(&dyn Fn(&str) -> Option<String>) -> bool,
    ) {
        self.api.now().hash_into(hashing);
        let (disks, processes) = self.kubelet.hash_into(
            hashing,
            &self.api.list::<Pod>(None),
            &self.api.list::<PersistentVolumeClaim>(None),
        );
        self.etcd.hash_into(hashing, (&disks, &processes), kept);
        hashing.add(self.refuses());
        self.sets.hash_into(hashing);
        self.deployments.hash_into(hashing);
    }
}

impl Kubelet {
    /// Adds the nodes, and says which disks and processes there are.
    fn hash_into(
        &self,
        hashing: &mut Hashing,
        pods: &[Arc<Pod>],
        claims: &[Arc<PersistentVolumeClaim>],
    ) -> (Vec<DiskId>, Vec<ProcessId>) {
        let (mut disks, mut processes) = (vec![], vec![]);
        for claim in claims {
            let uid = claim.uid().unwrap_or_default();
            hashing.add(self.out_of_reach.contains(&uid));
            if let Some(volume) = self.volumes.get(&uid) {
                hashing.words(&format!("{:?}", volume.identity));
                disks.push(volume.disk);
            }
        }
        for pod in pods {
            let (uid, name) = (pod.uid().unwrap_or_default(), pod.name_any());
            hashing.add((self.born.contains(&uid), self.unplaceable.contains(&name)));
            if let Some(container) = self.containers.get(&uid) {
                container.hash_into(hashing);
                processes.extend(container.process);
            }
        }
        (disks, processes)
    }
}

impl Container {
    fn hash_into(&self, hashing: &mut Hashing) {
        let Self { address, initialized: _, process, waits, started, restarts, last, retry_at } =
            self;
        hashing.named(address);
        hashing.add((process.is_some(), waits, restarts, last.as_ref().map(|ended| ended.code)));
        hashing.time(*started);
        hashing.time(*retry_at);
    }
}
