//! SHELL. What must be so of a service: its status claims what is so, and it ends as it should.

use super::Watch;
use super::law::Law;
use crate::crd::AppService;
use crate::resource::app::REVISION_ANNOTATION;
use crate::sim::cluster::{SERVICE_NAME, SimCluster};
use crate::sim::story::{End, NAME, NAMESPACE};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Pod, Service};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use k8s_openapi::api::networking::v1::Ingress;
use kube::ResourceExt;

/// The service of the story, if there is one.
fn found(world: &SimCluster) -> Option<AppService> {
    world.api.get::<AppService>(NAMESPACE, NAME).map(|app| (*app).clone())
}

/// Whether requests reach a pod that is ready.
fn serves(world: &SimCluster) -> bool {
    let slices = world.api.list::<EndpointSlice>(Some(NAMESPACE));
    let ours = slices
        .iter()
        .filter(|slice| slice.labels().get(SERVICE_NAME).is_some_and(|name| name == NAME));
    ours.flat_map(|slice| &slice.endpoints)
        .any(|at| at.conditions.as_ref().is_some_and(|is| is.ready == Some(true)))
}

/// How a story must end.
pub fn at_the_end(world: &SimCluster, watch: &Watch, end: End) {
    let app = found(world);
    let wrong = match (end, &app) {
        (End::Gone { .. } | End::Explained, None) => left_over(world),
        (End::Gone { .. }, Some(_)) => Some("the object is still there".to_owned()),
        (_, None) => Some("the object is gone".to_owned()),
        (End::Healthy, Some(app)) => {
            (!is_healthy(app) || !is_as_asked(world, app)).then(|| told(app))
        }
        (End::Explained, Some(app)) => (!is_healthy(app) && !is_explained(app)).then(|| told(app)),
        (End::Waits { step, reason }, Some(app)) => (!waits(app, step, reason)).then(|| told(app)),
    };
    if let Some(what) = wrong {
        watch.breach(Law::Converges, what);
    }
    let Some(app) = app else { return };
    if says(&app, "Available", "True") != serves(world) {
        watch.breach(Law::StatusTrue, told(&app));
    }
    let running =
        app.status.as_ref().is_some_and(|status| status.step.as_deref() == Some("Serving"));
    if running && made_of(world) != app.status.as_ref().and_then(|status| status.revision.clone()) {
        watch.breach(Law::StatusTrue, format!("another revision serves: {}", told(&app)));
    }
    if !is_healthy(&app) && !is_explained(&app) {
        watch.breach(Law::WaitingExplained, told(&app));
    }
}

/// The revision the Deployment is of.
fn made_of(world: &SimCluster) -> Option<String> {
    let made = world.api.get::<Deployment>(NAMESPACE, NAME)?;
    made.annotations().get(REVISION_ANNOTATION).cloned()
}

/// Whether the parts that are asked for are there, and no others; and as many pods as are asked for.
fn is_as_asked(world: &SimCluster, app: &AppService) -> bool {
    let api = &world.api;
    let files = api.get::<ConfigMap>(NAMESPACE, NAME).and_then(|at| at.data.clone());
    let way = api.get::<Ingress>(NAMESPACE, NAME);
    let host = way.and_then(|at| at.spec.clone()?.rules?.first()?.host.clone());
    let pods = api.list::<Pod>(Some(NAMESPACE)).len();
    let number = app.spec.replicas.is_none_or(|asked| usize::try_from(asked) == Ok(pods));
    files.unwrap_or_default() == app.spec.config_data
        && host == app.spec.ingress.as_ref().map(|asked| asked.host.clone())
        && number
        && (serves(world) || app.spec.replicas == Some(0))
}

fn left_over(world: &SimCluster) -> Option<String> {
    let api = &world.api;
    let counts = [
        api.list::<Deployment>(None).len(),
        api.list::<Service>(None).len(),
        api.list::<Ingress>(None).len(),
        api.list::<ConfigMap>(None).len(),
        api.list::<Pod>(None).len(),
    ];
    (counts != [0; 5]).then(|| format!("left over: {counts:?}"))
}

fn says(app: &AppService, kind: &str, wanted: &str) -> bool {
    let conditions = app.status.iter().flat_map(|status| &status.conditions);
    conditions.into_iter().any(|at| at.type_ == kind && at.status == wanted)
}

fn is_healthy(app: &AppService) -> bool {
    let step = app.status.as_ref().and_then(|status| status.step.as_deref());
    step == Some("Serving") && says(app, "Available", "True") && says(app, "Degraded", "False")
}

fn waits(app: &AppService, step: &str, reason: &str) -> bool {
    let Some(status) = &app.status else { return false };
    status.step.as_deref() == Some(step) && status.conditions.iter().any(|at| at.reason == reason)
}

fn is_explained(app: &AppService) -> bool {
    let conditions = app.status.iter().flat_map(|status| &status.conditions);
    conditions
        .into_iter()
        .any(|at| at.type_ != "Available" && !at.reason.is_empty() && !at.message.is_empty())
}

fn told(app: &AppService) -> String {
    let Some(status) = &app.status else { return "no status".to_owned() };
    let said = status
        .conditions
        .iter()
        .map(|at| format!("{}={} {}: {}", at.type_, at.status, at.reason, at.message));
    format!("{:?}, {}", status.step, said.collect::<Vec<_>>().join("; "))
}
