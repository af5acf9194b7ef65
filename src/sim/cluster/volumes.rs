//! SHELL. Claims in use are protected: one that is deleted stays until its last pod is gone.

use crate::sim::api::ApiServer;
use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Pod};
use kube::ResourceExt;

const PROTECTION: &str = "kubernetes.io/pvc-protection";

/// Protects new claims, and lets go of deleted ones that nobody uses.
pub fn step(api: &ApiServer) -> bool {
    let mut moved = false;
    for claim in api.list::<PersistentVolumeClaim>(None) {
        let (namespace, name) = (claim.namespace().unwrap_or_default(), claim.name_any());
        let protected = claim.finalizers().iter().any(|at| at == PROTECTION);
        let deleting = claim.metadata.deletion_timestamp.is_some();
        moved |= match (protected, deleting) {
            (false, false) => api.edit(&namespace, &name, |claim: &mut PersistentVolumeClaim| {
                claim.finalizers_mut().push(PROTECTION.to_owned());
            }),
            (true, true) if !in_use(api, &namespace, &name) => {
                api.edit(&namespace, &name, |claim: &mut PersistentVolumeClaim| {
                    claim.finalizers_mut().retain(|at| at != PROTECTION);
                })
            }
            (true, _) | (false, true) => false,
        };
    }
    moved
}

fn in_use(api: &ApiServer, namespace: &str, claim: &str) -> bool {
    api.list::<Pod>(Some(namespace)).iter().any(|pod| uses(pod, claim))
}

/// Whether the pod mounts the claim.
pub fn uses(pod: &Pod, claim: &str) -> bool {
    claim_of(pod).is_some_and(|name| name == claim)
}

/// The claim a pod mounts: a member has one.
pub fn claim_of(pod: &Pod) -> Option<&str> {
    let volumes = pod.spec.as_ref()?.volumes.iter().flatten();
    let mut claims = volumes.filter_map(|volume| volume.persistent_volume_claim.as_ref());
    claims.next().map(|claim| claim.claim_name.as_str())
}
