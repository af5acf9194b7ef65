//! PURE. Elections and replication: who leads a cluster, and what its log comes to.

use super::process::{Process, ProcessId};
use super::raft::{Data, Entry, Op};
use super::world::{Rule, World};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

impl World {
    pub fn data_of(&self, id: ProcessId) -> Option<&Data> {
        self.data(self.processes.get(&id)?.start.disk)
    }

    /// The members of its cluster that a running process reaches, itself among them.
    pub fn reached_by(&self, id: ProcessId) -> BTreeSet<u64> {
        let reached = self.fellows(id);
        reached.into_iter().map(|(_, _, data)| data.member).collect()
    }

    /// The processes of its cluster that a running process reaches, itself among them.
    fn fellows(&self, id: ProcessId) -> Vec<(ProcessId, &Process, &Data)> {
        let Some(process) = self.processes.get(&id) else { return vec![] };
        let Some(data) = self.data(process.start.disk) else { return vec![] };
        let all: Vec<_> = self
            .members_of(data.cluster)
            .filter(|(_, other, _)| {
                self.network.joins(&process.start.address, &other.start.address)
            })
            .collect();
        if all.iter().any(|(other, _, _)| *other == id) { all } else { vec![] }
    }

    fn has_majority(&self, id: ProcessId) -> bool {
        let Some(data) = self.data_of(id) else { return false };
        let reached = self.reached_by(id);
        let (voters, there) =
            (data.voters().count(), data.voters().filter(|voter| reached.contains(voter)).count());
        there > voters / 2
    }

    /// The leader of its cluster that a process follows, if there is one.
    pub fn follows(&self, id: ProcessId) -> Option<ProcessId> {
        self.heard_by(id).filter(|leader| !self.is_wedged(id, *leader))
    }

    /// The leader of its cluster that hears a process, whether or not this can follow it.
    pub fn heard_by(&self, id: ProcessId) -> Option<ProcessId> {
        let data = self.data_of(id)?;
        let Some(Rule::Leader(leader)) = self.rules.get(&data.cluster).copied() else {
            return None;
        };
        let fellows = self.fellows(leader);
        let there = fellows.iter().any(|(fellow, _, _)| *fellow == id);
        let knows = self.data_of(leader).is_some_and(|data| !data.has_removed(data.member));
        (there && knows && self.has_majority(leader)).then_some(leader)
    }

    /// Whether a process can serve what its cluster has agreed upon up to now.
    pub fn agrees(&self, id: ProcessId) -> bool {
        let Some(leader) = self.follows(id) else { return false };
        let (Some(data), Some(leader)) = (self.data_of(id), self.data_of(leader)) else {
            return false;
        };
        // A leader knows what is agreed upon once an entry of its own term is.
        let last = leader.commit.checked_sub(1).and_then(|at| leader.log.get(at));
        let knows = leader.log.is_empty() || last.is_some_and(|entry| entry.term == leader.term);
        knows && data.commit >= leader.commit
    }

    /// Whether a process holds as committed what its leader does not even have: the leader's
    /// majority has lost it.
    fn is_wedged(&self, id: ProcessId, leader: ProcessId) -> bool {
        let (Some(data), Some(leader)) = (self.data_of(id), self.data_of(leader)) else {
            return true;
        };
        data.commit > leader.log.len()
    }

    /// Who may win an election: voters whose log is not behind that of a majority they reach.
    pub fn candidates(&self, cluster: u64) -> Vec<ProcessId> {
        let able = self
            .members_of(cluster)
            .filter(|(_, _, data)| data.voters().any(|id| id == data.member));
        let wins = |id: ProcessId, data: &Data| {
            let voters: BTreeSet<u64> = data.voters().collect();
            let won: BTreeSet<u64> = self
                .fellows(id)
                .into_iter()
                .filter(|(_, _, at)| voters.contains(&at.member) && at.newness() <= data.newness())
                .map(|(_, _, at)| at.member)
                .collect();
            won.len() > voters.len() / 2
        };
        able.filter(|(id, _, data)| wins(*id, data)).map(|(id, _, _)| id).collect()
    }

