//! SHELL. What the operator's watches have seen: the world as it was at some version, perhaps long
//! ago. Real watches of different kinds lag independently; here the clusters' own watch and that
//! of everything beneath them do.

use crate::crd::labels;
use crate::service::View;
use crate::sim::api::{ApiServer, Object, Snapshot};
use crate::sim::cluster::SERVICE_NAME;
use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::core::v1::{ConfigMap, PersistentVolumeClaim, Pod, Service};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use k8s_openapi::api::networking::v1::Ingress;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use kube::ResourceExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// No version is newer: the watch shows what is.
const LIVE: u64 = u64::MAX;

/// The watches of one operator.
pub struct SimView {
    /// Whom they watch.
    pub api: ApiServer,
    clusters: AtomicU64,
    children: AtomicU64,
}

impl SimView {
    /// Watches that have seen everything.
    pub fn new(api: ApiServer) -> Self {
        Self { api, clusters: AtomicU64::new(LIVE), children: AtomicU64::new(LIVE) }
    }

    /// Stops the clusters' watch at this version; without one it shows what is.
    pub fn hold_clusters(&self, at: Option<u64>) {
        self.clusters.store(at.unwrap_or(LIVE), Ordering::Relaxed);
    }

    /// Stops all other watches at this version; without one they show what is.
    pub fn hold_children(&self, at: Option<u64>) {
        self.children.store(at.unwrap_or(LIVE), Ordering::Relaxed);
    }

    /// What the clusters' watch has seen.
    pub fn clusters(&self) -> Snapshot {
        self.at(&self.clusters)
    }

    /// The versions up to which the watches of the objects and of their children have seen all.
    pub fn versions(&self) -> (u64, u64) {
        let live = self.api.version();
        let seen = |held: &AtomicU64| held.load(Ordering::Relaxed).min(live);
        (seen(&self.clusters), seen(&self.children))
    }

    /// What the watches of everything beneath them have seen.
    pub fn children(&self) -> Snapshot {
        self.at(&self.children)
    }

    /// A child as the watches have it: only what bears our label is watched.
    fn watched<K: Object>(&self, namespace: &str, name: &str) -> Option<Arc<K>> {
        let found: Arc<K> = self.children().get(namespace, name)?;
        let all = found.meta().labels.as_ref()?;
        (all.get(labels::MANAGED_BY)? == labels::OPERATOR).then_some(found)
    }

    fn at(&self, held: &AtomicU64) -> Snapshot {
        self.api.snapshot(held.load(Ordering::Relaxed).min(self.api.version()))
    }
}

impl View for SimView {
    fn stateful_set(&self, namespace: &str, name: &str) -> Option<Arc<StatefulSet>> {
        self.children().get(namespace, name)
    }
    fn service(&self, namespace: &str, name: &str) -> Option<Arc<Service>> {
        self.watched(namespace, name)
    }
    fn disruption_budget(&self, namespace: &str, name: &str) -> Option<Arc<PodDisruptionBudget>> {
        self.children().get(namespace, name)
    }
    fn pod(&self, namespace: &str, name: &str) -> Option<Arc<Pod>> {
        self.children().get(namespace, name)
    }
    fn volume(&self, namespace: &str, name: &str) -> Option<Arc<PersistentVolumeClaim>> {
        self.children().get(namespace, name)
    }
    fn endpoint_slices(&self, namespace: &str, service: &str) -> Vec<Arc<EndpointSlice>> {
        let slices = self.children().list::<EndpointSlice>(Some(namespace));
        let of_service = |slice: &Arc<EndpointSlice>| {
            slice.labels().get(SERVICE_NAME).is_some_and(|name| name == service)
        };
        slices.into_iter().filter(of_service).collect()
    }
    fn deployment(&self, namespace: &str, name: &str) -> Option<Arc<Deployment>> {
        self.watched(namespace, name)
    }
    fn config_map(&self, namespace: &str, name: &str) -> Option<Arc<ConfigMap>> {
        self.watched(namespace, name)
    }
    fn ingress(&self, namespace: &str, name: &str) -> Option<Arc<Ingress>> {
        self.watched(namespace, name)
    }
    fn pods(&self, namespace: &str, owner: &str) -> Vec<Arc<Pod>> {
        let pods = self.children().list::<Pod>(Some(namespace)).into_iter();
        let of_owner =
            |pod: &Arc<Pod>| pod.labels().get(labels::INSTANCE).is_some_and(|name| name == owner);
        pods.filter(of_owner).collect()
    }
}
