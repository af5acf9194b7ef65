//! SHELL. etcd, in process: processes on disks, with a network that can be cut.
//!
//! IDs follow from peer URLs and token alone, as the real ones do: whoever is wiped and begins
//! anew comes back under its old ID, and a quorum of such is an empty cluster in the old one's
//! name.

mod raft;
mod world;

use crate::client::etcd::{Etcd, EtcdError, Member, Members, Status};
use crate::service::Clock;
use futures::FutureExt;
use futures::future::{BoxFuture, ready};
use jiff::Timestamp;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use world::World;

pub use raft::{Data, Peer};
pub use world::{DiskId, ProcessId, ProcessState, Start, StartState};

/// What the real client says when nobody answers in time.
const LATE: Duration = Duration::from_secs(2);

/// All etcd there is. Clones share it.
#[derive(Clone)]
pub struct SimEtcd {
    world: Arc<Mutex<World>>,
    clock: Arc<dyn Clock>,
}

impl SimEtcd {
    /// No etcd yet. Elections are drawn from `seed`.
    pub fn new(clock: Arc<dyn Clock>, seed: u64) -> Self {
        Self { world: Arc::new(Mutex::new(World::new(seed))), clock }
    }

    /// An empty disk.
    pub fn new_disk(&self) -> DiskId {
        self.world().new_disk()
    }

    /// Takes everything off a disk.
    pub fn wipe(&self, disk: DiskId) {
        self.world().wipe(disk);
    }

    /// Whether a disk holds a write-ahead log.
    pub fn has_wal(&self, disk: DiskId) -> bool {
        self.world().data(disk).is_some()
    }

    /// Starts a process.
    pub fn start(&self, start: Start) -> ProcessId {
        self.world().start(start)
    }

    /// A process that has been running for long on this disk, as the member it says it is.
    pub fn load(&self, start: Start, data: Data, leads: bool) -> ProcessId {
        self.world().load(start, data, leads)
    }

    /// How many elections there were.
    pub fn elections(&self) -> usize {
        self.world().elections()
    }

    /// How many more voters may fail, of the cluster that is worst off; none if none is led.
    pub fn tolerance(&self) -> Option<usize> {
        self.world().tolerance()
    }

    /// Kills a process.
    pub fn stop(&self, process: ProcessId) {
        self.world().stop(process);
    }

    /// How a process fares.
    pub fn process(&self, process: ProcessId) -> ProcessState {
        self.world().process(process)
    }

    /// Cuts the process at this address off from everybody, or lets it back.
    pub fn cut(&self, address: &str, cut: bool) {
        self.world().cut(address, cut);
    }

    /// From now on whoever asks through [`Etcd`] reaches nobody; clients do.
    pub fn blind(&self) {
        self.world().blind = true;
    }

    /// Lets everybody make one move: starts, elections, replication. Says whether anything changed.
    pub fn tick(&self) -> bool {
        let now = self.clock.now();
        self.world().tick(now)
    }

    /// When the next election ends.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.world().next_due()
    }

    /// Writes a key.
    ///
    /// # Errors
    /// Nobody is there, or nothing can be agreed upon. The write may come true all the same.
    pub fn put(&self, endpoint: &str, key: &str, value: &str) -> Result<i64, EtcdError> {
        self.world().put(endpoint, key, value)
    }

    /// Reads a key, linearizable.
    ///
    /// # Errors
    /// Nobody is there, or nothing can be agreed upon.
    pub fn get(&self, endpoint: &str, key: &str) -> Result<Option<String>, EtcdError> {
        self.world().get(endpoint, key)
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Etcd for SimEtcd {
    fn look<'a>(&'a self, endpoint: &'a str) -> BoxFuture<'a, Result<Status, EtcdError>> {
        let world = self.world();
        ready(world.seen().and_then(|()| world.look(endpoint))).boxed()
    }

    fn members<'a>(&'a self, endpoint: &'a str) -> BoxFuture<'a, Result<Members, EtcdError>> {
        let world = self.world();
        ready(world.seen().and_then(|()| world.members(endpoint))).boxed()
    }
}
