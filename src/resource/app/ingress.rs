//! PURE. How a service is reached from outside.

use super::revision::metadata;
use crate::crd::{AppService, PathType};
use crate::resource::{labels, names};
use k8s_openapi::api::networking::v1::{
    HTTPIngressPath, HTTPIngressRuleValue, Ingress, IngressBackend, IngressRule,
    IngressServiceBackend, IngressSpec, IngressTLS, ServiceBackendPort,
};

/// The service's Ingress; none without `ingress`.
pub fn build(app: &AppService) -> Option<Ingress> {
    let asked = app.spec.ingress.as_ref()?;
    let service = IngressServiceBackend {
        name: names::owner(app).to_owned(),
        port: Some(ServiceBackendPort {
            number: Some(app.spec.port),
            ..ServiceBackendPort::default()
        }),
    };
    let path = HTTPIngressPath {
        path: Some(asked.path.clone()),
        path_type: match asked.path_type {
            PathType::Prefix => "Prefix",
            PathType::Exact => "Exact",
            PathType::ImplementationSpecific => "ImplementationSpecific",
        }
        .to_owned(),
        backend: IngressBackend { service: Some(service), ..IngressBackend::default() },
    };
    let tls = asked.tls_secret.as_ref().map(|secret| {
        vec![IngressTLS {
            hosts: Some(vec![asked.host.clone()]),
            secret_name: Some(secret.clone()),
        }]
    });
    let spec = IngressSpec {
        ingress_class_name: asked.class_name.clone(),
        rules: Some(vec![IngressRule {
            host: Some(asked.host.clone()),
            http: Some(HTTPIngressRuleValue { paths: vec![path] }),
        }]),
        tls,
        ..IngressSpec::default()
    };
    let mut metadata = metadata(app, &(&spec, &asked.annotations));
    let ours = metadata.annotations.take().unwrap_or_default();
    metadata.annotations = Some(labels::beneath(&asked.annotations, ours));
    Some(Ingress { metadata, spec: Some(spec), ..Ingress::default() })
}
