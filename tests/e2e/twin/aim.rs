//! PURE. Whom a call concerns and who is asked, by what is known of the cluster.

use super::call::{Call, Via};
use super::observe::Roll;

/// The ID of no member.
const NOBODY: u64 = 1;

/// A call with all that it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// Add a learner under a peer URL.
    Add(String),
    /// Promote a member.
    Promote(u64),
    /// Remove a member.
    Remove(u64),
    /// Have a member lead.
    MoveLeader(u64),
    /// Give a member another peer URL.
    Update(u64, String),
    /// Start a node.
    Start(usize),
    /// Kill a node.
    Kill(usize),
}

impl Roll {
    /// What a call comes to; nothing if it concerns nobody.
    pub fn aim(&self, call: Call) -> Option<Deed> {
        let hosts = self.hosts;
        let id = |node: Option<usize>| self.ids.get(node?).copied();
        let (first, last) = (self.first(), self.last());
        let nobody = self.removed.unwrap_or(NOBODY);
        let dead = || last.map(|last| hosts.dead_url(last));
        Some(match call {
            Call::Add => Deed::Add(hosts.peer_url(self.ids.len())),
            Call::AddTaken => Deed::Add(self.url(first?)?),
            Call::AddNonsense => Deed::Add("nonsense".to_owned()),
            Call::Promote => {
                let target = self.learner().or_else(|| self.voters().first().copied());
                Deed::Promote(id(target)?)
            }
            Call::PromoteNobody => Deed::Promote(nobody),
            Call::RemoveVoter => Deed::Remove(id(self.last_follower())?),
            Call::RemoveLeader => Deed::Remove(id(self.leader)?),
            Call::RemoveLearner => Deed::Remove(id(self.learner())?),
            Call::RemoveNobody => Deed::Remove(nobody),
            Call::MoveLeader => Deed::MoveLeader(id(self.heir())?),
            Call::MoveToLearner => Deed::MoveLeader(id(self.learner())?),
            Call::MoveToNobody => Deed::MoveLeader(nobody),
            Call::Update => Deed::Update(id(last)?, dead()?),
            Call::UpdateTaken if first == last => return None,
            Call::UpdateTaken => Deed::Update(id(last)?, self.url(first?)?),
            Call::UpdateNonsense => Deed::Update(id(last)?, "nonsense".to_owned()),
            Call::UpdateNobody => Deed::Update(nobody, dead()?),
            Call::Start => Deed::Start(self.learner().filter(|node| !self.knows(*node))?),
            Call::Kill => Deed::Kill(self.followers().rfind(|node| self.running.contains(node))?),
        })
    }

    /// Who is asked.
    pub fn asked(&self, call: Call, via: Via) -> Option<usize> {
        let node = match (call, via) {
            // These ask nobody, and need to be done once only.
            (Call::Start | Call::Kill, Via::Follower | Via::Learner) => None,
            (_, Via::Leader) => self.leader,
            (_, Via::Follower) => self.followers().find(|node| self.running.contains(node)),
            (_, Via::Learner) => self.learner(),
        };
        node.filter(|node| self.running.contains(node))
    }

    /// The voters, by node.
    pub fn voters(&self) -> Vec<usize> {
        let voters = self.list.iter().filter(|member| !member.is_learner);
        let mut nodes: Vec<usize> = voters.filter_map(|member| self.node(member.id)).collect();
        nodes.sort_unstable();
        nodes
    }

    /// A member's peer URL.
    pub fn url(&self, node: usize) -> Option<String> {
        let member = self.list.iter().find(|member| self.node(member.id) == Some(node))?;
        member.peer_urls.first().cloned()
    }

    fn followers(&self) -> impl DoubleEndedIterator<Item = usize> {
        self.voters().into_iter().filter(|node| Some(*node) != self.leader)
    }

    fn last_follower(&self) -> Option<usize> {
        self.followers().next_back()
    }

    fn learner(&self) -> Option<usize> {
        let learner = self.list.iter().find(|member| member.is_learner)?;
        self.node(learner.id)
    }

    fn first(&self) -> Option<usize> {
        self.list.iter().filter_map(|member| self.node(member.id)).min()
    }

    fn last(&self) -> Option<usize> {
        self.list.iter().filter_map(|member| self.node(member.id)).max()
    }

    /// The voter after the leader, or the first one.
    fn heir(&self) -> Option<usize> {
        let (leader, voters) = (self.leader?, self.voters());
        let next = voters.iter().copied().find(|node| *node > leader);
        next.or_else(|| voters.first().copied())
    }

    fn knows(&self, node: usize) -> bool {
        self.running.contains(&node) || self.ended.contains_key(&node)
    }
}
