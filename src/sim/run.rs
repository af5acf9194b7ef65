//! SHELL. One run of one story: the world and its operators, in turns, until nothing happens any
//! more.

use super::clock::SimClock;
use super::cluster::SimCluster;
use super::log::{Entry, What};
use super::operator::fault::{Fault, Sight};
use super::operator::{BLINDED_TURNS, Ended, Operator};
use super::oracle::{Guardian, Law, Violation, Watch, digest};
use super::story::{self, NAME, NAMESPACE, Story, When};
use crate::controller::journal::Journal;
use crate::controller::reconcile::TurnError;
use crate::crd::EtcdCluster;
use crate::engine::Edges;
use crate::service::Clock;
use std::sync::Arc;
use std::time::Duration;

/// More rounds than any story needs.
const ROUNDS_MAX: usize = 3000;
/// How much time one round takes while something happens.
const ROUND: Duration = Duration::from_millis(50);
/// After so many rounds in which nothing happened, each four times as long as the last, all is at
/// rest: more than an operator may be blinded for.
const IDLE_ROUNDS: u32 = BLINDED_TURNS + 2;
/// How long the operators may be silent while something goes on by itself, such as a crash loop,
/// until that counts as rest, too.
const SILENT: Duration = Duration::from_mins(11);
/// For how many rounds an operator goes on that was suspended while another took over.
const GHOST_ROUNDS: usize = 6;

/// What goes wrong in a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// The faults between operator and API server.
    pub faults: Vec<Fault>,
    /// What everything else is drawn from.
    pub seed: u64,
}

/// How a run ended.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// Writes of all operators; Events and leases aside.
    pub writes: usize,
    /// Turns of all operators.
    pub turns: usize,
    /// Writes of clients that were acknowledged.
    pub acknowledged: usize,
    /// The laws broken.
    pub violations: Vec<Violation>,
    /// The world at the end.
    pub digest: Vec<String>,
    /// Elections of etcd.
    pub elections: usize,
    /// The least number of voters that could still fail, at any time with a leader.
    pub least_tolerance: Option<usize>,
    /// The edges the operators' turns took.
    pub edges: Edges,
    /// What happened, if it was asked for.
    pub log: Vec<Entry>,
}

/// Plays `story` as `plan` disturbs it, and keeps a log if asked to.
pub async fn run(story: &Story, plan: &Plan, logging: bool) -> Outcome {
    let mut run = Run::begin(SimCluster::new(SimClock::default(), plan.seed), plan, logging);
    for &(when, deed) in story.deeds {
        run.until(when).await;
        run.watch.note(|| What::Deed(format!("{deed:?}")));
        run.guardian.excuse(deed, &run.world);
        story::perform(&mut run.world, deed);
        run.pace = Pace::default();
    }
    run.until(When::Rest).await;
    run.guardian.at_the_end(&run.world, story.end);
    run.end()
}

/// Plays on from a world as it is, without faults, until nothing happens any more.
pub async fn onward(world: SimCluster) -> Outcome {
    let mut run = Run::begin(world, &Plan::default(), true);
    run.until(When::Rest).await;
    run.end()
}

struct Run {
    world: SimCluster,
    watch: Arc<Watch>,
    guardian: Guardian,
    journal: Option<Journal>,
    leader: Operator,
    ghost: Option<Ghost>,
    turns: usize,
    pace: Pace,
    /// The least fault tolerance so far, since there is a leader.
    least: Option<usize>,
}

/// An operator that was suspended in the middle of a write.
struct Ghost {
    operator: Operator,
    sight: Sight,
    /// In how many rounds it wakes up.
    wakes: usize,
    /// For how many rounds it then goes on.
    left: usize,
}

/// How long nothing has happened.
#[derive(Default)]
struct Pace {
    idle: u32,
    silent: Duration,
    rounds: usize,
}

impl Run {
    fn begin(world: SimCluster, plan: &Plan, logging: bool) -> Self {
        let watch = Arc::new(Watch::new(world.clock.clone(), logging));
        let journal = logging.then(|| {
            let watch = Arc::clone(&watch);
            Journal::new(Arc::new(move |_, line| {
                watch.note(|| What::Decided(line.to_owned()));
                Ok(())
            }))
        });
        let leader = Operator::start(&world, &watch, journal.clone(), (plan.faults.clone(), 0));
        Self {
            guardian: Guardian::new(Arc::clone(&watch)),
            least: world.etcd.tolerance(),
            world,
            watch,
            journal,
            leader,
            ghost: None,
            turns: 0,
            pace: Pace::default(),
        }
    }

    fn end(&self) -> Outcome {
        Outcome {
            writes: self.leader.wire.writes(),
            turns: self.turns,
            acknowledged: self.guardian.acknowledged(),
            violations: self.watch.violations(),
            digest: digest(&self.world.api),
            elections: self.world.etcd.elections(),
            least_tolerance: self.least,
            edges: self.watch.taken(),
            log: self.watch.log(),
        }
    }

    async fn until(&mut self, when: When) {
        loop {
            let there = match when {
                When::Now => true,
                When::Step(step) => self.step().as_deref() == Some(step) || self.at_rest(),
                When::Led => self.world.etcd.tolerance().is_some() || self.at_rest(),
                When::Rest => self.at_rest(),
            };
            if there {
                return;
            }
            if self.pace.rounds > ROUNDS_MAX {
                let what = format!("still busy after {ROUNDS_MAX} rounds, in {:?}", self.step());
                self.watch.breach(Law::Converges, what);
                return;
            }
            self.round().await;
        }
    }

