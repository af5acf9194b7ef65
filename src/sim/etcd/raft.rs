//! PURE. What one member has on its disk: a raft log, how much of it is committed, and the
//! membership that follows from it.

use foldhash::HashMap;
use std::collections::BTreeMap;

/// How many members may be without a vote at once: etcd's default, which nobody raises.
const LEARNERS_MAX: usize = 1;

/// A member, as the cluster's configuration has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// Its name; empty until it was started.
    pub name: String,
    /// Where its peers reach it.
    pub url: String,
    /// Where clients reach it; empty until it served for the first time.
    pub client_url: String,
    /// Whether it has no vote.
    pub learner: bool,
}

/// What a log entry does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Op {
    /// A new leader's first entry.
    Begin,
    /// A key is written.
    Put(String, String),
    /// A member tells its name and where clients reach it.
    Publish {
        /// The member.
        member: u64,
        /// Its name.
        name: String,
        /// Where clients reach it.
        client_url: String,
    },
    /// The membership changes.
    Change(Change),
}

/// A change of the membership.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A learner joins, under an ID and a peer URL.
    Add(u64, String),
    /// A learner gets its vote.
    Promote(u64),
    /// A member leaves.
    Remove(u64),
    /// A member's peer URL is another one.
    Update(u64, String),
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The leader's term.
    pub term: u64,
    /// What it does.
    pub op: Op,
}

/// What one member has on its disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Data {
    /// The cluster.
    pub cluster: u64,
    /// Itself.
    pub member: u64,
    /// The members, by id.
    pub peers: BTreeMap<u64, Peer>,
    /// Its log.
    pub log: Vec<Entry>,
    /// The last term it voted in.
    pub term: u64,
    /// How much of the log it knows to be committed. All of that is applied.
    pub commit: usize,
    /// The revision before the log's first entry: 1 in a new cluster.
    pub base: i64,
}

impl Data {
    /// A member that has heard of nothing but its fellow members.
    pub fn empty(cluster: u64, member: u64, peers: BTreeMap<u64, Peer>) -> Self {
        Self { cluster, member, peers, log: vec![], term: 0, commit: 0, base: 1 }
    }

    /// How new its log is: a candidate must not be behind its voters.
    pub fn newness(&self) -> (u64, usize) {
        (self.log.last().map_or(0, |entry| entry.term), self.log.len())
    }

    /// The key-value store's revision: one more for each write.
    pub fn revision(&self) -> i64 {
        let puts = self.applied().filter(|entry| matches!(entry.op, Op::Put(..))).count();
        self.base.saturating_add(i64::try_from(puts).unwrap_or(i64::MAX))
    }

    /// The value of a key.
    pub fn value(&self, key: &str) -> Option<&str> {
        self.applied()
            .filter_map(|entry| match &entry.op {
                Op::Put(at, value) if at == key => Some(value.as_str()),
                Op::Put(..) | Op::Begin | Op::Publish { .. } | Op::Change(_) => None,
            })
            .last()
    }

    /// The values of all keys.
    pub fn values(&self) -> HashMap<&str, &str> {
        let puts = self.applied().filter_map(|entry| match &entry.op {
            Op::Put(key, value) => Some((key.as_str(), value.as_str())),
            Op::Begin | Op::Publish { .. } | Op::Change(_) => None,
        });
        puts.collect()
    }

    /// Who has a vote.
    pub fn voters(&self) -> impl Iterator<Item = u64> {
        self.peers.iter().filter(|(_, peer)| !peer.learner).map(|(&id, _)| id)
    }

    /// Whether a member has no vote.
    pub fn is_learner(&self, member: u64) -> bool {
        self.peers.get(&member).is_some_and(|peer| peer.learner)
    }

    /// Whether a member was taken out.
    pub fn has_removed(&self, member: u64) -> bool {
        !self.peers.contains_key(&member)
            && self.applied().any(|entry| entry.op == Op::Change(Change::Remove(member)))
    }

    /// Up to where this log is the same as `other`: two entries of one place and term are one.
    pub fn agrees_until(&self, other: &Self) -> usize {
        let same = |at: &usize| {
            let term = |log: &[Entry]| log.get(at - 1).map(|entry| entry.term);
            term(&self.log) == term(&other.log)
        };
        (1..=self.log.len().min(other.log.len())).rev().find(same).unwrap_or(0)
    }

    /// Applies the next entry.
    pub fn apply_next(&mut self) {
        let Some(entry) = self.log.get(self.commit) else { return };
        match entry.op.clone() {
            Op::Begin | Op::Put(..) => {}
            Op::Publish { member, name, client_url } => {
                if let Some(peer) = self.peers.get_mut(&member) {
                    (peer.name, peer.client_url) = (name, client_url);
                }
            }
            Op::Change(change) => {
                if self.refusal(&change).is_none() {
                    self.change(change);
                }
            }
        }
        self.commit += 1;
    }

    /// Why a change would do nothing if it were applied now, in etcd's words.
    ///
    /// # Source
    /// etcd, `membership.RaftCluster.ValidateConfigurationChange`.
    pub fn refusal(&self, change: &Change) -> Option<&'static str> {
        let taken = |url: &String, but: u64| {
            self.peers.iter().any(|(&id, peer)| id != but && peer.url == *url)
        };
        let learners = self.peers.values().filter(|peer| peer.learner).count();
        match change {
            Change::Add(id, _)
            | Change::Promote(id)
            | Change::Remove(id)
            | Change::Update(id, _)
                if self.has_removed(*id) =>
            {
                Some("etcdserver: member not found")
            }
            Change::Add(id, _) if self.peers.contains_key(id) => {
                Some("etcdserver: member ID already exist")
            }
            Change::Add(id, url) if taken(url, *id) => Some("etcdserver: Peer URLs already exists"),
            Change::Add(..) if learners >= LEARNERS_MAX => {
                Some("etcdserver: too many learner members in cluster")
            }
            Change::Promote(id) | Change::Remove(id) | Change::Update(id, _)
                if !self.peers.contains_key(id) =>
            {
                Some("etcdserver: member not found")
            }
            Change::Promote(id) if !self.is_learner(*id) => {
                Some("etcdserver: can only promote a learner member")
            }
            Change::Update(id, url) if taken(url, *id) => {
                Some("etcdserver: Peer URLs already exists")
            }
            Change::Add(..) | Change::Promote(_) | Change::Remove(_) | Change::Update(..) => None,
        }
    }

    fn change(&mut self, change: Change) {
        match change {
            Change::Add(id, url) => {
                let (name, client_url) = (String::new(), String::new());
                self.peers.insert(id, Peer { name, url, client_url, learner: true });
            }
            Change::Promote(id) => {
                if let Some(peer) = self.peers.get_mut(&id) {
                    peer.learner = false;
                }
            }
            Change::Remove(id) => {
                self.peers.remove(&id);
            }
            Change::Update(id, url) => {
                if let Some(peer) = self.peers.get_mut(&id) {
                    peer.url = url;
                }
            }
        }
    }

    /// The entries that are committed.
    pub fn applied(&self) -> impl Iterator<Item = &Entry> {
        self.log.iter().take(self.commit)
    }
}
