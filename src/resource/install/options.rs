//! PURE. What an installation may be told, and the names of its objects.

use serde_json::{Value, json};

/// The name of everything the installation makes.
pub const NAME: &str = "etcd-operator";

/// The name of the role over the operator's lease.
pub const LEASE_ROLE: &str = "etcd-operator-lease";

/// Where the operator runs unless it is told otherwise.
pub const DEFAULT_NAMESPACE: &str = "etcd-operator-system";

/// The operator's image, of the version this code is.
pub const DEFAULT_IMAGE: &str =
    concat!("ghcr.io/etcd-operator/etcd-operator:", env!("CARGO_PKG_VERSION"));

/// What a person may choose about the installation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Where the operator runs.
    pub namespace: String,
    /// The image it and its members' gate come from.
    pub image: String,
    /// The namespaces it watches; none means all of them.
    pub namespaces: Vec<String>,
}

pub fn labels() -> Value {
    json!({ "app.kubernetes.io/name": NAME, "app.kubernetes.io/part-of": NAME })
}

pub fn metadata(name: &str, namespace: Option<&str>) -> Value {
    match namespace {
        Some(namespace) => json!({ "name": name, "namespace": namespace, "labels": labels() }),
        None => json!({ "name": name, "labels": labels() }),
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            namespace: DEFAULT_NAMESPACE.to_owned(),
            image: DEFAULT_IMAGE.to_owned(),
            namespaces: Vec::new(),
        }
    }
}
