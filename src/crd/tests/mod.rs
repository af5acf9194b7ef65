//! SHELL. The rules, tried on what a person writes rather than on what the types can say.

mod fields;
mod frozen;
mod published;
mod services;

use super::definitions;
use kube::core::cel::{CompiledSchema, compile_schema, validate_compiled};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::LazyLock;

/// The published schema of a kind, by its place among the definitions.
fn published(kind: usize) -> Value {
    serde_json::to_value(&definitions()[kind].spec.versions[0].schema).unwrap()["openAPIV3Schema"]
        .take()
}

/// The published schema of the `EtcdCluster`.
static SCHEMA: LazyLock<Value> = LazyLock::new(|| published(0));
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

/// A table of `fixtures/admission`.
fn table<T: DeserializeOwned>(file: &str) -> Vec<T> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/admission").join(file);
    serde_saphyr::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The value without its nulls: the API server takes them for absent.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields = fields.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(fields.map(|(name, value)| (name, without_nulls(value))).collect())
        }
        other => other,
    }
}
