//! SHELL. Every order in which users, accidents and faults can come, up to a bound: whenever an
//! operator has just written something, each of them may happen, and so may the next.

use super::explore::{for_each, runtime};
use super::moment::Moment;
use super::order::{Broken, Happening, begun, ended, happens};
use super::run::Run;
use super::scope::{self, Scope};
use super::visited::{Visit, Visited};
use parking_lot::Mutex;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};

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
    let all = moments.iter().enumerate().flat_map(|(step, moment)| {
        scope::events().map(move |event| (moment, Happening { step, event }))
    });
    let all = all.take_while(|_| !search.is_over());
    for_each(effort.threads, all, |runtime, now| {
        runtime.block_on(search.go_on(now, &[]));
        Ok(())
    })?;
    Ok(Found {
        runs: search.runs.load(Ordering::Relaxed),
        states: search.visited.len(),
        broken: search.broken.into_inner(),
    })
}

impl Search {
    /// The moments of the undisturbed run after which anything may happen.
    async fn undisturbed(&self) -> Vec<Moment> {
        let mut run = begun(self.scope, false).await;
        let mut moments = vec![run.moment()];
        while self.play(&mut run, 0, self.effort.depth).await == Stop::Wrote {
            moments.push(run.moment());
        }
        moments
    }

    /// This happens at a moment, and more afterwards.
    fn go_on<'a>(
        &'a self,
        (moment, now): (&'a Moment, Happening),
        before: &'a [Happening],
    ) -> Pin<Box<dyn Future<Output = ()> + 'a>> {
        Box::pin(async move {
            let number = self.runs.fetch_add(1, Ordering::Relaxed) + 1;
            let order = [before, &[now]].concat();
            let left = self.effort.depth.saturating_sub(order.len());
            let (mut run, mut step) = (happens(moment, now.event, false), now.step);
            if self.is_known(&run, number, left) {
                return;
            }
            while !self.is_over() {
                if left > 0 && run.may_fork() {
                    let moment = run.moment();
                    for event in scope::events() {
                        self.go_on((&moment, Happening { step, event }), &order).await;
                    }
                }
                let why = self.play(&mut run, number, left).await;
                if why == Stop::Rests || !run.violations().is_empty() {
                    return self.end(&run, order).await;
                }
                if why == Stop::Known {
                    return;
                }
                step += 1;
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

    async fn end(&self, run: &Run, order: Vec<Happening>) {
        let violations = ended(run, false).await.violations;
        if !violations.is_empty() {
            let broken = Broken { scope: self.scope, order, violations };
            self.broken.lock().push(broken);
        }
    }
}
