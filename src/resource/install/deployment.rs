//! PURE. The operator's own pod: one copy, with no more rights on its node than a program needs.

use super::options::{NAME, Options, labels, metadata};
use serde_json::{Value, json};

/// The port of `/healthz`, `/readyz` and `/metrics`.
pub const HTTP_PORT: u16 = 8080;
/// The user and group the operator runs as; nobody's, as in the images made without a system.
const USER: u32 = 65532;

pub(super) fn deployment(options: &Options) -> Value {
    let selector = json!({ "app.kubernetes.io/name": NAME });
    json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata(NAME, Some(&options.namespace)),
        "spec": {
            "replicas": 1,
            "selector": { "matchLabels": selector },
            "template": {
                "metadata": {
                    "labels": labels(),
                    "annotations": { "kubectl.kubernetes.io/default-container": NAME },
                },
                "spec": {
                    "serviceAccountName": NAME,
                    "automountServiceAccountToken": true,
                    "enableServiceLinks": false,
                    "nodeSelector": { "kubernetes.io/os": "linux" },
                    "securityContext": {
                        "runAsNonRoot": true,
                        "runAsUser": USER,
                        "runAsGroup": USER,
                        "seccompProfile": { "type": "RuntimeDefault" },
                    },
                    "containers": [container(options)],
                },
            },
        },
    })
}

fn container(options: &Options) -> Value {
    let probe = |path: &str, period: u32| {
        json!({
            "httpGet": { "path": path, "port": "http", "scheme": "HTTP" },
            "periodSeconds": period,
            "timeoutSeconds": 3,
        })
    };
    let mut args = vec!["run"];
    for namespace in &options.namespaces {
        args.extend(["--namespace", namespace]);
    }
    json!({
        "name": NAME,
        "image": options.image,
        "imagePullPolicy": "IfNotPresent",
        "args": args,
        "env": environment(options),
        "ports": [{ "name": "http", "containerPort": HTTP_PORT, "protocol": "TCP" }],
        // No limit on CPU: an operator that is throttled loses its lease.
        "resources": {
            "requests": { "cpu": "10m", "memory": "32Mi" },
            "limits": { "memory": "128Mi" },
        },
        "livenessProbe": probe("/healthz", 10),
        "readinessProbe": probe("/readyz", 5),
        "securityContext": {
            "allowPrivilegeEscalation": false,
            "capabilities": { "drop": ["ALL"] },
            "readOnlyRootFilesystem": true,
        },
    })
}

/// The allocator gives memory back at once and takes none in advance: an operator at rest is small.
pub const ALLOCATOR: [(&str, &str); 3] = [
    ("MIMALLOC_PURGE_DELAY", "0"),
    ("MIMALLOC_ARENA_EAGER_COMMIT", "0"),
    ("MIMALLOC_EAGER_COMMIT_DELAY", "8"),
];

fn environment(options: &Options) -> Vec<Value> {
    let from_field = |path: &str| json!({ "fieldRef": { "apiVersion": "v1", "fieldPath": path } });
    let own = [
        json!({ "name": "OPERATOR_IMAGE", "value": options.image }),
        json!({ "name": "POD_NAME", "valueFrom": from_field("metadata.name") }),
        json!({ "name": "POD_NAMESPACE", "valueFrom": from_field("metadata.namespace") }),
    ];
    let allocator = ALLOCATOR.map(|(name, value)| json!({ "name": name, "value": value }));
    own.into_iter().chain(allocator).collect()
}
