//! PURE. Processes, disks and network, and what clients are answered.

use super::raft::{Data, Entry, Op, Peer};
use super::{EtcdError, LATE, Member, Members, Status};
use crate::service::membership::fault_tolerance;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// A disk. It outlives the processes on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct DiskId(u64);

/// One start of etcd.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProcessId(u64);

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

/// How a process fares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProcessState {
    /// It does not answer yet.
    Starting,
    /// It answers.
    Running {
        /// Whether it can serve a linearizable read.
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

struct Process {
    start: Start,
    state: Life,
}

#[derive(PartialEq, Eq)]
enum Life {
    Starting,
    Running,
    Exited(i32, String),
}

/// Who leads a cluster, or since when nobody does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    Leader(u64),
    Election(Timestamp),
}

/// Everything.
pub struct World {
    random: fastrand::Rng,
    next: u64,
    disks: BTreeMap<DiskId, Option<Data>>,
    processes: BTreeMap<ProcessId, Process>,
    cut: BTreeSet<String>,
    /// By cluster.
    rules: BTreeMap<u64, Rule>,
    elections: usize,
    /// Whether the operators reach nobody.
    pub blind: bool,
}

impl World {
    pub fn new(seed: u64) -> Self {
        Self {
            random: fastrand::Rng::with_seed(seed),
            next: 0,
            disks: BTreeMap::new(),
            processes: BTreeMap::new(),
            cut: BTreeSet::new(),
            rules: BTreeMap::new(),
            elections: 0,
            blind: false,
        }
    }

    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    pub fn new_disk(&mut self) -> DiskId {
        let disk = DiskId(self.number());
        self.disks.insert(disk, None);
        disk
    }

    pub fn wipe(&mut self, disk: DiskId) {
        self.disks.insert(disk, None);
    }

    pub fn data(&self, disk: DiskId) -> Option<&Data> {
        self.disks.get(&disk)?.as_ref()
    }

    /// A process that has been running for long, on a disk with this data.
    pub fn load(&mut self, start: Start, data: Data, leads: bool) -> ProcessId {
        if leads {
            self.rules.insert(data.cluster, Rule::Leader(data.member));
        }
        self.disks.insert(start.disk, Some(data));
        let id = self.start(start);
        if let Some(process) = self.processes.get_mut(&id) {
            process.state = Life::Running;
        }
        id
    }

    /// How many elections there were.
    pub fn elections(&self) -> usize {
        self.elections
    }

    /// How many more voters may fail, of the cluster that is worst off; none if none is led.
    pub fn tolerance(&self) -> Option<usize> {
        let led = self.rules.iter().filter_map(|(cluster, rule)| match rule {
            Rule::Leader(id) => self.members_of(*cluster).find(|data| data.member == *id),
            Rule::Election(_) => None,
        });
        let spare = led.map(|data| {
            let running: BTreeSet<u64> =
                self.members_of(data.cluster).map(|at| at.member).collect();
            let healthy = data.voters().filter(|id| running.contains(id)).count();
            fault_tolerance(data.voters().count(), healthy)
        });
        spare.min()
    }

    pub fn start(&mut self, start: Start) -> ProcessId {
        let id = ProcessId(self.number());
        self.processes.insert(id, Process { start, state: Life::Starting });
        id
    }

    pub fn stop(&mut self, process: ProcessId) {
        self.processes.remove(&process);
    }

    pub fn process(&self, id: ProcessId) -> ProcessState {
        match self.processes.get(&id) {
            None => ProcessState::Exited { code: 137, message: String::new() },
            Some(process) => match &process.state {
                Life::Starting => ProcessState::Starting,
                Life::Running => ProcessState::Running { ready: self.agrees(process).is_some() },
                Life::Exited(code, message) => {
                    ProcessState::Exited { code: *code, message: message.clone() }
                }
            },
        }
    }

    pub fn cut(&mut self, address: &str, cut: bool) {
        if cut {
            self.cut.insert(address.to_owned());
        } else {
            self.cut.remove(address);
        }
    }

    pub fn next_due(&self) -> Option<Timestamp> {
        let ends = self.rules.iter().filter_map(|(&cluster, rule)| match rule {
            Rule::Election(at) => self.candidate(cluster).map(|_| *at),
            Rule::Leader(_) => None,
        });
        ends.min()
    }

    pub fn tick(&mut self, now: Timestamp) -> bool {
        let begun = self.begin();
        let clusters: BTreeSet<u64> =
            self.disks.values().flatten().map(|data| data.cluster).collect();
        let mut moved = begun;
        for cluster in clusters {
            moved |= self.rule(cluster, now);
            moved |= self.replicate(cluster);
        }
        moved
    }

    /// Every process that was started begins to run, or ends at once.
    fn begin(&mut self) -> bool {
        let starting: Vec<ProcessId> = self
            .processes
            .iter()
            .filter(|(_, process)| process.state == Life::Starting)
            .map(|(&id, _)| id)
            .collect();
        for id in &starting {
            let Some(start) = self.processes.get(id).map(|process| process.start.clone()) else {
                continue;
            };
            let state = match self.boot(&start) {
                Ok(data) => {
                    self.disks.insert(start.disk, Some(data));
                    Life::Running
                }
                Err(message) => Life::Exited(1, message),
            };
            if let Some(process) = self.processes.get_mut(id) {
                process.state = state;
            }
        }
        !starting.is_empty()
    }

