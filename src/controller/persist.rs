//! SHELL. Writes a status: one patch, only of what changed, only onto the object as it was read.

use crate::client::ApiError;
use crate::client::kubernetes::{CALL_DEADLINE, deadline};
use crate::mutants::planted;
use crate::service::Kind;
use kube::api::{Patch, PatchParams};
use kube::{Api, Resource, ResourceExt};
use serde_json::{Map, Value, json};

/// Writes `next` if it differs from the status the object has.
///
/// # Guarantees
/// The resource version is a precondition: an object that changed in between is left alone. Fields
/// this version does not know stay as they are.
///
/// # Errors
/// A conflict if the object changed, and whatever keeps the write from being confirmed.
pub async fn write<K: Kind>(
    api: &Api<K::Object>,
    object: &K::Object,
    next: &K::Status,
) -> Result<Option<K::Object>, ApiError> {
    if K::status(object) == Some(next) {
        return Ok(None);
    }
    let value = |status: &K::Status| serde_json::to_value(status).unwrap_or_default();
    let old = K::status(object).map(value).unwrap_or_default();
    let change = change(&old, &value(next));
    let meta = object.meta();
    let version = meta.resource_version.as_ref().filter(|_| !planted("status-without-version"));
    let patch = json!({
        "metadata": { "resourceVersion": version, "uid": meta.uid },
        "status": change,
    });
    let name = object.name_any();
    let params = PatchParams::default();
    let patch = Patch::Merge(patch);
    let call = api.patch_status(&name, &params, &patch);
    deadline(CALL_DEADLINE, call).await.map(Some)
}

/// The JSON merge patch that makes `new` of `old`.
fn change(old: &Value, new: &Value) -> Value {
    let (Value::Object(new), empty) = (new, Map::new()) else { return new.clone() };
    let old = old.as_object().unwrap_or(&empty);
    let gone = old.keys().filter(|key| !new.contains_key(*key));
    let gone = gone.map(|key| (key.clone(), Value::Null));
    let changed = new.iter().filter(|(key, value)| old.get(*key) != Some(value));
    let changed = changed
        .map(|(key, value)| (key.clone(), change(old.get(key).unwrap_or(&Value::Null), value)));
    Value::Object(gone.chain(changed).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changed_is_written_and_what_is_gone_is_cleared() {
        let old =
            json!({"phase": "Creating", "leader": "a-0", "list": [1, 2], "deep": {"a": 1, "b": 2}});
        let new = json!({"phase": "Running", "list": [1, 2], "deep": {"a": 1, "b": 3}});
        let patch = change(&old, &new);
        assert_eq!(patch, json!({"phase": "Running", "leader": null, "deep": {"b": 3}}));
    }

    /// RFC 7396, as the API server applies it.
    fn merged(old: &Value, patch: &Value) -> Value {
        let Value::Object(patch) = patch else { return patch.clone() };
        let mut all = old.as_object().cloned().unwrap_or_default();
        for (key, value) in patch {
            match value {
                Value::Null => drop(all.remove(key)),
                value => {
                    let before = all.get(key).cloned().unwrap_or_default();
                    all.insert(key.clone(), merged(&before, value));
                }
            }
        }
        Value::Object(all)
    }

    #[test]
    fn the_patch_makes_the_new_status_of_the_old_whatever_they_are() {
        let all = [
            json!({}),
            json!({"step": "Seal", "members": [{"name": "a-0", "issues": []}]}),
            json!({"step": "Steady", "members": [], "operation": {"attempts": 1, "kind": "Create"}}),
            json!({"operation": {"attempts": 2}, "members": {"a-0": 1}, "replicas": 0}),
            json!({"operation": {"deep": {"er": {"x": 1}, "left": 1}}}),
            json!({"operation": {"deep": {"er": {"y": 2}}}, "step": {"was": "text"}}),
        ];
        for old in all.iter().chain([&Value::Null]) {
            for new in &all {
                let patch = change(old, new);
                assert_eq!(&merged(old, &patch), new, "{old} by {patch}");
                assert_eq!(change(new, new), json!({}));
            }
        }
    }
}
