//! PURE. What may change, before the cluster's identity is recorded and after.

use super::{cluster, refusals};
use serde_json::{Value, json};

/// Every edit that nothing carries out yet, with the field it is refused at.
fn edits() -> [(&'static str, Value); 8] {
    [
        ("spec.version", json!({ "version": "3.6.15" })),
        ("spec.repository", json!({ "repository": "quay.io/coreos/etcd" })),
        ("spec.storage.size", json!({ "storage": { "size": "9Gi" } })),
        ("spec.storage.storageClassName", json!({ "storage": { "storageClassName": "fast" } })),
        ("spec.resources", json!({ "resources": {} })),
        ("spec.pod", json!({ "pod": { "antiAffinity": "Preferred" } })),
        ("spec.pod", json!({ "pod": { "tolerations": [{ "operator": "Exists" }] } })),
        ("spec.etcd", json!({ "etcd": { "snapshotCount": 5000 } })),
    ]
}

fn with_status(spec: &Value, status: Value) -> Value {
    let mut object = cluster(spec);
    object["status"] = status;
    object
}

fn formed(spec: &Value) -> Value {
    with_status(spec, json!({ "clusterID": "cdf818194e3a8c32", "phase": "Running" }))
}

#[test]
fn every_edit_is_free_until_the_identity_is_recorded() {
    for (field, spec) in edits() {
        let nothing_yet = (cluster(&json!({})), cluster(&spec));
        let creating = json!({ "phase": "Creating" });
        let born = (with_status(&json!({}), creating.clone()), with_status(&spec, creating));
        for (old, new) in [nothing_yet, born] {
            assert_eq!(refusals(&new, Some(&old)), [""; 0], "{field}");
        }
    }
}

#[test]
fn an_edit_that_nothing_carries_out_is_refused_once_the_cluster_has_formed() {
    for (field, spec) in edits() {
        let found = refusals(&formed(&spec), Some(&formed(&json!({}))));
        assert_eq!(found.len(), 1, "{field}: {found:?}");
        assert!(found[0].starts_with(&format!("{field}: cannot be changed")), "{found:?}");
        assert!(found[0].contains("create another EtcdCluster"), "{found:?}");
    }
}

#[test]
fn a_storage_class_can_be_neither_given_nor_taken_nor_exchanged() {
    let of = |name: Option<&str>| match name {
        Some(name) => formed(&json!({ "storage": { "storageClassName": name } })),
        None => formed(&json!({})),
    };
    for (old, new) in [(Some("a"), None), (None, Some("a")), (Some("a"), Some("b"))] {
        assert_eq!(refusals(&of(new), Some(&of(old))).len(), 1, "{old:?} to {new:?}");
    }
    for same in [None, Some("a")] {
        assert_eq!(refusals(&of(same), Some(&of(same))), [""; 0], "{same:?}");
    }
}

#[test]
fn size_pausing_retention_and_recovery_may_change_at_any_time() {
    for spec in [
        json!({}),
        json!({ "paused": true }),
        json!({ "size": 5 }),
        json!({ "size": 0 }),
        json!({ "storage": { "retention": "Delete" } }),
        json!({ "recoveryStrategy": { "maxRetries": 5 } }),
    ] {
        let found = refusals(&formed(&spec), Some(&formed(&json!({}))));
        assert_eq!(found, [""; 0], "{spec}");
    }
}

#[test]
fn a_recorded_identity_neither_changes_nor_vanishes() {
    let old = formed(&json!({}));
    for new in [
        with_status(&json!({}), json!({ "clusterID": "cdf818194e3a8c33" })),
        with_status(&json!({}), json!({ "phase": "Running" })),
        with_status(&json!({}), json!({})),
        cluster(&json!({})),
    ] {
        let found = refusals(&new, Some(&old));
        assert_eq!(found.len(), 1, "{new}: {found:?}");
        assert!(found[0].starts_with("status.clusterID: cannot be changed or removed"), "{new}");
    }
    let same = with_status(&json!({}), json!({ "clusterID": "cdf818194e3a8c32" }));
    assert_eq!(refusals(&same, Some(&old)), [""; 0]);
}

#[test]
fn an_identity_may_be_recorded_where_there_was_none() {
    for old in [cluster(&json!({})), with_status(&json!({}), json!({ "phase": "Creating" }))] {
        assert_eq!(refusals(&formed(&json!({})), Some(&old)), [""; 0]);
    }
}