    pub fn next_due(&self) -> Option<Timestamp> {
        let ends = self.rules.iter().filter_map(|(&cluster, rule)| match rule {
            Rule::Election(at) => (!self.candidates(cluster).is_empty()).then_some(*at),
            Rule::Leader(_) => None,
        });
        let leaving = self.running().filter_map(|(_, process)| process.ends);
        ends.chain(leaving).min()
    }

    pub fn rule(&mut self, cluster: u64, now: Timestamp) -> bool {
        match self.rules.get(&cluster).copied() {
            Some(Rule::Leader(id)) if self.leads(id, cluster) => false,
            Some(Rule::Election(at)) if at <= now => {
                let able = self.candidates(cluster);
                let Some(drawn) = able.len().checked_sub(1) else { return false };
                let Some(&leader) = able.get(self.random.usize(0..=drawn)) else { return false };
                self.elections += 1;
                self.crown(leader);
                true
            }
            Some(Rule::Election(_)) => false,
            Some(Rule::Leader(_)) | None => {
                let wait = SignedDuration::from_millis(1000 + self.random.i64(0..900));
                self.rules.insert(cluster, Rule::Election(now + wait));
                true
            }
        }
    }

    fn leads(&self, id: ProcessId, cluster: u64) -> bool {
        let data = self.data_of(id);
        let votes =
            data.is_some_and(|at| at.cluster == cluster && at.voters().any(|id| id == at.member));
        // Whoever knows a later term answers nothing but that, which unseats a leader.
        let newer = |other: &Data| data.is_some_and(|data| other.term > data.term);
        let is_unseated = self.fellows(id).iter().any(|(_, _, other)| newer(other));
        votes && self.has_majority(id) && !is_unseated
    }

    /// Makes a process the leader of its cluster, in a new term.
    pub fn crown(&mut self, leader: ProcessId) {
        let Some(cluster) = self.data_of(leader).map(|data| data.cluster) else { return };
        let terms = self.fellows(leader).into_iter().map(|(_, _, data)| data.term);
        let term = terms.max().unwrap_or(0) + 1;
        self.rules.insert(cluster, Rule::Leader(leader));
        self.progress.retain(|(of, _), _| *of != cluster);
        let Some(process) = self.processes.get(&leader) else { return };
        if let Some(data) = self.data_mut(process.start.disk) {
            data.term = term;
        }
        self.append(leader, Op::Begin);
    }

    /// Whether a leader waits for a majority to take over what it appended.
    pub fn waits(&self, leader: ProcessId) -> bool {
        self.data_of(leader).is_some_and(|data| data.commit < data.log.len())
    }

    /// Lets the leader that hears `id` append an entry. Whether that learns that it is agreed upon.
    pub fn propose(&mut self, id: ProcessId, op: Op) -> bool {
        let Some(leader) = self.heard_by(id) else { return false };
        self.append(leader, op) && !self.is_wedged(id, leader)
    }

    fn append(&mut self, leader: ProcessId, op: Op) -> bool {
        let Some(process) = self.processes.get(&leader) else { return false };
        let disk = process.start.disk;
        let Some(data) = self.data_mut(disk) else { return false };
        data.log.push(Entry { term: data.term, op });
        let (cluster, end) = (data.cluster, data.log.len());
        self.replicate(cluster);
        self.data(disk).is_some_and(|data| data.commit >= end)
    }

