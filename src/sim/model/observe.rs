//! PURE. A sight of the abstract world as the real `Observed`.

use super::look::{ClaimSeen, Found, Heard, PodSeen, Seen};
use super::real::{self, Real};
use super::world::{Birth, Refusal, Set, Stage};
use crate::crd::{EtcdCluster, GateVerdict};
use crate::engine::Known;
use crate::service::etcd_cluster::memory;
use crate::service::etcd_cluster::observed::{
    self, Asked, Child, Look, Members, Objects, Observed, Template, VolumeSeen,
};
use std::collections::BTreeMap;

/// What a turn on this sight looks at. `desired` is the `StatefulSet` there should be.
pub fn observe(real: &Real, seen: &Seen, cluster: &EtcdCluster, desired: &Set) -> Observed {
    let spec = &cluster.spec;
    let by_ordinal = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let pods = || seen.pods.iter().enumerate().filter_map(|(at, pod)| Some((at, (*pod)?)));
    let claims = seen.claims.iter().enumerate().filter_map(|(at, claim)| Some((at, (*claim)?)));
    let looks = pods().filter_map(|(at, pod)| Some((by_ordinal(at), look(seen, at, pod.heard)?)));
    Observed {
        now: real::noon(),
        name: real::NAME.to_owned(),
        namespace: "default".to_owned(),
        uid: real::uid(seen.object.owner),
        deleting: seen.object.deleting,
        finalizer: seen.object.finalizer,
        spec: Asked {
            size: u32::try_from(spec.size).unwrap_or(0),
            paused: spec.paused,
            member_down_grace_seconds: 300,
            retention: spec.storage.retention,
            recovery: spec.recovery_strategy.clone(),
            hash: real.hash(seen.object.spec).to_owned(),
        },
        memory: memory(cluster),
        objects: objects(real, seen, desired),
        counted: seen.counted,
        pods: pods()
            .map(|(at, seen_pod)| (by_ordinal(at), pod(seen, at, &seen_pod, desired)))
            .collect(),
        volumes: claims.map(|(at, claim)| (by_ordinal(at), volume(at, claim))).collect(),
        looks: looks.collect(),
        members: list(seen),
        sweep: None,
        serving_endpoints: seen.endpoints.into(),
    }
}

fn objects(real: &Real, seen: &Seen, desired: &Set) -> Objects {
    let owner = seen.object.owner;
    let service = |uid: &str| match seen.services {
        Found::Absent => Child::Absent,
        Found::There(of) if of == owner => ours(uid, None, None),
        Found::There(_) => Child::Foreign { owner: "EtcdCluster a".to_owned() },
        Found::Unknown => Child::Unknown("timeout".to_owned()),
    };
    let (stateful_set, template) = match seen.set {
        Found::Absent => (Child::Absent, None),
        Found::Unknown => (Child::Unknown("timeout".to_owned()), None),
        Found::There(set) if set.owner == Some(owner) => {
            let drift = (set != *desired).then(|| "spec.template".to_owned());
            (ours("set", Some(1), drift), Some(template(real, &set)))
        }
        Found::There(_) => (Child::Foreign { owner: "somebody".to_owned() }, None),
    };
    Objects {
        peer_service: service("peer"),
        client_service: service("client"),
        disruption_budget: service("budget"),
        stateful_set,
        template,
    }
}

fn ours(uid: &str, generation: Option<i64>, drift: Option<String>) -> Child {
    Child::Ours { uid: uid.to_owned(), generation, drift, deleting: false }
}

fn template(real: &Real, set: &Set) -> Template {
    Template {
        hash: real.hash(set.spec).to_owned(),
        incarnation: set.told.birth.incarnation.into(),
        size: set.told.birth.size.into(),
        cluster_id: set.told.identity.map(real::cluster_id),
        members: set.told.identity.map(real::members).unwrap_or_default(),
        unborn: real::named(set.told.unborn),
    }
}

fn pod(seen: &Seen, at: usize, pod: &PodSeen, desired: &Set) -> observed::PodSeen {
    let detail = String::new();
    let (started, gate) = match pod.stage {
        Stage::Waiting => (false, None),
        Stage::Down | Stage::Running => (true, None),
        Stage::Refused(Refusal::Lost) => (true, Some(GateVerdict::DataLost { detail })),
        Stage::Refused(Refusal::Stale) => (true, Some(GateVerdict::StaleData { detail })),
        Stage::Refused(Refusal::Undirected) => (true, Some(GateVerdict::NoDirective { detail })),
    };
    observed::PodSeen {
        uid: format!("pod-{at}"),
        address: (pod.heard != Heard::NoAddress).then(|| format!("10.0.0.{at}")),
        named: true,
        ready: pod.ready,
        deleting: pod.leaving,
        // A pod on a node that is gone is not modelled: whoever is told to go, goes.
        gone_by: pod.leaving.then(real::noon),
        owned: true,
        started: started.then(|| real::since(seen.age)),
        restarts: 0,
        waiting: (!started && seen.age > 0).then(|| "no node has room".to_owned()),
        gate,
        inconsistent: false,
        current: pod.told == desired.told,
    }
}

fn volume(at: usize, claim: ClaimSeen) -> VolumeSeen {
    VolumeSeen {
        uid: format!("volume-{at}"),
        cluster_uid: Some(real::uid(claim.owner)),
        incarnation: Some(claim.incarnation.into()),
        deleting: claim.leaving,
        pending: None,
        lost: None,
    }
}

fn look(seen: &Seen, at: usize, heard: Heard) -> Option<Known<Look>> {
    let of = |birth: Birth, leader: Option<String>, written: bool| {
        Known::Known(Look {
            cluster_id: real::cluster_id(birth),
            member_id: real::member_id(birth, at),
            leader,
            revision: if written { 7 } else { 1 },
            version: "3.6.16".to_owned(),
            db_size_bytes: 20480,
            ..Look::default()
        })
    };
    match heard {
        Heard::NoAddress => None,
        Heard::Silence => Some(Known::Unknown("timeout".to_owned())),
        Heard::Leaderless(birth) => Some(of(birth, None, false)),
        Heard::Follows(birth, written) => {
            Some(of(birth, leader(seen, birth).map(|at| real::member_id(birth, at)), written))
        }
    }
}

/// The first that follows leads.
fn leader(seen: &Seen, birth: Birth) -> Option<usize> {
    let follows = |heard| matches!(heard, Heard::Follows(of, _) if of == birth);
    seen.pods.iter().position(|pod| pod.is_some_and(|pod| follows(pod.heard)))
}

/// The list of the first member that can prove it.
fn list(seen: &Seen) -> Known<Members> {
    let birth = seen.pods.iter().flatten().find_map(|pod| match pod.heard {
        Heard::Follows(birth, _) => Some(birth),
        Heard::NoAddress | Heard::Silence | Heard::Leaderless(_) => None,
    });
    match birth {
        None => Known::Unknown("no member follows a leader".to_owned()),
        Some(birth) => Known::Known(Members {
            cluster_id: real::cluster_id(birth),
            voters: real::members(birth),
            learners: BTreeMap::new(),
        }),
    }
}
