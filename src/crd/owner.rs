//! PURE. What is the same about every object that owns others.

use super::app_service::AppService;
use super::etcd_cluster::EtcdCluster;
use super::group::VERSION;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use std::sync::Arc;

/// An object of ours that owns others, and how those say so.
pub trait Owner {
    /// The kind, as the API writes it.
    const KIND: &'static str;
    /// Its group.
    const GROUP: &'static str;
    /// The label of what it owns that holds its UID, so that no selector ever matches the objects
    /// of a namesake.
    const UID_LABEL: &'static str;
    /// What runs there, in [`labels::NAME`](super::labels::NAME).
    const RUNS: &'static str;
    /// The version of its group.
    const API_VERSION: &'static str = VERSION;

    /// Its metadata.
    fn metadata(&self) -> &ObjectMeta;
}

impl Owner for EtcdCluster {
    const KIND: &'static str = "EtcdCluster";
    const GROUP: &'static str = crate::crd::group::GROUP;
    const UID_LABEL: &'static str = super::labels::CLUSTER_UID;
    const RUNS: &'static str = "etcd";

    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }
}

impl Owner for AppService {
    const KIND: &'static str = "Service";
    const GROUP: &'static str = crate::crd::group::APPS_GROUP;
    const UID_LABEL: &'static str = super::labels::SERVICE_UID;
    const RUNS: &'static str = "service";

    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }
}

impl<O: Owner> Owner for Arc<O> {
    const KIND: &'static str = O::KIND;
    const GROUP: &'static str = O::GROUP;
    const UID_LABEL: &'static str = O::UID_LABEL;
    const RUNS: &'static str = O::RUNS;

    fn metadata(&self) -> &ObjectMeta {
        (**self).metadata()
    }
}
