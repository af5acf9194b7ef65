//! SHELL. Every mistake is caught, and which check caught it first.

use super::{ALL, Mutant, plant};
use crate::sim::course::{Course, Selection, explore};
use crate::sim::explore::{Failure, for_each, judge, play};
use crate::sim::model::mistakes;
use crate::sim::oracle::Law;
use crate::sim::run::{Outcome, Plan};
use crate::sim::scope::{self, Scope};
use crate::sim::search::{Effort, search};
use crate::sim::story::{self, Story};
use parking_lot::Mutex;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::catch_unwind;
use std::thread;
use tokio::time::Instant;

/// So many events, one after the other, are searched.
const DEPTH_MAX: usize = 1;

/// How a mistake showed.
struct Caught {
    by: &'static str,
    how: String,
}

type Clean = BTreeMap<&'static str, Outcome>;

fn clean() -> Clean {
    let play = |story: &'static Story| (story.name, play(story, &Plan::default(), false).unwrap());
    story::all().map(play).collect()
}

/// The model comes last: so the table says which mistakes it alone catches.
fn hunt(mutant: &'static str, clean: &Clean) -> Option<Caught> {
    undisturbed(mutant, clean)
        .or_else(|| searched(mutant))
        .or_else(|| disturbed(mutant))
        .or_else(|| modelled(mutant))
}

/// A story shows it without any fault.
fn undisturbed(mutant: &'static str, clean: &Clean) -> Option<Caught> {
    let shows = |story: &'static Story| {
        let plan = Plan::default();
        let Ok(outcome) = catch_unwind(|| play(story, &plan, false).unwrap()) else {
            return Some(format!("a panic in {}", story.name));
        };
        let violation = judge(story, &clean[story.name], &outcome).into_iter().next()?;
        Some(format!("{} in {}", <&str>::from(violation.law), story.name))
    };
    let how = planted(mutant, || story::all().find_map(shows));
    how.map(|how| Caught { by: "a story", how })
}

/// An order of events shows it: one at a time first.
fn searched(mutant: &'static str) -> Option<Caught> {
    let found = |scope: &'static Scope, depth: usize| {
        let effort = Effort { depth, threads: 1, first: true };
        let found = planted(mutant, || search(scope, effort).unwrap());
        let broken = found.broken.into_iter().next()?;
        let law: &str = broken.violations.first()?.law.into();
        let events: Vec<_> = broken.order.iter().map(|now| format!("{:?}", now.event)).collect();
        Some(format!("{law} in {} after {}", broken.scope.name, events.join(", ")))
    };
    let all = (1..=DEPTH_MAX).flat_map(|depth| scope::ALL.iter().map(move |scope| (scope, depth)));
    let how = all.into_iter().find_map(|(scope, depth)| found(scope, depth));
    how.map(|how| Caught { by: "the search", how })
}

fn modelled(mutant: &'static str) -> Option<Caught> {
    let report = mistakes::hunt(mutant)?;
    let law = report.violated.first()?.law;
    Some(Caught { by: "the model", how: format!("{law} after {} states", report.states) })
}

/// A single fault in some story shows it.
fn disturbed(mutant: &'static str) -> Option<Caught> {
    let all = Selection { every: 1, shard: (0, 1), threads: 1, merges: true, first: true };
    let failures = planted(mutant, || explore(&Course::of(story::all()).unwrap(), all).unwrap());
    let Failure { violations, .. } = failures.failures.first()?;
    let law: &str = violations.first()?.law.into();
    Some(Caught { by: "a fault", how: format!("{law} in {}", failures.failures[0].command()) })
}

fn planted<T>(mutant: &'static str, act: impl FnOnce() -> T) -> T {
    plant(Some(mutant));
    let done = act();
    plant(None);
    done
}

#[test]
fn what_is_not_planted_changes_nothing() {
    assert!(super::told("NeverServed", true) && !super::told("NeverServed", false));
    assert!(!super::hidden("Paused") && !super::planted("gate-says-new"));
    plant(Some("NeverServed is true"));
    assert!(super::told("NeverServed", false) && !super::told("Served", false));
    plant(Some("Paused never"));
    assert!(super::hidden("Paused") && !super::hidden("Deleted"));
    plant(None);
}

/// Those that MUTANTS names, between commas; without it all.
#[allow(clippy::disallowed_methods, reason = "a test has no command line of its own")]
fn chosen() -> Vec<Mutant> {
    let named = std::env::var("MUTANTS").unwrap_or_default();
    let named: Vec<&str> = named.split(',').filter(|name| !name.is_empty()).collect();
    for name in &named {
        assert!(ALL.iter().any(|(at, _)| at == name), "no mistake is called {name:?}: see ALL");
    }
    let is_chosen = |name: &str| named.is_empty() || named.contains(&name);
    ALL.iter().filter(|(name, _)| is_chosen(name)).copied().collect()
}

/// Does the same with every chosen mistake, on all cores, and gives back those for which it fails.
fn on_all_cores(check: impl Fn(Mutant) -> bool + Sync) -> Vec<&'static str> {
    let chosen = chosen();
    let missed = Mutex::new(vec![]);
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let all = chosen.iter().copied();
    for_each(threads, all, |_, mutant| {
        if !check(mutant) {
            missed.lock().push(mutant.0);
        }
        Ok(())
    })
    .unwrap();
    println!("mutants={}", chosen.len());
    missed.into_inner()
}

/// Minutes long, so only `just mutants` runs it.
#[test]
#[ignore = "minutes long: just mutants"]
fn every_mutant_is_caught() {
    let clean = clean();
    let missed = on_all_cores(|(name, about)| {
        let began = Instant::now();
        let caught = hunt(name, &clean);
        tell((name, about), caught.as_ref(), began.elapsed().as_secs_f64());
        caught.is_some()
    });
    println!("missed={}", missed.len());
    assert_eq!(missed, Vec::<&str>::new());
}

fn tell((name, _): Mutant, caught: Option<&Caught>, seconds: f64) {
    match caught {
        Some(Caught { by, how }) => println!("{name:28} {seconds:6.1} s  {by:11}  {how}"),
        None => println!("{name:28} {seconds:6.1} s  NOT CAUGHT"),
    }
}

/// Every so many single faults, a prime so that each fate and each sight has its turn.
const STRIDE: usize = 211;

/// The laws that are broken with single faults, or undisturbed: a run that ends where the undisturbed
/// one was breaks what that breaks.
fn broken(course: &Course, merges: bool) -> BTreeSet<Law> {
    let some = Selection { every: STRIDE, shard: (0, 1), threads: 1, merges, first: false };
    let failures = explore(course, some).unwrap().failures.into_iter();
    let ends = course.ends().into_iter();
    let undisturbed = ends.flat_map(|(story, clean)| judge(story, clean, clean));
    let disturbed = failures.flat_map(|failure| failure.violations);
    disturbed.chain(undisturbed).map(|violation| violation.law).collect()
}

/// A run that ends where another was breaks no law that the other does not.
#[test]
#[ignore = "minutes long: just mutants"]
fn with_each_state_once_the_same_laws_are_broken() {
    let missed = on_all_cores(|(name, _)| {
        planted(name, || {
            let course = Course::of(story::all()).unwrap();
            let (whole, merged) = (broken(&course, false), broken(&course, true));
            println!("{name:28} {whole:?}");
            if whole != merged {
                println!("{name:28} with each state once only {merged:?}");
            }
            whole == merged
        })
    });
    assert_eq!(missed, Vec::<&str>::new());
}
