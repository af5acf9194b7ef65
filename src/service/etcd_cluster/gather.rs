//! SHELL. Fills the observation: the only reader.

mod lost;
mod members;

use super::action::Part;
use super::observed::{Asked, Memory, Objects, Observed};
use super::plan::shape;
use super::vocabulary::Step;
use super::{fact, roster, sight, status};
use crate::client::ApiError;
use crate::client::kubernetes::{CALL_DEADLINE, deadline};
use crate::crd::EtcdCluster;
use crate::engine::Known;
use crate::mutants::planted;
use crate::resource::{
    Shape, client_service, labels, names, pdb, peer_service, spec_hash, stateful_set,
};
use crate::service::{View, World, parts};
use futures::future::{join, join_all, join4};
use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Pod};
use kube::api::ListParams;
use kube::{Api, Resource};
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::sync::Arc;

/// Looks at everything a turn may decide on.
pub async fn gather(world: &World, cluster: &EtcdCluster) -> Observed {
    let memory = status::memory(cluster);
    let shape = shape(cluster, &memory, &world.image);
    let (objects, set) = objects(world, cluster, &shape).await;
    let objects = Objects { template: set.as_deref().and_then(sight::template), ..objects };
    let mut seen = unasked(world, cluster, objects, memory);
    let (deleting, step) = (seen.deleting, seen.memory.step.as_deref());
    let step = step.and_then(|step| step.parse().ok());
    // Whoever is not listed is not asked.
    let live = counts(deleting, step, fact::spec_changed(&seen));
    let (pods, claims, counted) = pods_and_volumes(world, cluster, &shape, live).await;
    (seen.looks, seen.members) = members::ask(world, cluster, &pods, &seen.memory).await;
    let once_more = !live && counts(deleting, step, roster::is_subject_out(&seen));
    let (pods, claims, counted) = if once_more {
        pods_and_volumes(world, cluster, &shape, true).await
    } else {
        (pods, claims, counted)
    };
    let directive = (&shape.directive, &*stateful_set::directive_text(&shape.directive));
    let named = named(&*world.view, cluster);
    let pod = |pod| sight::pod(pod, directive, shape.serving, &named);
    seen.pods = pods.iter().map(|(&at, of)| (at, pod(of))).collect();
    seen.volumes = claims.iter().map(|(&at, claim)| (at, sight::volume(claim))).collect();
    seen.counted = counted;
    seen.sweep = members::sweep(world, &seen).await;
    lost::mark(world, &mut seen, &claims).await;
    seen
}

/// What is known before a pod is listed or a member asked.
fn unasked(world: &World, cluster: &EtcdCluster, objects: Objects, memory: Memory) -> Observed {
    let namespace = names::namespace(cluster);
    let service = names::client_service(cluster);
    Observed {
        now: world.clock.now(),
        name: names::cluster(cluster).to_owned(),
        namespace: namespace.to_owned(),
        uid: names::uid(cluster).to_owned(),
        deleting: cluster.metadata.deletion_timestamp.is_some(),
        finalizer: cluster.metadata.finalizers.iter().flatten().any(|at| at == super::FINALIZER),
        spec: asked(cluster),
        objects,
        pods: BTreeMap::new(),
        volumes: BTreeMap::new(),
        serving_endpoints: parts::ready_endpoints(&*world.view, namespace, &service),
        counted: false,
        memory,
        looks: BTreeMap::new(),
        members: Known::Unknown("not asked".to_owned()),
        sweep: None,
    }
}

fn asked(cluster: &EtcdCluster) -> Asked {
    let spec = &cluster.spec;
    Asked {
        size: u32::try_from(spec.size).unwrap_or(0),
        paused: spec.paused,
        retention: spec.storage.retention,
        member_down_grace_seconds: spec.member_down_grace_seconds,
        recovery: spec.recovery_strategy.clone(),
        hash: spec_hash(spec),
    }
}

fn of_ordinals<T>(mut get: impl FnMut(u32) -> Option<T>) -> BTreeMap<u32, T> {
    (0..names::ORDINALS).filter_map(|at| Some((at, get(at)?))).collect()
}

