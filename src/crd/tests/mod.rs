//! PURE. The rules, tried on what a person writes rather than on what the types can say.

mod fields;
mod frozen;
mod published;
mod services;

use super::definitions;
use kube::core::cel::{CompiledSchema, compile_schema, validate_compiled};
use serde_json::{Value, json};
use std::sync::LazyLock;

/// The published schema of the `EtcdCluster`.
static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
    serde_json::to_value(&definitions()[0].spec.versions[0].schema).unwrap()["openAPIV3Schema"]
        .take()
});
static COMPILED: LazyLock<CompiledSchema> = LazyLock::new(|| compile_schema(&SCHEMA));

/// An `EtcdCluster` as a person writes it.
fn cluster(spec: &Value) -> Value {
    json!({
        "apiVersion": "etcd.etcd.io/v1alpha1",
        "kind": "EtcdCluster",
        "metadata": { "name": "example" },
        "spec": spec,
    })
}

/// What the rules refuse in `object`, as `field: message`.
fn refusals(object: &Value, old: Option<&Value>) -> Vec<String> {
    match validate_compiled(&COMPILED, object, old) {
        Ok(()) => Vec::new(),
        Err(refused) => refused
            .iter()
            .map(|one| format!("{}: {}", one.field_path.trim_start_matches('.'), one.message))
            .collect(),
    }
}
