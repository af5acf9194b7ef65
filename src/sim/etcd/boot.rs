//! PURE. How a process begins: what it makes of its disk, its flags and the peers it reaches.

use super::process::{Start, StartState};
use super::raft::{Data, Peer};
use super::world::World;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

impl World {
    /// The data a process begins with; none if its disk has some, which counts before all flags.
    ///
    /// # Errors
    /// What etcd says before it exits.
    ///
    /// # Source
    /// etcd, `etcdserver/bootstrap.go`.
    pub(super) fn boot(&self, start: &Start) -> Result<Option<Data>, String> {
        if self.data(start.disk).is_some() {
            return Ok(None);
        }
        let initial = parse(&start.initial_cluster);
        match initial.iter().find(|(name, _)| *name == start.name) {
            None => Err(format!(
                "couldn't find local name \"{}\" in the initial cluster configuration",
                start.name
            )),
            Some((name, url)) if *url != start.peer_url => Err(format!(
                "--initial-cluster has {name}={url} but missing from \
                 --initial-advertise-peer-urls={}",
                start.peer_url
            )),
            Some(_) => match start.initial_cluster_state {
                StartState::New => self.begin_new(start, &initial).map(Some),
                StartState::Existing => self.join(start, &initial).map(Some),
            },
        }
    }

    fn begin_new(&self, start: &Start, initial: &[(String, String)]) -> Result<Data, String> {
        let id = |url: &str| hash(&[url, &start.token]);
        let (member, urls) = (id(&start.peer_url), initial.iter().map(|(_, url)| url.as_str()));
        let cluster = hash(&[urls.collect::<String>().as_str(), &start.token]);
        // Whoever answers first is believed, and may itself know nothing.
        let known = self.remote(start, initial).and_then(|remote| remote.peers.get(&member));
        if known.is_some_and(|peer| !peer.client_url.is_empty()) {
            return Err(format!("member {member:x} has already been bootstrapped"));
        }
        let peers = initial.iter().map(|(name, url)| {
            let (name, url, client_url) = (name.clone(), url.clone(), String::new());
            (id(&url), Peer { name, url, client_url, learner: false })
        });
        Ok(Data::empty(cluster, member, peers.collect()))
    }

    fn join(&self, start: &Start, initial: &[(String, String)]) -> Result<Data, String> {
        let remote = self.remote(start, initial).ok_or(
            "cannot fetch cluster info from peer urls: could not retrieve cluster information \
             from the given URLs",
        )?;
        if remote.peers.len() != initial.len() {
            return Err("error validating peerURLs: member count is unequal".to_owned());
        }
        let ours: BTreeMap<&String, u64> =
            remote.peers.iter().map(|(&id, peer)| (&peer.url, id)).collect();
        for (id, peer) in &remote.peers {
            if !initial.iter().any(|(_, url)| *url == peer.url) {
                return Err(format!(
                    "error validating peerURLs: PeerURLs: no match found for existing member \
                     ({id:x}, [{}])",
                    peer.url
                ));
            }
        }
        let member = ours.get(&start.peer_url).copied().unwrap_or_default();
        Ok(Data::empty(remote.cluster, member, remote.peers.clone()))
    }

    /// What the first of the other members that answers on its peer port has.
    fn remote(&self, start: &Start, initial: &[(String, String)]) -> Option<&Data> {
        let others = initial.iter().filter(|(name, _)| *name != start.name);
        others.into_iter().find_map(|(_, url)| {
            let mut answers = self.running().filter(|(_, process)| {
                process.start.peer_url == *url
                    && self.network.joins(&process.start.address, &start.address)
            });
            answers.find_map(|(_, process)| self.data(process.start.disk))
        })
    }
}

/// `name=url,...`, by URL.
fn parse(initial_cluster: &str) -> Vec<(String, String)> {
    let entries = initial_cluster.split(',').filter_map(|entry| entry.split_once('='));
    let mut all: Vec<_> = entries.map(|(name, url)| (name.to_owned(), url.to_owned())).collect();
    all.sort_by(|one, other| one.1.cmp(&other.1));
    all
}

/// An ID that follows from these words alone, as etcd's do.
pub(super) fn hash(words: &[&str]) -> u64 {
    let digest = Sha256::digest(words.join("\n").as_bytes());
    digest.iter().take(8).fold(0, |id, &byte| id << 8 | u64::from(byte))
}