/// The parts, each from the watches, or read live where the watches show none: what is absent from
/// a cache may exist, and may be somebody else's.
async fn objects(
    world: &World,
    cluster: &EtcdCluster,
    shape: &Shape,
) -> (Objects, Option<Arc<StatefulSet>>) {
    let (view, namespace) = (&world.view, names::namespace(cluster));
    let service = |part| view.service(namespace, &super::name_of(part, names::cluster(cluster)));
    let name = names::cluster(cluster);
    // Boxed, for a turn holds all four at once.
    let peer = Box::pin(parts::look(world, cluster, service(Part::PeerService), || {
        Some(peer_service::build(cluster, shape))
    }));
    let client = Box::pin(parts::look(world, cluster, service(Part::ClientService), || {
        Some(client_service::build(cluster, shape))
    }));
    let budget =
        Box::pin(parts::look(world, cluster, view.disruption_budget(namespace, name), || {
            Some(pdb::build(cluster, shape))
        }));
    let members = Box::pin(parts::look(world, cluster, view.stateful_set(namespace, name), || {
        Some(stateful_set::build(cluster, shape))
    }));
    let ((peer_service, _), (client_service, _), (disruption_budget, _), (stateful_set, set)) =
        join4(peer, client, budget, members).await;
    let set = set.filter(|_| stateful_set.uid().is_some());
    let objects =
        Objects { peer_service, client_service, disruption_budget, stateful_set, template: None };
    (objects, set)
}

pub(super) type Pods = BTreeMap<u32, Arc<Pod>>;
type Volumes = BTreeMap<u32, Arc<PersistentVolumeClaim>>;

/// Whether pods and volumes are listed live: where something is made, cleared away or deleted because
/// they are not there, and where every member must have been told. Where a member is out of etcd they are
/// listed for what it leaves behind, and where a creation is of another spec for who has served by
/// now: both are in `doubt`. Elsewhere the watches do.
pub fn counts(deleting: bool, step: Option<Step>, doubt: bool) -> bool {
    deleting
        || match step {
            None
            | Some(
                Step::Provision
                | Step::Reset
                | Step::Seal
                | Step::Settle
                | Step::CleanSlot
                | Step::ReleaseSlot
                | Step::Sleep,
            ) => true,
            Some(
                Step::AwaitQuorum
                | Step::Bootstrap
                | Step::DropLearner
                | Step::RemoveMember
                | Step::Evict,
            ) => doubt,
            Some(
                Step::Steady
                | Step::Hibernated
                | Step::AddLearner
                | Step::CatchUp
                | Step::Promote
                | Step::Wake
                | Step::QuorumLost
                | Step::Corrupt,
            ) => false,
        }
}

/// Pods and volumes, by ordinal, and whether they were listed live.
async fn pods_and_volumes(
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
async fn list<T>(world: &World, cluster: &EtcdCluster) -> Result<Vec<T>, ApiError>
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

fn by_ordinal<T: Resource>(all: Vec<T>, name: impl Fn(u32) -> String) -> BTreeMap<u32, Arc<T>> {
    let mut all: BTreeMap<_, _> =
        all.into_iter().map(|at| (at.meta().name.clone().unwrap_or_default(), at)).collect();
    of_ordinals(|at| all.remove(&name(at)).map(Arc::new))
}

fn ours(cluster: &EtcdCluster, pods: Pods) -> Pods {
    pods.into_iter().filter(|(_, pod)| sight::is_ours(cluster, &pod.metadata)).collect()
}

/// The pods, from the watches, those that have not been told what they should be read live. One
/// that cannot be read is taken as the watches have it: telling it again changes nothing.
async fn pods(world: &World, cluster: &EtcdCluster, shape: &Shape) -> Pods {
    let namespace = names::namespace(cluster);
    let seen = of_ordinals(|at| world.view.pod(namespace, &names::pod(cluster, at)));
    let directive = (&shape.directive, &*stateful_set::directive_text(&shape.directive));
    let told = |pod: &Pod| sight::is_current(pod, directive, shape.serving);
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
fn named(view: &dyn View, cluster: &EtcdCluster) -> BTreeSet<String> {
    let slices = view.endpoint_slices(names::namespace(cluster), &names::peer_service(cluster));
    let endpoints = slices.iter().flat_map(|slice| &slice.endpoints);
    endpoints.flat_map(|endpoint| endpoint.addresses.iter().cloned()).collect()
}
