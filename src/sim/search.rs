//! SHELL. Every order in which users, accidents and faults can come, up to a bound: whenever an
//! operator has just written something, each of them may happen, and so may the next.

use super::explore::{for_each, runtime};
use super::moment::{Deeds, Moment};
use super::operator::fault::{Fate, Fault, Sight};
use super::oracle::Violation;
use super::run::{Plan, Run};
use super::scope::{self, Scope};
use super::story::{Deed, End, When};
use super::visited::{Visit, Visited};
use parking_lot::Mutex;
use std::fmt;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Something that may happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// Somebody does something, or something breaks.
    Deed(Deed),
    /// The next write meets a fault.
    Fault(Fate, Sight),
}

/// What happened, and after how many writes.
pub type Path = Vec<(usize, Event)>;

/// What led to a broken law, and which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The scope it was found in.
    pub scope: &'static str,
    /// What happened.
    pub path: Path,
    /// What was broken.
    pub violations: Vec<Violation>,
}

/// What was found in a scope.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// How many runs were played.
    pub runs: usize,
    /// How many states they were in.
    pub states: usize,
    /// What broke a law.
    pub broken: Vec<Broken>,
}

/// How a search is done.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    /// How many events may come, one after the other.
    pub depth: usize,
    /// On how many threads.
    pub threads: usize,
    /// Whether the first broken law is enough.
    pub first: bool,
}

/// What is done at the end, so that nothing but the operator keeps the cluster from what is asked.
const ENDS: Deeds = &[
    (When::Rest, Deed::Edit(r#"{"paused": false}"#)),
    (When::Now, Deed::Accept),
    (When::Now, Deed::ForeignServiceGone),
];

impl fmt::Display for Broken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "in {}:", self.scope)?;
        for (writes, event) in &self.path {
            writeln!(out, "  after write {writes}: {event:?}")?;
        }
        self.violations.iter().try_for_each(|violation| writeln!(out, "  {violation}"))
    }
}

/// Why a run is not played on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stop {
    /// An operator has written something.
    Wrote,
    /// An earlier run was here.
    Known,
    /// All is at rest.
    Rests,
}

/// A search under way.
struct Search {
    scope: &'static Scope,
    effort: Effort,
    visited: Visited,
    runs: AtomicUsize,
    broken: Mutex<Vec<Broken>>,
}

/// Looks through everything within a scope.
///
/// # Errors
/// A runtime cannot be made.
pub fn search(scope: &'static Scope, effort: Effort) -> std::io::Result<Found> {
    let (visited, runs, broken) = (Visited::default(), AtomicUsize::new(0), Mutex::default());
    let search = Search { scope, effort, visited, runs, broken };
    let moments = runtime()?.block_on(search.undisturbed());
    let all = moments.iter().flat_map(|moment| scope::events().map(move |event| (moment, event)));
    let all = all.take_while(|_| !search.is_over());
    for_each(effort.threads, all, |runtime, (moment, event)| {
        runtime.block_on(search.go_on(moment, event, &[]));
        Ok(())
    })?;
    Ok(Found {
        runs: search.runs.load(Ordering::Relaxed),
        states: search.visited.len(),
        broken: search.broken.into_inner(),
    })
}

/// One and the same order of events for the same seed, as many as `depth`.
///
/// # Errors
/// A runtime cannot be made.
pub fn drawn(scope: &'static Scope, depth: usize, seed: u64) -> std::io::Result<Option<Broken>> {
    let mut random = fastrand::Rng::with_seed(seed);
    let events: Vec<Event> = scope::events().collect();
    runtime()?.block_on(async {
        let (mut run, mut path) = (begun(scope).await, vec![]);
        loop {
            let due = path.len() < depth && run.may_fork() && random.u8(..4) == 0;
            if let Some(&event) = random.choice(&events).filter(|_| due) {
                let moment = run.moment();
                path.push((moment.writes, event));
                run = happens(&moment, event);
            }
            let writes = run.writes();
            let rests = run.play(|run| run.writes() == writes).await;
            // A fault that has not struck by now never does.
            let over = rests && (path.len() >= depth || !run.may_fork());
            if over || !run.violations().is_empty() {
                let violations = ended(&run).await;
                let scope = scope.name;
                let broken = (!violations.is_empty()).then_some(Broken { scope, path, violations });
                return Ok(broken);
            }
        }
    })
}

