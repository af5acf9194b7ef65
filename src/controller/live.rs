//! SHELL. What is there at this moment, read once: for commands that look and go.

use super::caches::SERVICE_NAME;
use crate::client::ApiError;
use crate::client::kubernetes::{CALL_DEADLINE, deadline};
use crate::crd::labels;
use crate::service::View;
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::core::v1::{ConfigMap, PersistentVolumeClaim, Pod, Service};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use k8s_openapi::api::networking::v1::Ingress;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use kube::api::ListParams;
use kube::{Api, Resource, ResourceExt};
use serde::de::DeserializeOwned;
use std::fmt::Debug;
use std::sync::Arc;

/// The objects of one owner.
#[derive(Default)]
pub struct Live {
    /// Its `StatefulSet`.
    pub sets: Vec<Arc<StatefulSet>>,
    /// Its Services.
    pub services: Vec<Arc<Service>>,
    /// Its `PodDisruptionBudget`.
    pub budgets: Vec<Arc<PodDisruptionBudget>>,
    /// Its pods.
    pub pods: Vec<Arc<Pod>>,
    /// Its volume claims.
    pub volumes: Vec<Arc<PersistentVolumeClaim>>,
    /// The slices of its Services.
    pub slices: Vec<Arc<EndpointSlice>>,
    /// Its Deployment.
    pub deployments: Vec<Arc<Deployment>>,
    /// Its `ConfigMap`.
    pub config_maps: Vec<Arc<ConfigMap>>,
    /// Its Ingress.
    pub ingresses: Vec<Arc<Ingress>>,
}

impl Live {
    /// Reads everything that belongs to the owner of this name.
    ///
    /// # Errors
    /// The first list that cannot be read.
    pub async fn read(
        client: &kube::Client,
        namespace: &str,
        name: &str,
    ) -> Result<Self, ApiError> {
        let of = (client, namespace, name);
        Ok(Self {
            sets: list(of).await?,
            services: list(of).await?,
            budgets: list(of).await?,
            pods: list(of).await?,
            volumes: list(of).await?,
            slices: list(of).await?,
            deployments: list(of).await?,
            config_maps: list(of).await?,
            ingresses: list(of).await?,
        })
    }
}

async fn list<K>(
    (client, namespace, name): (&kube::Client, &str, &str),
) -> Result<Vec<Arc<K>>, ApiError>
where
    K: Resource<DynamicType = (), Scope = NamespaceResourceScope>,
    K: Clone + Debug + DeserializeOwned,
{
    let api = Api::<K>::namespaced(client.clone(), namespace);
    let named = ListParams::default().labels(&labels::instance_text(name));
    let all = deadline(CALL_DEADLINE, api.list(&named)).await?;
    Ok(all.items.into_iter().map(Arc::new).collect())
}

fn named<K: Resource>(all: &[Arc<K>], name: &str) -> Option<Arc<K>> {
    all.iter().find(|object| object.meta().name.as_deref() == Some(name)).cloned()
}

impl View for Live {
    fn stateful_set(&self, _: &str, name: &str) -> Option<Arc<StatefulSet>> {
        named(&self.sets, name)
    }
    fn service(&self, _: &str, name: &str) -> Option<Arc<Service>> {
        named(&self.services, name)
    }
    fn disruption_budget(&self, _: &str, name: &str) -> Option<Arc<PodDisruptionBudget>> {
        named(&self.budgets, name)
    }
    fn pod(&self, _: &str, name: &str) -> Option<Arc<Pod>> {
        named(&self.pods, name)
    }
    fn volume(&self, _: &str, name: &str) -> Option<Arc<PersistentVolumeClaim>> {
        named(&self.volumes, name)
    }
    fn endpoint_slices(&self, _: &str, service: &str) -> Vec<Arc<EndpointSlice>> {
        let of = |slice: &&Arc<EndpointSlice>| {
            slice.labels().get(SERVICE_NAME).is_some_and(|name| name == service)
        };
        self.slices.iter().filter(of).cloned().collect()
    }
    fn deployment(&self, _: &str, name: &str) -> Option<Arc<Deployment>> {
        named(&self.deployments, name)
    }
    fn config_map(&self, _: &str, name: &str) -> Option<Arc<ConfigMap>> {
        named(&self.config_maps, name)
    }
    fn ingress(&self, _: &str, name: &str) -> Option<Arc<Ingress>> {
        named(&self.ingresses, name)
    }
    fn pods(&self, _: &str, _: &str) -> Vec<Arc<Pod>> {
        self.pods.clone()
    }
}
