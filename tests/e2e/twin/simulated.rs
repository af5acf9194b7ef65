//! SHELL. The simulated side: virtual time, and no process at all.

use super::call::Begin;
use super::lab::{Lab, Launch};
use anyhow::{Context, Result};
use etcd_operator::client::etcd::Etcd;
use etcd_operator::sim::clock::SimClock;
use etcd_operator::sim::etcd::{DiskId, ProcessId, ProcessState, SimEtcd, Start, StartState};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// How much time passes between two looks at what moved.
const STEP: Duration = Duration::from_millis(100);
/// How often everybody may move at one moment: far more than any boot takes.
const MOVES_MAX: usize = 200;

/// One simulated cluster.
pub struct SimLab {
    etcd: SimEtcd,
    clock: SimClock,
    version: String,
    disks: BTreeMap<usize, DiskId>,
    processes: BTreeMap<usize, ProcessId>,
    passed: Duration,
}

impl SimLab {
    /// No process yet.
    pub fn new(version: &str) -> Self {
        let clock = SimClock::default();
        Self {
            etcd: SimEtcd::new(Arc::new(clock.clone()), 1),
            clock,
            version: version.to_owned(),
            disks: BTreeMap::new(),
            processes: BTreeMap::new(),
            passed: Duration::ZERO,
        }
    }

    fn disk(&mut self, node: usize) -> DiskId {
        *self.disks.entry(node).or_insert_with(|| self.etcd.new_disk())
    }

    fn process(&self, node: usize) -> Result<ProcessId> {
        self.processes.get(&node).copied().context("it was never started")
    }
}

impl Lab for SimLab {
    fn etcd(&self) -> &dyn Etcd {
        &self.etcd
    }

    fn start(&mut self, node: usize, launch: &Launch) -> Result<()> {
        let disk = self.disk(node);
        let process = self.etcd.start(Start {
            address: launch.address.clone(),
            name: launch.name.clone(),
            peer_url: launch.peer_url.clone(),
            initial_cluster_state: match launch.begin {
                Begin::New => StartState::New,
                Begin::Existing => StartState::Existing,
            },
            initial_cluster: launch.initial_cluster.clone(),
            token: launch.token.clone(),
            disk,
            version: self.version.clone(),
        });
        self.processes.insert(node, process);
        Ok(())
    }

    async fn kill(&mut self, node: usize) -> Result<()> {
        self.etcd.stop(self.process(node)?);
        Ok(())
    }

    fn wipe(&mut self, node: usize) -> Result<()> {
        let disk = self.disk(node);
        self.etcd.wipe(disk);
        Ok(())
    }

    fn ended(&mut self, node: usize) -> Result<Option<i32>> {
        Ok(match self.etcd.process(self.process(node)?) {
            ProcessState::Exited { code, .. } => Some(code),
            ProcessState::Starting | ProcessState::Running { .. } => None,
        })
    }

    async fn put(&self, endpoint: &str, key: &str) -> bool {
        self.etcd.put(endpoint, key, "value").is_ok()
    }

    async fn get(&self, endpoint: &str, key: &str) -> bool {
        self.etcd.get(endpoint, key).is_ok_and(|value| value.is_some())
    }

    fn now(&self) -> Duration {
        self.passed
    }

    async fn pass(&mut self, time: Duration) {
        let mut left = time;
        while !left.is_zero() {
            let step = left.min(STEP);
            self.clock.pass(step);
            self.passed += step;
            left = left.saturating_sub(step);
            for _ in 0..MOVES_MAX {
                if !self.etcd.tick() {
                    break;
                }
            }
        }
    }

    async fn close(&mut self) {}
}
