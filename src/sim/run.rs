//! SHELL. One run: the world and its operators, in turns, until nothing happens any more. A turn
//! comes only when production would have it come: a watch tells of a change, or its time has come.

use super::canonical::Hashing;
use super::cluster::SimCluster;
use super::log::{Entry, What};
use super::moment::{Deeds, Moment};
use super::operator::fault::{Fault, Sight};
use super::operator::{Ended, Named, Operator, Subject, is_watched};
use super::oracle::{Guardian, Law, Violation, Watch, digest};
use super::pace::{AGAIN, Pace, Round};
use super::story::{self, Deed, End, NAME, NAMESPACE, Story, When};
use crate::controller::failure::TurnError;
use crate::controller::journal::Journal;
use crate::crd::{AppService, EtcdCluster, Owner};
use crate::service::Clock;
use jiff::Timestamp;
use kube::api::ObjectMeta;
use std::sync::Arc;
use strum::IntoEnumIterator;

/// For how many rounds an operator goes on that was suspended while another took over: the one in which
/// it wakes up, three in which it may see the past, and one in which it sees what is.
const GHOST_ROUNDS: usize = 5;

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
    /// The faults that never struck: there were not as many writes.
    pub spared: Vec<Fault>,
    /// The world at the end.
    pub digest: Vec<String>,
    /// Elections of etcd.
    pub elections: usize,
    /// The least number of voters that could still fail, at any time with a leader.
    pub least_tolerance: Option<usize>,
    /// What happened, if it was asked for.
    pub log: Vec<Entry>,
}

/// Plays `story` as `plan` disturbs it, and keeps a log if asked to.
pub async fn run(story: &Story, plan: &Plan, logging: bool) -> Outcome {
    let mut run = Run::begin(Moment::first(plan.seed).then(story.deeds), plan, logging);
    run.play(|_| true).await;
    run.end(Some(story.end))
}

/// Plays on from a world as it is, without faults, until nothing happens any more.
pub async fn onward(world: SimCluster) -> Outcome {
    let mut run = Run::begin(Moment::of(world), &Plan::default(), true);
    run.play(|_| true).await;
    run.end(None)
}

/// A run under way.
pub struct Run {
    world: SimCluster,
    guardian: Guardian,
    /// What is still to happen to the cluster.
    deeds: Deeds,
    turns: usize,
    pace: Pace,
    least: Option<usize>,
    watch: Arc<Watch>,
    journal: Option<Journal>,
    leader: Operator,
    ghost: Option<Ghost>,
    /// The version up to which an operator has looked at all there is.
    looked: u64,
}

/// An operator that was suspended in the middle of a write.
struct Ghost {
    operator: Operator,
    sight: Sight,
    /// Since when it sleeps; none once it woke up.
    asleep: Option<Timestamp>,
    /// For how many rounds it then goes on.
    left: usize,
}

impl Ghost {
    /// When something may come of it: while it sleeps, when an operator of any sight would wake up.
    fn next_due(&self, now: Timestamp) -> Option<Timestamp> {
        let Some(since) = self.asleep else { return self.operator.next_due() };
        Sight::iter().map(|sight| since + sight.sleeps()).filter(|due| *due > now).min()
    }
}

impl Run {
    /// Goes on from a moment, with these faults ahead.
    pub fn begin(at: Moment, plan: &Plan, logging: bool) -> Self {
        let Moment { world, guardian, memory, deeds, writes, turns, pace, least, looked } = at;
        let watch = Arc::new(Watch::new(world.clock.clone(), logging));
        let journal = logging.then(|| {
            let watch = Arc::clone(&watch);
            Journal::new(Arc::new(move |_, line| {
                watch.note(|| What::Decided(line.to_owned()));
                Ok(())
            }))
        });
        let faults = (plan.faults.clone(), writes);
        let leader = Operator::go_on(&world, &watch, journal.clone(), faults, memory);
        let ghost = None;
        Self { world, guardian, deeds, turns, pace, least, watch, journal, leader, ghost, looked }
    }

    /// How it is now. Nobody is suspended.
    pub fn moment(&self) -> Moment {
        Moment {
            world: self.world.fork(),
            guardian: self.guardian.clone(),
            memory: self.leader.memory(),
            deeds: self.deeds,
            writes: self.writes(),
            turns: self.turns,
            pace: self.pace,
            least: self.least,
            looked: self.looked,
        }
    }

    /// The same after this deed.
    #[must_use]
    pub fn after(mut self, deed: Deed) -> Self {
        self.perform(deed);
        self
    }

    /// Whether it can go on in more than one way: nobody is suspended, and no fault is still to strike.
    pub fn may_fork(&self) -> bool {
        self.ghost.is_none() && self.is_struck()
    }

    /// Whether no fault is still to strike.
    pub fn is_struck(&self) -> bool {
        self.leader.wire.remaining().is_empty()
    }

