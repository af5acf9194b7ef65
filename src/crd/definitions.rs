//! PURE. The definitions as they are installed.

use super::app_service::AppService;
use super::etcd_cluster::EtcdCluster;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    CustomResourceDefinition, JSONSchemaProps, JSONSchemaPropsOrArray, JSONSchemaPropsOrBool,
};
use kube::CustomResourceExt as _;
use serde_json::Value;

/// Every `CustomResourceDefinition` of this operator.
pub fn definitions() -> Vec<CustomResourceDefinition> {
    let mut all = vec![EtcdCluster::crd(), AppService::crd()];
    for version in all.iter_mut().flat_map(|definition| &mut definition.spec.versions) {
        if let Some(root) =
            version.schema.as_mut().and_then(|schema| schema.open_api_v3_schema.as_mut())
        {
            readable(root);
        }
    }
    all
}

/// What is admitted must be what the types can read: a single object that cannot be read holds up
/// the watch on all of them. The API server checks neither the range of a number nor the offset of
/// a time by its format alone.
///
/// Nothing is nullable, so that a null means absent: the API server then drops it or puts the
/// default in its place, and neither a rule nor the operator ever meets one.
pub fn readable(schema: &mut JSONSchemaProps) {
    schema.nullable = None;
    if let Some(values) = &mut schema.enum_ {
        values.retain(|value| value.0 != Value::Null);
    }
    match schema.format.as_deref() {
        Some("int32") => {
            schema.minimum.get_or_insert_with(|| i32::MIN.into());
            schema.maximum.get_or_insert_with(|| i32::MAX.into());
        }
        Some("date-time") => schema.pattern = Some(super::schema::TIME.to_owned()),
        _ => {}
    }
    schema.properties.iter_mut().flat_map(|fields| fields.values_mut()).for_each(readable);
    if let Some(JSONSchemaPropsOrBool::Schema(values)) = &mut schema.additional_properties {
        readable(values);
    }
    match &mut schema.items {
        Some(JSONSchemaPropsOrArray::Schema(item)) => readable(item),
        Some(JSONSchemaPropsOrArray::Schemas(items)) => items.iter_mut().for_each(readable),
        None => {}
    }
}
