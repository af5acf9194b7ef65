//! SHELL. What can be done to the processes of one cluster, whether they are real or simulated.

use super::call::{Begin, letter};
use anyhow::Result;
use etcd_operator::client::etcd::Etcd;
use std::time::Duration;

/// One side.
pub trait Lab {
    /// What answers clients.
    fn etcd(&self) -> &dyn Etcd;
    /// Starts the process of a node on the node's disk.
    fn start(&mut self, node: usize, launch: &Launch) -> Result<()>;
    /// Kills it.
    async fn kill(&mut self, node: usize) -> Result<()>;
    /// Takes everything off its disk.
    fn wipe(&mut self, node: usize) -> Result<()>;
    /// With which code its process ended by itself.
    fn ended(&mut self, node: usize) -> Result<Option<i32>>;
    /// Whether a member takes a write.
    async fn put(&self, endpoint: &str, key: &str) -> bool;
    /// Whether a linearizable read from a member finds it.
    async fn get(&self, endpoint: &str, key: &str) -> bool;
    /// How much time has passed since there is this side.
    fn now(&self) -> Duration;
    /// Lets time pass.
    async fn pass(&mut self, time: Duration);
    /// Ends all of it.
    async fn close(&mut self);
}

/// What a process is started with.
#[derive(Debug, Clone)]
pub struct Launch {
    /// Where it is reached.
    pub address: String,
    /// Its name.
    pub name: String,
    /// Where its peers reach it.
    pub peer_url: String,
    /// Whether it begins a cluster or joins one.
    pub begin: Begin,
    /// The members, as `name=url,...`.
    pub initial_cluster: String,
    /// What makes two clusters of the same URLs different.
    pub token: String,
}

/// The addresses of one cluster's nodes: `127.<network>.<lane>.<node>`, on loopback.
#[derive(Debug, Clone, Copy)]
pub struct Hosts {
    /// One for all clusters of this process.
    pub network: u8,
    /// One for each cluster that runs at a time.
    pub lane: u8,
}

/// The port peers use.
const PEERS: &str = ":2380";

impl Hosts {
    /// A node's address.
    pub fn address(self, node: usize) -> String {
        format!("127.{}.{}.{}", self.network, self.lane, node + 1)
    }

    /// Where clients reach a node.
    pub fn client_url(self, node: usize) -> String {
        format!("http://{}:2379", self.address(node))
    }

    /// Where its peers reach a node.
    pub fn peer_url(self, node: usize) -> String {
        format!("http://{}{PEERS}", self.address(node))
    }

    /// A peer URL of a node at which nothing listens.
    pub fn dead_url(self, node: usize) -> String {
        format!("http://{}:2381", self.address(node))
    }

    /// A URL told by the node's letter, and by the port unless it is the usual one.
    pub fn told(self, url: &str) -> String {
        let prefix = format!("http://127.{}.{}.", self.network, self.lane);
        let rest = url.strip_prefix(&prefix).unwrap_or(url);
        let (host, port) = rest.split_once(':').unwrap_or((rest, ""));
        match host.parse::<usize>() {
            Ok(node) if PEERS.ends_with(port) => letter(node.saturating_sub(1)).to_string(),
            Ok(node) => format!("{}:{port}", letter(node.saturating_sub(1))),
            Err(_) => url.to_owned(),
        }
    }
}
