//! SHELL. One run of one story: the world and its operators, in turns, until nothing happens any
//! more.

use super::clock::SimClock;
use super::cluster::SimCluster;
use super::log::{Entry, What};
use super::operator::fault::{Fault, Sight};
use super::operator::{Ended, Operator};
use super::oracle::{Guardian, Law, Violation, Watch, digest, whole_digest};
use super::story::{self, Deed, End, NAME, NAMESPACE, Story, When};
use crate::controller::journal::Journal;
use crate::controller::reconcile::TurnError;
use crate::crd::{AppService, EtcdCluster};
use crate::service::Clock;
use std::sync::Arc;
use std::time::Duration;

/// More rounds than any story needs.
const ROUNDS_MAX: usize = 3000;
/// How much time one round takes while something happens.
const ROUND: Duration = Duration::from_millis(50);
/// After so many rounds in which nothing happened, all is at rest.
const IDLE_ROUNDS: u32 = 3;
/// How long each of them takes, in seconds: more than the machine waits for anything.
const IDLE: [u64; IDLE_ROUNDS as usize] = [16, 256, 256];
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
    /// What happened, if it was asked for.
    pub log: Vec<Entry>,
    /// With how many deeds left it came to be where the undisturbed story was, and was not played on.
    pub rejoined: Option<usize>,
}

/// Plays `story` as `plan` disturbs it, and keeps a log if asked to.
pub async fn run(story: &Story, plan: &Plan, logging: bool) -> Outcome {
    let world = SimCluster::new(SimClock::default(), plan.seed);
    Run::begin(Moment::first(world, story.deeds), plan, logging).whole(Some(story.end)).await
}

/// Plays on from a world as it is, without faults, until nothing happens any more.
pub async fn onward(world: SimCluster) -> Outcome {
    Run::begin(Moment::first(world, &[]), &Plan::default(), true).whole(None).await
}

/// A story undisturbed: how it ends, and its moments, from which it can take another course.
pub struct Course {
    /// How it ends.
    pub clean: Outcome,
    /// How the world was each time all was at rest, before the next deed.
    rests: Arc<[Rest]>,
    /// The last moment before each write; before some there are several writes.
    moments: Vec<Moment>,
}

impl Course {
    /// Plays a story.
    pub async fn of(story: &Story) -> Self {
        let world = SimCluster::new(SimClock::default(), 0);
        let mut run = Run::begin(Moment::first(world, story.deeds), &Plan::default(), false);
        run.rests = Rests::Keep(vec![]);
        let mut moments: Vec<Moment> = vec![];
        run.play(|run| {
            let writes = run.leader.wire.writes();
            // No write came since the last one that was kept: this one is closer to the next.
            if moments.last().is_some_and(|last| last.writes == writes) {
                moments.pop();
            }
            moments.push(Moment { writes, ..run.at.fork() });
        })
        .await;
        let rests = match std::mem::take(&mut run.rests) {
            Rests::Keep(rests) => rests.into(),
            Rests::Pass | Rests::Compare(_) => [].into(),
        };
        Self { clean: run.end(Some(story.end)), moments, rests }
    }

    /// When all is at rest for the first time: how many writes there were, and how many deeds are left.
    pub fn first_rest(&self) -> Option<(usize, usize)> {
        self.rests.first().map(|rest| (rest.writes, rest.deeds))
    }

    /// How it ends as `plan` disturbs it: what comes before the first fault is not played again.
    pub async fn disturbed(&self, story: &Story, plan: &Plan) -> Outcome {
        let first = plan.faults.iter().map(|fault| fault.write).min().unwrap_or(usize::MAX);
        let before = self.moments.partition_point(|moment| moment.writes <= first);
        match before.checked_sub(1).and_then(|at| self.moments.get(at)) {
            Some(moment) if plan.seed == 0 => {
                let mut run = Run::begin(moment.fork(), plan, false);
                run.rests = Rests::Compare(Arc::clone(&self.rests));
                run.play(|_| {}).await;
                if !run.rejoined {
                    return run.end(Some(story.end));
                }
                // From here on it is the undisturbed story.
                let violations = run.watch.violations();
                Outcome {
                    violations,
                    log: vec![],
                    rejoined: Some(run.at.deeds.len()),
                    ..self.clean.clone()
                }
            }
            _ => run(story, plan, false).await,
        }
    }
}

struct Run {
    at: Moment,
    watch: Arc<Watch>,
    journal: Option<Journal>,
    leader: Operator,
    ghost: Option<Ghost>,
    rests: Rests,
    /// Whether the world came to rest just as it did undisturbed.
    rejoined: bool,
}

