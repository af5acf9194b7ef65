//! SHELL. Faults as plans, one at a time or drawn at random; and whether a run broke a law.

use super::operator::fault::{Fault, Sight, fates};
use super::oracle::{Law, Violation};
use super::run::{Outcome, Plan, run};
use super::story::{End, Story};
use crate::mutants;
use parking_lot::Mutex;
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

/// Nothing waits for real time: deadlines are set and never reached.
pub(super) fn runtime() -> std::io::Result<Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_time().build()
}

/// Does this with every item, in their order, on so many threads, each with a runtime of its own.
///
/// # Errors
/// The first error of one of them; also if one panicked.
pub fn for_each<T>(
    threads: usize,
    items: impl Iterator<Item = T> + Send,
    work: impl Fn(&Runtime, T) -> std::io::Result<()> + Sync,
) -> std::io::Result<()> {
    let items = Mutex::new(items);
    // A mistake is planted by thread, and these are others.
    let mutant = mutants::chosen();
    let work = || {
        mutants::plant(mutant);
        let runtime = runtime()?;
        loop {
            let Some(item) = items.lock().next() else { return Ok(()) };
            work(&runtime, item)?;
        }
    };
    thread::scope(|scope| {
        let all: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(work)).collect();
        all.into_iter().try_for_each(|one| {
            one.join().unwrap_or_else(|_| Err(std::io::Error::other("a run panicked")))
        })
    })
}

/// One and the same pair or triple of faults for the same seed.
pub fn drawn(writes: usize, faults: usize, seed: u64) -> Plan {
    let mut random = fastrand::Rng::with_seed(seed);
    let fates: Vec<_> = fates().collect();
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
