//! SHELL. One operator process in the simulated world: the real loop over a wire that may fail and
//! watches that may lag.

mod etcd;
pub mod fault;
mod lag;
mod memory;
mod queue;
mod view;
mod wire;

pub use memory::Memory;
pub use queue::{Named, Subject, is_watched};
pub use view::SimView;
pub use wire::Wire;

use super::api::Key;
use super::canonical::Hashing;
use super::cluster::SimCluster;
use super::oracle::Watch;
use crate::controller::failure::TurnError;
use crate::controller::journal::Journal;
use crate::controller::publish::Publisher;
use crate::controller::reconcile::{Context, contained};
use crate::service::app_service::App;
use crate::service::etcd_cluster::Cluster;
use crate::service::{Kind, World};
use etcd::WiredEtcd;
use fault::{Fault, Sight};
use jiff::Timestamp;
use lag::Lag;
use statig::blocking::{IntoStateMachine, Superstate};
use std::collections::BTreeSet;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// How a turn went wrong, if it did, and when the object's next one comes.
type Outcome = (Option<TurnError>, Option<Duration>);
type Turn = Pin<Box<dyn Future<Output = Outcome>>>;

/// How a round of turns ended.
#[derive(Debug)]
pub enum Ended {
    /// So many objects were due and had their turn; these failed.
    Done(usize, Vec<TurnError>),
    /// The process died.
    Crashed,
    /// The process is suspended in the middle of a turn.
    Suspended,
}

/// One operator process.
pub struct Operator {
    /// Its connection.
    pub wire: Wire,
    view: Arc<SimView>,
    context: Arc<Context>,
    memory: Memory,
    /// Whether it took a turn since its watches last moved on.
    acted: bool,
    suspended: Option<(Named, Turn)>,
}

impl Operator {
    /// Starts a process. `faults` strike its writes, counted on from `writes`.
    pub fn start(
        cluster: &SimCluster,
        watch: &Arc<Watch>,
        journal: Option<Journal>,
        (faults, writes): (Vec<Fault>, usize),
    ) -> Self {
        Self::go_on(cluster, watch, journal, (faults, writes), Memory::default())
    }

    /// The same process in another world, with what it remembers.
    pub fn go_on(
        cluster: &SimCluster,
        watch: &Arc<Watch>,
        journal: Option<Journal>,
        (faults, writes): (Vec<Fault>, usize),
        memory: Memory,
    ) -> Self {
        let view = Arc::new(SimView::new(cluster.api.clone()));
        let wire = Wire::new(cluster, Arc::clone(watch), faults, writes);
        let api = wire.client();
        let context = Context {
            world: World {
                api: api.clone(),
                view: view.clone(),
                etcd: Arc::new(WiredEtcd::new(wire.clone(), cluster.etcd.clone())),
                clock: Arc::new(cluster.clock.clone()),
                image: cluster.image.clone(),
                right: Arc::new(memory.right.clone()),
            },
            may_act: Arc::new(|| true),
            publisher: Publisher::new(api, "sim".to_owned()),
            journal,
            backoff: memory.backoff.clone(),
        };
        Self { wire, view, context: Arc::new(context), memory, acted: false, suspended: None }
    }

    /// What it remembers.
    pub fn memory(&self) -> Memory {
        let (backoff, world) = (self.context.backoff.clone(), &self.context.world);
        Memory { backoff, right: world.right.as_ref().clone(), ..self.memory.clone() }
    }

    /// From now on, for a while, its watches show this, as of version `version`.
    pub fn blind(&mut self, sight: Sight, version: u64) {
        let now = self.context.world.clock.now();
        self.memory.lag = Some(Lag::begin(sight, version, now));
        self.acted = false;
    }

    /// Whether its watches still show anything but the present.
    pub fn is_blinded(&self) -> bool {
        self.memory.lag.is_some()
    }

    /// When it does something by itself.
    pub fn next_due(&self) -> Option<Timestamp> {
        let lag = self.memory.lag.map(Lag::ends);
        [lag, self.memory.queue.next()].into_iter().flatten().min()
    }

    /// When an object's next turn comes, should nothing wake it before.
    pub fn due(&self, object: &Named) -> Option<Timestamp> {
        self.memory.queue.due(object)
    }

    /// Whether a turn is due, or will be once the watches are heard.
    pub fn is_asked(&self, now: Timestamp) -> bool {
        self.memory.queue.next().is_some_and(|at| at <= now) || !self.woken().is_empty()
    }

    /// A turn of every object that something woke, or whose time has come.
    pub async fn turns(&mut self) -> Ended {
        let now = self.context.world.clock.now();
        self.look(now);
        self.hear(now);
        let (mut had, mut failed) = (0, vec![]);
        for object in self.memory.queue.take(now) {
            let Some(turn) = self.turn(&object) else { continue };
            (had, self.acted) = (had + 1, true);
            match self.drive(object, turn).await {
                Ended::Done(_, errors) => failed.extend(errors),
                ended @ (Ended::Crashed | Ended::Suspended) => return ended,
            }
        }
        Ended::Done(had, failed)
    }

