//! SHELL. Stands beside the API server and looks at every write of every operator.

use super::{Law, Violation};
use crate::crd::{DIRECTIVE_ANNOTATION, Directive, EtcdCluster, Mode};
use crate::service::Clock;
use crate::sim::api::ApiServer;
use crate::sim::clock::SimClock;
use crate::sim::log::{Entry, What};
use http::{Method, Request, Response};
use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Pod, Service};
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::{Resource, ResourceExt};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::sync::{Arc, Mutex, PoisonError};

/// What became of the writes so far.
pub struct Watch {
    clock: SimClock,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    violations: Vec<Violation>,
    log: Option<Vec<Entry>>,
}

/// Where a write goes.
struct Target<'a> {
    plural: &'a str,
    namespace: &'a str,
    name: &'a str,
    status: bool,
}

impl Watch {
    /// A watch that keeps a log of what happens, if it is asked to.
    pub fn new(clock: SimClock, logging: bool) -> Self {
        let log = logging.then(Vec::new);
        Self { clock, seen: Mutex::new(Seen { violations: vec![], log }) }
    }

    /// Lets a write through and judges it.
    pub fn around(&self, api: &ApiServer, request: &Request<Vec<u8>>) -> Response<Vec<u8>> {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let body: Value = serde_json::from_slice(request.body()).unwrap_or_default();
        // What is made names itself in the body.
        let made = body.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
        let target = target(&path, made);
        let before = target.as_ref().and_then(|target| found(api, target));
        let paused: Vec<String> = clusters(api, |cluster| cluster.spec.paused);
        let answer = api.handle(request);
        let code = answer.status().as_u16();
        self.note(|| What::Write { verb: method.to_string(), path: path.clone(), code });
        if let Some(target) = target.filter(|_| answer.status().is_success()) {
            let after = found(api, &target);
            self.judge(api, (&method, &target, &body), before.as_ref(), after.as_ref());
            let held = paused.iter().any(|uid| concerns(uid, before.as_ref(), after.as_ref()));
            if held && !target.status && before != after {
                self.breach(Law::PauseHeld, format!("{method} {path} while paused"));
            }
        }
        answer
    }

    /// Reports a breach. Said once, however often it happens.
    pub fn breach(&self, law: Law, what: String) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let violation = Violation { law, what };
        if !seen.violations.contains(&violation) {
            seen.violations.push(violation);
        }
    }

    /// Every breach so far.
    pub fn violations(&self) -> Vec<Violation> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).violations.clone()
    }

    /// Keeps an entry of the log, if there is one.
    pub fn note(&self, what: impl FnOnce() -> What) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(log) = &mut seen.log {
            log.push(Entry { at: self.clock.now(), what: what() });
        }
    }

    /// The log so far.
    pub fn log(&self) -> Vec<Entry> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).log.clone().unwrap_or_default()
    }

    fn judge(
        &self,
        api: &ApiServer,
        (method, target, body): (&Method, &Target<'_>, &Value),
        before: Option<&ObjectMeta>,
        after: Option<&ObjectMeta>,
    ) {
        let what = || format!("{method} {} {}", target.plural, target.name);
        if target.plural != "etcdclusters"
            && let Some(before) = before.filter(|before| Some(*before) != after)
            && !is_ours(api, before)
        {
            self.breach(Law::OthersUntouched, what());
        }
        for directive in directives(body) {
            let begun_twice = directive.mode == Mode::New
                && recorded(api, &directive.cluster_uid) == Some(directive.incarnation);
            if begun_twice && before != after {
                self.breach(Law::NewOnlyOnce, what());
            }
        }
    }
}

fn target<'a>(path: &'a str, made: &'a str) -> Option<Target<'a>> {
    let segments: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let at = segments.iter().position(|part| *part == "namespaces")?;
    let mut rest = segments.into_iter().skip(at + 1);
    let (namespace, plural) = (rest.next()?, rest.next()?);
    let name = rest.next().unwrap_or(made);
    Some(Target { plural, namespace, name, status: rest.next() == Some("status") })
}

fn found(api: &ApiServer, target: &Target<'_>) -> Option<ObjectMeta> {
    match target.plural {
        "etcdclusters" => meta::<EtcdCluster>(api, target),
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

/// Whether an object belongs to this cluster, or is it.
fn concerns(uid: &str, before: Option<&ObjectMeta>, after: Option<&ObjectMeta>) -> bool {
    [before, after]
        .into_iter()
        .flatten()
        .any(|meta| meta.uid.as_deref() == Some(uid) || owners(meta).any(|owner| owner == uid))
}

/// Whether the object belongs to a cluster: by its owner, or by the label of pods and volumes.
fn is_ours(api: &ApiServer, meta: &ObjectMeta) -> bool {
    let all = clusters(api, |_| true);
    owners(meta).any(|owner| all.iter().any(|uid| uid == owner))
}

fn owners(meta: &ObjectMeta) -> impl Iterator<Item = &str> {
    let label = meta.labels.iter().filter_map(|all| all.get(crate::crd::labels::CLUSTER_UID));
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
