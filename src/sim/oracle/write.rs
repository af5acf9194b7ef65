//! SHELL. One write of an operator: where it went, what was there before, and the laws it broke.

use super::law::Law;
use crate::crd::{
    APPS_GROUP, AppService, DIRECTIVE_ANNOTATION, Directive, EtcdCluster, Mode, labels,
};
use crate::service::etcd_cluster::gate::parse_directive;
use crate::sim::api::{APPS, ApiServer};
use http::Method;
use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::core::v1::{ConfigMap, PersistentVolumeClaim, Pod, Service};
use k8s_openapi::api::networking::v1::Ingress;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::{Resource, ResourceExt};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::sync::Arc;

/// The largest status, in bytes: whoever watches a thousand clusters holds them all.
const STATUS_BYTES_MAX: usize = 32 << 10;

/// Where a write goes.
pub struct Target<'a> {
    plural: &'a str,
    namespace: &'a str,
    name: &'a str,
    status: bool,
}

impl<'a> Target<'a> {
    /// What a write to this path, with this body, is about.
    pub fn of(path: &'a str, body: &'a Value) -> Option<Self> {
        // What is made names itself in the body.
        let made = body.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
        let segments: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let at = segments.iter().position(|part| *part == "namespaces")?;
        let ours = segments.get(1) == Some(&APPS_GROUP);
        let mut rest = segments.into_iter().skip(at + 1);
        let (namespace, plural) = (rest.next()?, rest.next()?);
        let name = rest.next().unwrap_or(made);
        let plural = if ours { APPS } else { plural };
        Some(Self { plural, namespace, name, status: rest.next() == Some("status") })
    }
}

/// What was there before a write.
pub struct Before {
    object: Option<ObjectMeta>,
    /// The clusters and services that are paused, by UID.
    paused: Vec<String>,
    /// The clusters whose identity is recorded or that serve, and whose end is not asked for, by UID.
    living: Vec<String>,
}

impl Before {
    /// What is there now.
    pub fn of(api: &ApiServer, target: &Target<'_>) -> Self {
        Self {
            object: found(api, target),
            paused: clusters(api, |cluster| cluster.spec.paused)
                .into_iter()
                .chain(services(api, |app| app.spec.paused))
                .collect(),
            living: clusters(api, |cluster| lives(api, cluster)),
        }
    }
}