    fn boot(&self, start: &Start) -> Result<Data, String> {
        if let Some(data) = self.data(start.disk) {
            return Ok(data.clone());
        }
        let initial = parse(&start.initial_cluster);
        let empty = |cluster, member, peers| Data {
            cluster,
            member,
            peers,
            log: vec![],
            term: 0,
            commit: 0,
            base: 1,
        };
        match start.initial_cluster_state {
            StartState::New => {
                let urls: Vec<&str> = initial.iter().map(|(_, url)| url.as_str()).collect();
                let peers = initial.iter().map(|(name, url)| {
                    let peer = Peer { name: name.clone(), url: url.clone(), learner: false };
                    (hash(&[url, &start.token]), peer)
                });
                let cluster = hash(&[urls.concat().as_str(), &start.token]);
                Ok(empty(cluster, hash(&[&start.peer_url, &start.token]), peers.collect()))
            }
            StartState::Existing => {
                let others = self.running().filter(|process| {
                    initial.iter().any(|(_, url)| *url == process.start.peer_url)
                });
                let mut known = others.filter_map(|process| self.data(process.start.disk));
                let Some(data) = known.next() else {
                    return Err("could not retrieve cluster information from peer urls".to_owned());
                };
                let us = data.peers.iter().find(|(_, peer)| peer.url == start.peer_url);
                match us {
                    Some((&member, _)) => Ok(empty(data.cluster, member, data.peers.clone())),
                    None => Err("member count is unequal".to_owned()),
                }
            }
        }
    }

    fn running(&self) -> impl Iterator<Item = &Process> {
        self.processes.values().filter(|process| {
            process.state == Life::Running && !self.cut.contains(&process.start.address)
        })
    }

    /// The running members of a cluster, with their data.
    fn members_of(&self, cluster: u64) -> impl Iterator<Item = &Data> {
        self.running()
            .filter_map(|process| self.data(process.start.disk))
            .filter(move |data| data.cluster == cluster)
    }

    fn has_majority(&self, data: &Data) -> bool {
        let running: BTreeSet<u64> = self.members_of(data.cluster).map(|at| at.member).collect();
        let voters = data.voters().count();
        let alive = data.voters().filter(|id| running.contains(id)).count();
        voters > 0 && alive > voters / 2
    }

    /// Who would win an election: the member with the newest log that a majority votes for.
    fn candidate(&self, cluster: u64) -> Option<u64> {
        let able =
            self.members_of(cluster).filter(|data| data.voters().any(|id| id == data.member));
        let votes = |candidate: &Data| {
            let voters: BTreeSet<u64> = candidate.voters().collect();
            let grant = |data: &&Data| {
                voters.contains(&data.member) && data.newness() <= candidate.newness()
            };
            self.members_of(cluster).filter(grant).count() > voters.len() / 2
        };
        able.filter(|data| votes(data)).max_by_key(|data| data.newness()).map(|data| data.member)
    }

    fn rule(&mut self, cluster: u64, now: Timestamp) -> bool {
        let leads = |id: u64| {
            let leader = self.members_of(cluster).find(|data| data.member == id);
            leader.is_some_and(|data| self.has_majority(data))
        };
        match self.rules.get(&cluster).copied() {
            Some(Rule::Leader(id)) if leads(id) => false,
            Some(Rule::Election(at)) if at <= now => match self.candidate(cluster) {
                Some(leader) => {
                    self.elect(cluster, leader);
                    true
                }
                None => false,
            },
            Some(Rule::Election(_)) => false,
            Some(Rule::Leader(_)) | None => {
                let wait = SignedDuration::from_millis(1000 + self.random.i64(0..900));
                self.rules.insert(cluster, Rule::Election(now + wait));
                true
            }
        }
    }

    fn elect(&mut self, cluster: u64, leader: u64) {
        let terms = self.members_of(cluster).map(|data| data.term);
        let term = terms.max().unwrap_or(0) + 1;
        self.rules.insert(cluster, Rule::Leader(leader));
        self.elections += 1;
        self.append(cluster, leader, &Entry { term, op: Op::Begin });
    }

    /// The leader appends an entry, and everybody it reaches takes over its log.
    fn append(&mut self, cluster: u64, leader: u64, entry: &Entry) {
        for data in self.disks.values_mut().flatten() {
            if (data.cluster, data.member) == (cluster, leader) {
                data.term = entry.term;
                data.log.push(entry.clone());
            }
        }
        self.replicate(cluster);
    }

