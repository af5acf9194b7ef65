//! PURE. From the types to the `CustomResourceDefinition`s as they are published.

use schemars::transform::transform_subschemas;
use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

/// How many entries a map of resources may have; CEL has to know that there is an end.
const RESOURCES_MAX: u32 = 16;
/// How many labels or annotations there may be, for the same reason.
const TEXTS_MAX: u32 = 32;
/// How many files of configuration there may be.
const FILES_MAX: u32 = 16;
/// A time as Kubernetes writes it: in UTC, with at most nine decimals.
pub(super) const TIME: &str =
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?Z$";
/// A Kubernetes quantity without a sign.
const NOT_NEGATIVE: &str =
    r"^([0-9]+(\.[0-9]*)?|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][-+]?[0-9]+)?$";

/// Takes the descriptions out of a type of Kubernetes' own, which are most of its bulk and can be
/// read with `kubectl explain pod`. The field's own description stays.
pub(super) fn bare(schema: &mut Schema) {
    transform_subschemas(&mut undescribed, schema);
}

fn undescribed(schema: &mut Schema) {
    // Only a description in words: a field of that name would be a schema.
    if schema.get("description").is_some_and(Value::is_string) {
        schema.remove("description");
    }
    transform_subschemas(&mut undescribed, schema);
}

/// Requests and limits, bounded and not negative. Claims on devices are left out: they name what a
/// pod declares, and the members' pods declare none.
pub(super) fn resources(schema: &mut Schema) {
    bare(schema);
    let Some(fields) = schema.get_mut("properties").and_then(Value::as_object_mut) else { return };
    fields.remove("claims");
    for map in fields.values_mut().filter_map(Value::as_object_mut) {
        map.insert("maxProperties".to_owned(), RESOURCES_MAX.into());
        map.insert(
            "additionalProperties".to_owned(),
            json!({
                "x-kubernetes-int-or-string": true,
                "minimum": 0,
                "maxLength": 32,
                "pattern": NOT_NEGATIVE,
            }),
        );
    }
}

/// Labels: at most 32, each value one that Kubernetes accepts.
pub(super) fn labels(schema: &mut Schema) {
    let pattern = "^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$";
    texts(schema, json!({ "type": "string", "maxLength": 63, "pattern": pattern }));
}

/// Annotations: at most 32, each value of at most 4096 characters.
pub(super) fn annotations(schema: &mut Schema) {
    texts(schema, json!({ "type": "string", "maxLength": 4096 }));
}

/// Files: at most 16, each of at most 16384 characters, for the status keeps those of the last
/// revisions, too.
pub(super) fn files(schema: &mut Schema) {
    schema.insert("maxProperties".to_owned(), FILES_MAX.into());
    let file = json!({ "type": "string", "maxLength": 16384 });
    schema.insert("additionalProperties".to_owned(), file);
}

/// Any object, kept as it is written.
pub(super) fn anything(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "object", "x-kubernetes-preserve-unknown-fields": true })
}

fn texts(schema: &mut Schema, value: Value) {
    schema.insert("maxProperties".to_owned(), TEXTS_MAX.into());
    schema.insert("additionalProperties".to_owned(), value);
}
