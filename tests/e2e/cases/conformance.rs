//! SHELL. The same requests to the real and to the simulated API server, and the same answers.
//! Without this, what the simulated world shows would be true of nothing else.

use crate::case::Context;
use anyhow::{Result, ensure};
use etcd_operator::sim::api::{ApiServer, read};
use etcd_operator::sim::clock::SimClock;
use futures::future::BoxFuture;
use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::Service;
use kube::api::{
    DeleteParams, ListParams, Patch, PatchParams, PostParams, Preconditions, PropagationPolicy,
};
use kube::{Api, Resource, ResourceExt};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

pub async fn api(context: &Context) -> Result<()> {
    let real = Script::new(context.env.cluster.api.clone(), &context.namespace, || {
        Box::pin(tokio::time::sleep(Duration::from_millis(200)))
    });
    let server = ApiServer::new(Arc::new(SimClock::default()));
    let garbage = server.clone();
    let simulated = Script::new(client(&server), &context.namespace, move || {
        garbage.collect_garbage();
        Box::pin(std::future::ready(()))
    });
    let (real, simulated) = (real.run().await?, simulated.run().await?);
    let differ: Vec<String> = real
        .iter()
        .zip(&simulated)
        .filter(|(real, simulated)| real != simulated)
        .map(|(real, simulated)| format!("\n  real      {real}\n  simulated {simulated}"))
        .collect();
    ensure!(
        differ.is_empty(),
        "{} of {} answers differ:{}",
        differ.len(),
        real.len(),
        differ.concat()
    );
    ensure!(real.len() == simulated.len() && real.len() > 30, "{} answers", real.len());
    context.figure("conformance_answers", real.len());
    Ok(())
}

/// A real client over the simulated server.
fn client(server: &ApiServer) -> kube::Client {
    let server = server.clone();
    let service = tower::service_fn(move |request: http::Request<kube::client::Body>| {
        let server = server.clone();
        async move {
            let request = read(request).await?;
            Ok::<_, std::io::Error>(server.handle(&request).map(kube::client::Body::from))
        }
    });
    kube::Client::new(service, "default")
}

/// One server, and what it answered so far.
struct Script {
    services: Api<Service>,
    sets: Api<StatefulSet>,
    pause: Box<dyn Fn() -> BoxFuture<'static, ()>>,
    lines: Vec<String>,
    version: String,
}

const MANAGER: &str = "conformance";

impl Script {
    fn new(
        client: kube::Client,
        namespace: &str,
        pause: impl Fn() -> BoxFuture<'static, ()> + 'static,
    ) -> Self {
        Self {
            services: Api::namespaced(client.clone(), namespace),
            sets: Api::namespaced(client, namespace),
            pause: Box::new(pause),
            lines: vec![],
            version: String::new(),
        }
    }

    async fn run(mut self) -> Result<Vec<String>> {
        self.creation().await?;
        self.apply().await?;
        self.expectations().await?;
        self.sets().await?;
        self.finalizers().await?;
        self.garbage().await?;
        Ok(self.lines)
    }

    /// Keeps what an answer comes to: what was refused and why, or what matters of the object.
    fn note<K>(&mut self, step: &str, answer: kube::Result<K>) -> Option<K>
    where
        K: Resource<DynamicType = ()> + Serialize,
    {
        let (line, object) = match answer {
            Ok(object) => {
                let version = object.meta().resource_version.clone().unwrap_or_default();
                let changed = version != self.version;
                self.version = version;
                let value = serde_json::to_value(&object).unwrap_or_default();
                let at = |path: &str| value.pointer(path).cloned().unwrap_or_default();
                let line = format!(
                    "ok, changed {changed}, generation {}, labels {}, finalizers {}, deleting {}, \
                     selector {}, ports {}, replicas {}, status {}",
                    at("/metadata/generation"),
                    at("/metadata/labels"),
                    at("/metadata/finalizers"),
                    object.meta().deletion_timestamp.is_some(),
                    at("/spec/selector"),
                    at("/spec/ports/0/port"),
                    at("/spec/replicas"),
                    at("/status/replicas"),
                );
                (line, Some(object))
            }
            Err(kube::Error::Api(status)) => (format!("{} {}", status.code, status.reason), None),
            Err(error) => (format!("failed: {error}"), None),
        };
        self.lines.push(format!("{step}: {line}"));
        object
    }