    /// Whether an operator would be awake by now that was suspended to see this.
    pub fn has_slept(&self, sight: Sight) -> bool {
        self.ghost.as_ref().is_none_or(|ghost| !self.sleeps(ghost, sight))
    }

    fn sleeps(&self, ghost: &Ghost, sight: Sight) -> bool {
        let until = ghost.asleep.map(|since| since + sight.sleeps());
        until.is_some_and(|until| until > self.now()) && !self.pace.is_at_rest(self.now())
    }

    /// The same, had it seen this since the fault.
    #[must_use]
    pub fn seeing(&self, sight: Sight) -> Self {
        let run = Self::begin(self.moment().seeing(sight), &Plan::default(), false);
        run.watch.remember(self.violations());
        run
    }

    /// The same once another run's operators did what they do while this one's is suspended.
    #[must_use]
    pub fn after_sleep(self, other: &Self) -> Self {
        self.watch.remember(other.violations());
        let (world, journal) = (other.world.in_place_of(&self.world), self.journal.clone());
        let (rest, memory) = ((vec![], other.writes()), other.leader.memory());
        let leader = Operator::go_on(&world, &self.watch, journal, rest, memory);
        let Self { deeds, turns, pace, least, looked, .. } = *other;
        let guardian = other.guardian.clone();
        Self { world, guardian, deeds, turns, pace, least, leader, looked, ..self }
    }

    /// How many writes operators sent.
    pub fn writes(&self) -> usize {
        self.leader.wire.writes()
    }

    /// The laws broken so far.
    pub fn violations(&self) -> Vec<Violation> {
        self.watch.violations()
    }

    /// The faults that have not struck yet.
    pub fn spared(&self) -> Vec<Fault> {
        self.leader.wire.remaining()
    }

    /// What happened so far, if a log is kept.
    pub fn log(&self) -> Vec<Entry> {
        self.watch.log()
    }

    /// Plays until the last deed is done and nothing happens any more, or until `goes_on`, asked before
    /// each round, says no. Says whether it came to rest.
    pub async fn play(&mut self, mut goes_on: impl FnMut(&Self) -> bool) -> bool {
        while !self.act() {
            if !goes_on(self) {
                return false;
            }
            self.round().await;
        }
        true
    }

    /// A hash of all the future depends on; none while it depends on more: somebody is suspended, or a
    /// fault is still to strike.
    pub fn hash(&self) -> Option<u64> {
        let is_asleep = self.ghost.as_ref().is_some_and(|ghost| ghost.asleep.is_some());
        if is_asleep || !self.is_struck() {
            return None;
        }
        let mut hashing = Hashing::at(self.world.clock.now());
        hashing.add(self.deeds.len());
        self.world.hash_into(&mut hashing, |value| self.guardian.is_kept(value));
        hashing.add(self.is_overlooked());
        self.leader.hash_into(&mut hashing);
        if let Some(ghost) = &self.ghost {
            hashing.add(ghost.left);
            ghost.operator.hash_into(&mut hashing);
            // It has so few rounds that it matters when its next turn comes.
            hashing.time(ghost.operator.next_due());
        }
        self.guardian.hash_into(&mut hashing, &self.world);
        Some(hashing.end())
    }

    /// Does every deed whose time has come. Says whether there is none left, and all is at rest.
    fn act(&mut self) -> bool {
        loop {
            let when = self.deeds.first().map_or(When::Rest, |(when, _)| *when);
            if !self.is_time(when) {
                return false;
            }
            let Some((&(_, deed), rest)) = self.deeds.split_first() else { return true };
            self.deeds = rest;
            self.perform(deed);
        }
    }

    fn perform(&mut self, deed: Deed) {
        self.watch.note(|| What::Deed(format!("{deed:?}")));
        self.guardian.excuse(deed, &self.world);
        story::perform(&mut self.world, deed);
        self.pace = Pace::from(self.now());
    }

    /// The end, judged.
    pub fn end(&self, end: Option<End>) -> Outcome {
        if let Some(end) = end {
            self.guardian.at_the_end(&self.world, &self.watch, end);
        }
        Outcome {
            writes: self.writes(),
            turns: self.turns,
            acknowledged: self.guardian.acknowledged(),
            violations: self.watch.violations(),
            spared: self.spared(),
            digest: digest(&self.world.api),
            elections: self.world.etcd.elections(),
            least_tolerance: self.least,
            log: self.watch.log(),
        }
    }

    fn now(&self) -> Timestamp {
        self.world.clock.now()
    }

    /// Whether the time has come, or never will.
    fn is_time(&self, when: When) -> bool {
        let there = match when {
            When::Now => true,
            When::Step(step) => self.step().as_deref() == Some(step) || self.at_rest(),
            When::Led => self.world.etcd.tolerance().is_some() || self.at_rest(),
            When::Rest => self.at_rest(),
        };
        let endless = !there && self.pace.is_endless();
        if endless {
            self.watch.breach(Law::Converges, format!("still busy, in {:?}", self.step()));
        }
        there || endless
    }

