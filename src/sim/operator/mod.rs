//! SHELL. One operator process in the simulated world: the real loop over a wire that may fail and
//! watches that may lag.

mod etcd;
pub mod fault;
mod view;
mod wire;

pub use view::SimView;
pub use wire::Wire;

use super::cluster::SimCluster;
use super::oracle::Watch;
use crate::controller::journal::Journal;
use crate::controller::publish::Publisher;
use crate::controller::reconcile::{Context, TurnError, contained};
use crate::controller::schedule::Backoff;
use crate::crd::{AppService, EtcdCluster};
use crate::service::World;
use crate::service::app_service::App;
use crate::service::etcd_cluster::Cluster;
use etcd::WiredEtcd;
use fault::{Fault, Sight};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// For how many turns watches show the past after a fault.
const BLINDED_TURNS: u32 = 3;
/// How far back an API server may be that an operator restarts onto, in versions.
const ROLLED_BACK: u64 = 16;

type Turn = Pin<Box<dyn Future<Output = Result<Duration, TurnError>>>>;

/// How a round of turns ended.
#[derive(Debug)]
pub enum Ended {
    /// Every object had its turn; these failed.
    Done(Vec<TurnError>),
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
    sight: Option<Blinded>,
    suspended: Option<Turn>,
}

/// What its watches show instead of the present, and for how long.
struct Blinded {
    sight: Sight,
    since: u64,
    turns: u32,
}

impl Operator {
    /// Starts a process. `faults` strike its writes, counted on from `writes`.
    pub fn start(
        cluster: &SimCluster,
        watch: &Arc<Watch>,
        journal: Option<Journal>,
        (faults, writes): (Vec<Fault>, usize),
    ) -> Self {
        let view = Arc::new(SimView::new(cluster.api.clone()));
        let wire = Wire::new(cluster.api.clone(), Arc::clone(watch), faults, writes);
        let api = wire.client();
        let context = Context {
            world: World {
                api: api.clone(),
                view: view.clone(),
                etcd: Arc::new(WiredEtcd::new(wire.clone(), cluster.etcd.clone())),
                clock: Arc::new(cluster.clock.clone()),
                image: cluster.image.clone(),
                right: Arc::default(),
            },
            may_act: Arc::new(|| true),
            publisher: Publisher::new(api, "sim".to_owned()),
            journal,
            backoff: Backoff::default(),
        };
        Self { wire, view, context: Arc::new(context), sight: None, suspended: None }
    }

    /// From now on, for a few turns, its watches show this, as of version `now`.
    pub fn blind(&mut self, sight: Sight, now: u64) {
        self.sight = Some(Blinded { sight, since: now, turns: 0 });
    }

    /// Whether its watches still show anything but the present.
    pub fn is_blinded(&self) -> bool {
        self.sight.is_some()
    }

    /// One turn of every object its watches show.
    pub async fn turns(&mut self) -> Ended {
        self.look();
        let mut failed = vec![];
        let (watched, context) = (self.view.clusters(), &self.context);
        let clusters = watched.list::<EtcdCluster>(None).into_iter();
        let clusters =
            clusters.map(|at| -> Turn { Box::pin(contained::<Cluster>(at, Arc::clone(context))) });
        let services = watched.list::<AppService>(None).into_iter();
        let services =
            services.map(|at| -> Turn { Box::pin(contained::<App>(at, Arc::clone(context))) });
        let turns: Vec<Turn> = clusters.chain(services).collect();
        for turn in turns {
            match self.drive(turn).await {
                Ended::Done(errors) => failed.extend(errors),
                ended @ (Ended::Crashed | Ended::Suspended) => return ended,
            }
        }
        Ended::Done(failed)
    }

    /// Lets a suspended process go on with the turn it was in.
    pub async fn resume(&mut self) -> Ended {
        match self.suspended.take() {
            Some(turn) => {
                self.wire.release();
                self.drive(turn).await
            }
            None => Ended::Done(vec![]),
        }
    }

    async fn drive(&mut self, mut turn: Turn) -> Ended {
        let stopped = Arc::clone(&self.wire.stopped);
        tokio::select! {
            biased;
            () = stopped.notified() => {
                if self.wire.is_held() {
                    self.suspended = Some(turn);
                    Ended::Suspended
                } else {
                    Ended::Crashed
                }
            }
            outcome = &mut turn => Ended::Done(outcome.err().into_iter().collect()),
        }
    }

    /// Sets the watches for the next turn.
    fn look(&mut self) {
        let Some(blinded) = &mut self.sight else { return };
        blinded.turns += 1;
        let at = match blinded.sight {
            _ if blinded.turns > BLINDED_TURNS => (None, None),
            Sight::Fresh | Sight::ReadsFail => (None, None),
            Sight::ChildrenLag => (None, Some(blinded.since)),
            Sight::ClusterLags => (Some(blinded.since), None),
            // It catches up by half with every turn.
            Sight::RolledBack => {
                let back = blinded.since.saturating_sub(ROLLED_BACK >> (blinded.turns - 1));
                (Some(back), Some(back))
            }
        };
        let deaf = blinded.sight == Sight::ReadsFail && blinded.turns <= BLINDED_TURNS;
        self.wire.deafen(deaf);
        self.view.hold_clusters(at.0);
        self.view.hold_children(at.1);
        if blinded.turns > BLINDED_TURNS {
            self.sight = None;
        }
    }
}
