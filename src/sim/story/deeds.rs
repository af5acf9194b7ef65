//! SHELL. Deeds, done: by users, by accidents, by whoever else has access.

use super::service_deeds;
use super::words::{Deed, NAME, NAMESPACE};
use crate::client::etcd::Etcd;
use crate::crd::EtcdCluster;
use crate::resource::names::address_url;
use crate::service::etcd_cluster::observe::project::HOSTNAME;
use crate::sim::cluster::SimCluster;
use crate::sim::etcd::Alarm;
use futures::FutureExt;
use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::{
    Node, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, PersistentVolume,
    PersistentVolumeClaim, Pod, Service, ServiceSpec, VolumeNodeAffinity,
};
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::ResourceExt;
use serde_json::{Value, json};
use std::sync::atomic::Ordering;
use std::time::Duration;

const CLIENT_SERVICE: &str = "a-client";
/// A finalizer of somebody else.
const STRANGER: &str = "example.com/stranger";

/// Does one deed.
pub fn perform(world: &mut SimCluster, deed: Deed) {
    let api = world.api.clone();
    match deed {
        Deed::Create(spec) => create(world, spec),
        Deed::Edit(change) => edit(world, change),
        Deed::Delete => drop(api.delete::<EtcdCluster>(NAMESPACE, NAME)),
        Deed::LoseStatus => {
            api.edit(NAMESPACE, NAME, |cluster: &mut EtcdCluster| cluster.status = None);
        }
        Deed::WriteStep(step) => {
            api.edit(NAMESPACE, NAME, |cluster: &mut EtcdCluster| {
                cluster.status.get_or_insert_default().step = Some(step.to_owned());
            });
        }
        Deed::Hold => {
            api.edit(NAMESPACE, NAME, |cluster: &mut EtcdCluster| {
                cluster.finalizers_mut().push(STRANGER.to_owned());
            });
        }
        Deed::LetGo => {
            api.edit(NAMESPACE, NAME, |cluster: &mut EtcdCluster| {
                cluster.finalizers_mut().retain(|at| at != STRANGER);
            });
        }
        Deed::DeletePods(ordinals) => {
            for name in ordinals.iter().map(|at| pod_name(*at)) {
                api.delete::<Pod>(NAMESPACE, &name);
            }
        }
        Deed::Kill(ordinals) => ordinals.iter().for_each(|at| kill(world, *at)),
        Deed::TakeOut(ordinal) => by_hand(world, |etcd, leader| {
            let id = member_id(world, ordinal)?;
            etcd.remove(leader, id).now_or_never()?.ok()
        }),
        Deed::Crown(ordinal) => by_hand(world, |etcd, leader| {
            let id = member_id(world, ordinal)?;
            etcd.move_leader(leader, id).now_or_never()?.ok()
        }),
        Deed::Wipe(ordinals) => ordinals.iter().for_each(|at| wipe(world, *at)),
        Deed::Corrupt(ordinals) => ordinals.iter().for_each(|at| corrupt(world, *at)),
        Deed::DeleteVolumes(ordinals) => {
            for name in ordinals.iter().map(|at| claim_name(*at)) {
                api.delete::<PersistentVolumeClaim>(NAMESPACE, &name);
            }
        }
        Deed::DeleteSet => drop(api.delete::<StatefulSet>(NAMESPACE, NAME)),
        Deed::OrphanSet => orphan_set(world),
        Deed::DeleteOthers => {
            api.delete::<Service>(NAMESPACE, CLIENT_SERVICE);
            api.delete::<Service>(NAMESPACE, "a-peer");
            api.delete::<PodDisruptionBudget>(NAMESPACE, NAME);
        }
        Deed::Meddle => meddle(world),
        Deed::NoRoom(ordinals) => {
            world.kubelet.unplaceable = ordinals.iter().map(|at| pod_name(*at)).collect();
        }
        Deed::NodeDown(ordinal) => drop(node_down(world, ordinal)),
        Deed::NodeGone(ordinal) => drop(api.delete::<Node>("", &node_name(ordinal))),
        Deed::Room => world.kubelet.unplaceable.clear(),
        Deed::Blind => world.etcd.blind(),
        Deed::Refuse => world.refuses.store(true, Ordering::Relaxed),
        Deed::Accept => world.refuses.store(false, Ordering::Relaxed),
        Deed::Fill => fill(world),
        // The oracle does, and remembers it.
        Deed::WriteDirectly => {}
        Deed::ForeignService => {
            // Nobody else has made one yet in these stories.
            let _ = api.create(&foreign_service());
        }
        Deed::ForeignServiceGone => drop(api.delete::<Service>(NAMESPACE, CLIENT_SERVICE)),
        Deed::App(deed) => service_deeds::perform(world, deed),
        Deed::Wait(seconds) => world.clock.pass(Duration::from_secs(u64::from(seconds))),
    }
}

fn wipe(world: &mut SimCluster, ordinal: u32) {
    let claim = world.api.get::<PersistentVolumeClaim>(NAMESPACE, &claim_name(ordinal));
    if let Some(claim) = claim {
        world.kubelet.wipe(&claim);
    }
    kill(world, ordinal);
}

fn orphan_set(world: &SimCluster) {
    for pod in world.api.list::<Pod>(Some(NAMESPACE)) {
        world.api.edit(NAMESPACE, &pod.name_any(), |pod: &mut Pod| {
            pod.owner_references_mut().clear();
        });
    }
    world.api.delete::<StatefulSet>(NAMESPACE, NAME);
}