    async fn creation(&mut self) -> Result<()> {
        let services = self.services.clone();
        let made = services.create(&post(), &service("a", &json!({"x": "1"}))?).await;
        self.note("create", made);
        let again = services.create(&post(), &service("a", &json!({"x": "2"}))?).await;
        self.note("create again", again);
        self.note("get", services.get("a").await);
        self.note("get what is not there", services.get("nothing").await);
        let selector = ListParams::default().labels("x=1");
        let found = services.list(&selector).await?.items.len();
        let others = services.list(&ListParams::default().labels("x=2")).await?.items.len();
        self.lines.push(format!("list by label: {found} and {others}"));
        Ok(())
    }

    async fn apply(&mut self) -> Result<()> {
        let services = self.services.clone();
        let (plain, force) = (PatchParams::apply(MANAGER), PatchParams::apply(MANAGER).force());
        let apply = |labels: Value, port: i32| {
            json!({"apiVersion": "v1", "kind": "Service",
                "metadata": {"name": "a", "labels": labels},
                "spec": {"ports": [{"name": "p", "port": port, "protocol": "TCP"}]}})
        };
        for (step, params, labels, port) in [
            ("apply what is there", &plain, json!({"x": "1"}), 80),
            ("apply another value without force", &plain, json!({"x": "9"}), 80),
            ("apply another value with force", &force, json!({"x": "9", "y": "1"}), 80),
            ("apply the same again", &plain, json!({"x": "9", "y": "1"}), 80),
            ("apply without what we alone had", &plain, json!({"x": "9"}), 80),
            ("apply without what both had", &force, json!({}), 80),
        ] {
            let patch = Patch::Apply(apply(labels, port));
            self.note(step, services.patch("a", params, &patch).await);
        }
        let unborn = Patch::Apply(apply(json!({"z": "1"}), 80));
        let mut renamed = apply(json!({"z": "1"}), 80);
        if let Some(name) = renamed.pointer_mut("/metadata/name") {
            *name = json!("b");
        }
        self.note("apply under another name", services.patch("b", &plain, &unborn).await);
        self.note(
            "apply what is not there",
            services.patch("b", &plain, &Patch::Apply(&renamed)).await,
        );
        if let Some(metadata) = renamed.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.insert("uid".to_owned(), json!("00000000-0000-0000-0000-000000000000"));
        }
        self.note(
            "apply with a wrong uid",
            services.patch("b", &plain, &Patch::Apply(&renamed)).await,
        );
        if let Some(name) = renamed.pointer_mut("/metadata/name") {
            *name = json!("c");
        }
        self.note(
            "apply a uid that is not there",
            services.patch("c", &plain, &Patch::Apply(&renamed)).await,
        );
        Ok(())
    }

    async fn expectations(&mut self) -> Result<()> {
        let services = self.services.clone();
        let there = services.get("a").await?;
        let (uid, version) = (there.uid(), there.resource_version());
        let merge = |metadata: Value, selector: Value| {
            Patch::Merge(json!({"metadata": metadata, "spec": {"selector": selector}}))
        };
        let params = PatchParams::default();
        let wrong = "00000000-0000-0000-0000-000000000000";
        for (step, metadata, selector) in [
            ("merge nothing", json!({}), json!({"app": "a"})),
            (
                "merge with uid and version",
                json!({"uid": uid, "resourceVersion": version}),
                json!({"more": "x"}),
            ),
            (
                "merge with an old version",
                json!({"resourceVersion": version}),
                json!({"more": "y"}),
            ),
            ("merge with a wrong uid", json!({"uid": wrong}), json!({"more": "z"})),
            ("merge a key away", json!({}), json!({"more": null})),
        ] {
            self.note(step, services.patch("a", &params, &merge(metadata, selector)).await);
        }
        self.note(
            "merge what is not there",
            services.patch("none", &params, &merge(json!({}), json!({}))).await,
        );
        for (step, name, uid) in [
            ("delete with a wrong uid", "a", Some(wrong.to_owned())),
            ("delete what is not there", "none", None),
            ("delete with its uid", "a", uid),
        ] {
            let outcome = services.delete(name, &delete(uid)).await;
            let line = match outcome {
                Ok(_) => "ok".to_owned(),
                Err(kube::Error::Api(status)) => format!("{} {}", status.code, status.reason),
                Err(error) => error.to_string(),
            };
            self.lines.push(format!("{step}: {line}"));
        }
        self.note("get what was deleted", services.get("a").await);
        Ok(())
    }

    async fn sets(&mut self) -> Result<()> {
        let sets = self.sets.clone();
        let params = PatchParams::default();
        self.note("create a set", sets.create(&post(), &set("s")?).await);
        for (step, patch) in [
            ("change what is fixed", json!({"spec": {"serviceName": "other"}})),
            (
                "change the template",
                json!({"spec": {"template": {"metadata": {"annotations": {"a": "1"}}}}}),
            ),
            ("change a label", json!({"metadata": {"labels": {"l": "1"}}})),
            (
                "change the template to what it is",
                json!({"spec": {"template": {"metadata": {"annotations": {"a": "1"}}}}}),
            ),
        ] {
            self.settled("s").await?;
            self.note(step, sets.patch("s", &params, &Patch::Merge(patch)).await);
        }
        Ok(())
    }

    /// Waits until the controller has written the set's status, so that its writes are not ours.
    async fn settled(&mut self, name: &str) -> Result<()> {
        let mut before = None;
        for _ in 0..5 {
            (self.pause)().await;
            let now = self.sets.get(name).await?.resource_version();
            if now == before {
                break;
            }
            before = now;
        }
        self.version = before.unwrap_or_default();
        Ok(())
    }

    async fn finalizers(&mut self) -> Result<()> {
        let services = self.services.clone();
        let params = PatchParams::default();
        let finalizers = |all: Value| Patch::Merge(json!({"metadata": {"finalizers": all}}));
        self.note(
            "create one with a finalizer",
            services.create(&post(), &service("f", &json!({}))?).await,
        );
        self.note(
            "add it",
            services.patch("f", &params, &finalizers(json!(["example.org/one"]))).await,
        );
        services.delete("f", &delete(None)).await?;
        self.note("get one being deleted", services.get("f").await);
        services.delete("f", &delete(None)).await?;
        self.note("delete it again", services.get("f").await);
        let two = finalizers(json!(["example.org/one", "example.org/two"]));
        self.note("add a finalizer now", services.patch("f", &params, &two).await);
        self.note("let go", services.patch("f", &params, &finalizers(json!([]))).await);
        self.note("get what was let go", services.get("f").await);
        Ok(())
    }

    async fn garbage(&mut self) -> Result<()> {
        let (services, sets) = (self.services.clone(), self.sets.clone());
        let owner = sets.get("s").await?;
        let mut child = service("owned", &json!({}))?;
        child.owner_references_mut().push(owner.controller_owner_ref(&()).unwrap_or_default());
        self.note("create one that is owned", services.create(&post(), &child).await);
        sets.delete("s", &delete(None)).await?;
        self.gone("collect what is owned", &services, "owned").await;
        let mut stray = service("stray", &json!({}))?;
        stray.owner_references_mut().push(owner.controller_owner_ref(&()).unwrap_or_default());
        self.note("create one whose owner is gone", services.create(&post(), &stray).await);
        self.gone("collect what is stray", &services, "stray").await;
        Ok(())
    }

    async fn gone<K>(&mut self, step: &str, api: &Api<K>, name: &str)
    where
        K: Resource<DynamicType = ()> + Clone + Debug + DeserializeOwned + Serialize,
    {
        for _ in 0..150 {
            if api.get(name).await.is_err() {
                break;
            }
            (self.pause)().await;
        }
        self.note(step, api.get(name).await);
    }
}

fn post() -> PostParams {
    PostParams { field_manager: Some("creator".to_owned()), ..PostParams::default() }
}

fn delete(uid: Option<String>) -> DeleteParams {
    DeleteParams {
        preconditions: Some(Preconditions { uid, resource_version: None }),
        propagation_policy: Some(PropagationPolicy::Background),
        ..DeleteParams::default()
    }
}

fn service(name: &str, labels: &Value) -> Result<Service> {
    Ok(serde_json::from_value(json!({
        "metadata": {"name": name, "labels": labels},
        "spec": {"selector": {"app": name},
            "ports": [{"name": "p", "port": 80, "protocol": "TCP"}]},
    }))?)
}

fn set(name: &str) -> Result<StatefulSet> {
    Ok(serde_json::from_value(json!({
        "metadata": {"name": name},
        "spec": {"replicas": 0, "serviceName": name, "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}},
                "spec": {"containers": [{"name": "c", "image": "registry.local/pause:1"}]}}},
    }))?)
}
