//! PURE. Two services for tests: one that asks for nothing special, and one that asks for all.

use crate::crd::AppService;
use serde_json::{Value, json};

/// A service with nothing but defaults.
pub(crate) fn minimal() -> AppService {
    app("demo", &json!({"image": "registry.local/web:1"}))
}

/// A service with every field that reaches an object.
pub(crate) fn full() -> AppService {
    app(
        "full",
        &json!({
            "image": "registry.local/web:2",
            "replicas": 3,
            "command": ["/web"],
            "args": ["--verbose"],
            "port": 9000,
            "serviceType": "NodePort",
            "configData": {"web.conf": "workers 2"},
            "configPath": "/etc/web",
            "env": [
                {"name": "MODE", "value": "fast"},
                {"name": "EMPTY", "value": ""},
                {"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}},
                {"name": "HOST", "valueFrom": {"configMapKeyRef": {"name": "db", "key": "host", "optional": true}}},
            ],
            "resources": {"requests": {"cpu": "0.1"}, "limits": {"memory": "128Mi"}},
            "ingress": {
                "host": "shop.example.com", "path": "/web", "pathType": "Exact",
                "className": "nginx", "tlsSecret": "shop-tls",
                "annotations": {"example.org/limit": "10"},
            },
            "imagePullSecrets": ["registry"],
            "probes": {"readyPath": "/ready", "livePath": "/live", "periodSeconds": 3},
            "placement": {
                "nodeSelector": {"kubernetes.io/os": "linux"},
                "tolerations": [{"key": "web", "operator": "Exists"}],
                "topologySpreadConstraints": [{
                    "maxSkew": 1, "topologyKey": "topology.kubernetes.io/zone",
                    "whenUnsatisfiable": "ScheduleAnyway"}],
                "priorityClassName": "high",
                "labels": {"team": "shop"},
                "annotations": {"example.org/note": "kept"},
            },
            "security": {"runAsUser": 1000, "readOnlyRoot": false},
        }),
    )
}

fn app(name: &str, spec: &Value) -> AppService {
    let uid = format!("00000000-0000-0000-0000-{name:0>12}");
    serde_json::from_value(json!({
        "apiVersion": "apps.etcd.io/v1alpha1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": "resource-test", "uid": uid},
        "spec": spec,
    }))
    .expect("the samples are Services")
}