/// Somebody with `etcdctl`, at the leader. The stories see to it that there is one.
fn by_hand(world: &SimCluster, act: impl FnOnce(&dyn Etcd, &str) -> Option<()>) {
    let pods = world.api.list::<Pod>(Some(NAMESPACE));
    let addresses = pods.iter().filter_map(|pod| pod.status.as_ref()?.pod_ip.clone());
    let leads = |url: &String| {
        let look = world.etcd.look(url).now_or_never();
        matches!(look, Some(Ok(look)) if look.leader == look.member_id)
    };
    if let Some(leader) = addresses.map(|ip| address_url(&ip)).find(leads) {
        act(&world.etcd, &leader);
    }
}

fn member_id(world: &SimCluster, ordinal: u32) -> Option<u64> {
    let url = address_url(&address(world, ordinal)?);
    Some(world.etcd.look(&url).now_or_never()?.ok()?.member_id)
}

fn pod_name(ordinal: u32) -> String {
    format!("{NAME}-{ordinal}")
}

fn claim_name(ordinal: u32) -> String {
    format!("data-{NAME}-{ordinal}")
}

fn create(world: &SimCluster, spec: &str) {
    let spec: Value = serde_json::from_str(spec).unwrap_or_default();
    let object = json!({
        "apiVersion": "etcd.etcd.io/v1alpha1", "kind": "EtcdCluster",
        "metadata": {"name": NAME, "namespace": NAMESPACE}, "spec": spec,
    });
    if let Ok(object) = serde_json::from_value::<EtcdCluster>(object) {
        // A story that creates it twice means the second to fail.
        let _ = world.api.create(&object);
    }
}

fn edit(world: &SimCluster, change: &str) {
    let change: Value = serde_json::from_str(change).unwrap_or_default();
    world.api.edit(NAMESPACE, NAME, |cluster: &mut EtcdCluster| {
        let mut spec = serde_json::to_value(&cluster.spec).unwrap_or_default();
        for (key, value) in change.as_object().into_iter().flatten() {
            if let Some(spec) = spec.as_object_mut() {
                spec.insert(key.clone(), value.clone());
            }
        }
        if let Ok(spec) = serde_json::from_value(spec) {
            cluster.spec = spec;
        }
    });
}

fn kill(world: &mut SimCluster, ordinal: u32) {
    if let Some(pod) = world.api.get::<Pod>(NAMESPACE, &pod_name(ordinal)) {
        world.kubelet.kill(&pod);
    }
}

fn fill(world: &SimCluster) {
    world.etcd.alarm(&address(world, 0).unwrap_or_default(), Alarm::NoSpace, true);
}

fn corrupt(world: &SimCluster, ordinal: u32) {
    let address = address(world, ordinal).unwrap_or_default();
    world.etcd.flip(&address);
    world.etcd.alarm(&address, Alarm::Corrupt, true);
}

fn address(world: &SimCluster, ordinal: u32) -> Option<String> {
    world.api.get::<Pod>(NAMESPACE, &pod_name(ordinal))?.status.as_ref()?.pod_ip.clone()
}

fn node_name(ordinal: u32) -> String {
    format!("node-{ordinal}")
}

/// Volume and node are objects from now on, for somebody asks about them.
fn node_down(world: &mut SimCluster, ordinal: u32) -> Option<()> {
    let (api, node, claim) = (world.api.clone(), node_name(ordinal), claim_name(ordinal));
    let uid = api.get::<PersistentVolumeClaim>(NAMESPACE, &claim)?.uid()?;
    let volume = format!("pv-{uid}");
    let is_host = NodeSelectorRequirement {
        key: HOSTNAME.to_owned(),
        operator: "In".to_owned(),
        values: Some(vec![node.clone()]),
    };
    let term =
        NodeSelectorTerm { match_expressions: Some(vec![is_host]), ..NodeSelectorTerm::default() };
    let mut local = PersistentVolume::default();
    local.metadata.name = Some(volume.clone());
    local.spec.get_or_insert_default().node_affinity = Some(VolumeNodeAffinity {
        required: Some(NodeSelector { node_selector_terms: vec![term] }),
    });
    let mut host = Node::default();
    host.metadata.name = Some(node.clone());
    host.metadata.labels = Some([(HOSTNAME.to_owned(), node)].into());
    api.create(&local).ok()?;
    api.create(&host).ok()?;
    api.edit(NAMESPACE, &claim, |claim: &mut PersistentVolumeClaim| {
        claim.spec.get_or_insert_default().volume_name = Some(volume.clone());
    });
    world.kubelet.out_of_reach.insert(uid);
    api.delete::<Pod>(NAMESPACE, &pod_name(ordinal)).then_some(())
}

fn meddle(world: &SimCluster) {
    world.api.edit(NAMESPACE, CLIENT_SERVICE, |service: &mut Service| {
        let spec = service.spec.get_or_insert_default();
        spec.selector.get_or_insert_default().insert("meddled".to_owned(), "with".to_owned());
        spec.ports.iter_mut().flatten().for_each(|port| port.port = 1234);
    });
    world.api.edit(NAMESPACE, NAME, |set: &mut StatefulSet| {
        set.spec.get_or_insert_default().revision_history_limit = Some(7);
    });
    world.api.edit(NAMESPACE, NAME, |cluster: &mut EtcdCluster| cluster.metadata.finalizers = None);
}

fn foreign_service() -> Service {
    Service {
        metadata: ObjectMeta {
            name: Some(CLIENT_SERVICE.to_owned()),
            namespace: Some(NAMESPACE.to_owned()),
            labels: Some([("app".to_owned(), "shop".to_owned())].into()),
            ..ObjectMeta::default()
        },
        spec: Some(ServiceSpec {
            selector: Some([("app".to_owned(), "shop".to_owned())].into()),
            ..ServiceSpec::default()
        }),
        status: None,
    }
}
