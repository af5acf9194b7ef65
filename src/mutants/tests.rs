//! SHELL. Every mistake is caught, and which check caught it first.

use super::{ALL, Mutant, plant};
use crate::sim::explore::{judge, play, single_faults};
use crate::sim::model::mistakes;
use crate::sim::run::{Outcome, Plan};
use crate::sim::story::{self, Story};
use std::collections::BTreeMap;
use std::panic::catch_unwind;
use std::sync::{Mutex, PoisonError};
use std::thread;
use tokio::time::Instant;

/// Every so many single faults are tried, a prime so that each fate and each sight has its turn.
const STRIDE: usize = 13;

/// How a mistake showed.
struct Caught {
    by: &'static str,
    how: String,
}

fn clean() -> BTreeMap<&'static str, Outcome> {
    let play = |story: &'static Story| (story.name, play(story, &Plan::default(), false).unwrap());
    story::all().map(play).collect()
}

/// The checks in the order of what they cost.
fn hunt(mutant: &'static str, clean: &BTreeMap<&'static str, Outcome>) -> Option<Caught> {
    let undisturbed = story::all().map(|story| (story, Plan::default()));
    let disturbed = story::all().flat_map(|story| {
        let faults = single_faults(clean[story.name].writes);
        faults.into_iter().step_by(STRIDE).map(move |plan| (story, plan))
    });
    played("a story", mutant, undisturbed, clean)
        .or_else(|| modelled(mutant))
        .or_else(|| played("a fault", mutant, disturbed, clean))
}

fn modelled(mutant: &'static str) -> Option<Caught> {
    let report = mistakes::hunt(mutant)?;
    let law = report.violated.first()?.law;
    Some(Caught { by: "the model", how: format!("{law} after {} states", report.states) })
}

fn played(
    by: &'static str,
    mutant: &'static str,
    mut runs: impl Iterator<Item = (&'static Story, Plan)>,
    clean: &BTreeMap<&'static str, Outcome>,
) -> Option<Caught> {
    plant(Some(mutant));
    let how = runs.find_map(|(story, plan)| {
        let fault = plan.faults.first().map_or_else(String::new, |fault| format!(" with {fault}"));
        let place = format!("{}{fault}", story.name);
        let Ok(outcome) = catch_unwind(|| play(story, &plan, false).unwrap()) else {
            return Some(format!("a panic in {place}"));
        };
        let violation = judge(story, &clean[story.name], &outcome).into_iter().next()?;
        Some(format!("{} in {place}", <&str>::from(violation.law)))
    });
    plant(None);
    how.map(|how| Caught { by, how })
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
    let is_named = |name: &str| named.is_empty() || named.split(',').any(|at| at == name);
    let chosen: Vec<_> = ALL.iter().filter(|(name, _)| is_named(name)).copied().collect();
    assert!(!chosen.is_empty(), "none of the mistakes is called {named:?}");
    chosen
}

/// Minutes long, so only `just mutants` runs it.
#[test]
#[ignore = "minutes long: just mutants"]
fn every_mutant_is_caught() {
    let clean = clean();
    let chosen = chosen();
    let (next, missed) = (Mutex::new(chosen.iter()), Mutex::new(vec![]));
    let work = || {
        while let Some((name, about)) = next.lock().unwrap_or_else(PoisonError::into_inner).next() {
            let began = Instant::now();
            let caught = hunt(name, &clean);
            tell((name, about), caught.as_ref(), began.elapsed().as_secs_f64());
            if caught.is_none() {
                missed.lock().unwrap_or_else(PoisonError::into_inner).push(*name);
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    let missed = missed.into_inner().unwrap();
    println!("mutants={}\ncaught={}", chosen.len(), chosen.len() - missed.len());
    assert_eq!(missed, Vec::<&str>::new());
}

fn tell((name, _): Mutant, caught: Option<&Caught>, seconds: f64) {
    match caught {
        Some(Caught { by, how }) => println!("{name:28} {seconds:6.1} s  {by:11}  {how}"),
        None => println!("{name:28} {seconds:6.1} s  NOT CAUGHT"),
    }
}