    fn step(&self) -> Option<String> {
        let api = &self.world.api;
        match api.get::<EtcdCluster>(NAMESPACE, NAME) {
            Some(cluster) => cluster.status.as_ref()?.step.clone(),
            None => api.get::<AppService>(NAMESPACE, NAME)?.status.as_ref()?.step.clone(),
        }
    }

    fn at_rest(&self) -> bool {
        let waits = self.ghost.is_some() || self.leader.is_blinded();
        !waits && self.pace.is_at_rest(self.now())
    }

    async fn round(&mut self) {
        let before = self.world.api.version();
        let moved = self.world.step();
        if matches!(self.deeds.first(), Some((When::Led, _))) {
            self.act();
        }
        self.judge_schedule();
        let (version, writes) = (self.world.api.version(), self.writes());
        let ended = self.leader.turns().await;
        let had = match &ended {
            Ended::Done(had, _) => *had,
            Ended::Crashed | Ended::Suspended => 1,
        };
        self.turns += had;
        if had > 0 && !self.leader.is_blinded() {
            self.looked = version;
            self.pace.looked();
        }
        let wrote = self.writes() != writes;
        self.guardian.after_turn(&self.world, &self.watch);
        self.take(ended);
        self.haunt().await;
        self.guardian.after_turn(&self.world, &self.watch);
        let busy = moved || wrote || self.world.api.version() != before;
        if busy {
            self.guardian.after_round(&self.world, &self.watch);
        }
        self.pace.count(Round { busy, wrote, turns: had }, self.now());
        self.pass(busy);
        if let Some(now) = self.world.etcd.tolerance() {
            self.least = Some(self.least.map_or(now, |least| least.min(now)));
        }
    }

    /// Every object is looked at again in time, at once after a change that a watch shows, and not for
    /// ever while nothing happens.
    fn judge_schedule(&mut self) {
        let now = self.now();
        if self.leader.is_blinded() || self.ghost.is_some() {
            self.pace.is_late(false, now);
            return;
        }
        let there = objects(&self.world);
        if self.pace.is_late(self.is_pending(&there), now) {
            let what = format!("a change of what it owns is not looked at, in {:?}", self.step());
            self.watch.breach(Law::Prompt, what);
        }
        if self.pace.is_restless() {
            self.watch.breach(Law::Calm, format!("polled without end in {:?}", self.step()));
        }
        for (object, _) in there {
            let due = self.leader.due(&object);
            if due.is_some_and(|due| due > now + AGAIN) {
                let what = format!("{} is not looked at for long, in {:?}", object.2, self.step());
                self.watch.breach(Law::Prompt, what);
            }
        }
    }

    /// Whether something changed of what these own since an operator last looked.
    fn is_pending(&self, there: &[(Named, String)]) -> bool {
        let is_ours = |uid: &String| there.iter().any(|(_, owner)| owner == uid);
        let version = self.world.api.version();
        self.world.api.changes(self.looked, version).iter().any(|(key, labels)| {
            let of = |subject: Subject| labels.get(subject.label()).is_some_and(is_ours);
            is_watched(key.0, labels) && (of(Subject::Cluster) || of(Subject::App))
        })
    }

    /// Whether something changed and no turn is on its way in which it is looked at.
    fn is_overlooked(&self) -> bool {
        let looks = self.leader.is_blinded() || self.looked == self.world.api.version();
        !looks && !self.leader.is_asked(self.now()) && self.is_pending(&objects(&self.world))
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
            Ended::Done(_, errors) => {
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
                let asleep = Some(self.now());
                self.ghost = Some(Ghost { operator, sight, asleep, left: GHOST_ROUNDS });
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
        if self.sleeps(&ghost, ghost.sight) {
            self.ghost = Some(ghost);
            return;
        }
        self.pace.stirred(self.now());
        self.guardian.haunted = true;
        if ghost.asleep.take().is_some() {
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
        if let Ended::Done(_, errors) = ended {
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

    /// Lets time pass: a little while something happens, else until something is due.
    fn pass(&mut self, busy: bool) {
        let now = self.now();
        let ghost = self.ghost.as_ref().and_then(|ghost| ghost.next_due(now));
        let world = self.world.next_due().filter(|due| *due > now);
        let due = [world, self.leader.next_due(), ghost].into_iter().flatten().min();
        self.world.clock.pass_until(self.pace.until(busy, due, now));
    }
}

/// Every object that has turns, with its UID.
fn objects(world: &SimCluster) -> Vec<(Named, String)> {
    let named = |subject, meta: &ObjectMeta| {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        ((subject, text(&meta.namespace), text(&meta.name)), text(&meta.uid))
    };
    let clusters = world.api.list::<EtcdCluster>(None);
    let services = world.api.list::<AppService>(None);
    let clusters = clusters.iter().map(|at| named(Subject::Cluster, at.metadata()));
    clusters.chain(services.iter().map(|at| named(Subject::App, at.metadata()))).collect()
}