/// A run at the beginning of a scope.
async fn begun(scope: &Scope) -> Run {
    let begin = Moment::first(0).then(scope.before);
    let mut run = Run::begin(begin, &Plan::default(), false);
    run.play(|_| true).await;
    let mut run = Run::begin(run.moment().then(scope.deeds), &Plan::default(), false);
    run.play(|_| false).await;
    run
}

/// What is broken once nothing but the operator stands in the way.
async fn ended(run: &Run) -> Vec<Violation> {
    let broken = run.violations();
    if !broken.is_empty() {
        return broken;
    }
    let mut run = Run::begin(run.moment().then(ENDS), &Plan::default(), false);
    run.play(|_| true).await;
    run.end(Some(End::Explained)).violations
}

impl Search {
    /// The moments of the undisturbed run after which anything may happen.
    async fn undisturbed(&self) -> Vec<Moment> {
        let mut run = begun(self.scope).await;
        let mut moments = vec![run.moment()];
        while self.play(&mut run, 0, self.effort.depth).await == Stop::Wrote {
            moments.push(run.moment());
        }
        moments
    }

    /// This happens at a moment, and more afterwards.
    fn go_on<'a>(
        &'a self,
        moment: &'a Moment,
        event: Event,
        before: &'a [(usize, Event)],
    ) -> Pin<Box<dyn Future<Output = ()> + 'a>> {
        Box::pin(async move {
            let number = self.runs.fetch_add(1, Ordering::Relaxed) + 1;
            let path = [before, &[(moment.writes, event)]].concat();
            let left = self.effort.depth.saturating_sub(path.len());
            let mut run = happens(moment, event);
            if self.is_known(&run, number, left) {
                return;
            }
            while !self.is_over() {
                if left > 0 && run.may_fork() {
                    let moment = run.moment();
                    for event in scope::events() {
                        self.go_on(&moment, event, &path).await;
                    }
                }
                let stop = self.play(&mut run, number, left).await;
                if stop == Stop::Rests || !run.violations().is_empty() {
                    return self.end(&run, path).await;
                }
                if stop == Stop::Known {
                    return;
                }
            }
        })
    }

    /// Plays on until there is a reason to stop.
    async fn play(&self, run: &mut Run, number: usize, left: usize) -> Stop {
        let (writes, mut began, mut stop) = (run.writes(), false, Stop::Rests);
        run.play(|run| {
            // The state it begins with is known by now.
            if std::mem::replace(&mut began, true) && self.is_known(run, number, left) {
                stop = Stop::Known;
            } else if run.writes() != writes {
                stop = Stop::Wrote;
            }
            stop == Stop::Rests
        })
        .await;
        stop
    }

    fn is_known(&self, run: &Run, number: usize, left: usize) -> bool {
        let visit = Visit { run: number, left };
        run.hash().is_some_and(|state| self.visited.is_known(state, visit))
    }

    fn is_over(&self) -> bool {
        self.effort.first && !self.broken.lock().is_empty()
    }

    async fn end(&self, run: &Run, path: Path) {
        let violations = ended(run).await;
        if !violations.is_empty() {
            let broken = Broken { scope: self.scope.name, path, violations };
            self.broken.lock().push(broken);
        }
    }
}

/// The same world, in which this happens now.
fn happens(moment: &Moment, event: Event) -> Run {
    match event {
        Event::Deed(deed) => Run::begin(moment.fork(), &Plan::default(), false).after(deed),
        Event::Fault(fate, sight) => {
            let fault = Fault { write: moment.writes, fate, sight };
            Run::begin(moment.fork(), &Plan { faults: vec![fault], seed: 0 }, false)
        }
    }
}
