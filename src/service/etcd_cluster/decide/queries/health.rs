//! PURE. Who is alive, as far as it is known. Unknown is neither alive nor dead.

use super::listing;
use crate::engine::Known;
use crate::mutants::planted;
use crate::resource::names;
use crate::service::etcd_cluster::observe::observed::{Look, Observed};
use crate::service::membership::{fault_tolerance, has_quorum};

/// What is known of one member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// It answers, belongs to the cluster and follows a leader.
    Healthy,
    /// It neither serves us nor is it ready in Kubernetes' eyes: two witnesses.
    Down,
    /// The last look failed, and Kubernetes finds the pod ready.
    Unknown,
}

impl Observed {
    /// The ordinals of those that vote: on record, or to be born. Where etcd's list is proven it
    /// tells of those on record: one that was taken out is missed by nobody, and a learner that got
    /// its vote counts before that is on record, or its quorum would go unseen.
    pub fn ordinals(&self) -> Vec<u32> {
        if !self.is_sealed() {
            return (0..self.memory.replicas).collect();
        }
        let stays = |(name, id): &(&String, &String)| !listing::is_out(self, name, id);
        let voters = self.memory.voters().filter(stays).map(|(name, _)| name.as_str());
        let mut all: Vec<u32> =
            voters.chain(listing::promoted(self)).filter_map(|at| self.ordinal_of(at)).collect();
        all.sort_unstable();
        all
    }

    /// Which ordinal a member of this name has.
    pub fn ordinal_of(&self, member: &str) -> Option<u32> {
        names::ordinal_of(member, &self.name)
    }

    /// The name of a member.
    pub fn member_name(&self, ordinal: u32) -> String {
        format!("{}-{ordinal}", self.name)
    }

    /// Whether the identity is recorded.
    pub fn is_sealed(&self) -> bool {
        self.memory.cluster_id.is_some()
    }

    /// The cluster ID every member must answer with: the recorded one, or the list's.
    pub fn cluster_id(&self) -> Option<&str> {
        let listed = self.members.known().map(|list| list.cluster_id.as_str());
        self.memory.cluster_id.as_deref().or(listed)
    }

    /// What a member answered, if it answered.
    pub fn look(&self, ordinal: u32) -> Option<&Look> {
        self.looks.get(&ordinal).and_then(Known::known)
    }

    /// What is known of a member.
    ///
    /// A member without a leader is not yet down: elections pass. The kubelet's readiness probe,
    /// which asks etcd itself for a linearizable read, is the second witness.
    pub fn health(&self, ordinal: u32) -> Health {
        let ours = |look: &Look| self.cluster_id().is_none_or(|id| id == look.cluster_id);
        match self.look(ordinal) {
            Some(look) if ours(look) && look.leader.is_some() => Health::Healthy,
            Some(look) if !ours(look) => Health::Down,
            None if planted("unknown-is-down") => Health::Down,
            Some(_) | None if self.pods.get(&ordinal).is_some_and(|pod| pod.ready) => {
                Health::Unknown
            }
            Some(_) | None => Health::Down,
        }
    }

    /// The members that are in this state.
    pub fn in_health(&self, health: Health) -> Vec<u32> {
        self.ordinals().into_iter().filter(|&at| self.health(at) == health).collect()
    }

    /// The leader most healthy members follow, by member ID, with the number that follow it.
    pub fn leader(&self) -> Option<(&str, usize)> {
        let leaders: Vec<&str> = self
            .in_health(Health::Healthy)
            .into_iter()
            .filter_map(|ordinal| self.look(ordinal)?.leader.as_deref())
            .collect();
        let votes = |id: &str| leaders.iter().filter(|&&other| other == id).count();
        leaders.iter().map(|&id| (id, votes(id))).max_by_key(|&(_, votes)| votes)
    }

    /// Whether enough members answer and follow one leader.
    pub fn has_quorum(&self) -> bool {
        let following = self.leader().map_or(0, |(_, votes)| votes);
        has_quorum(self.ordinals().len(), following)
    }

    /// How many more voters may fail.
    pub fn tolerance(&self) -> usize {
        fault_tolerance(self.ordinals().len(), self.leader().map_or(0, |(_, votes)| votes))
    }

    /// Whether too few members can be alive, even if every unknown one is, and whether or not what is
    /// being done to a member is done.
    pub fn has_lost_quorum(&self) -> bool {
        let lost = |voters: &[u32]| {
            let alive = voters.iter().filter(|&&at| self.health(at) != Health::Down).count();
            !has_quorum(voters.len(), alive)
        };
        let voters = self.ordinals();
        !voters.is_empty()
            && lost(&voters)
            && listing::otherwise(self, &voters).is_none_or(|at| lost(&at))
    }
}

/// How many members are healthy, for messages.
pub fn healthy(seen: &Observed) -> usize {
    seen.in_health(Health::Healthy).len()
}
