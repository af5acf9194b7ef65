//! PURE. The address a service is reached at.

use super::revision::metadata;
use crate::crd::{AppService, ServiceType};
use crate::resource::client_service::port;
use crate::resource::labels;
use k8s_openapi::api::core::v1::{Service, ServiceSpec};

/// The service's Service.
pub fn build(app: &AppService) -> Service {
    let kind = match app.spec.service_type {
        ServiceType::ClusterIP => "ClusterIP",
        ServiceType::NodePort => "NodePort",
        ServiceType::LoadBalancer => "LoadBalancer",
    };
    let spec = ServiceSpec {
        type_: Some(kind.to_owned()),
        selector: Some(labels::selector(app)),
        ports: Some(vec![port("http", app.spec.port)]),
        ..ServiceSpec::default()
    };
    Service { metadata: metadata(app, &spec), spec: Some(spec), ..Service::default() }
}
