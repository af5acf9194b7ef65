//! SHELL. Performs actions: the only writer of anything but the status.

use super::change;
use crate::client::etcd::EtcdError;
use crate::client::kubernetes::{CALL_DEADLINE, deadline};
use crate::client::{Answer, ApiError, answer};
use crate::crd::{DIRECTIVE_ANNOTATION, EtcdCluster};
use crate::resource::{
    Shape, apply, client_service, labels, names, pdb, peer_service, stateful_set,
};
use crate::service::etcd_cluster::decide::action::{Action, KeepPart};
use crate::service::etcd_cluster::decide::desired::{as_made, shape};
use crate::service::etcd_cluster::observe::part::Part;
use crate::service::etcd_cluster::observe::recorded;
use crate::service::{World, parts};
use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Pod};
use kube::Api;
use serde::de::DeserializeOwned;
use std::fmt::Debug;

/// Performs one action. What it expects to find is checked by the API server in the same call.
pub async fn perform(world: &World, cluster: &EtcdCluster, action: &Action) -> Answer {
    match try_perform(world, cluster, action).await {
        Ok(()) => Answer::Ok,
        Err(Failed::Api(error)) => answer(&error),
        Err(Failed::Etcd(error)) => change::answer(&error),
    }
}

/// Who failed.
enum Failed {
    Api(ApiError),
    Etcd(EtcdError),
}

impl From<ApiError> for Failed {
    fn from(error: ApiError) -> Self {
        Self::Api(error)
    }
}

impl From<EtcdError> for Failed {
    fn from(error: EtcdError) -> Self {
        Self::Etcd(error)
    }
}

async fn try_perform(world: &World, cluster: &EtcdCluster, action: &Action) -> Result<(), Failed> {
    let etcd = &*world.etcd;
    let shape = shape(cluster, &recorded::memory(cluster), &world.image);
    let (client, namespace) = (world.api.clone(), names::namespace(cluster));
    match action {
        Action::AddFinalizer => Ok(set_finalizer(world, cluster, true).await?),
        Action::DropFinalizer => Ok(set_finalizer(world, cluster, false).await?),
        Action::AddLearner { endpoint, member } => {
            Ok(change::add(etcd, cluster, (endpoint, member)).await?)
        }
        Action::Promote { endpoint, member, id } => {
            Ok(change::promote(etcd, cluster, (endpoint, member, id)).await?)
        }
        Action::RemoveMember { endpoint, member, id } => {
            Ok(change::remove(etcd, cluster, (endpoint, member, id)).await?)
        }
        Action::DisarmCorrupt { endpoint } => {
            Ok(change::disarm_corrupt(etcd, cluster, endpoint).await?)
        }
        Action::MoveLeader { endpoint, to } => Ok(change::move_leader(etcd, (endpoint, to)).await?),
        Action::Keep { parts } => {
            for part in parts {
                keep(world, cluster, &shape, part).await?;
            }
            Ok(())
        }
        Action::Direct { pods } => {
            let api = Api::<Pod>::namespaced(client, namespace);
            for (ordinal, uid) in pods {
                direct(&api, &names::pod(cluster, *ordinal), uid, &shape).await?;
            }
            Ok(())
        }
        Action::DeleteStatefulSet { uid } => {
            let api = Api::<StatefulSet>::namespaced(client, namespace);
            Ok(parts::delete(&api, names::cluster(cluster), uid).await?)
        }
        Action::DeletePods { pods } => {
            let api = Api::<Pod>::namespaced(client, namespace);
            Ok(delete_all(&api, pods, |at| names::pod(cluster, at)).await?)
        }
        Action::DeleteVolumes { volumes } => {
            let api = Api::<PersistentVolumeClaim>::namespaced(client, namespace);
            Ok(delete_all(&api, volumes, |at| names::volume_claim(cluster, at)).await?)
        }
    }
}

async fn direct(api: &Api<Pod>, name: &str, uid: &str, shape: &Shape) -> Result<(), ApiError> {
    let label = shape.serving.then(|| "true".to_owned());
    let text = stateful_set::directive_text(&shape.directive);
    let marks = [(labels::SERVING.to_owned(), label)].into();
    let told = [(DIRECTIVE_ANNOTATION.to_owned(), Some(text))].into();
    let call = apply::patch_pod_metadata(api, name, uid, &marks, &told);
    deadline(CALL_DEADLINE, call).await.map(drop)
}

/// Deletes what is called so, of each ordinal with its UID.
async fn delete_all<T>(
    api: &Api<T>,
    all: &[(u32, String)],
    name: impl Fn(u32) -> String,
) -> Result<(), ApiError>
where
    T: Clone + DeserializeOwned + Debug,
{
    for (ordinal, uid) in all {
        parts::delete(api, &name(*ordinal), uid).await?;
    }
    Ok(())
}

async fn keep(
    world: &World,
    cluster: &EtcdCluster,
    shape: &Shape,
    part: &KeepPart,
) -> Result<(), ApiError> {
    let (part, expected) = parts::expected(part);
    let expected = expected.as_ref();
    match part {
        Part::PeerService => parts::put(world, peer_service::build(cluster, shape), expected).await,
        Part::ClientService => {
            parts::put(world, client_service::build(cluster, shape), expected).await
        }
        Part::DisruptionBudget => parts::put(world, pdb::build(cluster, shape), expected).await,
        Part::StatefulSet => {
            let shape = if expected.is_some() { shape.clone() } else { as_made(shape) };
            parts::put(world, stateful_set::build(cluster, &shape), expected).await
        }
    }
}

/// Writes the whole list of finalizers with the resource version it was read at, so that no
/// other's finalizer is lost and no other object of the name is touched.
async fn set_finalizer(world: &World, cluster: &EtcdCluster, on: bool) -> Result<(), ApiError> {
    let api = Api::<EtcdCluster>::namespaced(world.api.clone(), names::namespace(cluster));
    let has = cluster.metadata.finalizers.iter().flatten().any(|at| at == crate::crd::FINALIZER);
    if has == on {
        return Ok(());
    }
    let others =
        cluster.metadata.finalizers.iter().flatten().filter(|at| *at != crate::crd::FINALIZER);
    let ours = on.then(|| crate::crd::FINALIZER.to_owned());
    let finalizers: Vec<String> = others.cloned().chain(ours).collect();
    let call = apply::set_finalizers(&api, cluster, &finalizers);
    deadline(CALL_DEADLINE, call).await.map(drop)
}
