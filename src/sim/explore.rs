//! SHELL. Every crash point of every story, and faults drawn at random.

use super::operator::fault::{ALONE, DOUBLED, Fault, Sight};
use super::oracle::{Law, Violation};
use super::run::{Course, Outcome, Plan, run};
use super::story::{End, Story, When};
use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use strum::IntoEnumIterator;
use tokio::runtime::Runtime;

/// One run that broke a law.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The story.
    pub story: &'static Story,
    /// What went wrong in it.
    pub plan: Plan,
    /// What was broken.
    pub violations: Vec<Violation>,
}

impl Failure {
    /// The command that plays it again.
    pub fn command(&self) -> String {
        let mut words = vec!["etcd-operator simulate".to_owned(), self.story.name.to_owned()];
        words.extend(self.plan.faults.iter().map(|fault| format!("--fault {fault}")));
        if self.plan.seed != 0 {
            words.push(format!("--seed {}", self.plan.seed));
        }
        words.join(" ")
    }

    /// The same with as little going wrong as still breaks a law.
    ///
    /// # Errors
    /// A runtime cannot be made.
    pub fn shrunk(self, clean: &Outcome) -> std::io::Result<Self> {
        for plan in smaller(&self.plan) {
            let violations = judge(self.story, clean, &play(self.story, &plan, false)?);
            if !violations.is_empty() {
                return Self { plan, violations, ..self }.shrunk(clean);
            }
        }
        Ok(self)
    }
}

/// Every plan in which one thing less goes wrong: a fault, what is seen after it, or chance.
fn smaller(plan: &Plan) -> Vec<Plan> {
    let without = |at: usize| {
        let mut less = plan.clone();
        less.faults.remove(at);
        less
    };
    let seeing = |at: usize| {
        let mut less = plan.clone();
        less.faults.get_mut(at)?.sight = Sight::Fresh;
        Some(less)
    };
    let all = 0..plan.faults.len();
    let mut smaller: Vec<Plan> = all.clone().map(without).chain(all.filter_map(seeing)).collect();
    smaller.push(Plan { seed: 0, ..plan.clone() });
    smaller.retain(|less| less != plan);
    smaller
}

/// Plays one story to its end, on a runtime of its own.
///
/// # Errors
/// The runtime cannot be made.
pub fn play(story: &Story, plan: &Plan, logging: bool) -> std::io::Result<Outcome> {
    Ok(runtime()?.block_on(run(story, plan, logging)))
}

/// Plays one story undisturbed, to be explored.
///
/// # Errors
/// The runtime cannot be made.
pub fn course(story: &Story) -> std::io::Result<Course> {
    Ok(runtime()?.block_on(Course::of(story)))
}

/// Nothing waits for real time: deadlines are set and never reached.
fn runtime() -> std::io::Result<Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_time().build()
}

/// Every single fault of a story of so many writes.
pub fn single_faults(writes: usize) -> Vec<Plan> {
    let fates = || ALONE.into_iter().chain(DOUBLED);
    let all = (0..writes).flat_map(|write| {
        fates().flat_map(move |fate| Sight::iter().map(move |sight| Fault { write, fate, sight }))
    });
    all.map(|fault| Plan { faults: vec![fault], seed: 0 }).collect()
}

/// One and the same pair or triple of faults for the same seed.
pub fn drawn(writes: usize, faults: usize, seed: u64) -> Plan {
    let mut random = fastrand::Rng::with_seed(seed);
    let fates: Vec<_> = ALONE.into_iter().chain(DOUBLED).collect();
    let sights: Vec<_> = Sight::iter().collect();
    let mut drawn = vec![];
    for _ in 0..faults {
        let write = random.usize(0..writes.max(1) + 4);
        if let (Some(&fate), Some(&sight)) = (random.choice(&fates), random.choice(&sights)) {
            drawn.push(Fault { write, fate, sight });
        }
    }
    drawn.sort_by_key(|fault| fault.write);
    Plan { faults: drawn, seed }
}

