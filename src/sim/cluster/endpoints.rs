//! SHELL. The `EndpointSlice` of each Service with a selector: its ready pods.

pub use crate::controller::caches::SERVICE_NAME;
use crate::sim::api::ApiServer;
use k8s_openapi::api::core::v1::{Pod, Service};
use k8s_openapi::api::discovery::v1::{Endpoint, EndpointConditions, EndpointSlice};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference};
use kube::ResourceExt;
use std::collections::BTreeMap;

/// Brings every slice up to date.
pub fn step(api: &ApiServer) -> bool {
    let mut moved = false;
    for service in api.list::<Service>(None) {
        let namespace = service.namespace().unwrap_or_default();
        let wanted = endpoints(api, &namespace, &service);
        let name = format!("{}-slice", service.name_any());
        moved |= match api.get::<EndpointSlice>(&namespace, &name) {
            Some(slice) if slice.endpoints == wanted => false,
            Some(_) => api.edit(&namespace, &name, |slice: &mut EndpointSlice| {
                slice.endpoints.clone_from(&wanted);
            }),
            None => api.create(&slice_of(&service, name, wanted)).is_ok(),
        };
    }
    moved
}

fn endpoints(api: &ApiServer, namespace: &str, service: &Service) -> Vec<Endpoint> {
    let spec = service.spec.as_ref();
    let Some(selector) = spec.and_then(|spec| spec.selector.as_ref()) else { return vec![] };
    let pods = api.list::<Pod>(Some(namespace));
    let selected = pods.iter().filter(|pod| selects(selector, pod.labels()));
    selected.filter_map(|pod| endpoint(pod)).collect()
}

/// Whether labels satisfy a selector of equalities.
pub fn selects(selector: &BTreeMap<String, String>, labels: &BTreeMap<String, String>) -> bool {
    selector.iter().all(|(key, value)| labels.get(key) == Some(value))
}

fn endpoint(pod: &Pod) -> Option<Endpoint> {
    let status = pod.status.as_ref()?;
    let conditions = status.conditions.iter().flatten();
    let mut ready = conditions.filter(|at| at.type_ == "Ready" && at.status == "True");
    let leaving = pod.metadata.deletion_timestamp.is_some();
    let ready = ready.next().is_some() && !leaving;
    Some(Endpoint {
        addresses: vec![status.pod_ip.clone()?],
        conditions: Some(EndpointConditions {
            ready: Some(ready),
            ..EndpointConditions::default()
        }),
        ..Endpoint::default()
    })
}

fn slice_of(service: &Service, name: String, endpoints: Vec<Endpoint>) -> EndpointSlice {
    let mut labels = service.labels().clone();
    labels.insert(SERVICE_NAME.to_owned(), service.name_any());
    EndpointSlice {
        metadata: ObjectMeta {
            name: Some(name),
            namespace: service.namespace(),
            labels: Some(labels),
            owner_references: Some(vec![OwnerReference {
                api_version: "v1".to_owned(),
                kind: "Service".to_owned(),
                name: service.name_any(),
                uid: service.uid().unwrap_or_default(),
                controller: Some(true),
                block_owner_deletion: Some(true),
            }]),
            ..ObjectMeta::default()
        },
        address_type: "IPv4".to_owned(),
        endpoints,
        ports: None,
    }
}