    fn replicate(&mut self, cluster: u64) -> bool {
        let Some(Rule::Leader(id)) = self.rules.get(&cluster).copied() else { return false };
        let Some(leader) = self.members_of(cluster).find(|data| data.member == id) else {
            return false;
        };
        let commit = if self.has_majority(leader) { leader.log.len() } else { leader.commit };
        // Logs with the same last entry are the same.
        let newest = (leader.newness(), commit, leader.term);
        let is_behind = |data: &Data| (data.newness(), data.commit, data.term) != newest;
        let disks = self.running().map(|process| process.start.disk);
        let behind: Vec<DiskId> = disks
            .filter(|&disk| {
                self.data(disk).is_some_and(|data| data.cluster == cluster && is_behind(data))
            })
            .collect();
        if behind.is_empty() {
            return false;
        }
        let whole = Data { commit, ..leader.clone() };
        for disk in &behind {
            if let Some(Some(data)) = self.disks.get_mut(disk) {
                *data = Data { member: data.member, ..whole.clone() };
            }
        }
        true
    }

    /// Whether the operators reach anybody.
    pub fn seen(&self) -> Result<(), EtcdError> {
        if self.blind { Err(EtcdError::Timeout(LATE)) } else { Ok(()) }
    }

    fn at(&self, endpoint: &str) -> Result<&Process, EtcdError> {
        let host = endpoint.strip_prefix("http://").unwrap_or(endpoint);
        let address = host.rsplit_once(':').map_or(host, |(address, _)| address);
        let mut there = self.running().filter(|process| process.start.address == address);
        there.next().ok_or_else(|| EtcdError::Unreachable("tcp connect error".to_owned()))
    }

    /// The leader this process follows, if it can agree on anything with it.
    fn agrees(&self, process: &Process) -> Option<u64> {
        if self.cut.contains(&process.start.address) {
            return None;
        }
        let data = self.data(process.start.disk)?;
        let Some(Rule::Leader(id)) = self.rules.get(&data.cluster).copied() else { return None };
        let leader = self.members_of(data.cluster).find(|at| at.member == id)?;
        (self.has_majority(leader) && data.newness() == leader.newness()).then_some(id)
    }

    pub fn look(&self, endpoint: &str) -> Result<Status, EtcdError> {
        let process = self.at(endpoint)?;
        let data = self.data(process.start.disk);
        let data = data.ok_or_else(|| EtcdError::Unreachable("connection reset".to_owned()))?;
        let leader = self.agrees(process).unwrap_or(0);
        let errors = if leader == 0 { vec!["etcdserver: no leader".to_owned()] } else { vec![] };
        Ok(Status {
            cluster_id: data.cluster,
            member_id: data.member,
            leader,
            raft_term: data.term,
            raft_index: data.log.len() as u64,
            raft_applied_index: data.commit as u64,
            revision: data.revision(),
            version: process.start.version.clone(),
            db_size: 20480,
            db_size_in_use: 20480,
            is_learner: data.peers.get(&data.member).is_some_and(|peer| peer.learner),
            errors,
        })
    }

    pub fn members(&self, endpoint: &str) -> Result<Members, EtcdError> {
        let process = self.at(endpoint)?;
        self.agrees(process).ok_or(EtcdError::Timeout(LATE))?;
        let data = self.data(process.start.disk).ok_or(EtcdError::Timeout(LATE))?;
        let member = |(&id, peer): (&u64, &Peer)| Member {
            id,
            name: peer.name.clone(),
            peer_urls: vec![peer.url.clone()],
            client_urls: vec![],
            is_learner: peer.learner,
        };
        let members = data.peers.iter().map(member).collect();
        Ok(Members { cluster_id: data.cluster, linearizable: true, members })
    }

    pub fn put(&mut self, endpoint: &str, key: &str, value: &str) -> Result<i64, EtcdError> {
        let process = self.at(endpoint)?;
        let leader = self.agrees(process).ok_or(EtcdError::Timeout(LATE))?;
        let data = self.data(process.start.disk).ok_or(EtcdError::Timeout(LATE))?;
        let (cluster, term, disk) = (data.cluster, data.term, process.start.disk);
        let op = Op::Put(key.to_owned(), value.to_owned());
        self.append(cluster, leader, &Entry { term, op });
        Ok(self.data(disk).map_or(0, Data::revision))
    }

    pub fn get(&self, endpoint: &str, key: &str) -> Result<Option<String>, EtcdError> {
        let process = self.at(endpoint)?;
        self.agrees(process).ok_or(EtcdError::Timeout(LATE))?;
        let data = self.data(process.start.disk).ok_or(EtcdError::Timeout(LATE))?;
        Ok(data.value(key).map(str::to_owned))
    }
}

fn parse(initial_cluster: &str) -> Vec<(String, String)> {
    let entries = initial_cluster.split(',').filter_map(|entry| entry.split_once('='));
    let mut all: Vec<_> = entries.map(|(name, url)| (name.to_owned(), url.to_owned())).collect();
    all.sort_by(|one, other| one.1.cmp(&other.1));
    all
}

/// An ID that follows from these words alone.
fn hash(words: &[&str]) -> u64 {
    let digest = Sha256::digest(words.join("\n").as_bytes());
    digest.iter().take(8).fold(0, |id, &byte| id << 8 | u64::from(byte))
}
