//! PURE. All disks, processes and wires, and the time that passes for them.

use super::network::Network;
use super::process::{DiskId, Life, Process, ProcessId, ProcessState, Start};
use super::raft::{Data, Op};
use crate::service::membership::fault_tolerance;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// How long a member goes on that was taken out and that nobody refuses.
const LINGERS: SignedDuration = SignedDuration::from_secs(1);

/// What a member warns of until it is told not to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Alarm {
    /// The database is as big as it may be: nothing is written any more.
    NoSpace,
    /// The members' data differs: nothing is written any more, and nobody is ready.
    Corrupt,
}

/// Who leads a cluster, or when it may have somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    Leader(ProcessId),
    Election(Timestamp),
}

/// Everything.
#[derive(Clone)]
pub(super) struct World {
    pub random: fastrand::Rng,
    next: u64,
    pub disks: BTreeMap<DiskId, Option<Data>>,
    pub processes: BTreeMap<ProcessId, Process>,
    pub network: Network,
    /// By cluster.
    pub rules: BTreeMap<u64, Rule>,
    /// How much of its log a leader knows a member to have, by cluster and member.
    pub progress: BTreeMap<(u64, u64), usize>,
    pub elections: usize,
    /// By cluster: who warns of what.
    pub alarms: BTreeMap<u64, BTreeSet<(u64, Alarm)>>,
    /// The clusters that acknowledged a write.
    pub wrote: BTreeSet<u64>,
    /// The disks on which a bit flipped, and which.
    pub flipped: BTreeMap<DiskId, u64>,
    /// How big databases are, in bytes, where somebody said so.
    pub sizes: BTreeMap<DiskId, i64>,
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
            network: Network::default(),
            rules: BTreeMap::new(),
            progress: BTreeMap::new(),
            elections: 0,
            alarms: BTreeMap::new(),
            wrote: BTreeSet::new(),
            flipped: BTreeMap::new(),
            sizes: BTreeMap::new(),
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

    pub fn copy_disk(&mut self, disk: DiskId) -> DiskId {
        let (copy, data) = (self.new_disk(), self.data(disk).cloned());
        self.disks.insert(copy, data);
        if let Some(bit) = self.flipped.get(&disk).copied() {
            self.flipped.insert(copy, bit);
        }
        copy
    }

    pub fn wipe(&mut self, disk: DiskId) {
        self.flipped.remove(&disk);
        self.disks.insert(disk, None);
    }

    pub fn data(&self, disk: DiskId) -> Option<&Data> {
        self.disks.get(&disk)?.as_ref()
    }

    pub fn data_mut(&mut self, disk: DiskId) -> Option<&mut Data> {
        self.disks.get_mut(&disk)?.as_mut()
    }

    pub fn start(&mut self, start: Start, now: Timestamp) -> ProcessId {
        let id = ProcessId(self.number());
        let (life, led_by, ends) = (Life::Starting, None, None);
        let process = Process { start, life, since: now, serves: false, led_by, ends };
        self.processes.insert(id, process);
        id
    }

    /// A process that has been running for long, on a disk with this data.
    pub fn load(&mut self, start: Start, data: Data, leads: bool) -> ProcessId {
        let cluster = data.cluster;
        self.disks.insert(start.disk, Some(data));
        let id = self.start(start, Timestamp::MIN);
        if let Some(process) = self.processes.get_mut(&id) {
            (process.life, process.serves) = (Life::Running, true);
        }
        if leads {
            self.rules.insert(cluster, Rule::Leader(id));
        }
        id
    }

    pub fn stop(&mut self, process: ProcessId) {
        self.processes.remove(&process);
    }

    pub fn end(&mut self, id: ProcessId, code: i32, message: String) {
        if let Some(process) = self.processes.get_mut(&id) {
            process.life = Life::Exited(code, message);
        }
    }

    pub fn process(&self, id: ProcessId) -> ProcessState {
        match self.processes.get(&id) {
            None => ProcessState::Exited { code: 137, message: String::new() },
            Some(process) => match &process.life {
                Life::Starting => ProcessState::Starting,
                Life::Running => ProcessState::Running { ready: self.is_ready(id, process) },
                Life::Exited(code, message) => {
                    ProcessState::Exited { code: *code, message: message.clone() }
                }
            },
        }
    }

    fn is_ready(&self, id: ProcessId, process: &Process) -> bool {
        let Some(data) = self.data(process.start.disk) else { return false };
        let warned = self.alarms.get(&data.cluster).into_iter().flatten();
        process.serves
            && !data.is_learner(data.member)
            && !warned.into_iter().any(|(_, alarm)| *alarm == Alarm::Corrupt)
            && self.agrees(id)
    }

    /// Connections to the processes at these addresses are made anew.
    pub fn reconnect(&mut self, addresses: &[&str], now: Timestamp) {
        for process in self.processes.values_mut() {
            if addresses.contains(&process.start.address.as_str()) {
                process.since = now;
            }
        }
    }

