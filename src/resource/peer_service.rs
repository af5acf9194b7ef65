//! PURE. The headless Service that gives each member an address of its own.

use super::client_service::port;
use super::labels;
use super::names::{self, CLIENT_PORT, METRICS_PORT, PEER_PORT};
use super::shape::Shape;
use crate::crd::EtcdCluster;
use k8s_openapi::api::core::v1::{Service, ServiceSpec};

/// The cluster's peer Service.
pub fn build(cluster: &EtcdCluster, _: &Shape) -> Service {
    Service {
        metadata: labels::owned(cluster, names::peer_service(cluster)),
        spec: Some(ServiceSpec {
            type_: Some("ClusterIP".to_owned()),
            cluster_ip: Some("None".to_owned()),
            selector: Some(labels::selector(cluster)),
            // Members must find each other before any of them can be ready.
            publish_not_ready_addresses: Some(true),
            ports: Some(vec![
                port("peer", PEER_PORT),
                port("client", CLIENT_PORT),
                port("metrics", METRICS_PORT),
            ]),
            ..ServiceSpec::default()
        }),
        ..Service::default()
    }
}
