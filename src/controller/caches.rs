//! SHELL. The watches: one trimmed watch per kind of child, for the whole operator or for each
//! namespace it is limited to.

use crate::crd::{EtcdCluster, labels};
use crate::service::View;
use futures::channel::mpsc::UnboundedSender;
use futures::{StreamExt, TryStreamExt};
use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Pod, Service};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use kube::core::DeserializeGuard;
use kube::runtime::reflector::{self, ObjectRef, Store};
use kube::runtime::{WatchStreamExt, watcher};
use kube::{Api, Resource, ResourceExt};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Arc;

/// The label of an `EndpointSlice` that names its Service.
pub const SERVICE_NAME: &str = "kubernetes.io/service-name";
/// The annotation kubectl keeps the whole object in.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Asks for a turn of a cluster.
pub type Wake = UnboundedSender<ObjectRef<DeserializeGuard<EtcdCluster>>>;

/// What the watches of one scope have seen.
pub struct Caches {
    sets: Store<StatefulSet>,
    services: Store<Service>,
    budgets: Store<PodDisruptionBudget>,
    pods: Store<Pod>,
    volumes: Store<PersistentVolumeClaim>,
    slices: Store<EndpointSlice>,
}

impl Caches {
    /// Starts the watches of one namespace, or of all.
    pub fn start(client: &kube::Client, namespace: Option<&str>, wake: &Wake) -> Self {
        let scope = (client, namespace, wake);
        Self {
            sets: watch(scope, |set: &mut StatefulSet| set.status = None),
            services: watch(scope, |_: &mut Service| {}),
            budgets: watch(scope, |budget: &mut PodDisruptionBudget| budget.status = None),
            pods: watch(scope, |pod: &mut Pod| pod.spec = None),
            volumes: watch(scope, |_: &mut PersistentVolumeClaim| {}),
            slices: watch(scope, |slice: &mut EndpointSlice| slice.ports = None),
        }
    }

    /// Waits until every watch has listed what there is.
    pub async fn ready(&self) -> bool {
        let all = futures::join!(
            self.sets.wait_until_ready(),
            self.services.wait_until_ready(),
            self.budgets.wait_until_ready(),
            self.pods.wait_until_ready(),
            self.volumes.wait_until_ready(),
            self.slices.wait_until_ready(),
        );
        matches!(all, (Ok(()), Ok(()), Ok(()), Ok(()), Ok(()), Ok(())))
    }
}

fn get<T>(store: &Store<T>, namespace: &str, name: &str) -> Option<Arc<T>>
where
    T: Resource<DynamicType = ()> + Clone + 'static,
{
    store.get(&ObjectRef::new(name).within(namespace))
}

impl View for Caches {
    fn stateful_set(&self, namespace: &str, name: &str) -> Option<Arc<StatefulSet>> {
        get(&self.sets, namespace, name)
    }
    fn service(&self, namespace: &str, name: &str) -> Option<Arc<Service>> {
        get(&self.services, namespace, name)
    }
    fn disruption_budget(&self, namespace: &str, name: &str) -> Option<Arc<PodDisruptionBudget>> {
        get(&self.budgets, namespace, name)
    }
    fn pod(&self, namespace: &str, name: &str) -> Option<Arc<Pod>> {
        get(&self.pods, namespace, name)
    }
    fn volume(&self, namespace: &str, name: &str) -> Option<Arc<PersistentVolumeClaim>> {
        get(&self.volumes, namespace, name)
    }
    fn endpoint_slices(&self, namespace: &str, service: &str) -> Vec<Arc<EndpointSlice>> {
        let of_service = |slice: &Arc<EndpointSlice>| {
            slice.namespace().as_deref() == Some(namespace)
                && slice.labels().get(SERVICE_NAME).is_some_and(|name| name == service)
        };
        self.slices.state().into_iter().filter(of_service).collect()
    }
}

/// Watches one kind of child in a task of its own, keeps it trimmed, and wakes its cluster.
fn watch<T>(
    (client, namespace, wake): (&kube::Client, Option<&str>, &Wake),
    trim: impl Fn(&mut T) + Send + 'static,
) -> Store<T>
where
    T: Resource<DynamicType = ()> + Clone + Debug + DeserializeOwned + Send + Sync + 'static,
    T: Resource<Scope = k8s_openapi::NamespaceResourceScope>,
{
    let (store, writer) = reflector::store();
    let config = watcher::Config::default()
        .labels(&format!("{}={}", labels::MANAGED_BY, labels::OPERATOR))
        .timeout(crate::client::kubernetes::WATCH_SECONDS);
    let wake = wake.clone();
    let changes = watcher(api::<T>(client, namespace), config)
        .modify(move |object| {
            trim_metadata(object);
            trim(object);
        })
        .default_backoff()
        .reflect(writer)
        .touched_objects()
        .inspect_err(|error| tracing::warn!(%error, kind = T::kind(&()).as_ref(), "watch failed"));
    tokio::spawn(changes.for_each(move |change| {
        if let Some(cluster) = change.ok().as_ref().and_then(cluster_of) {
            // The receiver lives as long as the process.
            let _ = wake.unbounded_send(cluster);
        }
        futures::future::ready(())
    }));
    store
}

/// The API of one namespace, or of all.
pub fn api<T>(client: &kube::Client, namespace: Option<&str>) -> Api<T>
where
    T: Resource<DynamicType = (), Scope = k8s_openapi::NamespaceResourceScope>,
{
    match namespace {
        Some(namespace) => Api::namespaced(client.clone(), namespace),
        None => Api::all(client.clone()),
    }
}

fn trim_metadata(object: &mut impl Resource) {
    let metadata = object.meta_mut();
    metadata.managed_fields = None;
    metadata.annotations.get_or_insert_with(BTreeMap::new).remove(LAST_APPLIED);
}

fn cluster_of(object: &impl ResourceExt) -> Option<ObjectRef<DeserializeGuard<EtcdCluster>>> {
    let name = object.labels().get(labels::INSTANCE)?;
    Some(ObjectRef::new(name).within(&object.namespace()?))
}
