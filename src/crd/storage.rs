//! PURE. Each member's volume, and what becomes of it.

use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Each member's volume.
#[derive(KubeSchema, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Storage {
    /// How large, at least 64Mi. etcd wants 2.5 times its quota.
    #[serde(default = "default_storage_size")]
    #[x_kube(validation = Rule::new(
        "isQuantity(string(self)) && quantity(string(self)).compareTo(quantity('64Mi')) >= 0"
    ).message("must be a quantity of at least 64Mi, such as 8Gi"))]
    pub size: Quantity,

    /// The `StorageClass`; absent takes the cluster's default class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 253))]
    #[x_kube(validation = Rule::new("self.matches('^([a-z0-9]([-a-z0-9.]*[a-z0-9])?)?$')").message(
        "must be the name of a StorageClass, as `kubectl get storageclass` shows it"
    ))]
    pub storage_class_name: Option<String>,

    /// What becomes of the volumes when the `EtcdCluster` is deleted.
    #[serde(default)]
    pub retention: Retention,
}

/// What becomes of the volumes when the `EtcdCluster` is deleted.
#[derive(JsonSchema, Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Retention {
    /// The `PersistentVolumeClaim`s stay.
    #[default]
    Retain,
    /// The `PersistentVolumeClaim`s are deleted, and the data with them.
    Delete,
}

impl Default for Storage {
    fn default() -> Self {
        Self {
            size: default_storage_size(),
            storage_class_name: None,
            retention: Retention::default(),
        }
    }
}

fn default_storage_size() -> Quantity {
    Quantity("8Gi".to_owned())
}
