//! SHELL. Reads one object as the operator would, for the commands that explain it.

use super::kinds::kind;
use super::output::Named;
use crate::client::etcd::{GrpcEtcd, Timeouts};
use crate::client::kubernetes::{CALL_DEADLINE, Options, connect, deadline};
use crate::client::{ApiClass, ApiError};
use crate::controller::SystemClock;
use crate::controller::live::Live;
use crate::resource::install::DEFAULT_IMAGE;
use crate::service::World;
use crate::service::inspect::Inspect;
use anyhow::{Context, anyhow};
use kube::api::ListParams;
use kube::{Api, ResourceExt};
use std::future::Future;
use std::sync::Arc;

/// An object, and the way to it.
pub struct Looked<K: Inspect> {
    /// The way to the API server.
    pub client: kube::Client,
    /// The object.
    pub object: K::Object,
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

/// Reads the object of this name.
///
/// # Errors
/// Says why not, and what to do about it.
pub async fn look<K: Inspect>(named: &Named, name: &str) -> anyhow::Result<Looked<K>> {
    let client = client().await?;
    let namespace = namespace(named, &client);
    let object = read::<K>(&client, &namespace, name).await?;
    Ok(Looked { client, object })
}

async fn read<K: Inspect>(
    client: &kube::Client,
    namespace: &str,
    name: &str,
) -> anyhow::Result<K::Object> {
    let api = Api::<K::Object>::namespaced(client.clone(), namespace);
    match deadline(CALL_DEADLINE, api.get(name)).await {
        Ok(object) => Ok(object),
        Err(error) if error.class == ApiClass::NotFound => {
            Err(absent::<K>(client, name, namespace).await)
        }
        Err(error) => {
            let what = format!("failed to read {} {namespace}/{name}", kind::<K>());
            let what = what + &remedy(error.class, namespace);
            Err(anyhow::Error::new(error).context(what))
        }
    }
}

/// What to try next, if it is known.
fn remedy(class: ApiClass, namespace: &str) -> String {
    match class {
        ApiClass::Forbidden => {
            format!(" (what you may do there: `kubectl -n {namespace} auth can-i --list`)")
        }
        ApiClass::Unavailable | ApiClass::Timeout => {
            " (whether it can be reached: `kubectl cluster-info`)".to_owned()
        }
        ApiClass::NotFound
        | ApiClass::AlreadyExists
        | ApiClass::Conflict
        | ApiClass::Throttled
        | ApiClass::Invalid
        | ApiClass::Terminating
        | ApiClass::Internal => String::new(),
    }
}

/// The namespace that is meant.
pub fn namespace(named: &Named, client: &kube::Client) -> String {
    named.namespace.clone().unwrap_or_else(|| client.default_namespace().to_owned())
}

/// Why there is no such object: none of that name, or none at all, or not even the kind.
async fn absent<K: Inspect>(client: &kube::Client, name: &str, namespace: &str) -> anyhow::Error {
    let (all, kind) = (Api::<K::Object>::all(client.clone()), kind::<K>());
    match deadline(CALL_DEADLINE, all.list(&ListParams::default())).await {
        Err(ApiError { class: ApiClass::NotFound, .. }) => anyhow!(
            "this Kubernetes knows no {kind}; install the operator: \
             etcd-operator manifests | kubectl apply --server-side -f -"
        ),
        Ok(list) if !list.items.is_empty() => {
            let there = list
                .items
                .iter()
                .take(20)
                .map(|at| format!("{}/{}", at.namespace().unwrap_or_default(), at.name_any()));
            let there = there.collect::<Vec<_>>().join(", ");
            anyhow!("there is no {kind} {namespace}/{name}; there are: {there}")
        }
        Ok(_) => anyhow!("there is no {kind} {namespace}/{name}, nor any other"),
        // Not everybody may list every namespace.
        Err(_) => anyhow!(
            "there is no {kind} {namespace}/{name}; see those there are: \
             `kubectl -n {namespace} get {}`",
            K::SHORT
        ),
    }
}

/// The world as it is now, for the operator's own eyes.
///
/// # Errors
/// Its objects cannot be listed.
pub async fn live_world<K: Inspect>(looked: &Looked<K>) -> anyhow::Result<World> {
    let (object, client) = (&looked.object, looked.client.clone());
    let namespace = object.namespace().unwrap_or_default();
    let live = Live::read(&client, &namespace, &object.name_any()).await;
    let live = live.context("failed to list what belongs to it")?;
    // The image is the operator's own, and only its pods know it: what the set has is right.
    let image = gate_image(&live).unwrap_or_else(|| DEFAULT_IMAGE.to_owned());
    Ok(World {
        api: client,
        view: Arc::new(live),
        etcd: Arc::new(GrpcEtcd::new(Timeouts::default())),
        clock: Arc::new(SystemClock),
        image,
        right: Arc::default(),
    })
}

fn gate_image(live: &Live) -> Option<String> {
    let pod = live.sets.first()?.spec.as_ref()?.template.spec.as_ref()?;
    pod.init_containers.as_ref()?.first()?.image.clone()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::etcd_cluster::Cluster;
    use http::{Request, Response};
    use kube::client::Body;
    use serde_json::{Value, json};
    use std::convert::Infallible;

    /// What is said of `shop/a` by a server that answers a read and a list like this.
    async fn told(read: (u16, Value), list: (u16, Value)) -> String {
        let service = tower::service_fn(move |request: Request<Body>| {
            let one = request.uri().path().ends_with("/etcdclusters/a");
            let (code, body) = if one { read.clone() } else { list.clone() };
            let body = Body::from(body.to_string().into_bytes());
            async move { Ok::<_, Infallible>(Response::builder().status(code).body(body).unwrap()) }
        });
        let client = kube::Client::new(service, "shop");
        format!("{:#}", super::read::<Cluster>(&client, "shop", "a").await.unwrap_err())
    }

    fn failed(code: u16, reason: &str) -> (u16, Value) {
        let kind = json!({"apiVersion": "v1", "kind": "Status", "status": "Failure"});
        let mut status = kind;
        status["code"] = code.into();
        status["reason"] = reason.into();
        status["message"] = "said the server".into();
        (code, status)
    }

    fn list(items: Value) -> (u16, Value) {
        let mut list = json!({"apiVersion": "etcd.etcd.io/v1alpha1", "kind": "EtcdClusterList"});
        list["metadata"] = json!({});
        list["items"] = items;
        (200, list)
    }

    #[tokio::test]
    async fn an_absent_cluster_names_those_there_are() {
        let other = json!([{
            "apiVersion": "etcd.etcd.io/v1alpha1", "kind": "EtcdCluster",
            "metadata": {"name": "b", "namespace": "shop"}, "spec": {},
        }]);
        let absent = failed(404, "NotFound");
        let told_of = async |all| told(absent.clone(), all).await;
        let one = told_of(list(other)).await;
        assert_eq!(one, "there is no EtcdCluster shop/a; there are: shop/b");
        let none = told_of(list(json!([]))).await;
        assert_eq!(none, "there is no EtcdCluster shop/a, nor any other");
        let unlisted = told_of(failed(403, "Forbidden")).await;
        assert!(unlisted.ends_with("`kubectl -n shop get etcdc`"), "{unlisted}");
    }

    #[tokio::test]
    async fn a_kubernetes_without_the_kind_says_how_to_install_it() {
        let told = told(failed(404, "NotFound"), failed(404, "NotFound")).await;
        assert!(told.contains("etcd-operator manifests | kubectl apply"), "{told}");
    }

    #[tokio::test]
    async fn who_may_not_read_is_told_where_to_look_and_what_the_server_said() {
        let told = told(failed(403, "Forbidden"), failed(403, "Forbidden")).await;
        assert!(told.contains("`kubectl -n shop auth can-i --list`"), "{told}");
        assert!(told.ends_with("said the server"), "{told}");
        assert!(remedy(ApiClass::Timeout, "shop").contains("cluster-info"));
        assert_eq!(remedy(ApiClass::Internal, "shop"), "");
    }
}
