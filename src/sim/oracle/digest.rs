//! SHELL. The end of a story as text: what a person would compare. Whatever differs from run to
//! run without a meaning is left out: UIDs, versions, times, addresses.

use crate::crd::{AppService, EtcdCluster};
use crate::sim::api::ApiServer;
use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::core::v1::{ConfigMap, PersistentVolumeClaim, Pod, Service};
use k8s_openapi::api::networking::v1::Ingress;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use kube::{Resource, ResourceExt};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Every object a story is about, a line each.
pub fn digest(api: &ApiServer) -> Vec<String> {
    let mut lines: Vec<String> = vec![];
    for cluster in api.list::<EtcdCluster>(None) {
        let status = cluster.status.clone().unwrap_or_default();
        let said =
            status.conditions.iter().map(|at| format!("{}={} {}", at.type_, at.status, at.reason));
        let members = status.members.iter().map(|member| json!([member.name, member.ready]));
        let about = json!({
            "finalizers": cluster.finalizers(),
            "deleting": cluster.metadata.deletion_timestamp.is_some(),
            "phase": status.phase, "step": status.step, "conditions": said.collect::<Vec<_>>(),
            "sealed": status.cluster_id.is_some(), "members": members.collect::<Vec<_>>(),
        });
        lines.push(format!("EtcdCluster {}: {about}", cluster.name_any()));
    }
    for app in api.list::<AppService>(None) {
        let status = app.status.clone().unwrap_or_default();
        let said =
            status.conditions.iter().map(|at| format!("{}={} {}", at.type_, at.status, at.reason));
        let about = json!({
            "phase": status.phase, "step": status.step, "conditions": said.collect::<Vec<_>>(),
            "revision": status.revision, "desired": status.desired, "url": status.url,
            "kept": status.revisions.iter().map(|kept| &kept.name).collect::<Vec<_>>(),
            "rolledBack": status.rolled_back.map(|back| [back.from, back.to]),
            "pods": [status.replicas, status.ready, status.updated],
        });
        lines.push(format!("AppService {}: {about}", app.name_any()));
    }
    children::<Deployment>(api, &mut lines);
    children::<Ingress>(api, &mut lines);
    children::<ConfigMap>(api, &mut lines);
    children::<StatefulSet>(api, &mut lines);
    children::<Service>(api, &mut lines);
    children::<PodDisruptionBudget>(api, &mut lines);
    children::<PersistentVolumeClaim>(api, &mut lines);
    children::<Pod>(api, &mut lines);
    lines
}

fn children<K>(api: &ApiServer, lines: &mut Vec<String>)
where
    K: Resource<DynamicType = ()> + DeserializeOwned + Serialize + Send + Sync + 'static,
{
    for object in api.list::<K>(None) {
        let owners: Vec<&str> =
            object.owner_references().iter().map(|owner| owner.name.as_str()).collect();
        let mut about = json!({
            "labels": object.labels(), "annotations": object.annotations(), "owners": owners,
            "finalizers": object.finalizers(),
            "deleting": object.meta().deletion_timestamp.is_some(),
            "data": serde_json::to_value(&*object).ok().and_then(|mut all| all.get_mut("data").map(Value::take)),
            "spec": serde_json::to_value(&*object).ok().and_then(|mut all| all.get_mut("spec").map(Value::take)),
        });
        forget_births(&mut about);
        // Which number a pod of a Deployment has depends on which were there before.
        let name = object.name_any();
        let numbered = object.labels().contains_key(crate::crd::labels::SERVICE_UID);
        let set = name.rsplit_once('-').filter(|_| numbered).map(|(set, _)| set.to_owned());
        let name = set.unwrap_or(name);
        lines.push(format!("{} {name}: {about}", K::kind(&())));
    }
}

/// A story may come to its end at a later birth: what counts births and names the members' IDs,
/// which follow from them, is no difference.
fn forget_births(about: &mut Value) {
    if let Some(labels) = about.pointer_mut("/labels").and_then(Value::as_object_mut) {
        labels.remove(crate::crd::labels::INCARNATION);
    }
    if let Some(spec) = about.get_mut("spec").and_then(Value::as_object_mut) {
        spec.remove("clusterIP");
    }
    if let Some(claims) = about.pointer_mut("/spec/volumeClaimTemplates") {
        *claims = Value::Null;
    }
    for path in ["/annotations", "/spec/template/metadata/annotations"] {
        let Some(text) =
            about.pointer_mut(path).and_then(|all| all.get_mut(crate::crd::DIRECTIVE_ANNOTATION))
        else {
            continue;
        };
        let directive = text.as_str().and_then(|text| serde_json::from_str::<Value>(text).ok());
        // A pod knows of those who were there when it was told.
        let others = if path == "/annotations" { "" } else { "initialCluster" };
        *text =
            json!(directive.map(|directive| json!([directive.get("mode"), directive.get(others)])));
    }
}
