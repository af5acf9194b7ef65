//! PURE. The operator's own installation: everything it needs to run, and nothing it may do more.

use self::options::metadata;
mod deployment;
mod options;
mod permissions;
#[cfg(test)]
mod tests;

pub use deployment::{ALLOCATOR, HTTP_PORT};
pub use options::{DEFAULT_IMAGE, DEFAULT_NAMESPACE, LEASE_ROLE, NAME, Options};
pub use permissions::{Grant, IN_ITS_OWN_NAMESPACE, OF_THE_WHOLE_CLUSTER, WHERE_IT_WATCHES};

use crate::crd::definitions;
use deployment::deployment;
use serde_json::{Value, json};

/// One object of the installation, with what its reader should know.
#[derive(Clone, Debug, PartialEq)]
pub struct Manifest {
    /// Lines for a comment above the object; empty if it speaks for itself.
    pub comment: Vec<String>,
    /// The object.
    pub object: Value,
}

/// Every object of the installation, in the order in which they can be applied.
///
/// # Errors
/// If a `CustomResourceDefinition` cannot be turned into JSON.
pub fn install(options: &Options) -> Result<Vec<Manifest>, serde_json::Error> {
    let mut all = vec![plain(namespace(options))];
    for definition in definitions() {
        all.push(plain(serde_json::to_value(definition)?));
    }
    all.push(plain(service_account(options)));
    let own = &options.namespace;
    // The lease's role has a name of its own: the operator's namespace may be a watched one too.
    all.extend(permission(LEASE_ROLE, Some(own), IN_ITS_OWN_NAMESPACE, own));
    if options.namespaces.is_empty() {
        let grants = [WHERE_IT_WATCHES, OF_THE_WHOLE_CLUSTER].concat();
        all.extend(permission(NAME, None, &grants, own));
    }
    for watched in &options.namespaces {
        all.extend(permission(NAME, Some(watched), WHERE_IT_WATCHES, own));
    }
    all.push(plain(deployment(options)));
    Ok(all)
}

fn plain(object: Value) -> Manifest {
    Manifest { comment: Vec::new(), object }
}

/// The namespace refuses any pod that the restricted profile would, the operator's own included.
fn namespace(options: &Options) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {
            "name": options.namespace,
            "labels": {
                "app.kubernetes.io/name": NAME,
                "app.kubernetes.io/part-of": NAME,
                "pod-security.kubernetes.io/enforce": "restricted",
                "pod-security.kubernetes.io/warn": "restricted",
                "pod-security.kubernetes.io/audit": "restricted",
            },
        },
    })
}

fn service_account(options: &Options) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": metadata(NAME, Some(&options.namespace)),
        // Only the operator's own pod asks for a token.
        "automountServiceAccountToken": false,
    })
}

/// A role with `grants`, in the namespace `place` or for the whole cluster, and its binding to the
/// operator, which runs in the namespace `own`. The reason of each grant is the role's comment.
fn permission(name: &str, place: Option<&str>, grants: &[Grant], own: &str) -> [Manifest; 2] {
    let kind = if place.is_some() { "Role" } else { "ClusterRole" };
    let rules: Vec<Value> = grants
        .iter()
        .map(|grant| {
            json!({
                "apiGroups": [grant.group],
                "resources": [grant.resource],
                "verbs": grant.verbs,
            })
        })
        .collect();
    let role = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": kind,
        "metadata": metadata(name, place),
        "rules": rules,
    });
    let binding = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": format!("{kind}Binding"),
        "metadata": metadata(name, place),
        "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name },
        "subjects": [
            { "kind": "ServiceAccount", "name": NAME, "namespace": own },
        ],
    });
    let comment = grants.iter().map(Grant::explained).collect();
    [Manifest { comment, object: role }, plain(binding)]
}