    pub fn tick(&mut self, now: Timestamp) -> bool {
        let mut moved = self.begin(now);
        let running: BTreeSet<u64> =
            self.running().filter_map(|(_, at)| Some(self.data(at.start.disk)?.cluster)).collect();
        for cluster in running {
            moved |= self.retire(cluster, now);
            moved |= self.rule(cluster, now);
            moved |= self.replicate(cluster);
            moved |= self.publish(cluster);
        }
        moved
    }

    /// Every process that was started begins to run, or ends at once.
    fn begin(&mut self, now: Timestamp) -> bool {
        let is_starting = |process: &Process| process.life == Life::Starting;
        let starting: Vec<ProcessId> = self
            .processes
            .iter()
            .filter(|(_, process)| is_starting(process))
            .map(|(&id, _)| id)
            .collect();
        for &id in &starting {
            let Some(process) = self.processes.get(&id) else { continue };
            let (disk, booted) = (process.start.disk, self.boot(&process.start));
            let life = match booted {
                Ok(data) => {
                    if let Some(data) = data {
                        self.disks.insert(disk, Some(data));
                    }
                    Life::Running
                }
                Err(message) => Life::Exited(1, message),
            };
            if let Some(process) = self.processes.get_mut(&id) {
                (process.life, process.since) = (life, now);
            }
        }
        !starting.is_empty()
    }

    /// Members that were taken out end as soon as one that is left refuses them; where none is where
    /// the list says, a little later.
    fn retire(&mut self, cluster: u64, now: Timestamp) -> bool {
        let members = || self.members_of(cluster);
        let knowing = |process: &Process, data: &Data| {
            let all = members().filter(|(_, other, at)| {
                self.network.joins(&process.start.address, &other.start.address)
                    && at.has_removed(data.member)
            });
            all.map(|(_, other, at)| (at.member, &other.start.peer_url)).collect::<Vec<_>>()
        };
        let listed = |data: &Data, (id, url): &(u64, &String)| {
            data.peers.get(id).is_some_and(|peer| peer.url == **url)
        };
        let taken_out = members().filter_map(|(id, process, data)| {
            let knowing = knowing(process, data);
            let refused = knowing.iter().any(|one| listed(data, one));
            let ends = if refused { now } else { process.ends.unwrap_or(now + LINGERS) };
            (!knowing.is_empty()).then_some((id, ends))
        });
        let mut moved = false;
        for (id, ends) in taken_out.collect::<Vec<_>>() {
            let Some(process) = self.processes.get_mut(&id) else { continue };
            moved |= ends <= now || process.ends.is_none();
            process.ends = Some(ends);
            if ends <= now {
                let message = "the member has been permanently removed from the cluster";
                self.end(id, 0, message.to_owned());
            }
        }
        moved
    }

    /// A process that has not served yet tells its name, and opens its client port once it knows
    /// that this is agreed upon. One that cannot follow is heard all the same.
    fn publish(&mut self, cluster: u64) -> bool {
        let is_told = |leader, member: u64, client_url: &String| {
            let peers = self.data_of(leader).map(|data| &data.peers);
            let peer = peers.and_then(|peers| peers.get(&member));
            peer.is_none_or(|peer| peer.client_url == *client_url)
        };
        let silent: Vec<(ProcessId, Op)> = self
            .members_of(cluster)
            .filter(|(_, process, _)| !process.serves)
            .filter_map(|(id, process, data)| {
                let leader = self.heard_by(id).filter(|leader| !self.waits(*leader))?;
                let (member, name) = (data.member, process.start.name.clone());
                let client_url = process.start.client_url();
                (self.agrees(id) || !is_told(leader, member, &client_url))
                    .then_some((id, Op::Publish { member, name, client_url }))
            })
            .collect();
        let any = !silent.is_empty();
        for (id, op) in silent {
            if self.propose(id, op)
                && let Some(process) = self.processes.get_mut(&id)
            {
                process.serves = true;
            }
        }
        any
    }

    pub fn running(&self) -> impl Iterator<Item = (ProcessId, &Process)> {
        self.processes
            .iter()
            .filter(|(_, process)| process.life == Life::Running)
            .map(|(&id, process)| (id, process))
    }

    /// The running members of a cluster, with their data.
    pub fn members_of(&self, cluster: u64) -> impl Iterator<Item = (ProcessId, &Process, &Data)> {
        self.running()
            .filter_map(|(id, process)| Some((id, process, self.data(process.start.disk)?)))
            .filter(move |(_, _, data)| data.cluster == cluster)
    }

    /// How many more voters may fail, of the cluster that is worst off; none if none is led.
    pub fn tolerance(&self) -> Option<usize> {
        let leaders = self.rules.values().filter_map(|rule| match rule {
            Rule::Leader(id) => Some(*id),
            Rule::Election(_) => None,
        });
        let spare = leaders.filter_map(|id| {
            let data = self.data_of(id)?;
            let reached = Some(self.reached_by(id)).filter(|reached| !reached.is_empty())?;
            let healthy = data.voters().filter(|voter| reached.contains(voter)).count();
            Some(fault_tolerance(data.voters().count(), healthy))
        });
        spare.min()
    }
}

/// What the real client says when nobody answers in time.
pub const LATE: Duration = Duration::from_secs(2);
