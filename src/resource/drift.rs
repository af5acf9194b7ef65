//! PURE. Whether an object in the API server still is what it was built to be.

use super::quantity;
use crate::mutants::planted;
use serde::Serialize;
use serde_json::Value;

/// The first field, as a path, in which `actual` is not what `desired` asks for; nothing if all
/// that is asked for is there.
///
/// - What `desired` leaves out, or leaves empty, is not asked for: the API server fills in
///   defaults, and others may add labels and annotations.
/// - Lists are taken whole, element by element: one element more is a difference.
/// - Quantities are compared by what they mean.
/// - `status` is not asked for, nor what only the API server writes in `metadata`.
///
/// Some differences cannot be mended by an update, such as a `StatefulSet`'s selector or its
/// volume claim templates; they are reported all the same.
pub fn differs(desired: &impl Serialize, actual: &impl Serialize) -> Option<String> {
    let (Ok(mut desired), Ok(actual)) =
        (serde_json::to_value(desired), serde_json::to_value(actual))
    else {
        return Some("the object cannot be written as JSON".to_owned());
    };
    forget(&mut desired);
    let mut path = String::new();
    difference(&desired, &actual, &mut path).then(|| path.trim_start_matches('.').to_owned())
}

/// Takes out what no builder asks for.
fn forget(desired: &mut Value) {
    let Value::Object(object) = desired else { return };
    object.remove("status");
    if let Some(Value::Object(metadata)) = object.get_mut("metadata") {
        for field in ["creationTimestamp", "generation", "managedFields", "resourceVersion"] {
            metadata.remove(field);
        }
    }
}

/// Whether they differ. `path` leads to both; it then leads to where they do.
fn difference(desired: &Value, actual: &Value, path: &mut String) -> bool {
    match (desired, actual) {
        _ if is_empty(desired) => false,
        (Value::Object(desired), Value::Object(actual)) => {
            if is_exact(path) && actual.keys().any(|key| !desired.contains_key(key)) {
                return true;
            }
            let is_quantities = names_quantities(path);
            desired.iter().any(|(key, desired)| {
                let actual = actual.get(key).unwrap_or(&Value::Null);
                let differs = |path: &mut String| match (desired, actual) {
                    (Value::String(desired), Value::String(actual)) if is_quantities => {
                        !quantity::same(desired, actual)
                    }
                    _ => difference(desired, actual, path),
                };
                below(path, [".", key], differs)
            })
        }
        (Value::Array(desired), Value::Array(actual)) => {
            desired.iter().zip(actual).enumerate().any(|(index, (one, other))| {
                let place = format!("[{index}]");
                below(path, [&place], |path| difference(one, other, path))
            }) || desired.len() != actual.len()
        }
        _ => desired != actual,
    }
}

/// Whether there is a difference one step further down; the step is kept if there is.
fn below<const N: usize>(
    path: &mut String,
    step: [&str; N],
    differs: impl FnOnce(&mut String) -> bool,
) -> bool {
    let end = path.len();
    path.extend(step);
    let found = differs(path);
    if !found {
        path.truncate(end);
    }
    found
}

/// Whether another's entry in the map is a difference: a selector selects less with each.
fn is_exact(path: &str) -> bool {
    if planted("selector-drift-ignored") {
        return false;
    }
    [".spec.selector", ".spec.selector.matchLabels"].contains(&path)
}

/// `desired` as a merge patch that also takes others' entries out of the maps that must be exact.
///
/// # Errors
/// One of them has no form in JSON.
pub fn exact_patch(
    desired: &impl Serialize,
    actual: &impl Serialize,
) -> Result<Value, serde_json::Error> {
    let mut patch = serde_json::to_value(desired)?;
    take_out_surplus(&mut patch, &serde_json::to_value(actual)?, "");
    Ok(patch)
}

