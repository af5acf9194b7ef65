//! SHELL. Every single fault of every story: what stories share is played once, and a run ends where it
//! comes to a state in which another was before.

use super::explore::{Failure, judge, on_threads, runtime, single_faults};
use super::run::{Deeds, Moment, Outcome, Plan, Run};
use super::story::Story;
use super::tree::Node;
use super::visited::{Visit, Visited};
use std::collections::HashMap;
use std::ops::Range;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};

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

    /// A run that goes on from the last moment before the first fault of `plan`.
    fn disturbed(&self, plan: &Plan) -> Option<Run> {
        let first = plan.faults.iter().map(|fault| fault.write).min()?;
        let before = self.moments.partition_point(|moment| moment.writes <= first);
        let at = before.checked_sub(1).and_then(|at| self.moments.get(at))?;
        Some(Run::begin(at.fork(), plan, false))
    }

    /// How the only story ends as `plan` disturbs it.
    #[cfg(test)]
    pub fn to_the_end(&self, plan: &Plan) -> Option<Outcome> {
        runtime().ok()?.block_on(self.ended(plan))
    }

    #[cfg(test)]
    async fn ended(&self, plan: &Plan) -> Option<Outcome> {
        let first = plan.faults.first()?.write;
        let mut part = self.all().into_iter().find(|part| part.writes.contains(&first))?;
        let mut run = part.disturbed(plan)?;
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
            let failure = |story, violations| {
                let plan = played.plan.clone();
                Failure { story, plan, violations }
            };
            let mut failures = vec![];
            if let (Some(story), false) = (self.story(), run.violations().is_empty()) {
                failures.push(failure(story, run.violations()));
            }
            if !rests {
                return failures;
            }
            for (story, clean) in &self.ends {
                let violations = judge(story, clean, &ended(&run, story));
                if !violations.is_empty() {
                    failures.push(failure(story, violations));
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

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
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
    let plans = root.all().into_iter().flat_map(|part| {
        let writes = part.writes.clone().filter(move |write| write % shards == shard);
        writes.flat_map(move |write| single_faults(write..write + 1).map(move |plan| (part, plan)))
    });
    let plans = Mutex::new(plans.step_by(selection.every.max(1)).enumerate());
    let explored = Mutex::new(Explored::default());
    let work = || -> std::io::Result<()> {
        let runtime = runtime()?;
        loop {
            if selection.first && !lock(&explored).failures.is_empty() {
                return Ok(());
            }
            let Some((number, (part, plan))) = lock(&plans).next() else { return Ok(()) };
            let began = tokio::time::Instant::now();
            let played = Played { plan: &plan, number: number + 1, merges: selection.merges };
            let failures = runtime.block_on(async {
                match part.disturbed(&plan) {
                    Some(run) => part.follow(run, played).await,
                    None => vec![],
                }
            });
            let mut explored = lock(&explored);
            explored.covered += part.stories();
            explored.runs += 1;
            let story = part.story().map_or("", |story| story.name);
            let of = explored.parts.entry(story).or_default();
            *of = (of.0 + 1, of.1 + began.elapsed().as_secs_f64());
            explored.failures.extend(failures);
        }
    };
    on_threads(selection.threads, work)?;
    let mut explored = explored.into_inner().unwrap_or_else(PoisonError::into_inner);
    explored.states = root.all().iter().map(|part| part.states()).sum();
    explored.failures.sort_by_key(Failure::command);
    Ok(explored)
}
