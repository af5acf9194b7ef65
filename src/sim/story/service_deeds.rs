//! SHELL. Deeds, done to a service and what it is made of.

use super::words::{AppDeed, NAME, NAMESPACE};
use crate::crd::AppService;
use crate::crd::labels::{MANAGED_BY, OPERATOR};
use crate::sim::cluster::SimCluster;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Pod, Service};
use k8s_openapi::api::networking::v1::Ingress;
use kube::ResourceExt;
use serde_json::{Value, json};

/// Does one deed.
pub(super) fn perform(world: &SimCluster, deed: AppDeed) {
    let api = &world.api;
    match deed {
        AppDeed::Create(spec) => create(world, spec),
        AppDeed::Edit(change) => edit(world, change),
        AppDeed::PinOldest => {
            api.edit(NAMESPACE, NAME, |app: &mut AppService| {
                let oldest = app.status.as_ref().and_then(|status| status.revisions.first());
                app.spec.rollback_to = oldest.map(|kept| kept.name.clone());
            });
        }
        AppDeed::Delete => drop(api.delete::<AppService>(NAMESPACE, NAME)),
        AppDeed::LoseStatus => {
            api.edit(NAMESPACE, NAME, |app: &mut AppService| app.status = None);
        }
        AppDeed::WriteStep(step) => {
            api.edit(NAMESPACE, NAME, |app: &mut AppService| {
                app.status.get_or_insert_default().step = Some(step.to_owned());
            });
        }
        AppDeed::Meddle => meddle(world),
        AppDeed::DeleteOthers => {
            api.delete::<Service>(NAMESPACE, NAME);
            api.delete::<Ingress>(NAMESPACE, NAME);
            api.delete::<ConfigMap>(NAMESPACE, NAME);
        }
        AppDeed::DeleteDeployment => drop(api.delete::<Deployment>(NAMESPACE, NAME)),
        AppDeed::DeletePod => {
            if let Some(pod) = api.list::<Pod>(Some(NAMESPACE)).first() {
                api.delete::<Pod>(NAMESPACE, &pod.name_any());
            }
        }
        AppDeed::Autoscale(pods) => {
            api.edit(NAMESPACE, NAME, |made: &mut Deployment| {
                made.spec.get_or_insert_default().replicas = Some(pods);
            });
        }
        // Nobody else has made one yet in these stories.
        AppDeed::ForeignService => drop(api.create(&foreign::<Service>("v1", "Service"))),
        AppDeed::ForeignDeployment => {
            drop(api.create(&foreign::<Deployment>("apps/v1", "Deployment")));
        }
        AppDeed::ForeignGone => foreign_gone(world),
    }
}

fn create(world: &SimCluster, spec: &str) {
    let spec: Value = serde_json::from_str(spec).unwrap_or_default();
    let object = json!({
        "apiVersion": "apps.etcd.io/v1alpha1", "kind": "Service",
        "metadata": {"name": NAME, "namespace": NAMESPACE}, "spec": spec,
    });
    if let Ok(object) = serde_json::from_value::<AppService>(object) {
        // A story that creates it twice means the second to fail.
        let _ = world.api.create(&object);
    }
}

fn edit(world: &SimCluster, change: &str) {
    let change: Value = serde_json::from_str(change).unwrap_or_default();
    world.api.edit(NAMESPACE, NAME, |app: &mut AppService| {
        let mut spec = serde_json::to_value(&app.spec).unwrap_or_default();
        for (key, value) in change.as_object().into_iter().flatten() {
            let Some(spec) = spec.as_object_mut() else { continue };
            if value.is_null() {
                spec.remove(key);
            } else {
                spec.insert(key.clone(), value.clone());
            }
        }
        if let Ok(spec) = serde_json::from_value(spec) {
            app.spec = spec;
        }
    });
}

fn meddle(world: &SimCluster) {
    world.api.edit(NAMESPACE, NAME, |service: &mut Service| {
        let spec = service.spec.get_or_insert_default();
        spec.selector.get_or_insert_default().insert("meddled".to_owned(), "with".to_owned());
        spec.ports.iter_mut().flatten().for_each(|port| port.port = 1234);
    });
    world.api.edit(NAMESPACE, NAME, |made: &mut Deployment| {
        let pod = made.spec.get_or_insert_default().template.spec.get_or_insert_default();
        for container in &mut pod.containers {
            container.image = Some("registry.local/meddled:1".to_owned());
        }
    });
    world.api.edit(NAMESPACE, NAME, |way: &mut Ingress| {
        for rule in way.spec.get_or_insert_default().rules.iter_mut().flatten() {
            rule.host = Some("meddled.example.com".to_owned());
        }
    });
    world.api.edit(NAMESPACE, NAME, |files: &mut ConfigMap| {
        files.data.get_or_insert_default().insert("a.conf".to_owned(), "meddled".to_owned());
    });
}

fn foreign<K: serde::de::DeserializeOwned + Default>(version: &str, kind: &str) -> K {
    let labels = json!({"app": "shop"});
    let template = json!({"metadata": {"labels": labels}, "spec": {"containers": []}});
    let selector = if kind == "Service" { labels.clone() } else { json!({"matchLabels": labels}) };
    serde_json::from_value(json!({
        "apiVersion": version, "kind": kind,
        "metadata": {"name": NAME, "namespace": NAMESPACE, "labels": labels},
        "spec": {"selector": selector, "template": template, "replicas": 0},
    }))
    .unwrap_or_default()
}

fn foreign_gone(world: &SimCluster) {
    let ours = |labels: &std::collections::BTreeMap<String, String>| {
        labels.get(MANAGED_BY).is_some_and(|by| by == OPERATOR)
    };
    let api = &world.api;
    if api.get::<Service>(NAMESPACE, NAME).is_some_and(|at| !ours(at.labels())) {
        api.delete::<Service>(NAMESPACE, NAME);
    }
    if api.get::<Deployment>(NAMESPACE, NAME).is_some_and(|at| !ours(at.labels())) {
        api.delete::<Deployment>(NAMESPACE, NAME);
    }
}
