//! SHELL. The edits that may be made, before the cluster's identity is recorded and after.

use super::{cluster, refusals, table};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Row {
    what: String,
    #[serde(default)]
    status: bool,
    patch: Value,
    expect: Option<String>,
}

fn with_status(spec: &Value, status: Value) -> Value {
    let mut object = cluster(spec);
    object["status"] = status;
    object
}

fn formed(spec: &Value) -> Value {
    with_status(spec, json!({ "clusterID": "cdf818194e3a8c32", "phase": "Running" }))
}

/// The cluster that the case `edits` makes.
fn small() -> Value {
    json!({ "size": 1, "storage": { "size": "1Gi" } })
}

/// A JSON merge patch.
fn merged(object: &mut Value, patch: &Value) {
    let Value::Object(fields) = patch else {
        object.clone_from(patch);
        return;
    };
    if !object.is_object() {
        *object = json!({});
    }
    for (name, value) in fields {
        if value.is_null() {
            object.as_object_mut().unwrap().remove(name);
        } else {
            merged(&mut object[name], value);
        }
    }
}

/// The field an edit is refused at, as `field: message`; nothing if it may be made.
fn edit(old: &Value, patch: &Value) -> Vec<String> {
    let mut new = old.clone();
    merged(&mut new, patch);
    refusals(&new, Some(old))
}

#[test]
fn every_edit_is_free_until_the_identity_is_recorded_and_then_as_the_table_says() {
    let creating = with_status(&small(), json!({ "phase": "Creating" }));
    let mut refused = 0;
    for Row { what, status, patch, expect } in table::<Row>("etcd-cluster-edits.yaml") {
        // The status is another resource: beside the spec it is passed over.
        if !status && patch.get("status").is_some() {
            continue;
        }
        if !status {
            assert_eq!(edit(&cluster(&small()), &patch), [""; 0], "{what}");
            assert_eq!(edit(&creating, &patch), [""; 0], "{what}");
        }
        let found = edit(&formed(&small()), &patch);
        // No rule needs to refuse a value of another type.
        let expect = expect.filter(|expect| !expect.contains("supported values"));
        let Some(expect) = expect else {
            assert_eq!(found, [""; 0], "{what}");
            continue;
        };
        assert_eq!(found.len(), 1, "{what}: {found:?}");
        let (field, said) = found[0].split_once(": ").unwrap();
        let is_told = expect.starts_with(field) || said.contains(&expect);
        assert!(is_told && said.starts_with("cannot be changed"), "{what}: {found:?}");
        refused += 1;
    }
    assert!(refused > 10, "{refused}");
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
fn an_identity_may_be_recorded_where_there_was_none() {
    for old in [cluster(&json!({})), with_status(&json!({}), json!({ "phase": "Creating" }))] {
        assert_eq!(refusals(&formed(&json!({})), Some(&old)), [""; 0]);
    }
}
