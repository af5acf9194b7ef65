//! SHELL. A simulated copy of an object that exists and of all that belongs to it, to see what would
//! become of it.

use super::clock::SimClock;
use super::cluster::{SimCluster, adopted};
use super::etcd::{Data, Peer};
use crate::controller::live::Live;
use crate::crd::{AppService, EtcdCluster, Identity};
use crate::resource::names;
use crate::service::Kind;
use crate::service::app_service::App;
use crate::service::etcd_cluster::Cluster;
use crate::service::etcd_cluster::gate::FoundIdentity;
use crate::service::etcd_cluster::observe::observed::{Look, Observed};
use crate::service::inspect::ObservedOf;
use k8s_openapi::api::core::v1::Pod;
use kube::{Resource, ResourceExt};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A kind whose objects can be copied into a simulated world, with all that belongs to them.
pub trait Copied: Kind {
    /// Whether there is a quorum to be lost by what is done to one.
    const HAS_QUORUM: bool;

    /// A copy of everything that belongs to an object, as it was observed.
    fn copy(object: &Self::Object, live: &Live, seen: &ObservedOf<Self>) -> SimCluster;

    /// The object with nothing but what was asked for.
    fn asked(object: &Self::Object) -> Self::Object;

    /// Gives an object another's spec.
    fn respecify(object: &mut Self::Object, wanted: &Self::Object);
}

/// Members that did not answer do not answer in the copy either.
impl Copied for Cluster {
    const HAS_QUORUM: bool = true;

    fn copy(cluster: &EtcdCluster, live: &Live, seen: &Observed) -> SimCluster {
        let mut world = SimCluster::new(SimClock::at(seen.now), 0);
        load(&world, std::slice::from_ref(&Arc::new(cluster.clone())));
        load(&world, &live.services);
        load(&world, &live.budgets);
        load(&world, &live.sets);
        load(&world, &live.volumes);
        load(&world, &live.pods);
        load(&world, &live.slices);
        for pod in &live.pods {
            adopt(&mut world, cluster, seen, pod, live);
        }
        world
    }

    fn asked(cluster: &EtcdCluster) -> EtcdCluster {
        EtcdCluster { status: None, ..cluster.clone() }
    }

    fn respecify(cluster: &mut EtcdCluster, wanted: &EtcdCluster) {
        cluster.spec = wanted.spec.clone();
    }
}

impl Copied for App {
    const HAS_QUORUM: bool = false;

    fn copy(app: &AppService, live: &Live, seen: &ObservedOf<Self>) -> SimCluster {
        let world = SimCluster::new(SimClock::at(seen.now), 0);
        load(&world, std::slice::from_ref(&Arc::new(app.clone())));
        load(&world, &live.services);
        load(&world, &live.config_maps);
        load(&world, &live.ingresses);
        load(&world, &live.deployments);
        load(&world, &live.slices);
        let made = live.deployments.first();
        for pod in &live.pods {
            let pod = made.map_or_else(|| (**pod).clone(), |made| adopted(pod, made));
            load(&world, &[Arc::new(pod)]);
        }
        world
    }

    fn asked(app: &AppService) -> AppService {
        AppService { status: None, ..app.clone() }
    }

    fn respecify(app: &mut AppService, wanted: &AppService) {
        app.spec = wanted.spec.clone();
    }
}

fn load<K>(world: &SimCluster, all: &[Arc<K>])
where
    K: Resource<DynamicType = ()> + Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
{
    for object in all {
        // Names are unique where they come from.
        let _ = world.api.create(&**object);
    }
}

fn adopt(world: &mut SimCluster, cluster: &EtcdCluster, seen: &Observed, pod: &Pod, live: &Live) {
    let name = pod.name_any();
    let Some(ordinal) = names::ordinal_of(&name, names::cluster(cluster)) else { return };
    let wanted = names::volume_claim(cluster, ordinal);
    let Some(claim) = live.volumes.iter().find(|claim| claim.name_any() == wanted) else { return };
    let incarnation = seen.volumes.get(&ordinal).and_then(|volume| volume.incarnation);
    let identity = FoundIdentity::Written(Identity {
        cluster_uid: seen.uid.clone(),
        incarnation: incarnation.unwrap_or(seen.memory.incarnation),
        member: name,
    });
    let member = seen.look(ordinal).and_then(|look| member(cluster, seen, look));
    world.kubelet.adopt(pod, claim, identity, member);
}

fn member(cluster: &EtcdCluster, seen: &Observed, look: &Look) -> Option<(Data, bool)> {
    let list = seen.members.known()?;
    let id = |hex: &str| u64::from_str_radix(hex, 16).ok();
    let voters = list.voters.iter().map(|(name, at)| (at, name, false));
    let learners = list.learners.iter().map(|(at, name)| (at, name, true));
    let peers: BTreeMap<u64, Peer> = voters
        .chain(learners)
        .filter_map(|(at, name, learner)| {
            let url = |port| names::member_url(cluster, name, port);
            let (url, client_url) = (url(names::PEER_PORT), url(names::CLIENT_PORT));
            Some((id(at)?, Peer { name: name.clone(), url, client_url, learner }))
        })
        .collect();
    let data = Data {
        cluster: id(&look.cluster_id)?,
        member: id(&look.member_id)?,
        peers,
        log: vec![],
        term: 1,
        commit: 0,
        base: look.revision,
    };
    Some((data, look.leader.as_ref() == Some(&look.member_id)))
}
