//! SHELL. Each rule of a field, kept and broken: the tables in `fixtures/admission`, which the real API
//! server is asked as well, by the cases `admission` and `edits`.

use super::{SCHEMA, cluster, refusals, table, without_nulls};
use crate::crd::EtcdClusterSpec;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeSet;

#[derive(Deserialize)]
struct Row {
    what: String,
    name: String,
    spec: Value,
    expect: Option<String>,
}

/// The messages of the rules within `schema`, but for rules that look at the object before an edit.
fn messages(schema: &Value, found: &mut BTreeSet<String>) {
    for rule in schema["x-kubernetes-validations"].as_array().into_iter().flatten() {
        if !rule["rule"].as_str().unwrap().contains("oldSelf") {
            found.insert(rule["message"].as_str().unwrap().to_owned());
        }
    }
    match schema {
        Value::Object(fields) => fields.values().for_each(|field| messages(field, found)),
        Value::Array(items) => items.iter().for_each(|item| messages(item, found)),
        _ => {}
    }
}

#[test]
fn every_rule_refuses_what_the_table_says_and_nothing_else() {
    let (mut all, mut broken) = (BTreeSet::new(), BTreeSet::new());
    messages(&SCHEMA, &mut all);
    // Maps too large to be written down are one word in the table.
    let is_written = |row: &Row| !row.spec.to_string().contains("GENERATE");
    for Row { what, name, spec, expect } in
        table::<Row>("etcd-cluster.yaml").into_iter().filter(is_written)
    {
        let spec = without_nulls(spec);
        let mut object = cluster(&spec);
        object["metadata"]["name"] = name.into();
        let found = refusals(&object, None);
        let Some(expect) = expect else {
            assert_eq!(found, [""; 0], "{what}");
            serde_json::from_value::<EtcdClusterSpec>(spec).unwrap();
            continue;
        };
        // No rule needs to refuse a value of another type; and a value that cannot be evaluated is told in
        // each server's own words.
        let is_told =
            |message: &&String| expect.contains(*message) && !expect.contains("evaluating");
        let Some(message) = all.iter().find(is_told) else { continue };
        assert_eq!(found.len(), 1, "{what}: {found:?}");
        // The server puts a reason between field and message.
        let (field, said) = found[0].split_once(": ").unwrap();
        assert!(expect.starts_with(field) || field.is_empty(), "{what}: {field} in {expect}");
        assert!(said.contains(&**message), "{what}: {said}");
        broken.insert(message.clone());
    }
    assert_eq!(broken, all, "a rule that no row of the table breaks");
}
