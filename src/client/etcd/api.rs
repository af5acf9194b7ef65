//! SHELL. What is asked of etcd, and what it answers.

use super::error::EtcdError;
use futures::future::BoxFuture;

/// The longest name or version that is kept, in bytes: a DNS name's own limit.
pub const NAME_BYTES_MAX: usize = 253;

/// The longest URL that is kept, in bytes: a DNS name with a scheme, a port and room to spare.
pub const URL_BYTES_MAX: usize = 512;

/// The longest list kept of an answer. A cluster has at most nine voters and one learner.
pub const LIST_MAX: usize = 100;

/// Whether etcd takes it for a peer URL: a scheme, a host and a port, and nothing else.
///
/// # Source
/// etcd, `client/pkg/types.NewURLs`.
pub fn is_peer_url(text: &str) -> bool {
    let host = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    let port = host.and_then(|host| host.rsplit_once(':'));
    port.is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok())
}

/// An ID as etcdctl prints it.
pub fn hex(id: u64) -> String {
    format!("{id:x}")
}

/// One etcd member, by its client endpoint (`http://host:2379`).
///
/// # Guarantees
/// Every call ends within its deadline. What comes back is bounded and free of control characters,
/// whatever is listening there. What a call that failed has changed, [`EtcdError::changed_nothing`]
/// tells; where it cannot, only the next [`Etcd::members`] can.
pub trait Etcd: Send + Sync {
    /// What this member says of itself. Served locally, so it answers without a quorum too.
    fn look<'a>(&'a self, endpoint: &'a str) -> BoxFuture<'a, Result<Status, EtcdError>>;

    /// The membership, proven to be at least as new as the call.
    ///
    /// # Errors
    /// Also when the member answers but cannot prove it: no quorum, no leader, or a learner.
    fn members<'a>(&'a self, endpoint: &'a str) -> BoxFuture<'a, Result<Members, EtcdError>>;

    /// Adds a member without a vote, reached by its peers at `peer_url` (`http://host:2380`).
    ///
    /// # Errors
    /// [`EtcdError::Conflict`] if there is a member of this URL, or a learner, already;
    /// [`EtcdError::NotYet`] if too few voters have been connected for five seconds.
    fn add_learner<'a>(
        &'a self,
        endpoint: &'a str,
        peer_url: &'a str,
    ) -> BoxFuture<'a, Result<Member, EtcdError>>;

    /// Gives a learner its vote.
    ///
    /// # Errors
    /// [`EtcdError::NotYet`] while it has less than nine tenths of the leader's log;
    /// [`EtcdError::Conflict`] if there is no such member, or it votes already.
    fn promote<'a>(&'a self, endpoint: &'a str, id: u64) -> BoxFuture<'a, Result<(), EtcdError>>;

    /// Takes a member out. Its process ends; its data can never join again.
    ///
    /// # Errors
    /// [`EtcdError::Conflict`] if there is no such member; [`EtcdError::NotYet`] if too few of the
    /// voters that would be left have been started, or have been connected for five seconds.
    fn remove<'a>(&'a self, endpoint: &'a str, id: u64) -> BoxFuture<'a, Result<(), EtcdError>>;

    /// Lets the leader, which must be the one asked, hand over to another voter, and waits for it.
    ///
    /// # Errors
    /// [`EtcdError::Conflict`] if it does not lead, or the other one does not vote.
    fn move_leader<'a>(
        &'a self,
        endpoint: &'a str,
        to: u64,
    ) -> BoxFuture<'a, Result<(), EtcdError>>;

    /// Changes where its peers reach a member.
    ///
    /// # Errors
    /// [`EtcdError::Conflict`] if there is no such member, or another one has this URL.
    fn update_peer_url<'a>(
        &'a self,
        endpoint: &'a str,
        id: u64,
        peer_url: &'a str,
    ) -> BoxFuture<'a, Result<(), EtcdError>>;

    /// What this member's keys and values come to, up to `revision`. It reads all of them.
    fn hash<'a>(
        &'a self,
        endpoint: &'a str,
        revision: i64,
    ) -> BoxFuture<'a, Result<Hash, EtcdError>>;

    /// Takes back the warning that the members' data differs, whoever gave it.
    fn disarm_corrupt<'a>(&'a self, endpoint: &'a str) -> BoxFuture<'a, Result<(), EtcdError>>;
}

/// What one member's keys and values come to. Two of them can be compared if both were compacted
/// alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hash {
    /// The member.
    pub member_id: u64,
    /// The hash.
    pub hash: u32,
    /// The revision up to which history was dropped.
    pub compacted: i64,
}

/// What a member says of itself. It may be behind the others, and says nothing about them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// The cluster it belongs to.
    pub cluster_id: u64,
    /// Itself.
    pub member_id: u64,
    /// The leader it follows; 0 when it knows of none.
    pub leader: u64,
    /// The raft term it is in.
    pub raft_term: u64,
    /// The last raft entry it has.
    pub raft_index: u64,
    /// The last raft entry it has applied.
    pub raft_applied_index: u64,
    /// The key-value store's revision, from the header.
    pub revision: i64,
    /// The version of its binary, such as `3.6.16`.
    pub version: String,
    /// The size of its database file, in bytes.
    pub db_size: i64,
    /// How much of that file is in use, in bytes.
    pub db_size_in_use: i64,
    /// Whether it has no vote yet.
    pub is_learner: bool,
    /// What it complains of: alarms, no leader.
    pub errors: Vec<String>,
}

/// The members of a cluster, as one of them lists them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Members {
    /// The cluster.
    pub cluster_id: u64,
    /// Whether the list is proven to be at least as new as the question.
    pub linearizable: bool,
    /// The members, by id.
    pub members: Vec<Member>,
}

/// One line of a member list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its id, never used twice in a cluster.
    pub id: u64,
    /// Its name; empty until it has been started.
    pub name: String,
    /// Where its peers reach it.
    pub peer_urls: Vec<String>,
    /// Where clients reach it; empty until it has been started.
    pub client_urls: Vec<String>,
    /// Whether it has no vote yet.
    pub is_learner: bool,
}
