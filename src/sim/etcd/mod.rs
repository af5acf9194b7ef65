//! SHELL. etcd, in process: processes on disks, with a network that can be cut.
//!
//! IDs follow from peer URLs and token alone, as the real ones do: whoever is wiped and begins
//! anew comes back under its old ID, and a quorum of such is an empty cluster in the old one's
//! name.
//!
//! | module | what |
//! |---|---|
//! | `raft` | what is on a disk: log and membership |
//! | `process` | one start of etcd |
//! | `network` | who reaches whom |
//! | `world` | all of them, and time passing |
//! | `boot` | how a process begins |
//! | `reign` | elections and replication |
//! | `answer` | what a member answers a client |
//! | `change` | what it answers whoever wants another membership |
//! | `damage` | data that is not what was written |
//! | `canonical` | what its future depends on |

mod answer;
mod boot;
mod canonical;
mod change;
mod damage;
mod network;
mod process;
mod raft;
mod reign;
#[cfg(test)]
mod tests;
mod world;

use crate::client::etcd::{Etcd, EtcdError, Hash, Member, Members, Status, is_peer_url};
use crate::service::Clock;
use futures::FutureExt;
use futures::future::{BoxFuture, ready};
use jiff::Timestamp;
use parking_lot::{Mutex, MutexGuard};
use std::collections::BTreeMap;
use std::sync::Arc;
use world::World;

pub use answer::Sight;
pub use network::Link;
pub use process::{DiskId, ProcessId, ProcessState, Start, StartState};
pub use raft::{Data, Peer};
pub use world::Alarm;

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

    /// Another etcd that is as this one is now.
    #[must_use]
    pub fn fork(&self, clock: Arc<dyn Clock>) -> Self {
        Self { world: Arc::new(Mutex::new(self.world().clone())), clock }
    }

    /// From now on this one is as another is.
    pub fn become_like(&self, other: &Self) {
        let now = other.world().clone();
        *self.world() = now;
    }

    /// An empty disk.
    pub fn new_disk(&self) -> DiskId {
        self.world().new_disk()
    }

    /// A disk with the same on it.
    pub fn copy_disk(&self, disk: DiskId) -> DiskId {
        self.world().copy_disk(disk)
    }

    /// Takes everything off a disk.
    pub fn wipe(&self, disk: DiskId) {
        self.world().wipe(disk);
    }

    /// Whether a disk holds a write-ahead log.
    pub fn has_wal(&self, disk: DiskId) -> bool {
        self.world().data(disk).is_some()
    }

    /// Says how big the database on a disk is, in bytes.
    pub fn set_db_size(&self, disk: DiskId, bytes: i64) {
        self.world().sizes.insert(disk, bytes);
    }

    /// Starts a process.
    pub fn start(&self, start: Start) -> ProcessId {
        let now = self.clock.now();
        self.world().start(start, now)
    }

    /// A process that has been running for long on this disk, as the member it says it is.
    pub fn load(&self, start: Start, data: Data, leads: bool) -> ProcessId {
        self.world().load(start, data, leads)
    }

    /// How many elections there were. A leader that hands over needs none.
    pub fn elections(&self) -> usize {
        self.world().elections
    }

    /// How many more voters may fail, of the cluster that is worst off; none if none is led.
    pub fn tolerance(&self) -> Option<usize> {
        self.world().tolerance()
    }

    /// The most members without a vote that any member's list has.
    pub fn learners(&self) -> usize {
        let world = self.world();
        let learners = |data: &Data| data.peers.values().filter(|peer| peer.learner).count();
        world.disks.values().flatten().map(learners).max().unwrap_or(0)
    }

    /// All clusters there are, by ID.
    pub fn clusters(&self) -> BTreeMap<u64, Sight> {
        self.world().clusters()
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
        self.sever(Link::Clients(address.to_owned()), cut);
        self.sever(Link::Peers(address.to_owned()), cut);
    }

    /// Cuts one link, or mends it: connections are made anew then.
    pub fn sever(&self, link: Link, cut: bool) {
        let (now, mut world) = (self.clock.now(), self.world());
        match &link {
            Link::Peers(address) if !cut => world.reconnect(&[address], now),
            Link::Pair(one, other) if !cut => world.reconnect(&[one, other], now),
            Link::Peers(_) | Link::Pair(..) | Link::Clients(_) | Link::Replication(_) => {}
        }
        world.network.set(link, cut);
    }

    /// Raises an alarm of the member at an address, or takes it back.
    pub fn alarm(&self, address: &str, alarm: Alarm, on: bool) {
        self.world().alarm(address, alarm, on);
    }

    /// Flips a bit in the database of the member at an address.
    pub fn flip(&self, address: &str) {
        self.world().flip(address);
    }

    /// Whether the data of voters of one cluster differs.
    pub fn differs(&self) -> bool {
        self.world().differs()
    }

    /// From now on whoever asks through [`Etcd`] reaches nobody; clients do.
    pub fn blind(&self) {
        self.world().blind = true;
    }

    /// Lets everybody make one move: starts, elections, replication, ends of those taken out. Says
    /// whether anything changed.
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
        self.world.lock()
    }

    /// What an operator is answered.
    fn asked<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&mut World, Timestamp) -> Result<T, EtcdError>,
    ) -> BoxFuture<'static, Result<T, EtcdError>> {
        let (now, mut world) = (self.clock.now(), self.world());
        let answer = world.seen().and_then(|()| ask(&mut world, now));
        ready(answer).boxed()
    }
}

impl Etcd for SimEtcd {
    fn look<'a>(&'a self, endpoint: &'a str) -> BoxFuture<'a, Result<Status, EtcdError>> {
        self.asked(|world, _| world.look(endpoint))
    }

    fn members<'a>(&'a self, endpoint: &'a str) -> BoxFuture<'a, Result<Members, EtcdError>> {
        self.asked(|world, _| world.members(endpoint))
    }

    fn add_learner<'a>(
        &'a self,
        endpoint: &'a str,
        peer_url: &'a str,
    ) -> BoxFuture<'a, Result<Member, EtcdError>> {
        self.asked(|world, now| world.add_learner(endpoint, peer_url, now))
    }

    fn promote<'a>(&'a self, endpoint: &'a str, id: u64) -> BoxFuture<'a, Result<(), EtcdError>> {
        self.asked(|world, _| world.promote(endpoint, id))
    }

    fn remove<'a>(&'a self, endpoint: &'a str, id: u64) -> BoxFuture<'a, Result<(), EtcdError>> {
        self.asked(|world, now| world.remove(endpoint, id, now))
    }

    fn move_leader<'a>(
        &'a self,
        endpoint: &'a str,
        to: u64,
    ) -> BoxFuture<'a, Result<(), EtcdError>> {
        self.asked(|world, _| world.move_leader(endpoint, to))
    }

    fn update_peer_url<'a>(
        &'a self,
        endpoint: &'a str,
        id: u64,
        peer_url: &'a str,
    ) -> BoxFuture<'a, Result<(), EtcdError>> {
        self.asked(|world, _| world.update(endpoint, id, peer_url))
    }

    fn hash<'a>(
        &'a self,
        endpoint: &'a str,
        revision: i64,
    ) -> BoxFuture<'a, Result<Hash, EtcdError>> {
        self.asked(|world, _| world.hash(endpoint, revision))
    }

    fn disarm_corrupt<'a>(&'a self, endpoint: &'a str) -> BoxFuture<'a, Result<(), EtcdError>> {
        self.asked(|world, _| world.disarm_corrupt(endpoint))
    }
}
