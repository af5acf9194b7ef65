//! SHELL. Every single fault of every story: what stories share is played once, and a run ends where it
//! comes to a state in which another was before.

use super::explore::{Failure, for_each, judge, runtime};
use super::moment::{Deeds, Moment};
use super::operator::fault::{Fault, fates};
use super::oracle::Violation;
use super::run::{Outcome, Plan, Run};
use super::story::Story;
use super::tree::Node;
use super::visited::{Visit, Visited};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::ops::Range;
use std::pin::Pin;

/// A part of stories, undisturbed: how it went, and the moments from which it can go otherwise.
pub struct Course {
    deeds: Deeds,
    /// How many writes operators had sent before and after.
    writes: Range<usize>,
    /// The last moment before each write; before some there are several writes.
    moments: Vec<Moment>,
    /// The stories that end here, and how they do.
    ends: Vec<(&'static Story, Outcome)>,
    /// The parts that may follow.
    next: Vec<Self>,
    /// The states some run was in.
    visited: Visited,
}

/// One run of a plan: the later one ends where an earlier one was.
#[derive(Clone, Copy)]
struct Played<'p> {
    plan: &'p Plan,
    /// Its place in the order of all.
    number: usize,
    /// Whether it ends where an earlier one was.
    merges: bool,
}

impl Course {
    /// Plays these stories.
    ///
    /// # Errors
    /// A runtime cannot be made.
    pub fn of(stories: impl IntoIterator<Item = &'static Story>) -> std::io::Result<Self> {
        Ok(runtime()?.block_on(Self::play(&Node::of(stories), Moment::first(0))))
    }

    fn play(node: &Node, at: Moment) -> Pin<Box<dyn Future<Output = Self> + '_>> {
        Box::pin(async move {
            let mut run = Run::begin(at.then(node.deeds), &Plan::default(), false);
            let (mut moments, visited) = (Vec::<Moment>::new(), Visited::default());
            let from = run.writes();
            let is_root = node.deeds.is_empty();
            let clean = Plan::default();
            let played = Played { plan: &clean, number: 0, merges: true };
            if !is_root {
                run.play(|run| {
                    // No write came since the last one that was kept: this one is closer to the next.
                    if moments.last().is_some_and(|last| last.writes == run.writes()) {
                        moments.pop();
                    }
                    moments.push(run.moment());
                    !played.ends(&visited, run)
                })
                .await;
            }
            let end = |story: &&'static Story| (*story, ended(&run, story));
            let mut next = vec![];
            for node in &node.next {
                next.push(Self::play(node, run.moment()).await);
            }
            let ends = node.ends.iter().map(end).collect();
            let writes = from..run.writes();
            Self { deeds: node.deeds, writes, moments, ends, next, visited }
        })
    }

    /// How each story ends undisturbed, in the order of the stories.
    pub fn ends(&self) -> Vec<&(&'static Story, Outcome)> {
        self.all().into_iter().flat_map(|part| &part.ends).collect()
    }

    /// The first of the stories it is a part of.
    fn story(&self) -> Option<&'static Story> {
        let here = self.ends.first().map(|(story, _)| *story);
        here.or_else(|| self.next.iter().find_map(Self::story))
    }

    /// This part and all that follow.
    fn all(&self) -> Vec<&Self> {
        let below = self.next.iter().flat_map(Self::all);
        [self].into_iter().chain(below).collect()
    }

    fn stories(&self) -> usize {
        self.ends.len() + self.next.iter().map(Self::stories).sum::<usize>()
    }

    fn states(&self) -> usize {
        self.visited.len()
    }

    /// A run that goes on from the last moment before a fault.
    fn disturbed(&self, fault: Fault) -> Option<Run> {
        let before = self.moments.partition_point(|moment| moment.writes <= fault.write);
        let at = before.checked_sub(1).and_then(|at| self.moments.get(at))?;
        Some(Run::begin(at.fork(), &Plan { faults: vec![fault], seed: 0 }, false))
    }

    /// The run of a fault until it struck.
    async fn struck(&self, fault: Fault) -> Option<Run> {
        let mut run = self.disturbed(fault)?;
        run.play(|run| !run.is_struck()).await;
        Some(run)
    }

    /// The runs of faults that differ only in what is seen afterwards, in the order in which it makes a
    /// difference.
    async fn runs(&self, faults: &[Fault]) -> Option<Vec<(Fault, Run)>> {
        let mut faults = faults.to_vec();
        faults.sort_by_key(|fault| fault.sight.sleeps());
        let last = faults.pop()?;
        let mut of_last = self.struck(last).await?;
        let mut runs = vec![];
        for fault in faults {
            let run = if of_last.may_fork() {
                of_last.seeing(fault.sight)
            } else {
                // Somebody is suspended in the middle of a turn, each in a turn of its own.
                of_last.play(|run| !run.has_slept(fault.sight)).await;
                self.struck(fault).await?.after_sleep(&of_last)
            };
            runs.push((fault, run));
        }
        runs.push((last, of_last));
        Some(runs)
    }

    /// Plays faults that differ only in what is seen afterwards, the first with this place in the order
    /// of all.
    async fn strike(&self, number: usize, faults: &[Fault], merges: bool) -> Vec<Failure> {
        let mut failures = vec![];
        for (nth, (fault, run)) in self.runs(faults).await.into_iter().flatten().enumerate() {
            let plan = Plan { faults: vec![fault], seed: 0 };
            let played = Played { plan: &plan, number: number + nth, merges };
            failures.extend(self.follow(run, played).await);
        }
        failures
    }

    fn failure(&self, plan: &Plan, violations: Vec<Violation>) -> Option<Failure> {
        let story = self.story().filter(|_| !violations.is_empty())?;
        Some(Failure { story, plan: plan.clone(), violations })
    }

    /// How the only story ends as `plan` disturbs it.
    #[cfg(test)]
    pub fn to_the_end(&self, plan: &Plan) -> Option<Outcome> {
        runtime().ok()?.block_on(self.ended(plan))
    }

    #[cfg(test)]
    async fn ended(&self, plan: &Plan) -> Option<Outcome> {
        let fault = *plan.faults.first()?;
        let mut part = self.all().into_iter().find(|part| part.writes.contains(&fault.write))?;
        let faults: Vec<_> = fault.fate.of(fault.write).collect();
        let runs = part.runs(&faults).await?;
        let (_, mut run) = runs.into_iter().find(|(of, _)| *of == fault)?;
        loop {
            run.play(|_| true).await;
            let Some(next) = part.next.first() else {
                return Some(run.end(Some(part.ends.first()?.0.end)));
            };
            run = Run::begin(run.moment().then(next.deeds), &Plan::default(), false);
            part = next;
        }
    }

    /// Plays a run to the end of this part, and through all that may follow.
    fn follow<'a>(
        &'a self,
        mut run: Run,
        played: Played<'a>,
    ) -> Pin<Box<dyn Future<Output = Vec<Failure>> + 'a>> {
        Box::pin(async move {
            let rests = run.play(|run| !played.ends(&self.visited, run)).await;
            let mut failures: Vec<Failure> =
                self.failure(played.plan, run.violations()).into_iter().collect();
            if !rests {
                return failures;
            }
            for (story, clean) in &self.ends {
                let violations = judge(story, clean, &ended(&run, story));
                if !violations.is_empty() {
                    failures.push(Failure { story, plan: played.plan.clone(), violations });
                }
            }
            for next in &self.next {
                let run = Run::begin(run.moment().then(next.deeds), &Plan::default(), false);
                failures.extend(next.follow(run, played).await);
            }
            failures
        })
    }
}

