//! PURE. One start of etcd: what it is given, and how it fares.

use jiff::Timestamp;

/// A disk. It outlives the processes on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct DiskId(pub(super) u64);

/// One start of etcd.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProcessId(pub(super) u64);

/// etcd's `--initial-cluster-state`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartState {
    /// Begin a cluster.
    New,
    /// Join one.
    Existing,
}

/// What etcd is started with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// Where it is reached: an IP address.
    pub address: String,
    /// Its name.
    pub name: String,
    /// Its own peer URL.
    pub peer_url: String,
    /// Whether to begin or to join, if the disk is empty.
    pub initial_cluster_state: StartState,
    /// The members, as `name=url,...`.
    pub initial_cluster: String,
    /// What makes two clusters of the same URLs different.
    pub token: String,
    /// Its disk.
    pub disk: DiskId,
    /// Its version.
    pub version: String,
}

impl Start {
    /// Whether its version is 3.6 or later, as one that is not known is taken to be.
    pub(super) fn is_3_6(&self) -> bool {
        let minor = self.version.split('.').nth(1).and_then(|minor| minor.parse::<u32>().ok());
        minor.is_none_or(|minor| minor >= 6)
    }

    /// Where clients reach it.
    pub(super) fn client_url(&self) -> String {
        format!("http://{}:2379", self.address)
    }
}

/// How a process fares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProcessState {
    /// It does not answer yet.
    Starting,
    /// It runs.
    Running {
        /// What `/readyz` says: it votes, serves linearizable reads, and knows of no corruption.
        ready: bool,
    },
    /// It ended.
    Exited {
        /// The exit code.
        code: i32,
        /// Its last words.
        message: String,
    },
}

/// A process, alive or dead.
#[derive(Clone)]
pub(super) struct Process {
    pub start: Start,
    pub life: Life,
    /// Since when it has been connected to its peers.
    pub since: Timestamp,
    /// Whether it opened its client port: it does so only once it has followed a leader.
    pub serves: bool,
    /// Who led when it last heard of a leader.
    pub led_by: Option<u64>,
    /// When it ends, since it was taken out and cannot hear so from whom is left.
    pub ends: Option<Timestamp>,
}

#[derive(Clone, PartialEq, Eq)]
pub(super) enum Life {
    Starting,
    Running,
    Exited(i32, String),
}
