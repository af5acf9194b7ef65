//! PURE. What of etcd its future depends on, however long its logs are and whatever its IDs.

use super::SimEtcd;
use super::process::{DiskId, Life, ProcessId};
use super::raft::{Change, Data, Op};
use super::world::{Rule, World};
use crate::sim::canonical::Hashing;
use std::collections::BTreeSet;

/// Entries missed are counted up to here.
const MISSED_MAX: usize = 8;

impl SimEtcd {
    /// Adds what is on these disks, and the processes, to a state's hash. `kept` says whether what
    /// clients were promised can be read from a value by key.
    pub fn hash_into(
        &self,
        hashing: &mut Hashing,
        (disks, processes): (&[DiskId], &[ProcessId]),
        kept: impl Fn(&dyn Fn(&str) -> Option<String>) -> bool,
    ) {
        let world = self.world();
        for process in processes {
            world.hash_process(hashing, *process);
        }
        let mut clusters = BTreeSet::new();
        for &disk in disks {
            let Some(data) = world.data(disk) else {
                hashing.add("empty");
                continue;
            };
            if clusters.insert(data.cluster) {
                world.hash_cluster(hashing, data.cluster, processes);
            }
            let all = disks.iter().filter_map(|disk| world.data(*disk));
            let of_cluster = all.filter(|other| other.cluster == data.cluster);
            if let Some(newest) = of_cluster.max_by_key(|data| data.newness()) {
                hash_data(hashing, data, newest);
            }
            let values = data.values();
            hashing.add(kept(&|key| values.get(key).copied().map(str::to_owned)));
            let flipped = world.flipped.get(&disk);
            hashing.add((flipped, world.sizes.get(&disk)));
        }
        hashing.add(world.blind);
        hashing.add(world.network.is_whole());
    }
}

impl World {
    fn hash_process(&self, hashing: &mut Hashing, id: ProcessId) {
        let Some(process) = self.processes.get(&id) else { return hashing.add("none") };
        hashing.named(&process.start.address);
        hashing.add((&process.start.name, &process.start.version, process.serves));
        hashing.name(process.led_by.unwrap_or_default());
        hashing.time(Some(process.since));
        hashing.time(process.ends);
        match &process.life {
            Life::Starting => hashing.add("starting"),
            Life::Running => hashing.add("running"),
            Life::Exited(code, _) => hashing.add(("exited", code)),
        }
        for link in self.network.of(&process.start.address) {
            hashing.add(link);
        }
    }

    fn hash_cluster(&self, hashing: &mut Hashing, cluster: u64, processes: &[ProcessId]) {
        hashing.name(cluster);
        hashing.add(self.wrote.contains(&cluster));
        match self.rules.get(&cluster) {
            None => hashing.add("no rule"),
            Some(Rule::Election(at)) => hashing.time(Some(*at)),
            Some(Rule::Leader(id)) => {
                hashing.add(processes.iter().position(|process| process == id));
                let Some(leader) = self.data_of(*id) else { return };
                let end = leader.log.len();
                for (member, _) in sorted(leader) {
                    let known = self.progress.get(&(cluster, member)).copied().unwrap_or(0);
                    // Nine tenths are enough for a vote.
                    hashing.add((missed(end, known), known * 10 >= end * 9));
                }
            }
        }
        for (member, alarm) in self.alarms.get(&cluster).into_iter().flatten() {
            hashing.name(*member);
            hashing.add(format!("{alarm:?}"));
        }
    }
}

/// The members in an order that no ID has a part in.
fn sorted(data: &Data) -> Vec<(u64, &super::raft::Peer)> {
    let mut all: Vec<_> = data.peers.iter().map(|(&id, peer)| (id, peer)).collect();
    all.sort_by(|(_, one), (_, other)| one.url.cmp(&other.url));
    all
}

fn missed(end: usize, known: usize) -> usize {
    match end.saturating_sub(known) {
        few if few <= MISSED_MAX => few,
        many => many.next_power_of_two(),
    }
}

fn hash_data(hashing: &mut Hashing, data: &Data, newest: &Data) {
    hashing.name(data.cluster);
    hashing.name(data.member);
    hashing.add(data.has_removed(data.member));
    for (id, peer) in sorted(data) {
        hashing.name(id);
        hashing.named(&peer.client_url);
        hashing.add((&peer.name, &peer.url, peer.learner, newest.has_removed(id)));
    }
    let agrees = data.agrees_until(newest);
    hashing.add((missed(newest.log.len(), agrees), data.log.is_empty()));
    hashing.add((missed(newest.commit, data.commit), newest.commit >= data.commit));
    hashing.add(newest.term.cmp(&data.term));
    let term = |at: usize| at.checked_sub(1).and_then(|at| data.log.get(at)).map(|at| at.term);
    hashing.add((term(data.commit) == Some(data.term), term(data.log.len()) == Some(data.term)));
    let own = data.log.iter().skip(agrees.min(data.commit));
    for entry in own.take(MISSED_MAX) {
        hash_op(hashing, &entry.op);
    }
}

fn hash_op(hashing: &mut Hashing, op: &Op) {
    match op {
        Op::Begin => hashing.add("begin"),
        // Whether what it says was promised is told of the whole disk.
        Op::Put(..) => hashing.add("put"),
        Op::Publish { member, .. } => hashing.name(*member),
        Op::Change(change) => {
            let (word, id) = match change {
                Change::Add(id, _) => ("add", id),
                Change::Promote(id) => ("promote", id),
                Change::Remove(id) => ("remove", id),
                Change::Update(id, _) => ("update", id),
            };
            hashing.add(word);
            hashing.name(*id);
        }
    }
}
