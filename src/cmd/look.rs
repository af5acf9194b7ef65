//! SHELL. Reads one cluster as the operator would, for the commands that explain it.

use super::output::Named;
use crate::client::etcd::{GrpcEtcd, Timeouts};
use crate::client::kubernetes::{CALL_DEADLINE, Options, connect, deadline};
use crate::client::{ApiClass, ApiError};
use crate::controller::SystemClock;
use crate::controller::live::Live;
use crate::crd::EtcdCluster;
use crate::resource::install::DEFAULT_IMAGE;
use crate::service::World;
use anyhow::{Context, anyhow};
use kube::api::ListParams;
use kube::{Api, ResourceExt};
use std::sync::Arc;

/// A cluster's object, and all that belongs to it.
pub struct Looked {
    /// The way to the API server.
    pub client: kube::Client,
    /// The object.
    pub cluster: EtcdCluster,
}

/// Runs a command that asks the API server.
///
/// # Errors
/// Whatever the command ends with.
pub fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(work)
}

/// A client of the cluster the kubeconfig names, or the one this runs in.
///
/// # Errors
/// There is no usable configuration.
pub async fn client() -> anyhow::Result<kube::Client> {
    connect(Options::new(Arc::new(|_| {}))).await.context("set KUBECONFIG to reach a cluster")
}

/// Reads the object.
///
/// # Errors
/// Says why not, and what to do about it.
pub async fn look(named: &Named) -> anyhow::Result<Looked> {
    let client = client().await?;
    let namespace = namespace(named, &client);
    let api = Api::<EtcdCluster>::namespaced(client.clone(), &namespace);
    match deadline(CALL_DEADLINE, api.get(&named.name)).await {
        Ok(cluster) => Ok(Looked { client, cluster }),
        Err(error) if error.class == ApiClass::NotFound => {
            Err(absent(&client, &named.name, &namespace).await)
        }
        Err(error) => Err(anyhow::Error::new(error)
            .context(format!("failed to read EtcdCluster {}/{}", namespace, named.name))),
    }
}

/// The namespace that is meant.
pub fn namespace(named: &Named, client: &kube::Client) -> String {
    named.namespace.clone().unwrap_or_else(|| client.default_namespace().to_owned())
}

/// Why there is no such object: none of that name, or none at all, or not even the kind.
async fn absent(client: &kube::Client, name: &str, namespace: &str) -> anyhow::Error {
    let all = Api::<EtcdCluster>::all(client.clone());
    match deadline(CALL_DEADLINE, all.list(&ListParams::default())).await {
        Err(ApiError { class: ApiClass::NotFound, .. }) => anyhow!(
            "this Kubernetes knows no EtcdCluster; install the operator: \
             etcd-operator manifests | kubectl apply --server-side -f -"
        ),
        Ok(list) if !list.items.is_empty() => {
            let there = list
                .items
                .iter()
                .take(20)
                .map(|at| format!("{}/{}", at.namespace().unwrap_or_default(), at.name_any()));
            let there = there.collect::<Vec<_>>().join(", ");
            anyhow!("there is no EtcdCluster {namespace}/{name}; there are: {there}")
        }
        Ok(_) | Err(_) => anyhow!("there is no EtcdCluster {namespace}/{name}"),
    }
}

/// The world as it is now, for the operator's own eyes.
///
/// # Errors
/// Its objects cannot be listed.
pub async fn live_world(looked: &Looked) -> anyhow::Result<World> {
    let (cluster, client) = (&looked.cluster, looked.client.clone());
    let namespace = cluster.namespace().unwrap_or_default();
    let live = Live::read(&client, &namespace, &cluster.name_any()).await;
    let live = live.context("failed to list what belongs to the cluster")?;
    // The image is the operator's own, and only its pods know it: what the set has is right.
    let image = gate_image(&live).unwrap_or_else(|| DEFAULT_IMAGE.to_owned());
    Ok(World {
        api: client,
        view: Arc::new(live),
        etcd: Arc::new(GrpcEtcd::new(Timeouts::default())),
        clock: Arc::new(SystemClock),
        image,
    })
}

fn gate_image(live: &Live) -> Option<String> {
    let pod = live.sets.first()?.spec.as_ref()?.template.spec.as_ref()?;
    pod.init_containers.as_ref()?.first()?.image.clone()
}
