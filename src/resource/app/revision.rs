//! PURE. Revisions of a service, and what all its objects carry.

use crate::crd::{AppService, AppServiceSpec};
use crate::resource::spec_hash::hash;
use crate::resource::{labels, names};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::Serialize;
use serde_json::to_value;

/// On pods and their Deployment: the revision of the spec they were made of.
pub const REVISION_ANNOTATION: &str = "apps.etcd.io/revision";

/// On every object of a service: the hash of what it was built as.
pub const BUILT_ANNOTATION: &str = "apps.etcd.io/built";

/// The revision of a spec: sixteen hexadecimal digits that change when the pods must.
pub fn revision(spec: &AppServiceSpec) -> String {
    hash(&spec.template())
}

/// Where the service is reached from within the cluster.
pub fn internal_url(app: &AppService) -> String {
    let (name, namespace) = (names::owner(app), names::namespace(app));
    format!("http://{name}.{namespace}.svc:{}", app.spec.port)
}

/// Where the service is reached: from outside, if it can be.
pub fn url(app: &AppService) -> String {
    match &app.spec.ingress {
        None => internal_url(app),
        Some(ingress) => {
            let scheme = if ingress.tls_secret.is_some() { "https" } else { "http" };
            format!("{scheme}://{}{}", ingress.host, ingress.path)
        }
    }
}

/// The metadata of an object of the service that is built with this.
pub fn metadata(app: &AppService, spec: &impl Serialize) -> ObjectMeta {
    let mut metadata = labels::owned(app, names::owner(app).to_owned());
    // What it is made of can always be written as JSON; a hash of nothing would only mend less.
    let built = hash(&to_value(spec).unwrap_or_default());
    metadata.annotations = Some([(BUILT_ANNOTATION.to_owned(), built)].into());
    metadata
}