    /// Everybody the leader reaches takes over its log; what a majority of voters has is committed.
    pub fn replicate(&mut self, cluster: u64) -> bool {
        let Some(Rule::Leader(leader)) = self.rules.get(&cluster).copied() else { return false };
        let fellows: Vec<ProcessId> = self.fellows(leader).iter().map(|(id, _, _)| *id).collect();
        let mut moved = false;
        for &id in &fellows {
            moved |= self.catch_up(id, leader);
        }
        moved |= self.commit(leader);
        for &id in &fellows {
            moved |= self.hear(id, leader);
        }
        let led_by = self.data_of(leader).map(|data| data.member);
        for id in fellows {
            if let Some(process) = self.processes.get_mut(&id) {
                process.led_by = led_by;
            }
        }
        moved
    }

    /// A follower takes over the leader's log.
    fn catch_up(&mut self, id: ProcessId, leader: ProcessId) -> bool {
        let Some(process) = self.processes.get(&id) else { return false };
        let (Some(data), Some(from)) = (self.data(process.start.disk), self.data_of(leader)) else {
            return false;
        };
        let key = (data.cluster, data.member);
        if !self.network.replicates(&process.start.address) {
            return false;
        }
        if self.is_wedged(id, leader) {
            return self.is_confounded(leader);
        }
        let (known, last) = (self.progress.get(&key).copied().unwrap_or(0), data.log.len());
        // What it once acknowledged is gone, and the leader does not know.
        if known > last {
            let message = format!(
                "tocommit({}) is out of range [lastIndex({last})]. Was the raft log corrupted, \
                 truncated, or lost?",
                known.min(from.commit)
            );
            self.end(id, 2, message);
            return true;
        }
        let (disk, same) = (process.start.disk, data.agrees_until(from));
        if same < data.commit {
            let message = format!(
                "entry {} conflict with committed entry [committed({})]",
                same + 1,
                data.commit
            );
            self.end(id, 2, message);
            return true;
        }
        let (missing, term, end) =
            (from.log.get(same..).unwrap_or_default().to_vec(), from.term, from.log.len());
        let is_behind = !missing.is_empty() || last > same || data.term != term;
        if let Some(data) = self.data_mut(disk).filter(|_| is_behind) {
            data.log.truncate(same);
            data.log.extend(missing);
            data.term = term;
        }
        self.progress.insert(key, end);
        is_behind
    }

    /// A leader is told that a follower has more than itself. 3.5 goes on; later ones would send what
    /// they have no entries for as a snapshot, and have none.
    fn is_confounded(&mut self, leader: ProcessId) -> bool {
        let ends = self.processes.get(&leader).is_some_and(|process| process.start.is_3_6());
        if ends {
            self.end(leader, 2, "need non-empty snapshot".to_owned());
        }
        ends
    }

    /// The leader commits, entry by entry, what a majority of those who vote by then has.
    fn commit(&mut self, leader: ProcessId) -> bool {
        let Some(process) = self.processes.get(&leader) else { return false };
        let disk = process.start.disk;
        let mut moved = false;
        while let Some(data) = self.data(disk).filter(|data| data.commit < data.log.len()) {
            let has = |voter: &u64| {
                self.progress.get(&(data.cluster, *voter)).is_some_and(|&end| end > data.commit)
            };
            if data.voters().filter(has).count() <= data.voters().count() / 2 {
                break;
            }
            if let Some(data) = self.data_mut(disk) {
                data.apply_next();
            }
            moved = true;
        }
        moved
    }

    /// A follower hears how much is committed.
    fn hear(&mut self, id: ProcessId, leader: ProcessId) -> bool {
        let Some(process) = self.processes.get(&id) else { return false };
        let (Some(data), Some(from)) = (self.data(process.start.disk), self.data_of(leader)) else {
            return false;
        };
        let has_all = data.newness() == from.newness();
        let knows_more = data.commit > from.commit;
        if !has_all || knows_more || (data.commit == from.commit && data.peers == from.peers) {
            return false;
        }
        let (disk, commit, peers) = (process.start.disk, from.commit, from.peers.clone());
        if let Some(data) = self.data_mut(disk) {
            (data.commit, data.peers) = (commit, peers);
        }
        true
    }
}
