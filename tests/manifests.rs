//! SHELL. What `manifests/` holds is generated, valid, complete and no more than is needed.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking; clippy sees only the functions marked as tests"
)]

use etcd_operator::cmd::manifests;
use etcd_operator::crd::{AppService, EtcdCluster};
use etcd_operator::resource::install::Options;
use kube::core::CustomResourceExt as _;
use kube::core::cel::{compile_schema, validate_compiled};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("manifests")
}

/// Every example, by file name.
fn examples() -> Vec<(String, String)> {
    let mut all: Vec<_> = fs::read_dir(folder().join("examples"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, fs::read_to_string(path).unwrap())
        })
        .collect();
    all.sort();
    all
}

#[test]
fn the_committed_installation_is_the_generated_one() {
    if let Err(error) = manifests::manifests(&Options::default(), Some(&folder()), true) {
        panic!("{error}");
    }
}

/// Whether an example is a Service of ours.
fn is_service(text: &str) -> bool {
    text.contains("apiVersion: apps.etcd.io/")
}

#[test]
fn every_example_is_an_object_that_keeps_the_rules() {
    let examples = examples();
    assert!(examples.len() >= 5);
    for (name, text) in examples {
        let object: Value = serde_saphyr::from_str(&text).unwrap();
        assert!(object["metadata"]["namespace"].is_string(), "{name} names no namespace");
        let read = if is_service(&text) {
            serde_saphyr::from_str::<AppService>(&text).map(drop)
        } else {
            serde_saphyr::from_str::<EtcdCluster>(&text).map(drop)
        };
        read.unwrap_or_else(|why| panic!("{name}: {why}"));
        let schema = compile_schema(&whole_schema(is_service(&text)));
        if let Err(refused) = validate_compiled(&schema, &object, None) {
            panic!("{name}: {refused}");
        }
    }
}

#[test]
fn no_example_has_a_field_that_the_schema_has_not() {
    for (name, text) in examples() {
        let object: Value = serde_saphyr::from_str(&text).unwrap();
        let mut unknown = BTreeSet::new();
        unknown_fields("spec", &object["spec"], &schema(is_service(&text)), &mut unknown);
        assert!(unknown.is_empty(), "{name}: {unknown:?}");
    }
}

#[test]
fn one_example_of_each_kind_names_every_field_of_ours() {
    for example in ["all-fields.yaml", "service-all-fields.yaml"] {
        let (_, text) = examples().into_iter().find(|(name, _)| name == example).unwrap();
        let object: Value = serde_saphyr::from_str(&text).unwrap();
        let mut missing = BTreeSet::new();
        missing_fields("spec", &object["spec"], &schema(is_service(&text)), &mut missing);
        // What Kubernetes' own types offer further in is Kubernetes' to explain.
        missing.retain(|path| !path.contains(".affinity."));
        assert!(missing.is_empty(), "{example} does not show {missing:?}");
    }
}

#[test]
fn the_image_runs_as_the_user_that_the_installation_names() {
    let dockerfile = fs::read_to_string(folder().join("Dockerfile")).unwrap();
    assert!(dockerfile.contains("\nUSER 65532:65532\n"));
    assert!(dockerfile.contains("\nENTRYPOINT [\"/etcd-operator\"]\n"));
    let install = fs::read_to_string(folder().join("install.yaml")).unwrap();
    assert!(install.contains("runAsUser: 65532"));
}

fn whole_schema(of_service: bool) -> Value {
    let crd = if of_service { AppService::crd() } else { EtcdCluster::crd() };
    let definition = serde_json::to_value(crd).unwrap();
    definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"].clone()
}

fn schema(of_service: bool) -> Value {
    whole_schema(of_service)["properties"]["spec"].clone()
}

/// The fields of `schema` that `value` does not have. Below a list or map nothing is missed.
fn missing_fields(path: &str, value: &Value, schema: &Value, missing: &mut BTreeSet<String>) {
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        let path = format!("{path}.{name}");
        match &value[name] {
            Value::Null => drop(missing.insert(path)),
            inner => missing_fields(&path, inner, field, missing),
        }
    }
}

/// The fields of `value` that `schema` does not have.
fn unknown_fields(path: &str, value: &Value, schema: &Value, unknown: &mut BTreeSet<String>) {
    for (name, inner) in value.as_object().into_iter().flatten() {
        let path = format!("{path}.{name}");
        let (field, any) = (&schema["properties"][name], &schema["additionalProperties"]);
        match (field, any) {
            (Value::Null, Value::Null) => drop(unknown.insert(path)),
            (Value::Null, field) | (field, _) => unknown_fields(&path, inner, field, unknown),
        }
    }
    for inner in value.as_array().into_iter().flatten() {
        unknown_fields(&format!("{path}[]"), inner, &schema["items"], unknown);
    }
}
