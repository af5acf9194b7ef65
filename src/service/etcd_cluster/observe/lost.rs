//! SHELL. Whether the volume of a member that is away can still be had.
//!
//! A volume that is local to a node goes with the node. That the node does not answer proves nothing;
//! that Kubernetes has no such node any more, and no such volume, does.

use super::listed::Volumes;
use super::observed::Observed;
use super::project::{HOSTNAME, hosts};
use crate::client::kubernetes::{CALL_DEADLINE, deadline, found};
use crate::service::World;
use k8s_openapi::api::core::v1::{Node, PersistentVolume, PersistentVolumeClaim};
use kube::Api;
use kube::api::ListParams;

/// Notes which volumes are lost, of the members in doubt. Of others it is not asked.
pub async fn mark(world: &World, seen: &mut Observed, claims: &Volumes, in_doubt: Vec<u32>) {
    for at in in_doubt {
        let Some(claim) = claims.get(&at) else { continue };
        let lost = why(world, claim).await;
        if let Some(volume) = seen.volumes.get_mut(&at) {
            volume.lost = lost;
        }
    }
}

/// Why what is on a claim's volume cannot be had any more. What could not be read proves nothing.
async fn why(world: &World, claim: &PersistentVolumeClaim) -> Option<String> {
    let name = claim.spec.as_ref()?.volume_name.as_deref()?;
    let volumes = Api::<PersistentVolume>::all(world.api.clone());
    let Some(volume) = found(deadline(CALL_DEADLINE, volumes.get(name)).await).ok()? else {
        return Some(format!("its volume {name} is gone"));
    };
    let hosts = hosts(&volume)?;
    let nodes = Api::<Node>::all(world.api.clone());
    for host in &hosts {
        let of = ListParams::default().labels(&format!("{HOSTNAME}={host}"));
        if !deadline(CALL_DEADLINE, nodes.list_metadata(&of)).await.ok()?.items.is_empty() {
            return None;
        }
    }
    Some(format!("its volume {name} was on {}, and that node is gone", hosts.join(", ")))
}