/// The laws that a write broke, and how.
pub fn broken(
    api: &ApiServer,
    (method, target, body): (&Method, &Target<'_>, &Value),
    before: &Before,
) -> Vec<(Law, String)> {
    let what = format!("{method} {} {}", target.plural, target.name);
    let after = found(api, target);
    let changed = before.object != after;
    let of = |clusters: &[String]| {
        clusters.iter().any(|uid| concerns(uid, before.object.as_ref(), after.as_ref()))
    };
    let was = before.object.as_ref();
    let owner = ["etcdclusters", APPS].contains(&target.plural);
    let foreign = !owner && was.is_some_and(|was| !is_ours(api, was));
    let begun_twice = directives(body).iter().any(|directive| {
        directive.mode == Mode::New
            && recorded(api, &directive.cluster_uid) == Some(directive.incarnation)
    });
    let checks = [
        (Law::OthersUntouched, changed && foreign),
        (Law::NewOnlyOnce, changed && begun_twice),
        (Law::PauseHeld, changed && !target.status && of(&before.paused)),
        (Law::QuorumKept, of(&before.living) && takes_members(api, target, before, after.as_ref())),
        (Law::StatusTrue, target.status && is_available(api, target) && may_any_begin(api, target)),
        (Law::Bounded, target.status && status_bytes(api, target) > STATUS_BYTES_MAX),
    ];
    checks.into_iter().filter(|(_, broken)| *broken).map(|(law, _)| (law, what.clone())).collect()
}

/// Whether members on record went with the write: a pod was deleted, or a `StatefulSet` is gone or
/// asks for fewer than there are. Of a cluster that is to sleep all go.
fn takes_members(
    api: &ApiServer,
    target: &Target<'_>,
    before: &Before,
    after: Option<&ObjectMeta>,
) -> bool {
    let stays = |meta: &ObjectMeta| meta.deletion_timestamp.is_none();
    let left = before.object.as_ref().is_some_and(stays) && !after.is_some_and(stays);
    let recorded = recorded_members(api, target);
    match target.plural {
        "pods" => left && recorded.iter().any(|member| member == target.name),
        "statefulsets" => {
            let asked = replicas(api, target).unwrap_or(0);
            let asks_for = |member: &String| {
                let ordinal = member.rsplit('-').next().and_then(|ordinal| ordinal.parse().ok());
                ordinal.is_none_or(|ordinal: i32| ordinal < asked)
            };
            left || !recorded.iter().all(asks_for)
        }
        _ => false,
    }
}

/// The members on record of the clusters of a namespace that are not to sleep, and where the status was
/// lost the pods that clients are sent to.
fn recorded_members(api: &ApiServer, target: &Target<'_>) -> Vec<String> {
    let awake = api.list::<EtcdCluster>(Some(target.namespace)).into_iter();
    let awake = awake.filter(|cluster| cluster.spec.size > 0);
    let members = awake.flat_map(|cluster| match &cluster.status {
        Some(status) if status.cluster_id.is_some() => {
            status.members.iter().map(|member| member.name.clone()).collect()
        }
        Some(_) | None => serving(api, &cluster),
    });
    members.collect()
}

/// The pods of a cluster that clients are sent to.
fn serving(api: &ApiServer, cluster: &EtcdCluster) -> Vec<String> {
    let uid = cluster.uid();
    let serves = |pod: &&Arc<Pod>| {
        let owner = pod.labels().get(labels::CLUSTER_UID);
        owner == uid.as_ref() && pod.labels().contains_key(labels::SERVING)
    };
    let pods = api.list::<Pod>(cluster.namespace().as_deref());
    pods.iter().filter(serves).map(|pod| pod.name_any()).collect()
}

fn status_bytes(api: &ApiServer, target: &Target<'_>) -> usize {
    let text = if target.plural == APPS {
        let app = api.get::<AppService>(target.namespace, target.name);
        app.and_then(|app| serde_json::to_vec(&app.status).ok())
    } else {
        let cluster = api.get::<EtcdCluster>(target.namespace, target.name);
        cluster.and_then(|cluster| serde_json::to_vec(&cluster.status).ok())
    };
    text.map_or(0, |text| text.len())
}

/// Whether the identity of a cluster is recorded or it serves, and its end is not asked for.
fn lives(api: &ApiServer, cluster: &EtcdCluster) -> bool {
    let recorded = cluster.status.as_ref().is_some_and(|status| status.cluster_id.is_some());
    cluster.metadata.deletion_timestamp.is_none() && (recorded || !serving(api, cluster).is_empty())
}

/// How many pods a `StatefulSet` asks for.
fn replicas(api: &ApiServer, target: &Target<'_>) -> Option<i32> {
    if target.plural != "statefulsets" {
        return None;
    }
    api.get::<StatefulSet>(target.namespace, target.name)?.spec.as_ref()?.replicas
}

fn found(api: &ApiServer, target: &Target<'_>) -> Option<ObjectMeta> {
    match target.plural {
        "etcdclusters" => meta::<EtcdCluster>(api, target),
        APPS => meta::<AppService>(api, target),
        "deployments" => meta::<Deployment>(api, target),
        "configmaps" => meta::<ConfigMap>(api, target),
        "ingresses" => meta::<Ingress>(api, target),
        "statefulsets" => meta::<StatefulSet>(api, target),
        "services" => meta::<Service>(api, target),
        "poddisruptionbudgets" => meta::<PodDisruptionBudget>(api, target),
        "pods" => meta::<Pod>(api, target),
        "persistentvolumeclaims" => meta::<PersistentVolumeClaim>(api, target),
        _ => None,
    }
}

fn meta<K>(api: &ApiServer, target: &Target<'_>) -> Option<ObjectMeta>
where
    K: Resource<DynamicType = ()> + DeserializeOwned + Send + Sync + 'static,
{
    api.get::<K>(target.namespace, target.name).map(|object| object.meta().clone())
}

fn clusters(api: &ApiServer, is: impl Fn(&EtcdCluster) -> bool) -> Vec<String> {
    let all = api.list::<EtcdCluster>(None);
    let wanted = all.iter().filter(|cluster: &&Arc<EtcdCluster>| is(cluster));
    wanted.filter_map(|cluster| cluster.uid()).collect()
}

fn services(api: &ApiServer, is: impl Fn(&AppService) -> bool) -> Vec<String> {
    let all = api.list::<AppService>(None);
    let wanted = all.iter().filter(|app: &&Arc<AppService>| is(app));
    wanted.filter_map(|app| app.uid()).collect()
}

/// Whether an object belongs to this cluster or service, or is it.
fn concerns(uid: &str, before: Option<&ObjectMeta>, after: Option<&ObjectMeta>) -> bool {
    [before, after]
        .into_iter()
        .flatten()
        .any(|meta| meta.uid.as_deref() == Some(uid) || owners(meta).any(|owner| owner == uid))
}

/// Whether the object belongs to a cluster or service: by its owner, or by the label of pods and volumes.
fn is_ours(api: &ApiServer, meta: &ObjectMeta) -> bool {
    let (clusters, services) = (clusters(api, |_| true), services(api, |_| true));
    owners(meta).any(|owner| clusters.iter().chain(&services).any(|uid| uid == owner))
}

fn owners(meta: &ObjectMeta) -> impl Iterator<Item = &str> {
    let label = meta.labels.iter().filter_map(|all| all.get(labels::CLUSTER_UID));
    let references = meta.owner_references.iter().flatten();
    references.map(|owner| owner.uid.as_str()).chain(label.map(String::as_str))
}

/// The birth that is recorded of a cluster, if one is.
fn recorded(api: &ApiServer, uid: &str) -> Option<i64> {
    let all = api.list::<EtcdCluster>(None);
    let cluster = all.iter().find(|cluster| cluster.uid().as_deref() == Some(uid))?;
    let status = cluster.status.as_ref()?;
    status.cluster_id.as_ref()?;
    status.incarnation
}

/// The directives a write carries: on a pod, or in a template.
fn directives(body: &Value) -> Vec<Directive> {
    let annotations = ["/metadata/annotations", "/spec/template/metadata/annotations"];
    let texts = annotations
        .iter()
        .filter_map(|path| body.pointer(path)?.get(DIRECTIVE_ANNOTATION)?.as_str());
    texts.filter_map(|text| serde_json::from_str(text).ok()).collect()
}

/// Whether the status claims that clients are served.
fn is_available(api: &ApiServer, target: &Target<'_>) -> bool {
    let cluster = api.get::<EtcdCluster>(target.namespace, target.name);
    let status = cluster.as_ref().and_then(|cluster| cluster.status.as_ref());
    let said = status.into_iter().flat_map(|status| &status.conditions);
    said.into_iter().any(|at| at.type_ == "Available" && at.status == "True")
}

/// Whether a member's directive still lets it begin a cluster.
fn may_any_begin(api: &ApiServer, target: &Target<'_>) -> bool {
    let pods = api.list::<Pod>(Some(target.namespace));
    pods.iter().filter(|pod| pod.metadata.deletion_timestamp.is_none()).any(|pod| {
        let text = pod.annotations().get(DIRECTIVE_ANNOTATION).map_or("", String::as_str);
        parse_directive(text.as_bytes()).is_ok_and(|directive| directive.mode == Mode::New)
    })
}
