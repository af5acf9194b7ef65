//! PURE. Observations by name, that the others are made from.

use crate::crd::{GateVerdict, RecoveryStrategy, Retention};
use crate::engine::Known;
use crate::service::child::Child;
use crate::service::etcd_cluster::decide::vocabulary::Step;
use crate::service::etcd_cluster::observe::observed::{
    Asked, Birth, Look, Members, Memory, Objects, Observed, PodSeen, Template, VolumeSeen,
};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// The cluster ID of every scenario.
pub const CLUSTER_ID: &str = "c1";

const UID: &str = "uid-1";

const HASH: &str = "hash-1";

/// A moment to count from.
pub fn noon() -> Timestamp {
    Timestamp::UNIX_EPOCH
}

/// An `EtcdCluster` just applied: nothing exists.
pub fn fresh(size: u32) -> Observed {
    let absent = || Child::Absent;
    Observed {
        now: noon() + SignedDuration::from_secs(1000),
        name: "a".to_owned(),
        namespace: "default".to_owned(),
        uid: UID.to_owned(),
        deleting: false,
        finalizer: false,
        spec: Asked {
            size,
            paused: false,
            retention: Retention::Retain,
            member_down_grace_seconds: 300,
            recovery: RecoveryStrategy::default(),
            hash: HASH.to_owned(),
        },
        memory: Memory { incarnation: 1, replicas: size, ..Memory::default() },
        objects: Objects {
            peer_service: absent(),
            client_service: absent(),
            disruption_budget: absent(),
            stateful_set: absent(),
            template: None,
        },
        counted: true,
        pods: BTreeMap::new(),
        volumes: BTreeMap::new(),
        looks: BTreeMap::new(),
        members: Known::Unknown("no member follows a leader".to_owned()),
        sweep: None,
        serving_endpoints: 0,
    }
}

/// The parts are made and the pods exist; etcd does not run yet.
pub fn provisioned(size: u32) -> Observed {
    let mut seen = fresh(size);
    seen.finalizer = true;
    seen.memory.step_since = Some(seen.now - SignedDuration::from_secs(5));
    seen.objects = Objects {
        peer_service: ours(),
        client_service: ours(),
        disruption_budget: ours(),
        stateful_set: ours(),
        template: Some(Template {
            hash: HASH.to_owned(),
            incarnation: 1,
            size,
            begins: true,
            cluster_id: None,
            members: BTreeMap::new(),
            unborn: BTreeSet::new(),
        }),
    };
    let pod = |at: u32| PodSeen {
        uid: format!("pod-{at}"),
        address: Some(format!("10.0.0.{at}")),
        named: true,
        current: true,
        ..PodSeen::default()
    };
    seen.pods = (0..size).map(|at| (at, pod(at))).collect();
    seen.volumes = (0..size).map(|at| (at, volume_of(at))).collect();
    seen
}

/// A volume of the first birth.
pub fn volume_of(at: u32) -> VolumeSeen {
    VolumeSeen {
        uid: format!("volume-{at}"),
        cluster_uid: Some(UID.to_owned()),
        incarnation: Some(1),
        ..VolumeSeen::default()
    }
}

/// A birth that was given up: its volumes are left, and its pods are gone.
pub fn given_up(size: u32) -> Observed {
    let mut seen = provisioned(size);
    without_set(&mut seen);
    seen.pods.clear();
    seen
}

/// There is no `StatefulSet`.
pub fn without_set(seen: &mut Observed) {
    (seen.objects.stateful_set, seen.objects.template) = (Child::Absent, None);
}

