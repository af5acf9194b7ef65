//! PURE. What may be otherwise about a world of members that come and go, for the cases.

use super::lost;
use crate::crd::OperationKind;
use crate::engine::Known;
use crate::service::etcd_cluster::observed::{Look, Members, Observed, PodSeen};
use crate::service::etcd_cluster::scenarios::memberships::{asleep, doing};
use crate::service::etcd_cluster::scenarios::{CLUSTER_ID, healthy};

impl Observed {
    /// This is being done to that member.
    pub(super) fn doing(self, kind: OperationKind, member: &str) -> Self {
        self.with(|seen| seen.memory.operation = doing(kind, member))
    }

    pub(super) fn with_list(self, change: impl FnOnce(&mut Members)) -> Self {
        self.with(|seen| {
            if let Known::Known(list) = &mut seen.members {
                change(list);
            }
        })
    }

    /// etcd lists this voter, too.
    pub(super) fn listing(self, name: &str) -> Self {
        self.with_a_list()
            .with_list(|list| drop(list.voters.insert(name.to_owned(), "x".to_owned())))
    }

    /// etcd lists this learner, too.
    pub(super) fn learning(self, name: &str) -> Self {
        self.with_list(|list| drop(list.learners.insert("x".to_owned(), name.to_owned())))
    }

    /// etcd does not list this voter.
    pub(super) fn unlisting(self, name: &str) -> Self {
        self.with_list(|list| drop(list.voters.remove(name)))
    }

    /// etcd lists the learner with a vote.
    pub(super) fn promoted(self) -> Self {
        self.with_list(|list| {
            list.learners.clear();
            list.voters.insert("a-3".to_owned(), "m3".to_owned());
        })
    }

    /// There is a list, if there was none.
    pub(super) fn with_a_list(self) -> Self {
        self.with(|seen| {
            if seen.members.known().is_none() {
                let (cluster_id, voters) = (CLUSTER_ID.to_owned(), seen.memory.members.clone());
                seen.members = Known::Known(Members { cluster_id, voters, ..Members::default() });
            }
        })
    }

    /// A pod is there still.
    pub(super) fn with_a_pod(self) -> Self {
        self.with(|seen| drop(seen.pods.insert(0, PodSeen { owned: true, ..PodSeen::default() })))
    }

    /// A member answers still.
    pub(super) fn with_a_look(self) -> Self {
        let (cluster_id, member_id) = (CLUSTER_ID.to_owned(), "m0".to_owned());
        let look = Look { cluster_id, member_id, ..Look::default() };
        self.with_a_pod().with(|seen| drop(seen.looks.insert(0, Known::Known(look))))
    }

    /// The template is not what it should be.
    pub(super) fn adrift(self) -> Self {
        self.with(|seen| {
            if let Some(template) = &mut seen.objects.template {
                template.members.clear();
            }
        })
    }

    /// Where the leader is reached is not known.
    pub(super) fn unreached(self) -> Self {
        self.with(|seen| seen.pods.values_mut().for_each(|pod| pod.address = None))
    }

    /// All follow this leader.
    pub(super) fn led_by(self, leader: &str) -> Self {
        self.with(|seen| {
            for look in seen.looks.values_mut() {
                if let Known::Known(look) = look {
                    look.leader = Some(leader.to_owned());
                }
            }
        })
    }

    /// The members' data differs.
    pub(super) fn corrupt(self) -> Self {
        self.answering(|look| look.errors.push("alarm:CORRUPT".to_owned()))
    }
}

/// Members that were stopped are asked for again.
pub(super) fn awake() -> Observed {
    asleep().with(|seen| {
        seen.spec.size = 3;
        seen.memory.step_since = Some(seen.now);
    })
}

/// One of five has lost its data, and another is down.
pub(super) fn losing_of_five() -> Observed {
    healthy(5).with_refusal(2, lost()).with_down(&[1]).doing(OperationKind::ReplaceMember, "a-2")
}
