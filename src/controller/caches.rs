//! SHELL. The watches: one trimmed watch per kind of child, for the whole operator or for each
//! namespace it is limited to.

use crate::crd::labels;
use crate::service::View;
use futures::{StreamExt, TryStreamExt};
use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::core::v1::{ConfigMap, PersistentVolumeClaim, Pod, Service};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use k8s_openapi::api::networking::v1::Ingress;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
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

/// Asks for a turn of an owner, if the child is of its kind.
#[derive(Clone)]
pub struct Wake {
    /// The label of the children of its kind.
    pub label: &'static str,
    /// Asks, by namespace and name.
    pub ask: Ask,
}

/// Asks for a turn of the object of this namespace and name.
pub type Ask = Arc<dyn Fn(&str, &str) + Send + Sync>;

/// What the watches of one scope have seen.
pub struct Caches {
    sets: Store<StatefulSet>,
    services: Store<Service>,
    budgets: Store<PodDisruptionBudget>,
    pods: Store<Pod>,
    volumes: Store<PersistentVolumeClaim>,
    slices: Store<EndpointSlice>,
    deployments: Store<Deployment>,
    config_maps: Store<ConfigMap>,
    ingresses: Store<Ingress>,
}

impl Caches {
    /// Starts the watches of one namespace, or of all. Each change wakes whoever owns the child.
    pub fn start(client: &kube::Client, namespace: Option<&str>, wakes: &[Wake]) -> Self {
        let scope = (client, namespace, wakes);
        Self {
            sets: watch(scope, |set: &mut StatefulSet| set.status = None),
            services: watch(scope, |_: &mut Service| {}),
            budgets: watch(scope, |budget: &mut PodDisruptionBudget| budget.status = None),
            pods: watch(scope, |pod: &mut Pod| pod.spec = None),
            volumes: watch(scope, |_: &mut PersistentVolumeClaim| {}),
            slices: watch(scope, |slice: &mut EndpointSlice| slice.ports = None),
            deployments: watch(scope, |_: &mut Deployment| {}),
            config_maps: watch(scope, |_: &mut ConfigMap| {}),
            ingresses: watch(scope, |ingress: &mut Ingress| ingress.status = None),
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
            self.deployments.wait_until_ready(),
            self.config_maps.wait_until_ready(),
            self.ingresses.wait_until_ready(),
        );
        matches!(all, (Ok(()), Ok(()), Ok(()), Ok(()), Ok(()), Ok(()), Ok(()), Ok(()), Ok(())))
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
    fn deployment(&self, namespace: &str, name: &str) -> Option<Arc<Deployment>> {
        get(&self.deployments, namespace, name)
    }
    fn config_map(&self, namespace: &str, name: &str) -> Option<Arc<ConfigMap>> {
        get(&self.config_maps, namespace, name)
    }
    fn ingress(&self, namespace: &str, name: &str) -> Option<Arc<Ingress>> {
        get(&self.ingresses, namespace, name)
    }
    fn pods(&self, namespace: &str, owner: &str) -> Vec<Arc<Pod>> {
        let of_owner = |pod: &Arc<Pod>| {
            pod.namespace().as_deref() == Some(namespace)
                && pod.labels().get(labels::INSTANCE).is_some_and(|name| name == owner)
        };
        self.pods.state().into_iter().filter(of_owner).collect()
    }
}

/// Watches one kind of child in a task of its own, keeps it trimmed, and wakes its owner.
fn watch<T>(
    (client, namespace, wakes): (&kube::Client, Option<&str>, &[Wake]),
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
    let wakes = wakes.to_vec();
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
        if let Ok(child) = change {
            wake_owner(&wakes, &child);
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

fn wake_owner(wakes: &[Wake], child: &impl ResourceExt) {
    for wake in wakes {
        if let Some((namespace, owner)) = owner_of(wake.label, child) {
            (wake.ask)(&namespace, owner);
        }
    }
}

/// Namespace and name of whoever owns a child, if the owner is of the kind whose children have this
/// label.
pub fn owner_of<'c>(label: &str, child: &'c impl ResourceExt) -> Option<(String, &'c str)> {
    let labels = child.labels();
    let owner = labels.get(labels::INSTANCE).filter(|_| labels.contains_key(label))?;
    Some((child.namespace()?, owner))
}
