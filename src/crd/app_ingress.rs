//! PURE. Under which host and path a service is reached from outside.

use super::{rules, schema};
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Under which host and path a service is reached from outside.
#[derive(KubeSchema, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AppIngress {
    /// The host.
    #[schemars(length(min = 1, max = 253))]
    #[x_kube(validation = Rule::new(
        r"self.matches('^(\\*\\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$')"
    ).message("must be a DNS name in lower case, such as shop.example.com"))]
    pub host: String,
    /// The path.
    #[serde(default = "default_path")]
    #[schemars(length(min = 1, max = 1024))]
    #[x_kube(validation = Rule::new("self.startsWith('/')").message("must begin with '/'"))]
    pub path: String,
    /// How the path is compared.
    #[serde(default)]
    pub path_type: PathType,
    /// The `IngressClass`; without it the cluster's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 253))]
    pub class_name: Option<String>,
    /// The Secret with the host's certificate, by name. The operator never reads it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 253))]
    pub tls_secret: Option<String>,
    /// Annotations, for whoever answers for the `IngressClass`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(transform = schema::annotations)]
    #[x_kube(
        validation = Rule::new(rules::APP_ANNOTATIONS_ARE_FREE).message(
            "annotations of apps.etcd.io/ are set by the operator; choose another prefix"
        ),
        validation = Rule::new(rules::KEYS_ARE_WELL_FORMED).message(rules::KEYS_MESSAGE)
    )]
    pub annotations: BTreeMap<String, String>,
}

/// How a path is compared.
#[derive(JsonSchema, Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum PathType {
    /// Whatever begins with it, part by part.
    #[default]
    Prefix,
    /// Just this path.
    Exact,
    /// As the `IngressClass` has it.
    ImplementationSpecific,
}

fn default_path() -> String {
    "/".to_owned()
}