fn take_out_surplus(patch: &mut Value, actual: &Value, at: &str) {
    let (Value::Object(patch), Value::Object(actual)) = (patch, actual) else { return };
    for (key, actual) in actual {
        match patch.get_mut(key) {
            Some(patch) => take_out_surplus(patch, actual, &format!("{at}.{key}")),
            None if is_exact(at) => drop(patch.insert(key.clone(), Value::Null)),
            None => {}
        }
    }
}

/// Whether the values of the map at this path are quantities.
fn names_quantities(path: &str) -> bool {
    [".requests", ".limits", ".capacity"].iter().any(|end| path.ends_with(end))
}

/// Whether nothing is asked for: null, or a map or list in which nothing stands.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Object(map) => map.values().all(is_empty),
        Value::Array(list) => list.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn defaults_and_others_additions_are_no_difference() {
        let desired = json!({"metadata": {"labels": {"a": "1"}, "generation": 1},
            "spec": {"ports": [{"port": 1}], "selector": {}, "none": null}, "status": {"x": 1}});
        let actual = json!({"metadata": {"labels": {"a": "1", "theirs": "x"}, "generation": 7},
            "spec": {"ports": [{"port": 1, "protocol": "TCP"}], "selector": {"a": "b"}, "more": 1}});
        assert_eq!(differs(&desired, &actual), None);
    }

    #[test]
    fn the_path_of_the_first_difference_is_told() {
        let desired =
            json!({"spec": {"replicas": 3, "list": [{"a": 1}, {"a": 2}], "kept": {"x": "y"}}});
        for (actual, path) in [
            (
                json!({"spec": {"replicas": 5, "list": [{"a": 1}, {"a": 2}], "kept": {"x": "y"}}}),
                "spec.replicas",
            ),
            (
                json!({"spec": {"replicas": 3, "list": [{"a": 1}, {"a": 9}], "kept": {"x": "y"}}}),
                "spec.list[1].a",
            ),
            (json!({"spec": {"replicas": 3, "list": [{"a": 1}], "kept": {"x": "y"}}}), "spec.list"),
            (
                json!({"spec": {"replicas": 3, "list": [{"a": 1}, {"a": 2}, {}], "kept": {"x": "y"}}}),
                "spec.list",
            ),
            (
                json!({"spec": {"replicas": 3, "list": [{"a": 1}, {"a": 2}], "kept": {}}}),
                "spec.kept.x",
            ),
            (json!({"spec": {"replicas": 3, "list": {}, "kept": {"x": "y"}}}), "spec.list"),
            (json!({}), "spec"),
        ] {
            assert_eq!(differs(&desired, &actual).as_deref(), Some(path), "{actual}");
        }
    }

    #[test]
    fn anothers_entry_in_a_selector_is_a_difference_and_can_be_taken_out() {
        let of = |selector: Value| json!({"spec": {"selector": selector, "ports": [1]}});
        let (desired, actual) = (of(json!({"a": "1"})), of(json!({"a": "1", "b": "2"})));
        assert_eq!(differs(&desired, &actual).as_deref(), Some("spec.selector"));
        let patch = exact_patch(&desired, &actual).unwrap();
        assert_eq!(patch, of(json!({"a": "1", "b": null})));
        assert_eq!(exact_patch(&desired, &desired).unwrap(), desired);
        let labels = |labels: Value| of(json!({"matchLabels": labels}));
        let (desired, actual) = (labels(json!({"a": "1"})), labels(json!({"a": "1", "b": "2"})));
        assert_eq!(differs(&desired, &actual).as_deref(), Some("spec.selector.matchLabels"));
    }

    #[test]
    fn only_quantities_are_compared_by_meaning() {
        let of = |cpu: &str, label: &str| json!({"limits": {"cpu": cpu}, "requests": {"storage": cpu}, "labels": {"size": label}});
        assert_eq!(differs(&of("1000m", "1"), &of("1", "1")), None);
        assert_eq!(differs(&of("1000m", "1"), &of("2", "1")).as_deref(), Some("limits.cpu"));
        assert_eq!(differs(&of("1", "1000m"), &of("1", "1")).as_deref(), Some("labels.size"));
    }
}
