//! PURE. Where members may run. Narrow fields, never a raw pod: what is not here cannot be abused.

use super::{rules, schema};
use k8s_openapi::api::core::v1::{Affinity, Toleration, TopologySpreadConstraint};
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Where the members may run, and what their pods carry.
#[derive(KubeSchema, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PodPlacement {
    /// Whether two members may share a node.
    #[serde(default)]
    pub anti_affinity: AntiAffinity,

    /// Labels a node must have.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(transform = schema::labels)]
    #[x_kube(validation = Rule::new(rules::KEYS_ARE_WELL_FORMED).message(rules::KEYS_MESSAGE))]
    pub node_selector: BTreeMap<String, String>,

    /// Further affinity, beside the one between members.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(transform = schema::bare)]
    pub affinity: Option<Affinity>,

    /// Taints the members tolerate.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(transform = schema::bare, length(max = 32))]
    pub tolerations: Vec<Toleration>,

    /// How members are spread over zones and the like.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(transform = schema::bare, length(max = 8))]
    pub topology_spread_constraints: Vec<TopologySpreadConstraint>,

    /// The members' `PriorityClass`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 253))]
    #[x_kube(validation = Rule::new(rules::IS_PRIORITY_CLASS).message(rules::PRIORITY_CLASS_MESSAGE))]
    pub priority_class_name: Option<String>,

    /// Labels for the pods, beside the operator's own.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(transform = schema::labels)]
    #[x_kube(
        validation = Rule::new(rules::LABELS_ARE_FREE).message(
            "labels of etcd.etcd.io/, app.kubernetes.io/, apps.kubernetes.io/ and \
             statefulset.kubernetes.io/, and controller-revision-hash, are set by the operator \
             and Kubernetes; choose another prefix"
        ),
        validation = Rule::new(rules::KEYS_ARE_WELL_FORMED).message(rules::KEYS_MESSAGE)
    )]
    pub labels: BTreeMap<String, String>,

    /// Annotations for the pods, beside the operator's own.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(transform = schema::annotations)]
    #[x_kube(
        validation = Rule::new(rules::ANNOTATIONS_ARE_FREE).message(
            "annotations of etcd.etcd.io/ are set by the operator; choose another prefix"
        ),
        validation = Rule::new(rules::KEYS_ARE_WELL_FORMED).message(rules::KEYS_MESSAGE)
    )]
    pub annotations: BTreeMap<String, String>,
}

/// Whether two members of one cluster may share a node.
#[derive(JsonSchema, Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum AntiAffinity {
    /// Never: a member waits until a node is free of the others.
    #[default]
    Required,
    /// Only where there is no other node.
    Preferred,
}
