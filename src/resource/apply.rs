//! SHELL. The only writer of the objects a cluster is made of.
//!
//! Every write says what it expects to find, and the API server checks it in the same instant: a
//! plan that has gone stale is refused and never falls on another object of the same name.
//! Errors are handed on as they are; `client` tells their classes apart.

use super::app::BUILT_ANNOTATION;
use super::labels::OPERATOR;
use super::{drift, managed};
use crate::mutants::planted;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::api::{
    Api, DeleteParams, Patch, PatchParams, PostParams, Preconditions, PropagationPolicy,
};
use kube::core::Status;
use kube::{Error, Resource, ResourceExt as _, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, json};
use std::collections::BTreeMap;
use std::fmt::Debug;

/// How often an object is read and written again while only its status changes in between.
const UPDATE_TRIES: usize = 4;

/// Labels or annotations to set, or with nothing as the value to take away.
pub type Changes = BTreeMap<String, Option<String>>;

/// Makes an object that does not exist yet.
///
/// Not by server-side apply: that would also change one that is there, and a request that was long
/// on its way would put a cluster's first `StatefulSet` over the one it has become.
///
/// # Errors
/// 409 `AlreadyExists` if anybody has an object of that name, whatever it is.
pub async fn create<K>(api: &Api<K>, object: &K) -> Result<K>
where
    K: Resource + Clone + DeserializeOwned + Debug + Serialize,
{
    if planted("create-by-apply") {
        let apply = PatchParams::apply(OPERATOR);
        return api.patch(&object.name_any(), &apply, &Patch::Apply(object)).await;
    }
    let manager = Some(OPERATOR.to_owned());
    api.create(&PostParams { field_manager: manager, ..PostParams::default() }, object).await
}

/// Which version of an object a change was decided on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected<'a> {
    /// Its UID.
    pub uid: &'a str,
    /// Its generation, for kinds that count them: the spec is as it was seen.
    pub generation: Option<i64>,
}

/// Makes the object that was seen what it was built to be.
///
/// Apply takes away what we once asked for and no longer do. What others put into our lists (an
/// environment variable, a port) it leaves to them; where that is so a merge patch follows, which
/// replaces lists whole, and takes others' entries out of selectors. It leaves other maps alone,
/// which is just what [`drift`] compares.
///
/// A status that somebody writes meanwhile is no reason to give up; another spec is.
///
/// # Errors
/// 409 if the object is gone, is another, or has another spec by now; 422 if the difference is in
/// a field that cannot change.
pub async fn update<K>(api: &Api<K>, object: &K, expected: &Expected<'_>) -> Result<K>
where
    K: Resource + Clone + DeserializeOwned + Debug + Serialize,
{
    if planted("update-without-expectation") {
        return put(api, object, object.clone()).await;
    }
    for _ in 0..UPDATE_TRIES {
        let live = api.get_metadata(&object.name_any()).await?.metadata;
        let another_spec = expected.generation.is_some() && live.generation != expected.generation;
        if live.uid.as_deref() != Some(expected.uid) || another_spec {
            break;
        }
        let mut whole = object.clone();
        whole.meta_mut().resource_version = match hand_over(api, object, &live).await {
            Ok(version) => version,
            Err(Error::Api(status)) if status.code == 409 => continue,
            Err(error) => return Err(error),
        };
        whole.meta_mut().uid = live.uid;
        match put(api, object, whole).await {
            Err(Error::Api(status)) if status.code == 409 => {}
            answer => return answer,
        }
    }
    let gone = "the object is not the one that was seen";
    Err(Error::Api(Status::failure(gone, "Conflict").with_code(409).boxed()))
}

/// Hands what was once written otherwise over to apply, if the object is to be built otherwise than
/// it was: apply takes away only what it put there. Gives the version to go on from.
async fn hand_over<K>(api: &Api<K>, object: &K, live: &ObjectMeta) -> Result<Option<String>>
where
    K: Resource + Clone + DeserializeOwned + Debug,
{
    let built = |meta: &ObjectMeta| meta.annotations.as_ref()?.get(BUILT_ANNOTATION).cloned();
    let managed = live.managed_fields.as_deref().unwrap_or_default();
    let handed = managed::handed_over(managed).filter(|_| built(object.meta()) != built(live));
    let Some(handed) = handed else { return Ok(live.resource_version.clone()) };
    let metadata = json!({
        "uid": live.uid, "resourceVersion": live.resource_version, "managedFields": handed,
    });
    let patch = Patch::Merge(json!({ "metadata": metadata }));
    Ok(api.patch(&object.name_any(), &merge(), &patch).await?.resource_version())
}

/// Changes how many pods the object with this UID and generation asks for. Not by apply: who
/// applies a number and no longer does takes it away.
///
/// # Errors
/// 409 if the object is gone, is another, or has another spec by now.
pub async fn scale<K>(api: &Api<K>, name: &str, expected: &Expected<'_>, replicas: i32) -> Result<K>
where
    K: Resource + Clone + DeserializeOwned + Debug,
{
    let live = api.get_metadata(name).await?.metadata;
    if live.uid.as_deref() != Some(expected.uid) || live.generation != expected.generation {
        let gone = "the object is not the one that was seen";
        return Err(Error::Api(Status::failure(gone, "Conflict").with_code(409).boxed()));
    }
    let metadata = json!({ "uid": live.uid, "resourceVersion": live.resource_version });
    let patch = json!({ "metadata": metadata, "spec": { "replicas": replicas } });
    api.patch(name, &merge(), &Patch::Merge(patch)).await
}

/// Writes `whole`, which is `object` with the UID and the version it must have.
async fn put<K>(api: &Api<K>, object: &K, mut whole: K) -> Result<K>
where
    K: Resource + Clone + DeserializeOwned + Debug + Serialize,
{
    let name = object.name_any();
    let force = PatchParams::apply(OPERATOR).force();
    let patch = match api.patch(&name, &force, &Patch::Apply(&whole)).await {
        Ok(applied) if drift::differs(object, &applied).is_none() => return Ok(applied),
        Ok(applied) => {
            whole.meta_mut().resource_version = applied.resource_version();
            drift::exact_patch(&whole, &applied)
        }
        // What others changed may be the key of a list's entry: ours is then a second one beside
        // it, and the two together are often invalid.
        Err(Error::Api(status)) if status.code == 422 => serde_json::to_value(&whole),
        Err(error) => return Err(error),
    };
    api.patch(&name, &merge(), &Patch::Merge(patch.map_err(Error::SerdeError)?)).await
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
    let expected = !planted("delete-without-uid");
    let params = DeleteParams {
        preconditions: expected.then(|| Preconditions {
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
