//! SHELL. A client that writes whenever it can, through the client Service, and remembers what was
//! acknowledged.

use super::Watch;
use super::law::Law;
use crate::client::etcd::Etcd;
use crate::crd::EtcdCluster;
use crate::resource::names;
use crate::sim::cluster::{SERVICE_NAME, SimCluster};
use futures::FutureExt;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::discovery::v1::EndpointSlice;
use kube::ResourceExt;
use std::collections::{BTreeMap, BTreeSet};

/// After so many keys they are written anew.
const KEYS: usize = 16;

/// The client, and what it knows of each cluster by its UID.
#[derive(Clone, Default)]
pub struct Writer {
    acknowledged: BTreeMap<String, BTreeMap<String, String>>,
    /// The IDs of the etcd clusters that ever took a write.
    served: BTreeMap<String, BTreeSet<u64>>,
    writes: usize,
}

impl Writer {
    /// Writes one key to every cluster that serves, and looks who took it.
    pub fn write(&mut self, world: &SimCluster, watch: &Watch) {
        for cluster in world.api.list::<EtcdCluster>(None) {
            let uid = cluster.uid().unwrap_or_default();
            let (key, value) = (format!("k{}", self.writes % KEYS), self.writes.to_string());
            let endpoints = endpoints(world, &cluster);
            let took = endpoints.iter().find(|at| world.etcd.put(at, &key, &value).is_ok());
            let Some(endpoint) = took else { continue };
            self.writes += 1;
            self.acknowledged.entry(uid.clone()).or_default().insert(key, value);
            let Some(Ok(look)) = world.etcd.look(endpoint).now_or_never() else { continue };
            let served = self.served.entry(uid).or_default();
            served.insert(look.cluster_id);
            if served.len() > 1 {
                watch.breach(Law::OneCluster, format!("clients were served by {served:x?}"));
            }
        }
    }

    /// Writes to whatever member takes it, by its own address.
    pub fn write_directly(&mut self, world: &SimCluster) {
        for cluster in world.api.list::<EtcdCluster>(None) {
            let pods = world.api.list::<Pod>(Some(names::namespace(&cluster)));
            let addresses = pods.iter().filter_map(|pod| pod.status.as_ref()?.pod_ip.clone());
            let mut endpoints = addresses.map(|ip| names::address_url(&ip));
            if endpoints.any(|at| world.etcd.put(&at, "direct", "1").is_ok()) {
                self.writes += 1;
                let keys = self.acknowledged.entry(cluster.uid().unwrap_or_default()).or_default();
                keys.insert("direct".to_owned(), "1".to_owned());
            }
        }
    }

    /// Whether all that was promised can be read, by what is read for a key.
    pub fn is_kept(&self, value: &dyn Fn(&str) -> Option<String>) -> bool {
        let mut promised = self.acknowledged.values().flatten();
        promised.all(|(key, promised)| value(key).as_ref() == Some(promised))
    }

    /// The IDs of the etcd clusters that served the cluster of this UID.
    pub fn served(&self, uid: &str) -> impl Iterator<Item = u64> {
        self.served.get(uid).into_iter().flatten().copied()
    }

    /// Whether a cluster of this UID ever took a write.
    pub fn has_written(&self, uid: &str) -> bool {
        self.acknowledged.contains_key(uid)
    }

    /// How many writes were acknowledged.
    pub fn writes(&self) -> usize {
        self.writes
    }

    /// Reads everything back from clusters that serve.
    pub fn check(&self, world: &SimCluster, watch: &Watch) {
        for cluster in world.api.list::<EtcdCluster>(None) {
            let endpoints = endpoints(world, &cluster);
            let uid = cluster.uid().unwrap_or_default();
            for (key, value) in self.acknowledged.get(&uid).into_iter().flatten() {
                let read = endpoints.iter().find_map(|at| world.etcd.get(at, key).ok());
                if let Some(read) = read.filter(|read| read.as_ref() != Some(value)) {
                    let what = format!("{key} was acknowledged as {value} and is now {read:?}");
                    watch.breach(Law::WritesKept, what);
                }
            }
        }
    }
}

/// Where the client Service leads.
pub fn endpoints(world: &SimCluster, cluster: &EtcdCluster) -> Vec<String> {
    let service = names::client_service(cluster);
    let slices = world.api.list::<EndpointSlice>(Some(names::namespace(cluster)));
    let ours = slices
        .iter()
        .filter(|slice| slice.labels().get(SERVICE_NAME).is_some_and(|name| *name == service));
    let ready = ours.flat_map(|slice| &slice.endpoints).filter(|endpoint| {
        endpoint.conditions.as_ref().is_some_and(|conditions| conditions.ready == Some(true))
    });
    ready.flat_map(|endpoint| &endpoint.addresses).map(|ip| names::address_url(ip)).collect()
}
