//! PURE. Who reaches whom.

use std::collections::BTreeSet;

/// What can be cut. Processes are named by their addresses.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Link {
    /// Between a process and all clients.
    Clients(String),
    /// Between a process and all other processes.
    Peers(String),
    /// Between two processes.
    Pair(String, String),
    /// A process takes over no log entries, though it is connected: its disk is full or slow.
    Replication(String),
}

/// All that is cut.
#[derive(Clone, Default)]
pub(super) struct Network {
    cut: BTreeSet<Link>,
}

impl Network {
    pub fn set(&mut self, link: Link, cut: bool) {
        if cut {
            self.cut.insert(link);
        } else {
            self.cut.remove(&link);
        }
    }

    /// Whether nothing is cut.
    pub fn is_whole(&self) -> bool {
        self.cut.is_empty()
    }

    /// What kinds of links of a process are cut.
    pub fn of(&self, address: &str) -> impl Iterator<Item = &'static str> {
        self.cut.iter().filter_map(move |link| match link {
            Link::Clients(at) => (at == address).then_some("clients"),
            Link::Peers(at) => (at == address).then_some("peers"),
            Link::Pair(one, other) => (one == address || other == address).then_some("pair"),
            Link::Replication(at) => (at == address).then_some("replication"),
        })
    }

    /// Whether clients reach a process.
    pub fn serves(&self, address: &str) -> bool {
        !self.cut.contains(&Link::Clients(address.to_owned()))
    }

    /// Whether a process takes over log entries.
    pub fn replicates(&self, address: &str) -> bool {
        !self.cut.contains(&Link::Replication(address.to_owned()))
    }

    /// Whether two processes reach each other.
    pub fn joins(&self, one: &str, other: &str) -> bool {
        if self.cut.is_empty() || one == other {
            return true;
        }
        let alone = |at: &str| self.cut.contains(&Link::Peers(at.to_owned()));
        let pair = |a: &str, b: &str| self.cut.contains(&Link::Pair(a.to_owned(), b.to_owned()));
        !alone(one) && !alone(other) && !pair(one, other) && !pair(other, one)
    }
}
