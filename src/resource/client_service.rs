//! PURE. The Service clients connect to.

use super::labels;
use super::names::{self, CLIENT_PORT};
use super::shape::Shape;
use crate::crd::EtcdCluster;
use k8s_openapi::api::core::v1::{Service, ServicePort, ServiceSpec};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

/// The cluster's client Service.
///
/// It selects only pods marked as serving, whatever the shape: before the cluster's identity is
/// recorded no client may write what a creation begun again would lose.
pub fn build(cluster: &EtcdCluster, _: &Shape) -> Service {
    Service {
        metadata: labels::owned(cluster, names::client_service(cluster)),
        spec: Some(ServiceSpec {
            type_: Some("ClusterIP".to_owned()),
            selector: Some(labels::with(labels::selector(cluster), labels::SERVING, "true")),
            ports: Some(vec![port("client", CLIENT_PORT)]),
            ..ServiceSpec::default()
        }),
        ..Service::default()
    }
}

/// A port that leads to the same port of the pods.
pub(crate) fn port(name: &str, port: i32) -> ServicePort {
    ServicePort {
        name: Some(name.to_owned()),
        port,
        // Spelt out because it is part of the key by which server-side apply tells ports apart.
        protocol: Some("TCP".to_owned()),
        target_port: Some(IntOrString::Int(port)),
        ..ServicePort::default()
    }
}