/// What the undisturbed story ended in and this one did not.
pub fn judge(story: &Story, clean: &Outcome, outcome: &Outcome) -> Vec<Violation> {
    let mut violations = outcome.violations.clone();
    // What is left of a cluster that is gone is the oracle's to judge.
    let gone = matches!(story.end, End::Gone { .. });
    let kept = |line: &&String| !gone || !line.starts_with("PersistentVolumeClaim ");
    let (clean, ended): (Vec<_>, Vec<_>) =
        (clean.digest.iter().filter(kept).collect(), outcome.digest.iter().filter(kept).collect());
    let differs = clean.iter().zip(&ended).find(|(one, other)| one != other);
    let what = match differs {
        Some((one, other)) => Some(format!("ends as {other}\n    instead of {one}")),
        None if clean.len() != ended.len() => {
            Some(format!("ends with {} objects instead of {}", ended.len(), clean.len()))
        }
        None => None,
    };
    if let Some(what) = what {
        let what = format!("{} {what}", story.name);
        violations.push(Violation { law: Law::Converges, what });
    }
    violations
}

/// What many runs of one story came to.
#[derive(Debug, Clone, Default)]
pub struct Explored {
    /// How many runs.
    pub runs: usize,
    /// Those that broke a law, in order.
    pub failures: Vec<Failure>,
}

/// Faults that were played in another story that begins alike, and came to nothing: from the first
/// rest on everything was as if they had not struck.
#[derive(Debug, Default)]
pub struct Harmless(Mutex<HashSet<(String, Fault)>>);

impl Harmless {
    /// What tells whether two stories begin alike: all that is done until all is at rest.
    fn beginning(story: &Story) -> String {
        let until = story.deeds.iter().take_while(|(when, _)| *when != When::Rest);
        format!("{:?}", until.collect::<Vec<_>>())
    }

    /// Whether a plan's only fault strikes before all is at rest for the first time, and did no harm.
    fn has(&self, beginning: &str, course: &Course, plan: &Plan) -> bool {
        let [fault] = *plan.faults else { return false };
        let early =
            plan.seed == 0 && course.first_rest().is_some_and(|(writes, _)| fault.write < writes);
        early && self.all().contains(&(beginning.to_owned(), fault))
    }

    fn note(&self, beginning: &str, course: &Course, plan: &Plan, outcome: &Outcome) {
        let first = course.first_rest().map(|(_, deeds)| deeds);
        let at_first_rest = first.is_some() && outcome.rejoined == first;
        if let ([fault], true) = (&*plan.faults, at_first_rest && outcome.violations.is_empty()) {
            self.all().insert((beginning.to_owned(), *fault));
        }
    }

    fn all(&self) -> MutexGuard<'_, HashSet<(String, Fault)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Plays a story once for each plan, on so many threads. Stops drawing plans when `enough` says so.
///
/// # Errors
/// A runtime cannot be made.
pub fn explore(
    story: &'static Story,
    course: &Course,
    plans: impl Iterator<Item = Plan> + Send,
    (threads, harmless): (usize, &Harmless),
    enough: impl Fn() -> bool + Sync,
) -> std::io::Result<Explored> {
    let beginning = Harmless::beginning(story);
    let (plans, runs) = (Mutex::new(plans), AtomicUsize::new(0));
    let failures = Mutex::new(vec![]);
    let work = || -> std::io::Result<()> {
        let runtime = runtime()?;
        while !enough() {
            let Some(plan) = plans.lock().unwrap_or_else(PoisonError::into_inner).next() else {
                break;
            };
            runs.fetch_add(1, Ordering::Relaxed);
            if harmless.has(&beginning, course, &plan) {
                continue;
            }
            let outcome = runtime.block_on(course.disturbed(story, &plan));
            harmless.note(&beginning, course, &plan, &outcome);
            let violations = judge(story, &course.clean, &outcome);
            if !violations.is_empty() {
                let failure = Failure { story, plan, violations };
                failures.lock().unwrap_or_else(PoisonError::into_inner).push(failure);
            }
        }
        Ok(())
    };
    thread::scope(|scope| {
        let all: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(work)).collect();
        all.into_iter().try_for_each(|one| {
            one.join().unwrap_or_else(|_| Err(std::io::Error::other("a run panicked")))
        })
    })?;
    let mut failures = failures.into_inner().unwrap_or_else(PoisonError::into_inner);
    failures.sort_by_key(Failure::command);
    Ok(Explored { runs: runs.into_inner(), failures })
}