    fn step(&self) -> Option<String> {
        self.world.api.get::<EtcdCluster>(NAMESPACE, NAME)?.status.as_ref()?.step.clone()
    }

    fn at_rest(&self) -> bool {
        self.ghost.is_none() && (self.pace.idle >= IDLE_ROUNDS || self.pace.silent > SILENT)
    }

    async fn round(&mut self) {
        let before = self.world.api.version();
        let moved = self.world.step();
        let writes = self.leader.wire.writes();
        let ended = self.leader.turns().await;
        self.turns += 1;
        let wrote = self.leader.wire.writes() != writes || matches!(ended, Ended::Crashed);
        self.guardian.after_turn(&self.world);
        self.take(ended);
        self.haunt().await;
        self.guardian.after_round(&self.world);
        let busy = moved || self.world.api.version() != before;
        let waited = self.pass(busy);
        self.pace.silent = if wrote { Duration::ZERO } else { self.pace.silent + waited };
        self.pace.rounds += 1;
        if let Some(now) = self.world.etcd.tolerance() {
            self.least = Some(self.least.map_or(now, |least| least.min(now)));
        }
    }

    /// Deals with how the leader's turns ended.
    fn take(&mut self, ended: Ended) {
        let now = self.world.api.version();
        let struck = self.leader.wire.struck();
        let sight = struck.map_or(Sight::Fresh, |fault| fault.sight);
        if let Some(fault) = struck {
            self.watch.note(|| What::Fault(fault.to_string()));
        }
        match ended {
            Ended::Done(errors) => {
                self.judge(&errors);
                if struck.is_some() {
                    self.leader.blind(sight, now);
                }
            }
            Ended::Crashed => {
                self.leader = self.successor();
                self.leader.blind(sight, now);
            }
            Ended::Suspended => {
                let successor = self.successor();
                let operator = std::mem::replace(&mut self.leader, successor);
                // However long it sleeps, it wakes up in the middle of another's work.
                let wakes = match sight {
                    Sight::Fresh => 60,
                    Sight::ChildrenLag => 2,
                    Sight::ClusterLags | Sight::ReadsFail => 6,
                    Sight::RolledBack => 15,
                };
                self.ghost = Some(Ghost { operator, sight, wakes, left: GHOST_ROUNDS });
            }
        }
    }

    fn successor(&self) -> Operator {
        let wire = &self.leader.wire;
        let rest = (wire.remaining(), wire.writes());
        Operator::start(&self.world, &self.watch, self.journal.clone(), rest)
    }

    /// Lets the operator that was suspended wake up, act, and in the end learn that it is over.
    async fn haunt(&mut self) {
        let Some(mut ghost) = self.ghost.take() else { return };
        if ghost.wakes > 0 {
            ghost.wakes -= 1;
            self.ghost = Some(ghost);
            return;
        }
        self.pace = Pace { rounds: self.pace.rounds, ..Pace::default() };
        self.guardian.haunted = true;
        if ghost.left == GHOST_ROUNDS {
            self.watch.note(|| What::Fault("the suspended operator wakes up".to_owned()));
            let ended = ghost.operator.resume().await;
            self.done_by_ghost(&ended);
            ghost.operator.blind(ghost.sight, self.world.api.version());
            ghost.left -= 1;
        } else if ghost.left > 0 {
            let ended = ghost.operator.turns().await;
            self.done_by_ghost(&ended);
            ghost.left -= 1;
        } else {
            return;
        }
        self.ghost = Some(ghost);
    }

    fn done_by_ghost(&self, ended: &Ended) {
        if let Ended::Done(errors) = ended {
            self.judge(errors);
        }
    }

    fn judge(&self, errors: &[TurnError]) {
        for error in errors {
            self.judge_one(error);
        }
    }

    fn judge_one(&self, error: &TurnError) {
        self.watch.note(|| What::Failed(error.to_string()));
        match error {
            TurnError::Panicked(_) | TurnError::Unsettled(_) => {
                self.watch.breach(Law::NoFault, error.to_string());
            }
            TurnError::NotLeading
            | TurnError::Stale
            | TurnError::Gone
            | TurnError::Persist(_)
            | TurnError::Perform { .. } => {}
        }
    }

    /// Lets time pass: a little while something happens, else until something is due, or ever
    /// longer. Says how much.
    fn pass(&mut self, busy: bool) -> Duration {
        let clock = self.world.clock.clone();
        let before = clock.now();
        if busy {
            self.pace.idle = 0;
            clock.pass(ROUND);
        } else {
            let longest = Duration::from_secs(4_u64.pow(self.pace.idle.min(4)));
            let due = self.world.next_due().filter(|&due| due > before);
            let until = due.map(|due| Duration::try_from(due - before).unwrap_or(longest));
            if let Some(until) = until.filter(|&until| until <= longest) {
                clock.pass(until);
            } else {
                self.pace.idle += 1;
                clock.pass(longest);
            }
        }
        Duration::try_from(clock.now() - before).unwrap_or_default()
    }
}
