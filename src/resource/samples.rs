//! PURE. Two clusters for tests: one that asks for nothing special, and one that asks for all.

use super::names;
use super::shape::Shape;
use crate::crd::{Directive, EtcdCluster, Mode};
use serde_json::{Value, json};

/// A cluster with nothing but defaults.
pub(crate) fn minimal() -> EtcdCluster {
    cluster("demo", &json!({}))
}

/// A cluster with every field that reaches an object.
pub(crate) fn full() -> EtcdCluster {
    let selector = json!({"matchLabels": {"app": "noisy"}});
    let away = json!({"topologyKey": "topology.kubernetes.io/zone", "labelSelector": selector});
    let disk = json!({"key": "disk", "operator": "In", "values": ["ssd"]});
    cluster(
        "full",
        &json!({
            "size": 5,
            "storage": {"size": "1024Mi", "storageClassName": "standard", "retention": "Delete"},
            "resources": {
                "requests": {"cpu": "0.05", "memory": "65536Ki"},
                "limits": {"cpu": "1000m", "memory": "1024Mi"},
            },
            "pod": {
                "antiAffinity": "Required",
                "nodeSelector": {"kubernetes.io/os": "linux"},
                "affinity": {
                    "nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [
                        {"weight": 1, "preference": {"matchExpressions": [disk]}}]},
                    "podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [away]},
                },
                "tolerations": [
                    {"key": "etcd", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 60}],
                "topologySpreadConstraints": [{
                    "maxSkew": 1, "topologyKey": "topology.kubernetes.io/zone",
                    "whenUnsatisfiable": "ScheduleAnyway"}],
                "priorityClassName": "system-cluster-critical",
                "labels": {"team": "storage"},
                "annotations": {"example.org/note": "kept"},
            },
            "etcd": {
                "quotaBackendBytes": 268_435_456,
                "autoCompactionMode": "Revision",
                "autoCompactionRetention": "1000",
                "heartbeatIntervalMilliseconds": 200,
                "electionTimeoutMilliseconds": 2000,
                "snapshotCount": 5000,
            },
        }),
    )
}

/// What the operator decides for a cluster just begun.
pub(crate) fn shape(cluster: &EtcdCluster) -> Shape {
    let size = cluster.spec.size;
    Shape {
        replicas: size,
        voters: size,
        directive: Directive {
            cluster_uid: names::uid(cluster).to_owned(),
            incarnation: 1,
            mode: Mode::New,
            initial_cluster: names::initial_cluster(cluster, 0..size.unsigned_abs()),
            members: [].into(),
            unborn: [].into(),
            cluster_id: None,
        },
        serving: false,
        operator_image: "registry.local/etcd-operator:dev".to_owned(),
    }
}

fn cluster(name: &str, spec: &Value) -> EtcdCluster {
    let uid = format!("00000000-0000-0000-0000-{name:0>12}");
    serde_json::from_value(json!({
        "apiVersion": "etcd.etcd.io/v1alpha1",
        "kind": "EtcdCluster",
        "metadata": {"name": name, "namespace": "resource-test", "uid": uid},
        "spec": spec,
    }))
    .expect("the samples are EtcdClusters")
}
