//! SHELL. The three requests of an election, as a trait: the API server, or a fake with conflicts.

use crate::client::kubernetes::found;
use crate::client::{ApiClass, ApiError};
use futures::FutureExt;
use futures::future::BoxFuture;
use k8s_openapi::api::coordination::v1::Lease;
use kube::Api;
use kube::api::PostParams;

/// One lease, behind whoever serves it.
///
/// # Assumptions
/// `get` is answered from the server's agreed state, never from a cache.
pub trait LeaseApi: Send + Sync {
    /// The lease, or none if there is none.
    fn get(&self) -> BoxFuture<'static, Result<Option<Lease>, ApiError>>;
    /// Creates it. [`ApiClass::AlreadyExists`] if another was faster.
    fn create(&self, lease: &Lease) -> BoxFuture<'static, Result<Lease, ApiError>>;
    /// Replaces the very version `lease` came from. [`ApiClass::Conflict`] if there is a newer.
    fn update(&self, lease: &Lease) -> BoxFuture<'static, Result<Lease, ApiError>>;
}

/// The lease of that name on the API server.
#[derive(Clone)]
pub struct KubeLease {
    api: Api<Lease>,
    name: String,
}

impl KubeLease {
    /// The lease `name` in `namespace`.
    pub fn new(client: kube::Client, namespace: &str, name: &str) -> Self {
        Self { api: Api::namespaced(client, namespace), name: name.to_owned() }
    }
}

impl LeaseApi for KubeLease {
    fn get(&self) -> BoxFuture<'static, Result<Option<Lease>, ApiError>> {
        let Self { api, name } = self.clone();
        async move { found(api.get(&name).await.map_err(ApiError::from)) }.boxed()
    }

    fn create(&self, lease: &Lease) -> BoxFuture<'static, Result<Lease, ApiError>> {
        let (Self { api, name }, mut lease) = (self.clone(), lease.clone());
        lease.metadata.name = Some(name);
        async move { Ok(api.create(&PostParams::default(), &lease).await?) }.boxed()
    }

    fn update(&self, lease: &Lease) -> BoxFuture<'static, Result<Lease, ApiError>> {
        let (Self { api, name }, lease) = (self.clone(), lease.clone());
        async move {
            // Without a version it would overwrite whatever is there, and so make two leaders.
            if lease.metadata.resource_version.is_none() {
                return Err(ApiError::new(ApiClass::Invalid, "a lease without a version"));
            }
            Ok(api.replace(&name, &PostParams::default(), &lease).await?)
        }
        .boxed()
    }
}
