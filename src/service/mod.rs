//! SHELL. The decisions: one folder per kind of object, all of the same shape, and what the loop
//! asks of each.

use crate::client::Answer;
use crate::client::etcd::Etcd;
use crate::engine::{Machine, Moved, Settled};
use jiff::Timestamp;
use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::core::v1::{ConfigMap, PersistentVolumeClaim, Pod, Service};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use k8s_openapi::api::networking::v1::Ingress;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

pub mod app_service;
pub mod child;
pub mod etcd_cluster;
mod facts;
pub mod inspect;
pub mod membership;
pub mod pace;
mod parts;
mod pods;
mod right;
mod said;
pub mod worlds;

pub use right::Right;

/// What a turn reaches the world through. The simulated world gives others of the same shape.
#[derive(Clone)]
pub struct World {
    /// The Kubernetes API.
    pub api: kube::Client,
    /// What the watches have seen.
    pub view: Arc<dyn View>,
    /// The etcd members.
    pub etcd: Arc<dyn Etcd>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The operator's own image, which brings the member gate.
    pub image: String,
    /// What was found to be right.
    pub right: Arc<Right>,
}

/// The time, from outside.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// What the watches have seen, by namespace and name. It may be behind the API server: what is
/// absent here may exist.
pub trait View: Send + Sync {
    /// A `StatefulSet` of ours.
    fn stateful_set(&self, namespace: &str, name: &str) -> Option<Arc<StatefulSet>>;
    /// A Service of ours.
    fn service(&self, namespace: &str, name: &str) -> Option<Arc<Service>>;
    /// A `PodDisruptionBudget` of ours.
    fn disruption_budget(&self, namespace: &str, name: &str) -> Option<Arc<PodDisruptionBudget>>;
    /// A pod of ours.
    fn pod(&self, namespace: &str, name: &str) -> Option<Arc<Pod>>;
    /// A volume claim of ours.
    fn volume(&self, namespace: &str, name: &str) -> Option<Arc<PersistentVolumeClaim>>;
    /// The slices of a Service of ours.
    fn endpoint_slices(&self, namespace: &str, service: &str) -> Vec<Arc<EndpointSlice>>;
    /// A Deployment of ours.
    fn deployment(&self, namespace: &str, name: &str) -> Option<Arc<Deployment>>;
    /// A `ConfigMap` of ours.
    fn config_map(&self, namespace: &str, name: &str) -> Option<Arc<ConfigMap>>;
    /// An Ingress of ours.
    fn ingress(&self, namespace: &str, name: &str) -> Option<Arc<Ingress>>;
    /// All pods of the owner of this name.
    fn pods(&self, namespace: &str, owner: &str) -> Vec<Arc<Pod>>;
}

/// What a move is announced with: a Kubernetes Event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    /// Whether someone should look.
    pub warning: bool,
    /// A sentence.
    pub note: String,
}

/// What the loop asks of a kind of object.
pub trait Kind: Send + Sync + 'static {
    /// The label of what an object owns that holds its UID.
    const UID_LABEL: &'static str;

    /// The object's type.
    type Object: kube::Resource<DynamicType = (), Scope = k8s_openapi::NamespaceResourceScope>
        + Clone
        + Debug
        + Serialize
        + DeserializeOwned
        + Send
        + Sync
        + 'static;
    /// Its machine.
    type Machine: Machine;
    /// Its status.
    type Status: Serialize + PartialEq;

    /// The step its status names.
    fn recorded(object: &Self::Object) -> Option<&str>;

    /// The status it has.
    fn status(object: &Self::Object) -> Option<&Self::Status>;

    /// The status it has after a turn.
    fn next_status(
        object: &Self::Object,
        observed: &<Self::Machine as Machine>::Observed,
        settled: &Settled<Self::Machine>,
    ) -> Self::Status;

    /// The status that reports a fault of the operator itself with this object.
    fn fault(object: &Self::Object, message: &str, now: Timestamp) -> Self::Status;

    /// Looks at the world. Never fails: what could not be read is unknown.
    fn gather(
        world: &World,
        object: &Self::Object,
    ) -> impl Future<Output = <Self::Machine as Machine>::Observed> + Send;

    /// Performs one action. `object` carries the status already written.
    fn perform(
        world: &World,
        object: &Self::Object,
        action: &<Self::Machine as Machine>::Action,
    ) -> impl Future<Output = Answer> + Send;

    /// When to look again, should nothing wake the machine before.
    fn look_again(
        observed: &<Self::Machine as Machine>::Observed,
        settled: &Settled<Self::Machine>,
    ) -> Duration;

    /// What a move is announced with.
    fn announce(observed: &<Self::Machine as Machine>::Observed, moved: &Moved) -> Announcement;

    /// Forgets what the metrics say about an object that is gone.
    fn forget(namespace: &str, name: &str);

    /// Tells the kind's own metrics.
    fn measure(observed: &<Self::Machine as Machine>::Observed, settled: &Settled<Self::Machine>);
}
