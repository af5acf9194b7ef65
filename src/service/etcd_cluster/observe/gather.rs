//! SHELL. Fills the observation: the only reader.

use super::listed::{named, pods_and_volumes};
use super::needs::Needs;
use super::{hashes, lost, members};

use super::observed::{Asked, Memory, Objects, Observed};
use super::part::Part;
use super::project;
use crate::crd::EtcdCluster;
use crate::engine::Known;
use crate::resource::{Shape, client_service, names, pdb, peer_service, spec_hash, stateful_set};
use crate::service::{World, parts};
use futures::future::join4;
use k8s_openapi::api::apps::v1::StatefulSet;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Looks at everything a turn may decide on.
pub async fn gather(
    world: &World,
    cluster: &EtcdCluster,
    (memory, shape): (Memory, &Shape),
    needs: &Needs,
) -> Observed {
    let (objects, set) = objects(world, cluster, shape).await;
    let objects = Objects { template: set.as_deref().and_then(project::template), ..objects };
    let mut seen = unasked(world, cluster, objects, memory);
    // Whoever is not listed is not asked.
    let live = (needs.live)(&seen);
    let (pods, claims, counted) = pods_and_volumes(world, cluster, shape, live).await;
    (seen.looks, seen.members) =
        members::ask(world, cluster, &pods, |name| (needs.patience)(&seen.memory, name)).await;
    let once_more = !live && (needs.live)(&seen);
    let (pods, claims, counted) = if once_more {
        pods_and_volumes(world, cluster, shape, true).await
    } else {
        (pods, claims, counted)
    };
    let directive = (&shape.directive, &*stateful_set::directive_text(&shape.directive));
    let named = named(&*world.view, cluster);
    let pod = |pod| project::pod(pod, directive, shape.serving, &named);
    seen.pods = pods.iter().map(|(&at, of)| (at, pod(of))).collect();
    seen.volumes = claims.iter().map(|(&at, claim)| (at, project::volume(claim))).collect();
    seen.counted = counted;
    if let Some(request) = (needs.hashes)(&seen) {
        seen.sweep = Some(hashes::sweep(world, &seen, request).await);
    }
    let in_doubt = (needs.in_doubt)(&seen);
    lost::mark(world, &mut seen, &claims, in_doubt).await;
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
        finalizer: cluster
            .metadata
            .finalizers
            .iter()
            .flatten()
            .any(|at| at == crate::crd::FINALIZER),
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

/// The parts, each from the watches, or read live where the watches show none: what is absent from
/// a cache may exist, and may be somebody else's.
async fn objects(
    world: &World,
    cluster: &EtcdCluster,
    shape: &Shape,
) -> (Objects, Option<Arc<StatefulSet>>) {
    let (view, namespace) = (&world.view, names::namespace(cluster));
    let service = |part| {
        view.service(
            namespace,
            &crate::service::etcd_cluster::observe::part::name_of(part, names::cluster(cluster)),
        )
    };
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