/// The world at rest, before the next deed.
struct Rest {
    /// How many deeds are left.
    deeds: usize,
    /// How many writes operators had sent.
    writes: usize,
    world: Vec<String>,
}

/// What is done with a world at rest.
#[derive(Default)]
enum Rests {
    /// Nothing.
    #[default]
    Pass,
    /// It is kept.
    Keep(Vec<Rest>),
    /// It is held against the undisturbed one. A run that is where that was need not be played on.
    Compare(Arc<[Rest]>),
}

/// Everything but the operators, between two rounds. They remember nothing that is not in it.
struct Moment {
    world: SimCluster,
    guardian: Guardian,
    /// What is still to happen to the cluster.
    deeds: &'static [(When, Deed)],
    /// How many writes operators had sent.
    writes: usize,
    turns: usize,
    pace: Pace,
    /// The least fault tolerance so far, since there is a leader.
    least: Option<usize>,
}

/// An operator that was suspended in the middle of a write.
struct Ghost {
    operator: Operator,
    sight: Sight,
    /// In how many rounds it wakes up, unless all is at rest before.
    wakes: usize,
    /// For how many rounds it then goes on.
    left: usize,
}

/// How long nothing has happened.
#[derive(Clone, Copy, Default)]
struct Pace {
    idle: u32,
    silent: Duration,
    rounds: usize,
}

impl Moment {
    fn first(world: SimCluster, deeds: &'static [(When, Deed)]) -> Self {
        let least = world.etcd.tolerance();
        let (guardian, pace) = (Guardian::default(), Pace::default());
        Self { world, guardian, deeds, writes: 0, turns: 0, pace, least }
    }

    fn fork(&self) -> Self {
        let (world, guardian) = (self.world.fork(), self.guardian.clone());
        Self { world, guardian, ..*self }
    }
}

impl Run {
    fn begin(at: Moment, plan: &Plan, logging: bool) -> Self {
        let watch = Arc::new(Watch::new(at.world.clock.clone(), logging));
        let journal = logging.then(|| {
            let watch = Arc::clone(&watch);
            Journal::new(Arc::new(move |_, line| {
                watch.note(|| What::Decided(line.to_owned()));
                Ok(())
            }))
        });
        let faults = (plan.faults.clone(), at.writes);
        let leader = Operator::start(&at.world, &watch, journal.clone(), faults);
        Self { at, watch, journal, leader, ghost: None, rests: Rests::Pass, rejoined: false }
    }

    /// Plays to the end, and says what came of it.
    async fn whole(mut self, end: Option<End>) -> Outcome {
        self.play(|_| {}).await;
        self.end(end)
    }

    /// Plays until the last deed is done and nothing happens any more. `keep` sees it before each
    /// round.
    async fn play(&mut self, mut keep: impl FnMut(&Self)) {
        while !self.act() {
            keep(self);
            self.round().await;
        }
    }

    /// Does every deed whose time has come. Says whether there is none left, and all is at rest.
    fn act(&mut self) -> bool {
        loop {
            let when = self.at.deeds.first().map_or(When::Rest, |(when, _)| *when);
            if !self.is_time(when) {
                return false;
            }
            let Some((&(_, deed), rest)) = self.at.deeds.split_first() else { return true };
            if when == When::Rest && self.rejoins() {
                return true;
            }
            self.watch.note(|| What::Deed(format!("{deed:?}")));
            self.at.guardian.excuse(deed, &self.at.world);
            story::perform(&mut self.at.world, deed);
            (self.at.deeds, self.at.pace) = (rest, Pace::default());
        }
    }

    /// Deals with a world at rest. Says whether it is as it was undisturbed.
    fn rejoins(&mut self) -> bool {
        let (deeds, writes) = (self.at.deeds.len(), self.leader.wire.writes());
        let faultless = self.leader.wire.remaining().is_empty();
        match &mut self.rests {
            Rests::Keep(rests) => {
                rests.push(Rest { deeds, writes, world: whole_digest(&self.at.world) });
            }
            Rests::Compare(rests) if faultless => {
                let there = rests.iter().find(|rest| rest.deeds == deeds);
                self.rejoined =
                    there.is_some_and(|rest| rest.world == whole_digest(&self.at.world));
            }
            // A fault is still to strike.
            Rests::Pass | Rests::Compare(_) => {}
        }
        self.rejoined
    }

