//! SHELL. Fills the observation: the only reader.

use super::observed::{Asked, Child, Objects, Observed, Rollout};
use super::recorded::memory;
use crate::crd::{AppService, Owner};
use crate::resource::app::{
    REVISION_ANNOTATION, config_map, deployment, ingress, revision, service, url,
};
use crate::resource::names;
use crate::service::{World, parts, pods};
use futures::future::join4;
use k8s_openapi::api::apps::v1::Deployment;
use kube::ResourceExt;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Looks at everything a turn may decide on. `runs` is the service as it is to run.
pub async fn gather(world: &World, app: &AppService, runs: &AppService) -> Observed {
    let (namespace, name) = (names::namespace(app), names::owner(app));
    let (objects, made) = objects(world, runs).await;
    let made = made.filter(|_| objects.deployment.uid().is_some());
    let asked = asked(app, runs);
    Observed {
        now: world.clock.now(),
        name: name.to_owned(),
        namespace: namespace.to_owned(),
        url: url(app),
        deleting: app.metadata.deletion_timestamp.is_some(),
        failing: failing(world, app, &asked.target),
        serving_endpoints: parts::ready_endpoints(&*world.view, namespace, name),
        rollout: made.as_deref().map(rollout),
        memory: memory(app),
        spec: asked,
        objects,
    }
}

fn asked(app: &AppService, runs: &AppService) -> Asked {
    let spec = &app.spec;
    Asked {
        replicas: spec.replicas.and_then(|replicas| u32::try_from(replicas).ok()),
        revision: revision(spec),
        target: revision(&runs.spec),
        pinned: spec.rollback_to.clone(),
        rollback: spec.rollback,
        deadline_seconds: u32::try_from(spec.progress_deadline_seconds).unwrap_or(0),
        config: !runs.spec.config_data.is_empty(),
        ingress: spec.ingress.is_some(),
        paused: spec.paused,
    }
}

/// The parts, each from the watches, or read live where the watches show none.
async fn objects(world: &World, runs: &AppService) -> (Objects, Option<Arc<Deployment>>) {
    let (view, namespace, name) = (&world.view, names::namespace(runs), names::owner(runs));
    // Boxed, for a turn holds all four at once.
    let files =
        Box::pin(part(world, runs, view.config_map(namespace, name), || config_map::build(runs)));
    let address =
        Box::pin(part(world, runs, view.service(namespace, name), || Some(service::build(runs))));
    let way = Box::pin(part(world, runs, view.ingress(namespace, name), || ingress::build(runs)));
    let pods = Box::pin(part(world, runs, view.deployment(namespace, name), || {
        Some(deployment::build(runs))
    }));
    let ((config_map, _), (service, _), (ingress, _), (deployment, made)) =
        join4(files, address, way, pods).await;
    (Objects { config_map, service, ingress, deployment }, made)
}

/// One part. Before the first turn nobody has asked for it yet, and that nobody else has its name is
/// found out by making it: the API server refuses a second one.
async fn part<T: parts::Part>(
    world: &World,
    runs: &AppService,
    seen: Option<Arc<T>>,
    build: impl Fn() -> Option<T>,
) -> (Child, Option<Arc<T>>) {
    let first = runs.status.as_ref().is_none_or(|status| status.step.is_none());
    if first && seen.is_none() {
        return (Child::Absent, None);
    }
    parts::look(world, runs, seen, build).await
}

/// How the pods fare, as the Deployment's status says.
fn rollout(made: &Deployment) -> Rollout {
    let status = made.status.clone().unwrap_or_default();
    let count = |count: Option<i32>| count.and_then(|count| u32::try_from(count).ok()).unwrap_or(0);
    let asked = made.spec.as_ref().and_then(|spec| spec.replicas).unwrap_or(1);
    let mut conditions = status.conditions.iter().flatten();
    let exceeded = conditions.find(|at| {
        at.type_ == "Progressing" && at.reason.as_deref() == Some("ProgressDeadlineExceeded")
    });
    Rollout {
        current: status.observed_generation >= made.metadata.generation,
        asked: count(Some(asked)),
        total: count(status.replicas),
        updated: count(status.updated_replicas),
        available: count(status.available_replicas),
        exceeded: exceeded.and_then(|at| at.last_update_time.as_ref()).map(|at| at.0),
    }
}

/// The pods of the revision that is to run that will not come up by themselves, and why.
fn failing(world: &World, app: &AppService, target: &str) -> BTreeMap<String, String> {
    let all = world.view.pods(names::namespace(app), names::owner(app));
    let ours = all.iter().filter(|pod| {
        let is = |key: &str, of: &BTreeMap<String, String>, value: &str| {
            of.get(key).is_some_and(|found| found == value)
        };
        pod.metadata.deletion_timestamp.is_none()
            && is(AppService::UID_LABEL, pod.labels(), names::uid(app))
            && is(REVISION_ANNOTATION, pod.annotations(), target)
    });
    ours.filter_map(|pod| Some((pod.name_any(), pods::waiting(pod.status.as_ref()?)?))).collect()
}
