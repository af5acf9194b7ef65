//! PURE. A sight of the abstract world as the real `Observed`.

use super::birth::Birth;
use super::look::{ClaimSeen, Found, Heard, PodSeen, Seen, Speaker};
use super::real::{self, Real};
use super::roster::Seat;
use super::world::{Refusal, Set, Stage};
use crate::crd::{EtcdCluster, GateVerdict};
use crate::engine::Known;
use crate::service::etcd_cluster::observe::observed::{
    self, Asked, Child, Look, Members, Objects, Observed, Template, VolumeSeen,
};
use crate::service::etcd_cluster::observe::recorded::memory;

/// How long raft's log is once anything was written: who lacks it is far behind.
const WRITTEN: u64 = 5000;

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
        size: u32::try_from(real::ordinals(&set.told).len()).unwrap_or(u32::MAX),
        begins: set.told.new,
        cluster_id: set.told.identity.map(real::cluster_id),
        members: real::members(set.told.identity, &set.told.members),
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
        uid: real::volume_uid(at, claim.uid),
        cluster_uid: Some(real::uid(claim.owner)),
        incarnation: Some(claim.incarnation.into()),
        deleting: claim.leaving,
        pending: None,
        lost: None,
    }
}

fn look(seen: &Seen, at: usize, heard: Heard) -> Option<Known<Look>> {
    let of = |Speaker { birth, seat, written }: Speaker, leader: Option<String>| {
        let index = if written { WRITTEN } else { 1 };
        Known::Known(Look {
            cluster_id: real::cluster_id(birth),
            member_id: real::member_id(birth, at, seat.id),
            leader,
            raft_index: index,
            raft_applied_index: index,
            revision: if written { 7 } else { 1 },
            version: "3.6.16".to_owned(),
            db_size_bytes: 20480,
            learner: !seat.votes,
            ..Look::default()
        })
    };
    match heard {
        Heard::NoAddress => None,
        Heard::Silence => Some(Known::Unknown("timeout".to_owned())),
        Heard::Leaderless(speaker) => Some(of(speaker, None)),
        Heard::Follows(speaker) => Some(of(speaker, leader(seen, speaker.birth))),
    }
}

/// The first voter that follows leads.
fn leader(seen: &Seen, birth: Birth) -> Option<String> {
    seen.pods.iter().enumerate().find_map(|(at, pod)| match pod.as_ref()?.heard {
        Heard::Follows(it) if it.birth == birth && it.seat.votes => {
            Some(real::member_id(birth, at, it.seat.id))
        }
        Heard::Follows(_) | Heard::Leaderless(_) | Heard::Silence | Heard::NoAddress => None,
    })
}

fn list(seen: &Seen) -> Known<Members> {
    let Some((birth, seats)) = seen.list else {
        return Known::Unknown("no member follows a leader".to_owned());
    };
    let all = seats.into_iter().enumerate().filter_map(|(at, seat)| Some((at, seat?)));
    let (voters, learners): (Vec<_>, Vec<_>) = all.partition(|(_, seat)| seat.votes);
    let id = |at: usize, seat: Seat| real::member_id(birth, at, seat.id);
    Known::Known(Members {
        cluster_id: real::cluster_id(birth),
        voters: voters.into_iter().map(|(at, seat)| (real::member(at), id(at, seat))).collect(),
        learners: learners.into_iter().map(|(at, seat)| (id(at, seat), real::member(at))).collect(),
    })
}