/// The members run, agree on a leader, and list each other.
pub fn formed(size: u32) -> Observed {
    let mut seen = provisioned(size);
    for pod in seen.pods.values_mut() {
        pod.started = Some(seen.now - SignedDuration::from_secs(3));
    }
    let look = |at: u32| Look {
        cluster_id: CLUSTER_ID.to_owned(),
        member_id: format!("m{at}"),
        leader: Some("m0".to_owned()),
        raft_index: 100,
        raft_applied_index: 100,
        revision: 1,
        version: "3.6.16".to_owned(),
        db_size_bytes: 20480,
        ..Look::default()
    };
    seen.looks = (0..size).map(|at| (at, Known::Known(look(at)))).collect();
    seen.members = Known::Known(Members {
        cluster_id: CLUSTER_ID.to_owned(),
        voters: (0..size).map(|at| (format!("a-{at}"), format!("m{at}"))).collect(),
        learners: BTreeMap::new(),
    });
    seen
}

/// The status was lost, and two of three members are back.
pub fn returning() -> Observed {
    let mut seen = formed(3).with_down(&[2]);
    seen.memory.birth = Birth::Resumed;
    seen
}

/// The identity is recorded; neither template nor pods know of it.
pub fn recorded(size: u32) -> Observed {
    let mut seen = formed(size);
    seen.memory.cluster_id = Some(CLUSTER_ID.to_owned());
    seen.memory.members = (0..size).map(|at| (format!("a-{at}"), format!("m{at}"))).collect();
    seen.objects.stateful_set = drifted();
    seen.pods.values_mut().for_each(|pod| pod.current = false);
    seen
}

/// A cluster that runs and serves.
pub fn healthy(size: u32) -> Observed {
    let mut seen = recorded(size);
    seen.objects.stateful_set = ours();
    if let Some(template) = &mut seen.objects.template {
        (template.begins, template.cluster_id) = (false, Some(CLUSTER_ID.to_owned()));
        template.members = seen.memory.members.clone();
    }
    for pod in seen.pods.values_mut() {
        (pod.current, pod.ready) = (true, true);
    }
    seen.serving_endpoints = size;
    seen
}

fn ours() -> Child {
    Child::Ours { uid: "uid-of-part".to_owned(), generation: None, drift: None, deleting: false }
}

/// One of our objects that is not as it should be.
pub fn drifted() -> Child {
    let drift = Some("spec.replicas".to_owned());
    Child::Ours { uid: "uid-of-part".to_owned(), generation: None, drift, deleting: false }
}

/// A part of the machine, and what it is explored in.
pub type Scope = crate::service::worlds::Scope<Step, Observed>;

/// Changes etcd's list, if there is one.
pub fn list(seen: &mut Observed, change: impl FnOnce(&mut Members)) {
    if let Known::Known(list) = &mut seen.members {
        change(list);
    }
}

impl Observed {
    /// These members' pods exist, are not ready, and do not answer.
    #[must_use]
    pub fn with_down(mut self, ordinals: &[u32]) -> Self {
        for at in ordinals {
            self.looks.insert(*at, Known::Unknown("unreachable".to_owned()));
            self.pods.entry(*at).or_default().ready = false;
        }
        self
    }

    /// These members' pods are ready, and our last look at them failed.
    #[must_use]
    pub fn with_unseen(mut self, ordinals: &[u32]) -> Self {
        for at in ordinals {
            self.looks.insert(*at, Known::Unknown("timeout".to_owned()));
            self.pods.entry(*at).or_default().ready = true;
        }
        self
    }

    /// This member's gate refused to start etcd.
    #[must_use]
    pub fn with_refusal(self, ordinal: u32, gate: GateVerdict) -> Self {
        let mut seen = self.with_down(&[ordinal]);
        let pod = seen.pods.entry(ordinal).or_default();
        (pod.gate, pod.started) = (Some(gate), Some(seen.now - SignedDuration::from_secs(600)));
        seen
    }

    /// The memory says that it stands in this step.
    #[must_use]
    pub fn in_step(self, step: Step) -> Self {
        let word: &str = step.into();
        self.with(|seen| seen.memory.step = Some(word.to_owned()))
    }

    /// The time is later by so many seconds.
    #[must_use]
    pub fn later(mut self, seconds: i64) -> Self {
        self.now += SignedDuration::from_secs(seconds);
        self
    }

    /// Something else is as `change` makes it.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }
}
