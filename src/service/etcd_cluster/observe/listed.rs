//! SHELL. Pods and volumes: from the watches, or listed live where their absence has to mean something.

use super::project;
use crate::client::ApiError;
use crate::client::kubernetes::{CALL_DEADLINE, deadline};
use crate::crd::EtcdCluster;
use crate::mutants::planted;
use crate::resource::{Shape, labels, names, stateful_set};
use crate::service::{View, World, parts};
use futures::future::{join, join_all};
use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Pod};
use kube::api::ListParams;
use kube::{Api, Resource};
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::sync::Arc;

pub type Pods = BTreeMap<u32, Arc<Pod>>;

pub type Volumes = BTreeMap<u32, Arc<PersistentVolumeClaim>>;

/// Pods and volumes, by ordinal, and whether they were listed live.
pub async fn pods_and_volumes(
    world: &World,
    cluster: &EtcdCluster,
    shape: &Shape,
    counts: bool,
) -> (Pods, Volumes, bool) {
    let namespace = names::namespace(cluster);
    if counts && !planted("cache-is-truth") {
        let (pods, claims) = join(list(world, cluster), list(world, cluster)).await;
        if let (Ok(pods), Ok(claims)) = (pods, claims) {
            let pods = by_ordinal(pods, |at| names::pod(cluster, at));
            let claims = by_ordinal(claims, |at| names::volume_claim(cluster, at));
            return (ours(cluster, pods), claims, true);
        }
    }
    let claims = of_ordinals(|at| world.view.volume(namespace, &names::volume_claim(cluster, at)));
    (pods(world, cluster, shape).await, claims, counts && planted("cache-is-truth"))
}

/// What bears the cluster's name, live, whichever cluster of that name it was made for.
pub async fn list<T>(world: &World, cluster: &EtcdCluster) -> Result<Vec<T>, ApiError>
where
    T: Resource<DynamicType = (), Scope = k8s_openapi::NamespaceResourceScope>
        + Clone
        + Debug
        + DeserializeOwned,
{
    let api = Api::<T>::namespaced(world.api.clone(), names::namespace(cluster));
    let named = ListParams::default().labels(&labels::instance_text(names::cluster(cluster)));
    Ok(deadline(CALL_DEADLINE, api.list(&named)).await?.items)
}

pub fn by_ordinal<T: Resource>(all: Vec<T>, name: impl Fn(u32) -> String) -> BTreeMap<u32, Arc<T>> {
    let mut all: BTreeMap<_, _> =
        all.into_iter().map(|at| (at.meta().name.clone().unwrap_or_default(), at)).collect();
    of_ordinals(|at| all.remove(&name(at)).map(Arc::new))
}

pub fn ours(cluster: &EtcdCluster, pods: Pods) -> Pods {
    pods.into_iter().filter(|(_, pod)| project::is_ours(cluster, &pod.metadata)).collect()
}

/// The pods, from the watches, those that have not been told what they should be read live. One
/// that cannot be read is taken as the watches have it: telling it again changes nothing.
pub async fn pods(world: &World, cluster: &EtcdCluster, shape: &Shape) -> Pods {
    let namespace = names::namespace(cluster);
    let seen = of_ordinals(|at| world.view.pod(namespace, &names::pod(cluster, at)));
    let directive = (&shape.directive, &*stateful_set::directive_text(&shape.directive));
    let told = |pod: &Pod| project::is_current(pod, directive, shape.serving);
    let looks = ours(cluster, seen).into_iter().map(async |(at, pod)| {
        if told(&pod) {
            return Some((at, pod));
        }
        match parts::live::<Pod>(world, cluster, &pod.metadata).await {
            Ok(pod) => pod.map(|pod| (at, Arc::new(pod))),
            Err(_) => Some((at, pod)),
        }
    });
    join_all(looks).await.into_iter().flatten().collect()
}

/// The addresses that members' names lead to.
pub fn named(view: &dyn View, cluster: &EtcdCluster) -> BTreeSet<String> {
    let slices = view.endpoint_slices(names::namespace(cluster), &names::peer_service(cluster));
    let endpoints = slices.iter().flat_map(|slice| &slice.endpoints);
    endpoints.flat_map(|endpoint| endpoint.addresses.iter().cloned()).collect()
}

fn of_ordinals<T>(mut get: impl FnMut(u32) -> Option<T>) -> BTreeMap<u32, T> {
    (0..names::ORDINALS).filter_map(|at| Some((at, get(at)?))).collect()
}
