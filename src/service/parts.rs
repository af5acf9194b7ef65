//! SHELL. The objects of fixed names that an owner is made of: read, made, mended, deleted.

use super::child::{Child, KeepPart};
use super::{View, World};
use crate::client::ApiError;
use crate::client::kubernetes::{CALL_DEADLINE, deadline, found};
use crate::crd::Owner;
use crate::mutants::planted;
use crate::resource::apply::Expected;
use crate::resource::{apply, drift, names};
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::api::PropagationPolicy;
use kube::{Api, Resource};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Debug;
use std::sync::Arc;

/// A kind of object that can be a part.
pub trait Part:
    Resource<DynamicType = (), Scope = NamespaceResourceScope>
    + Clone
    + Debug
    + DeserializeOwned
    + Serialize
{
}

impl<T> Part for T where
    T: Resource<DynamicType = (), Scope = NamespaceResourceScope>
        + Clone
        + Debug
        + DeserializeOwned
        + Serialize
{
}

/// A part from the watches, or read live where the watches show none, or another than it should be:
/// what is absent from a cache may exist, and may be somebody else's. One that is not asked for is
/// only noticed. What is known to be right is not built again.
pub async fn look<T: Part>(
    world: &World,
    owner: &(impl Owner + Sync),
    seen: Option<Arc<T>>,
    build: impl Fn() -> Option<T>,
) -> (Child, Option<Arc<T>>) {
    // A cache may lag behind what we wrote ourselves: only what is read live is acted upon.
    if seen.is_none() && planted("cache-is-truth") {
        return (Child::Absent, None);
    }
    let fits = |seen: &T| build().is_some_and(|desired| drift::differs(&desired, seen).is_none());
    let is_right = |seen: &Arc<T>| world.right.is(owner.metadata(), seen.meta(), || fits(seen));
    let as_seen = |actual: Arc<T>| (Child::of(owner, actual.meta(), || None), Some(actual));
    if let Some(right) = seen.clone().filter(is_right) {
        return as_seen(right);
    }
    let Some(desired) = build() else { return seen.map_or((Child::Absent, None), as_seen) };
    match live::<T>(world, owner, desired.meta()).await {
        Err(error) => (Child::Unknown(error.to_string()), None),
        Ok(None) => (Child::Absent, None),
        Ok(Some(actual)) => {
            let drift = || drift::differs(&desired, &actual);
            (Child::of(owner, actual.meta(), drift), Some(Arc::new(actual)))
        }
    }
}

/// An object of this name beside the owner, read live.
pub async fn live<T>(
    world: &World,
    owner: &impl Owner,
    metadata: &ObjectMeta,
) -> Result<Option<T>, ApiError>
where
    T: Resource<DynamicType = (), Scope = NamespaceResourceScope>
        + Clone
        + Debug
        + DeserializeOwned,
{
    let api = Api::<T>::namespaced(world.api.clone(), names::namespace(owner));
    let name = metadata.name.clone().unwrap_or_default();
    found(deadline(CALL_DEADLINE, api.get(&name)).await)
}

/// Makes a part, or, where one is expected, makes that one what it should be.
pub async fn put<T: Part>(
    world: &World,
    desired: T,
    expected: Option<&Expected<'_>>,
) -> Result<(), ApiError> {
    let namespace = desired.meta().namespace.clone().unwrap_or_default();
    let api = Api::<T>::namespaced(world.api.clone(), &namespace);
    // Boxed, for a turn holds the calls for all parts.
    match expected {
        None => Box::pin(deadline(CALL_DEADLINE, apply::create(&api, &desired))).await.map(drop),
        Some(expected) => {
            let update = apply::update(&api, &desired, expected);
            Box::pin(deadline(CALL_DEADLINE, update)).await.map(drop)
        }
    }
}

/// Which part is to be made or mended, and what is expected to be there.
pub fn expected<P>(keep: &KeepPart<P>) -> (&P, Option<Expected<'_>>) {
    match keep {
        KeepPart::Create(part) => (part, None),
        KeepPart::Mend(part, uid, generation) => {
            (part, Some(Expected { uid, generation: *generation }))
        }
    }
}

/// Deletes the object of this name and UID.
pub async fn delete<T>(api: &Api<T>, name: &str, uid: &str) -> Result<(), ApiError>
where
    T: Clone + DeserializeOwned + Debug,
{
    let call = apply::delete(api, name, uid, None, PropagationPolicy::Background);
    deadline(CALL_DEADLINE, call).await
}

/// How many addresses a Service sends requests to, as the watches have it.
pub fn ready_endpoints(view: &dyn View, namespace: &str, service: &str) -> u32 {
    let slices = view.endpoint_slices(namespace, service);
    let ready = slices.iter().flat_map(|slice| &slice.endpoints).filter(|endpoint| {
        endpoint.conditions.as_ref().is_some_and(|conditions| conditions.ready == Some(true))
    });
    u32::try_from(ready.count()).unwrap_or(u32::MAX)
}
