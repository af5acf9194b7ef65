//! PURE. The rules of a Service, kept and broken, and what its schema says.

use super::published;
use crate::crd::AppServiceSpec;
use kube::core::cel::{CompiledSchema, apply_defaults, compile_schema, validate_compiled};
use serde_json::{Value, json};
use std::sync::LazyLock;

static SCHEMA: LazyLock<Value> = LazyLock::new(|| published(1));
static COMPILED: LazyLock<CompiledSchema> = LazyLock::new(|| compile_schema(&SCHEMA));

fn named(name: &str, spec: &Value) -> Value {
    let mut whole = json!({"image": "web:1"});
    for (field, value) in spec.as_object().unwrap() {
        whole[field] = value.clone();
    }
    json!({
        "apiVersion": "apps.etcd.io/v1alpha1", "kind": "Service",
        "metadata": {"name": name}, "spec": whole,
    })
}

/// Refused by no rule, and read by the types.
fn accepted(spec: &Value) {
    let object = named("example", spec);
    assert!(validate_compiled(&COMPILED, &object, None).is_ok(), "{spec}");
    serde_json::from_value::<AppServiceSpec>(object["spec"].clone()).unwrap();
}

/// Refused by exactly one rule, with `words` in its message.
fn refused(object: &Value, words: &str) {
    let found = validate_compiled(&COMPILED, object, None).unwrap_err();
    assert_eq!(found.len(), 1, "{object}: {found:?}");
    assert!(found[0].message.contains(words), "{object}: {found:?}");
}

#[test]
fn what_a_service_asks_for_is_accepted() {
    accepted(&json!({}));
    accepted(&json!({"image": "registry:5000/a/b@sha256:0123", "rollbackTo": "0123456789abcdef"}));
    accepted(&json!({"configData": {"a.conf": "", "B-2_c": "x"}, "configPath": "/etc/a"}));
    accepted(&json!({"ingress": {"host": "*.example.com", "path": "/a"}}));
    accepted(&json!({"env": [
        {"name": "A"}, {"name": "B", "value": "1"},
        {"name": "C", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]}));
}

#[test]
fn what_cannot_be_done_is_refused_with_the_reason() {
    let from = |source: Value| json!({"env": [{"name": "A", "valueFrom": source}]});
    let key = json!({"name": "s", "key": "k"});
    for (spec, words) in [
        (json!({"image": "web 1"}), "without white space"),
        (json!({"configData": {"a/b": ""}}), "must be a file's"),
        (json!({"configPath": "etc"}), "absolute path"),
        (json!({"configPath": "/tmp"}), "not /tmp"),
        (json!({"rollbackTo": "latest"}), "16 hexadecimal digits"),
        (json!({"ingress": {"host": "Example.com"}}), "DNS name in lower case"),
        (json!({"ingress": {"host": "a.b", "path": "x"}}), "begin with '/'"),
        (json!({"probes": {"readyPath": "ready"}}), "begin with '/'"),
        (json!({"env": [{"name": "1A"}]}), "no digit first"),
        (from(json!({})), "just one of"),
        (from(json!({"secretKeyRef": key, "configMapKeyRef": key})), "just one of"),
        (json!({"placement": {"labels": {"apps.etcd.io/x": "y"}}}), "choose another prefix"),
        (json!({"placement": {"annotations": {"apps.etcd.io/x": "y"}}}), "choose another prefix"),
        (
            json!({"resources": {"requests": {"cpu": "2"}, "limits": {"cpu": "1"}}}),
            "not be larger than the limit",
        ),
    ] {
        refused(&named("example", &spec), words);
    }
    let both = json!({"env": [{"name": "A", "value": "1", "valueFrom": {"secretKeyRef": key}}]});
    refused(&named("example", &both), "either a value or a valueFrom");
    refused(&named(&"a".repeat(47), &json!({})), "at most 46 characters");
    refused(&named("1a", &json!({})), "begin with a lower-case letter");
}

#[test]
fn the_schemas_defaults_are_the_types_own() {
    let of = |spec: Value| {
        let defaulted = apply_defaults(&SCHEMA, &json!({ "spec": spec }));
        let from_schema: AppServiceSpec =
            serde_json::from_value(defaulted["spec"].clone()).unwrap();
        let from_types: AppServiceSpec = serde_json::from_value(spec).unwrap();
        assert_eq!(from_schema, from_types);
    };
    of(json!({"image": "a"}));
    of(json!({"image": "a", "probes": {}, "placement": {}, "security": {}}));
    of(json!({"image": "a", "ingress": {"host": "a.b"}}));
}
