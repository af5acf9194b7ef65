//! SHELL. The only writer of the objects a cluster is made of.
//!
//! Every write says what it expects to find, and the API server checks it in the same instant: a
//! plan that has gone stale is refused and never falls on another object of the same name.
//! Errors are handed on as they are; `client` tells their classes apart.

use super::drift;
use super::labels::OPERATOR;
use k8s_openapi::api::core::v1::Pod;
use kube::api::{Api, DeleteParams, Patch, PatchParams, Preconditions, PropagationPolicy};
use kube::{Error, Resource, ResourceExt as _, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, json};
use std::collections::BTreeMap;
use std::fmt::Debug;

/// Labels or annotations to set, or with nothing as the value to take away.
pub type Changes = BTreeMap<String, Option<String>>;

/// Makes an object that should not exist yet. Made again by the same cluster it is a no-op.
///
/// A foreign object of the same name is never adopted, even one made the moment before: server-side
/// apply without force refuses to change a field another manager has set, every kind we make has a
/// selector that counts as one field, and ours carries the cluster's UID, so it can never agree.
///
/// # Errors
/// 409 Conflict for a foreign object; whatever the API server answers otherwise.
pub async fn create<K>(api: &Api<K>, object: &K) -> Result<K>
where
    K: Resource + Clone + DeserializeOwned + Debug + Serialize,
{
    api.patch(&object.name_any(), &PatchParams::apply(OPERATOR), &Patch::Apply(object)).await
}

/// Makes the object with this UID what it was built to be.
///
/// Apply takes away what we once asked for and no longer do. What others put into our lists (an
/// environment variable, a port) it leaves to them; where that is so a merge patch follows, which
/// replaces lists whole, and takes others' entries out of selectors. It leaves other maps alone,
/// which is just what [`drift`] compares.
///
/// # Errors
/// 409 or 422 if the object is gone or another has its name; 422 if the difference is in a field
/// that cannot change.
pub async fn update<K>(api: &Api<K>, object: &K, uid: &str) -> Result<K>
where
    K: Resource + Clone + DeserializeOwned + Debug + Serialize,
{
    let mut expected = object.clone();
    expected.meta_mut().uid = Some(uid.to_owned());
    let name = object.name_any();
    let force = PatchParams::apply(OPERATOR).force();
    let whole = match api.patch(&name, &force, &Patch::Apply(&expected)).await {
        Ok(applied) if drift::differs(object, &applied).is_none() => return Ok(applied),
        Ok(applied) => drift::exact_patch(&expected, &applied),
        // What others changed may be the key of a list's entry: ours is then a second one beside
        // it, and the two together are often invalid.
        Err(Error::Api(status)) if status.code == 422 => serde_json::to_value(&expected),
        Err(error) => return Err(error),
    };
    api.patch(&name, &merge(), &Patch::Merge(whole.map_err(Error::SerdeError)?)).await
}

/// Deletes the object with this UID, at this resource version if one is given. An object that is
/// gone already is deleted.
///
/// # Errors
/// 409 Conflict if another object has its name, or it is no longer at that version.
pub async fn delete<K>(
    api: &Api<K>,
    name: &str,
    uid: &str,
    resource_version: Option<&str>,
    propagation: PropagationPolicy,
) -> Result<()>
where
    K: Clone + DeserializeOwned + Debug,
{
    let params = DeleteParams {
        preconditions: Some(Preconditions {
            uid: Some(uid.to_owned()),
            resource_version: resource_version.map(str::to_owned),
        }),
        propagation_policy: Some(propagation),
        ..DeleteParams::default()
    };
    match api.delete(name, &params).await {
        Ok(_) => Ok(()),
        Err(Error::Api(status)) if status.code == 404 => Ok(()),
        Err(error) => Err(error),
    }
}

/// Sets and takes away labels and annotations of the pod with this UID.
///
/// # Errors
/// 404 if the pod is gone; 409 or 422 if another pod has its name.
pub async fn patch_pod_metadata(
    api: &Api<Pod>,
    name: &str,
    uid: &str,
    labels: &Changes,
    annotations: &Changes,
) -> Result<Pod> {
    let mut metadata = Map::new();
    metadata.insert("uid".to_owned(), uid.into());
    for (field, changes) in [("labels", labels), ("annotations", annotations)] {
        if !changes.is_empty() {
            metadata.insert(field.to_owned(), json!(changes));
        }
    }
    api.patch(name, &merge(), &Patch::Merge(json!({ "metadata": metadata }))).await
}

/// Writes the whole list of finalizers onto the object as it was read.
///
/// # Errors
/// 409 Conflict if it changed since.
pub async fn set_finalizers<K>(api: &Api<K>, object: &K, finalizers: &[String]) -> Result<K>
where
    K: Resource + Clone + DeserializeOwned + Debug,
{
    let (uid, version) = (object.uid(), object.resource_version());
    let metadata = json!({ "uid": uid, "resourceVersion": version, "finalizers": finalizers });
    let patch = Patch::Merge(json!({ "metadata": metadata }));
    api.patch(&object.name_any(), &merge(), &patch).await
}

fn merge() -> PatchParams {
    PatchParams { field_manager: Some(OPERATOR.to_owned()), ..PatchParams::default() }
}
