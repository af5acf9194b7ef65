//! PURE. Who answers for which field of an object.

use super::labels::OPERATOR;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{FieldsV1, ManagedFieldsEntry};
use serde_json::{Map, Value};

/// The entries of an object's `managedFields` with all that we wrote in other ways handed over to
/// what we apply; nothing if there is nothing to hand over.
///
/// How many pods there are is left to nobody: apply would take the number away, and the API server
/// put a 1 in its place.
pub fn handed_over(entries: &[ManagedFieldsEntry]) -> Option<Vec<ManagedFieldsEntry>> {
    let ours = |entry: &&ManagedFieldsEntry, operation: &str| {
        entry.manager.as_deref() == Some(OPERATOR)
            && entry.operation.as_deref() == Some(operation)
            && entry.subresource.is_none()
    };
    let written = entries.iter().find(|entry| ours(entry, "Update"))?;
    let mut fields = written.fields_v1.clone()?.0;
    forget_number(&mut fields);
    if fields.as_object().is_none_or(Map::is_empty) {
        return None;
    }
    let applied = entries.iter().find(|entry| ours(entry, "Apply"));
    if let Some(applied) = applied.and_then(|entry| entry.fields_v1.as_ref()) {
        join(&mut fields, &applied.0);
    }
    let handed = ManagedFieldsEntry {
        operation: Some("Apply".to_owned()),
        fields_v1: Some(FieldsV1(fields)),
        ..written.clone()
    };
    let others = entries.iter().filter(|entry| !ours(entry, "Update") && !ours(entry, "Apply"));
    Some([handed].into_iter().chain(others.cloned()).collect())
}

fn forget_number(fields: &mut Value) {
    let Some(top) = fields.as_object_mut() else { return };
    let Some(spec) = top.get_mut("f:spec").and_then(Value::as_object_mut) else { return };
    spec.remove("f:replicas");
    if spec.is_empty() {
        top.remove("f:spec");
    }
}

/// Adds the fields of `others`.
fn join(fields: &mut Value, others: &Value) {
    let (Value::Object(fields), Value::Object(others)) = (fields, others) else { return };
    for (field, below) in others {
        join(fields.entry(field.clone()).or_insert_with(|| Map::new().into()), below);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn entry(manager: &str, operation: &str, fields: Value) -> ManagedFieldsEntry {
        ManagedFieldsEntry {
            manager: Some(manager.to_owned()),
            operation: Some(operation.to_owned()),
            fields_v1: Some(FieldsV1(fields)),
            ..ManagedFieldsEntry::default()
        }
    }

    #[test]
    fn what_we_wrote_is_handed_over_and_what_others_wrote_stays_theirs() {
        let written = json!({"f:spec": {"f:replicas": {}, "f:a": {"f:b": {}}}});
        let applied = json!({"f:spec": {"f:a": {"f:c": {}}}});
        let theirs = entry("kubectl", "Update", json!({"f:spec": {"f:d": {}}}));
        let all =
            [theirs.clone(), entry(OPERATOR, "Update", written), entry(OPERATOR, "Apply", applied)];
        let joined = json!({"f:spec": {"f:a": {"f:b": {}, "f:c": {}}}});
        let handed = handed_over(&all).unwrap();
        assert_eq!(handed, [entry(OPERATOR, "Apply", joined), theirs]);
        assert_eq!(handed_over(&handed), None);
    }

    #[test]
    fn the_number_of_pods_alone_is_nothing_to_hand_over() {
        let number = entry(OPERATOR, "Update", json!({"f:spec": {"f:replicas": {}}}));
        assert_eq!(handed_over(&[number]), None);
        let status = ManagedFieldsEntry {
            subresource: Some("status".to_owned()),
            ..entry(OPERATOR, "Update", json!({"f:status": {}}))
        };
        assert_eq!(handed_over(&[status]), None);
    }
}
