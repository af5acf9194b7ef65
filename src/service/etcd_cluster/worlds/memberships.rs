//! PURE. Named observations of members that come, go and are replaced.

use super::bases::{CLUSTER_ID, healthy, list, volume_of};
use crate::crd::{GateVerdict, OperationKind, Retention};
use crate::engine::Known;
use crate::service::etcd_cluster::observe::observed::{
    Look, Observed, PodSeen, Removed, Sweep, Underway,
};
use jiff::SignedDuration;

/// Three members run, five are asked for, and the fourth is to come: its pod waits at the gate.
pub fn joining() -> Observed {
    let mut seen = healthy(3);
    seen.spec.size = 5;
    seen.memory.operation = doing(OperationKind::AddMember, "a-3");
    let pod = PodSeen {
        uid: "pod-3".to_owned(),
        address: Some("10.0.0.3".to_owned()),
        named: true,
        started: Some(seen.now - SignedDuration::from_secs(3)),
        current: true,
        owned: true,
        ..PodSeen::default()
    };
    seen.pods.insert(3, pod);
    seen.volumes.insert(3, volume_of(3));
    seen
}

/// The fourth runs without a vote.
pub fn growing() -> Observed {
    let mut seen = joining();
    seen.memory.members.insert("a-3".to_owned(), "m3".to_owned());
    list(&mut seen, |list| drop(list.learners.insert("m3".to_owned(), "a-3".to_owned())));
    if let Some(template) = &mut seen.objects.template {
        template.members.clone_from(&seen.memory.members);
        template.size = 4;
    }
    let learner = Look {
        cluster_id: CLUSTER_ID.to_owned(),
        member_id: "m3".to_owned(),
        leader: Some("m0".to_owned()),
        raft_index: 100,
        raft_applied_index: 90,
        revision: 1,
        version: "3.6.16".to_owned(),
        learner: true,
        ..Look::default()
    };
    seen.looks.insert(3, Known::Known(learner));
    seen
}

/// Three members run, one is asked for, and the third is to go.
pub fn leaving() -> Observed {
    let mut seen = healthy(3);
    seen.spec.size = 1;
    seen.memory.operation = doing(OperationKind::RemoveMember, "a-2");
    seen
}

/// The third has lost its data and is to be replaced.
pub fn losing() -> Observed {
    let lost = GateVerdict::DataLost { detail: "the volume is empty".to_owned() };
    let mut seen = healthy(3).with_refusal(2, lost);
    seen.memory.operation = doing(OperationKind::ReplaceMember, "a-2");
    seen
}

/// The third was taken out, and what it left is still there.
pub fn removed() -> Observed {
    let mut seen = healthy(3);
    seen.spec.size = 2;
    seen.memory.members.remove("a-2");
    seen.memory.replicas = 2;
    let left = Removed { id: Some("m2".to_owned()), volume: Some("volume-2".to_owned()) };
    seen.memory.removed.insert("a-2".to_owned(), left);
    list(&mut seen, |list| drop(list.voters.remove("a-2")));
    if let Some(template) = &mut seen.objects.template {
        template.members.clone_from(&seen.memory.members);
    }
    seen.looks.remove(&2);
    seen
}

/// Another is to take its place.
pub fn refilling() -> Observed {
    let mut seen = removed();
    seen.spec.size = 3;
    seen.memory.operation = doing(OperationKind::AddMember, "a-2");
    seen
}

/// What it left is not to be kept.
pub fn releasing() -> Observed {
    let mut seen = removed();
    seen.spec.retention = Retention::Delete;
    seen.pods.remove(&2);
    seen
}

/// No member runs, because none is asked for.
pub fn asleep() -> Observed {
    let mut seen = healthy(3);
    seen.spec.size = 0;
    seen.pods.clear();
    seen.looks.clear();
    seen.members = Known::Unknown("no member follows a leader".to_owned());
    seen.serving_endpoints = 0;
    seen
}

/// Members that were stopped are asked for again.
pub fn waking() -> Observed {
    asleep().with(|seen| seen.spec.size = 3)
}

impl Observed {
    /// The members' data comes to this, each of them by ordinal.
    #[must_use]
    pub fn with_hashes(self, hashes: &[u32]) -> Self {
        let told = hashes.iter().enumerate().map(|(at, hash)| (format!("m{at}"), *hash));
        let hashes = told.collect();
        let sweep = Sweep { revision: 7, hashes, ..Sweep::default() };
        self.with(|seen| seen.sweep = Some(sweep))
    }
}

/// The third's data is damaged, and it is to be replaced.
pub fn outvoted() -> Observed {
    let mut seen = healthy(3).with_hashes(&[1, 1, 2]);
    seen.memory.operation = doing(OperationKind::ReplaceMember, "a-2");
    seen
}

/// What is being done to a member.
pub fn doing(kind: OperationKind, member: &str) -> Option<Underway> {
    Some(Underway { kind, member: member.to_owned(), since: None, free: [].into() })
}