/// How a story ends that a run played to its end. To look at it changes it.
fn ended(run: &Run, story: &Story) -> Outcome {
    Run::begin(run.moment(), &Plan::default(), false).end(Some(story.end))
}

impl Played<'_> {
    /// Whether it is where an earlier run was, and so goes on as that did.
    fn ends(self, visited: &Visited, run: &Run) -> bool {
        let visit = Visit { run: self.number, left: 0 };
        let state = run.hash().filter(|_| self.merges);
        state.is_some_and(|state| visited.is_known(state, visit))
    }
}

/// Which single faults are played, and how.
#[derive(Debug, Clone, Copy)]
pub struct Selection {
    /// Every so many of them.
    pub every: usize,
    /// Those of every so many writes, beginning with which one.
    pub shard: (usize, usize),
    /// On how many threads.
    pub threads: usize,
    /// Whether a run ends where an earlier one was.
    pub merges: bool,
    /// Whether the first that breaks a law is enough.
    pub first: bool,
}

/// What became of all single faults.
#[derive(Debug, Clone, Default)]
pub struct Explored {
    /// How many faults of stories were tried, each in each story it can strike.
    pub covered: usize,
    /// How many runs that took.
    pub runs: usize,
    /// How many states they were in.
    pub states: usize,
    /// Of each story: how many runs were played for it first, and how long they took, in seconds.
    pub parts: HashMap<&'static str, (usize, f64)>,
    /// Those that broke a law, in order.
    pub failures: Vec<Failure>,
}

/// Plays every part once for each single fault in it.
///
/// # Errors
/// A runtime cannot be made.
pub fn explore(root: &Course, selection: Selection) -> std::io::Result<Explored> {
    let (shard, shards) = selection.shard;
    let writes = root.all().into_iter().flat_map(|part| {
        let writes = part.writes.clone().filter(move |write| write % shards == shard);
        writes.flat_map(move |write| fates().map(move |fate| (part, write, fate)))
    });
    let mut number = 0;
    let groups = writes.map(|(part, write, fate)| {
        let faults = fate.of(write).filter(|_| {
            number += 1;
            number % selection.every.max(1) == 0
        });
        let faults: Vec<_> = faults.collect();
        (number, part, faults)
    });
    let explored = Mutex::new(Explored::default());
    let groups = groups.take_while(|_| !selection.first || explored.lock().failures.is_empty());
    for_each(selection.threads, groups, |runtime, (number, part, faults)| {
        let began = tokio::time::Instant::now();
        let failures = runtime.block_on(part.strike(number, &faults, selection.merges));
        let mut explored = explored.lock();
        explored.covered += part.stories() * faults.len();
        explored.runs += faults.len();
        let story = part.story().map_or("", |story| story.name);
        let of = explored.parts.entry(story).or_default();
        *of = (of.0 + faults.len(), of.1 + began.elapsed().as_secs_f64());
        explored.failures.extend(failures);
        Ok(())
    })?;
    let mut explored = explored.into_inner();
    explored.states = root.all().iter().map(|part| part.states()).sum();
    explored.failures.sort_by_key(Failure::command);
    Ok(explored)
}
