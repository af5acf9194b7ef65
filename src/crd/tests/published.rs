//! PURE. What the published schema says beside the rules.

use super::SCHEMA;
use crate::crd::{EtcdClusterSpec, EtcdOptions, PodPlacement, RecoveryStrategy, Storage};
use kube::core::cel::apply_defaults;
use serde_json::{Value, json};

/// Every schema within `schema`, with the path of fields to it.
fn walk(path: &str, schema: &Value, visit: &mut impl FnMut(&str, &Value)) {
    visit(path, schema);
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        walk(&format!("{path}.{name}"), field, visit);
    }
    for (step, key) in [("[]", "items"), ("{}", "additionalProperties")] {
        if schema[key].is_object() {
            walk(&format!("{path}{step}"), &schema[key], visit);
        }
    }
}

#[test]
fn nothing_is_nullable_so_that_null_means_absent() {
    walk("", &SCHEMA, &mut |path, schema| {
        assert_ne!(schema["nullable"], json!(true), "{path}");
        let values = schema["enum"].as_array();
        assert!(!values.is_some_and(|values| values.contains(&Value::Null)), "{path}");
    });
}

#[test]
fn every_format_is_one_that_the_api_server_knows() {
    walk("", &SCHEMA, &mut |path, schema| {
        let format = &schema["format"];
        let known = [json!(null), json!("int32"), json!("int64"), json!("date-time")];
        assert!(known.contains(format), "{path}: {format}");
    });
}

/// Accepted by the API server without a bound, 99999999999 as an `int32` cannot be read back.
#[test]
fn what_is_admitted_can_be_read_back() {
    let mut numbers = 0;
    walk("", &SCHEMA, &mut |path, schema| {
        if schema["format"] == "int32" {
            let (least, most) = (schema["minimum"].as_f64(), schema["maximum"].as_f64());
            assert!(least.is_some_and(|least| least >= i32::MIN.into()), "{path}: {least:?}");
            assert!(most.is_some_and(|most| most <= i32::MAX.into()), "{path}: {most:?}");
            numbers += 1;
        }
        if schema["format"] == "date-time" {
            assert!(schema["pattern"].as_str().is_some_and(|form| form.ends_with("Z$")), "{path}");
        }
    });
    assert!(numbers > 10, "{numbers}");
}

#[test]
fn every_field_of_ours_says_what_it_is_and_no_type_of_kubernetes_does() {
    // Below these the types are Kubernetes' own.
    let theirs = [
        ".spec.resources.",
        ".spec.pod.affinity.",
        ".spec.pod.tolerations[]",
        ".spec.pod.topologySpreadConstraints[]",
        ".status.conditions[]",
    ];
    walk("", &SCHEMA, &mut |path, schema| {
        let named = !path.ends_with("[]") && !path.ends_with("{}");
        if theirs.iter().any(|prefix| path.starts_with(prefix)) {
            assert!(!schema["description"].is_string(), "{path} repeats Kubernetes' own words");
        } else if named && path.contains('.') {
            let described = schema["description"].is_string() || path == ".status";
            assert!(described, "{path} does not say what it is");
        }
    });
}

#[test]
fn what_a_rule_walks_through_has_an_end() {
    walk("", &SCHEMA, &mut |path, schema| {
        let ruled = schema["x-kubernetes-validations"].is_array();
        if ruled && schema["additionalProperties"].is_object() {
            assert!(schema["maxProperties"].is_number(), "{path} may grow without end");
        }
        if ruled && schema["type"] == "string" {
            assert!(schema["maxLength"].is_number(), "{path} may grow without end");
        }
    });
}

/// The API server fills in the schema's defaults and the operator the types'. Were they to differ,
/// what is stored would not be what is done.
#[test]
fn the_schemas_defaults_are_the_types_own() {
    let defaulted = apply_defaults(&SCHEMA, &json!({ "spec": {} }));
    let from_schema: EtcdClusterSpec = serde_json::from_value(defaulted["spec"].clone()).unwrap();
    let from_types: EtcdClusterSpec = serde_json::from_value(json!({})).unwrap();
    assert_eq!(from_schema, from_types);
    let parts = json!({ "storage": {}, "pod": {}, "etcd": {}, "recoveryStrategy": {} });
    let in_parts: EtcdClusterSpec = serde_json::from_value(parts).unwrap();
    assert_eq!(in_parts, from_types);
    assert_eq!(from_types.storage, Storage::default());
    assert_eq!(from_types.pod, PodPlacement::default());
    assert_eq!(from_types.etcd, EtcdOptions::default());
    assert_eq!(from_types.recovery_strategy, RecoveryStrategy::default());
}