    fn end(&self, end: Option<End>) -> Outcome {
        if let Some(end) = end {
            self.at.guardian.at_the_end(&self.at.world, &self.watch, end);
        }
        Outcome {
            writes: self.leader.wire.writes(),
            turns: self.at.turns,
            acknowledged: self.at.guardian.acknowledged(),
            violations: self.watch.violations(),
            digest: digest(&self.at.world.api),
            elections: self.at.world.etcd.elections(),
            least_tolerance: self.at.least,
            log: self.watch.log(),
            rejoined: None,
        }
    }

    /// Whether the time has come, or never will.
    fn is_time(&self, when: When) -> bool {
        let there = match when {
            When::Now => true,
            When::Step(step) => self.step().as_deref() == Some(step) || self.at_rest(),
            When::Led => self.at.world.etcd.tolerance().is_some() || self.at_rest(),
            When::Rest => self.at_rest(),
        };
        let endless = !there && self.at.pace.rounds > ROUNDS_MAX;
        if endless {
            let what = format!("still busy after {ROUNDS_MAX} rounds, in {:?}", self.step());
            self.watch.breach(Law::Converges, what);
        }
        there || endless
    }

    fn step(&self) -> Option<String> {
        let api = &self.at.world.api;
        match api.get::<EtcdCluster>(NAMESPACE, NAME) {
            Some(cluster) => cluster.status.as_ref()?.step.clone(),
            None => api.get::<AppService>(NAMESPACE, NAME)?.status.as_ref()?.step.clone(),
        }
    }

    fn at_rest(&self) -> bool {
        self.ghost.is_none() && (self.at.pace.idle >= IDLE_ROUNDS || self.at.pace.silent > SILENT)
    }

    async fn round(&mut self) {
        let before = self.at.world.api.version();
        let moved = self.at.world.step();
        if matches!(self.at.deeds.first(), Some((When::Led, _))) {
            self.act();
        }
        let writes = self.leader.wire.writes();
        let ended = self.leader.turns().await;
        self.at.turns += 1;
        let wrote = self.leader.wire.writes() != writes || matches!(ended, Ended::Crashed);
        self.at.guardian.after_turn(&self.at.world, &self.watch);
        self.take(ended);
        self.haunt().await;
        self.at.guardian.after_round(&self.at.world, &self.watch);
        let busy = moved || self.at.world.api.version() != before;
        let waited = self.pass(busy);
        self.at.pace.silent = if wrote { Duration::ZERO } else { self.at.pace.silent + waited };
        self.at.pace.rounds += 1;
        if let Some(now) = self.at.world.etcd.tolerance() {
            self.at.least = Some(self.at.least.map_or(now, |least| least.min(now)));
        }
    }

    /// Deals with how the leader's turns ended.
    fn take(&mut self, ended: Ended) {
        let now = self.at.world.api.version();
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
        Operator::start(&self.at.world, &self.watch, self.journal.clone(), rest)
    }

    /// Lets the operator that was suspended wake up, act, and in the end learn that it is over.
    async fn haunt(&mut self) {
        let Some(mut ghost) = self.ghost.take() else { return };
        if ghost.wakes > 0 && self.at.pace.idle < IDLE_ROUNDS {
            ghost.wakes -= 1;
            self.ghost = Some(ghost);
            return;
        }
        self.at.pace = Pace { rounds: self.at.pace.rounds, ..Pace::default() };
        self.at.guardian.haunted = true;
        if ghost.left == GHOST_ROUNDS {
            self.watch.note(|| What::Fault("the suspended operator wakes up".to_owned()));
            let ended = ghost.operator.resume().await;
            self.done_by_ghost(&ended);
            ghost.operator.blind(ghost.sight, self.at.world.api.version());
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
        let clock = self.at.world.clock.clone();
        let before = clock.now();
        if busy {
            self.at.pace.idle = 0;
            clock.pass(ROUND);
        } else {
            // A watch that lags does so for seconds, not for minutes.
            let idle = if self.leader.is_blinded() { 0 } else { self.at.pace.idle };
            let longest = IDLE.get(idle as usize).or(IDLE.last());
            let longest = Duration::from_secs(longest.copied().unwrap_or_default());
            let due = self.at.world.next_due().filter(|&due| due > before);
            let until = due.map(|due| Duration::try_from(due - before).unwrap_or(longest));
            if let Some(until) = until.filter(|&until| until <= longest) {
                clock.pass(until);
            } else {
                self.at.pace.idle = idle + 1;
                clock.pass(longest);
            }
        }
        Duration::try_from(clock.now() - before).unwrap_or_default()
    }
}