    /// Lets a suspended process go on with the turn it was in.
    pub async fn resume(&mut self) -> Ended {
        match self.suspended.take() {
            Some((object, turn)) => {
                self.wire.release();
                self.drive(object, turn).await
            }
            None => Ended::Done(0, vec![]),
        }
    }

    /// The turn of an object, if the watches show it.
    fn turn(&self, (subject, namespace, name): &Named) -> Option<Turn> {
        let objects = self.view.clusters();
        Some(match subject {
            Subject::Cluster => turn::<Cluster>(objects.get(namespace, name)?, &self.context),
            Subject::App => turn::<App>(objects.get(namespace, name)?, &self.context),
        })
    }

    async fn drive(&mut self, object: Named, mut turn: Turn) -> Ended {
        let stopped = Arc::clone(&self.wire.stopped);
        tokio::select! {
            biased;
            () = stopped.notified() => {
                if self.wire.is_held() {
                    self.suspended = Some((object, turn));
                    Ended::Suspended
                } else {
                    Ended::Crashed
                }
            }
            (error, next) = &mut turn => {
                if let Some(next) = next {
                    let next = self.context.world.clock.now() + next;
                    self.memory.queue.ask(object, next);
                }
                Ended::Done(1, error.into_iter().collect())
            }
        }
    }

    /// Sets the watches for the next turns.
    fn look(&mut self, now: Timestamp) {
        let acted = std::mem::take(&mut self.acted);
        self.memory.lag = self.memory.lag.and_then(|lag| lag.later(acted, now));
        let (clusters, children) = self.memory.lag.map_or((None, None), Lag::shows);
        self.wire.deafen(self.memory.lag.is_some_and(Lag::is_deaf));
        self.view.hold_clusters(clusters);
        self.view.hold_children(children);
    }

    /// Hears what the watches tell.
    fn hear(&mut self, now: Timestamp) {
        for object in self.woken() {
            self.memory.queue.ask(object, now);
        }
        self.memory.told = Some(self.view.versions());
    }

    /// Who is to have a turn by what the watches have not told yet: who changed, and whose children
    /// did.
    fn woken(&self) -> BTreeSet<Named> {
        let (clusters, children) = self.view.versions();
        // A watch that begins, or that goes back, lists all there is.
        let listed = (self.memory.told).filter(|told| told.0 <= clusters && told.1 <= children);
        let itself = |(kind, namespace, name): Key| Some((Subject::of(kind)?, namespace, name));
        let Some((before, children_before)) = listed else {
            let objects = self.view.clusters();
            return objects.objects().filter_map(|(key, _)| itself(key.clone())).collect();
        };
        let changed = self.view.api.changes(before, clusters).into_iter();
        let changed = changed.filter_map(|(key, _)| itself(key));
        let owners = self.view.api.changes(children_before, children).into_iter();
        let owners = owners
            .flat_map(|(key, labels)| queue::owner((key.0, &key.1), &labels).collect::<Vec<_>>());
        changed.chain(owners).collect()
    }

    /// Adds what it remembers to a state's hash. How often turns failed only says when the next one
    /// comes.
    pub fn hash_into(&self, hashing: &mut Hashing) {
        let woken = self.woken();
        let mut asked = self.memory.queue.asked(self.context.world.clock.now());
        asked.extend(woken.iter().map(|object| (object, false)));
        hashing.add(asked);
        if let Some(lag) = self.memory.lag {
            hashing.add(self.acted);
            lag.hash_into(hashing);
            // A watch that does not stand still shows what is, which is told of anyway.
            let (clusters, children) = lag.shows();
            let held = clusters.map(|_| self.view.clusters()).into_iter();
            let held = held.chain(children.map(|_| self.view.children()));
            let past = lag.past().map(|version| self.view.api.snapshot(version));
            let now = self.view.api.now();
            for objects in held.chain(past) {
                objects.hash_into(hashing);
                // A write that expects the version it read meets that one, or another.
                objects.objects().for_each(|at| hashing.add(now.has(at)));
            }
        }
    }
}

/// One turn of the loop, and when the next one comes.
fn turn<K: Kind>(object: Arc<K::Object>, context: &Arc<Context>) -> Turn
where
    for<'s> <K::Machine as IntoStateMachine>::Superstate<'s>: Superstate<K::Machine>,
{
    let context = Arc::clone(context);
    Box::pin(async move {
        let outcome = contained::<K>(Arc::clone(&object), Arc::clone(&context)).await;
        let next = context.backoff.next(&*object, &outcome);
        (outcome.err(), next)
    })
}
