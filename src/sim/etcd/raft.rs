//! PURE. Raft as far as an operator can tell: logs on disks, terms, votes, and a leader that
//! commits what a majority of voters has on disk.

use std::collections::BTreeMap;

/// A member, as the cluster's configuration has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// Its name; empty until it was started.
    pub name: String,
    /// Where its peers reach it.
    pub url: String,
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
    /// How much of the log it knows to be committed.
    pub commit: usize,
    /// The revision before the log's first entry: 1 in a new cluster.
    pub base: i64,
}

impl Data {
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
                Op::Put(..) | Op::Begin => None,
            })
            .last()
    }

    /// Who has a vote.
    pub fn voters(&self) -> impl Iterator<Item = u64> {
        self.peers.iter().filter(|(_, peer)| !peer.learner).map(|(&id, _)| id)
    }

    fn applied(&self) -> impl Iterator<Item = &Entry> {
        self.log.iter().take(self.commit)
    }
}
