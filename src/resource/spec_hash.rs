//! PURE. Which spec the members were made of, as a short text.

use super::quantity;
use crate::crd::{EtcdClusterSpec, Storage};
use k8s_openapi::api::core::v1::ResourceRequirements;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// On the `StatefulSet`: the [`spec_hash`] of the spec it was last built from.
pub const SPEC_HASH_ANNOTATION: &str = "etcd.etcd.io/spec-hash";

/// Sixteen hexadecimal digits that change when members have to be born again for the spec.
///
/// The operator's image is not in it, nor anything else the operator decides: an upgrade of the
/// operator restarts no etcd. A quantity in other words (`1Gi`, `1024Mi`) is no change of size.
pub fn spec_hash(spec: &EtcdClusterSpec) -> String {
    // Without `..`: a new field does not compile until someone decides whether it belongs here.
    let EtcdClusterSpec {
        // How many there are concerns none of them: members come and go one at a time.
        size: _,
        version,
        repository,
        storage: Storage { size: storage, storage_class_name, retention: _ },
        resources,
        pod,
        etcd,
        paused: _,
        member_down_grace_seconds: _,
        recovery_strategy: _,
    } = spec;
    let ResourceRequirements { limits, requests, claims } = resources;
    let hashed = json!([
        [version, repository],
        [meaning(storage), storage_class_name],
        [meanings(limits.as_ref()), meanings(requests.as_ref()), claims],
        pod,
        etcd,
    ]);
    hash(&hashed)
}

/// Sixteen hexadecimal digits that tell a value from others.
pub fn hash(value: &Value) -> String {
    let digest = Sha256::digest(value.to_string());
    let half = digest.iter().take(8).fold(0_u64, |half, &byte| half << 8 | u64::from(byte));
    format!("{half:016x}")
}

/// A quantity's value, whatever the words.
fn meaning(quantity: &Quantity) -> String {
    quantity::nanos(&quantity.0).map_or_else(|| quantity.0.clone(), |nanos| nanos.to_string())
}

fn meanings(of: Option<&BTreeMap<String, Quantity>>) -> BTreeMap<&String, String> {
    of.into_iter().flatten().map(|(name, quantity)| (name, meaning(quantity))).collect()
}
