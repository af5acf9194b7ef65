//! PURE. The pods of a service, rolled without a request that fails.

use super::pod;
use super::revision::{REVISION_ANNOTATION, metadata, revision};
use crate::crd::AppService;
use crate::resource::labels;
use k8s_openapi::api::apps::v1::{
    Deployment, DeploymentSpec, DeploymentStrategy, RollingUpdateDeployment,
};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

/// How long a new pod has to be ready until an old one goes, in seconds.
const SETTLED: i32 = 1;

/// The service's Deployment as it is kept. It does not say how many pods there are: whoever applies
/// a number and no longer does takes it away, and Kubernetes then makes it 1.
pub fn build(app: &AppService) -> Deployment {
    let spec = DeploymentSpec {
        selector: labels::label_selector(app),
        template: pod::template(app),
        // A pod goes only once another serves in its place.
        strategy: Some(DeploymentStrategy {
            type_: Some("RollingUpdate".to_owned()),
            rolling_update: Some(RollingUpdateDeployment {
                max_surge: Some(IntOrString::String("25%".to_owned())),
                max_unavailable: Some(IntOrString::Int(0)),
            }),
        }),
        min_ready_seconds: Some(SETTLED),
        progress_deadline_seconds: Some(app.spec.progress_deadline_seconds),
        revision_history_limit: Some(2),
        ..DeploymentSpec::default()
    };
    let mut metadata = metadata(app, &spec);
    let annotations = metadata.annotations.get_or_insert_default();
    annotations.insert(REVISION_ANNOTATION.to_owned(), revision(&app.spec));
    Deployment { metadata, spec: Some(spec), ..Deployment::default() }
}

/// The same as it is first made: with as many pods as are asked for.
pub fn as_made(app: &AppService) -> Deployment {
    let mut made = build(app);
    if let Some(spec) = &mut made.spec {
        spec.replicas = app.spec.replicas;
    }
    made
}
