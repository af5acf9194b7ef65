//! SHELL. `prove`: plays every story with every single fault, or with faults drawn at random for as
//! long as one lets it; and checks the model.

use super::stories::find;
use rest::{TOLD_MAX, tell_rest};
mod model;
mod rest;
mod search;

use super::kinds::of_kind;
use super::simulate::{as_fixture, subject};
use crate::service::Kind;
use crate::service::inspect::folder;
use crate::sim::course::{Course, Explored, Selection, explore};
use crate::sim::explore::{Failure, drawn, for_each, judge, play};
use crate::sim::run::{Outcome, Plan};
use crate::sim::story::{self, Story};
use clap::Args;
use parking_lot::Mutex;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::thread::available_parallelism;
use std::time::Duration;
use tokio::time::Instant;

/// Play all stories with all faults, on no cluster at all
#[derive(Args, Debug)]
pub struct Prove {
    /// Only these stories
    stories: Vec<String>,
    /// Go on for this many minutes: with pairs, seeds, drawn orders of events and the model; with --model, with ever more faults in it
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u64).range(..=100_000))]
    minutes: u64,
    /// Only check the model: every order in which everything can happen, in a bounded world
    #[arg(long, conflicts_with_all = ["stories", "every", "shard"])]
    model: bool,
    /// Only search: every order of so many events, whatever a user does, breaks or goes wrong
    #[arg(long, value_name = "EVENTS", value_parser = clap::value_parser!(u8).range(1..), conflicts_with_all = ["stories", "model", "every", "shard", "minutes"])]
    search: Option<u8>,
    /// Try only every Nth single fault
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    every: u64,
    /// Only part I of N, to share the work among N machines
    #[arg(long, value_name = "I/N", default_value = "1/1")]
    shard: Shard,
    /// Runs at once; as many as there are cores without it
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
    /// Where what broke a law is kept, as fixtures
    #[arg(long, value_name = "DIR", default_value = "broken")]
    fixtures: PathBuf,
}

/// One part of so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shard {
    at: usize,
    of: usize,
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers =
            text.split_once('/').and_then(|(at, of)| Some((at.parse().ok()?, of.parse().ok()?)));
        match numbers {
            Some((at, of)) if (1..=of).contains(&at) => Ok(Self { at, of }),
            Some(_) | None => {
                Err(format!("{text:?} is no part: write 1/3, 2/3 or 3/3 for a third"))
            }
        }
    }
}

/// Stories, and how each ends undisturbed.
type Ends<'c> = [&'c (&'static Story, Outcome)];

impl Prove {
    /// Plays, and prints what came of it.
    ///
    /// # Errors
    /// Something was broken, or a story is not known.
    pub fn run(&self) -> anyhow::Result<()> {
        let stories = chosen(&self.stories)?;
        let threads = self
            .threads
            .map_or_else(|| available_parallelism().map_or(1, usize::from), usize::from);
        let time = Duration::from_secs(self.minutes * 60);
        let mut out = io::stdout().lock();
        if self.model {
            return model::check(&mut out, threads, time);
        }
        if let Some(depth) = self.search {
            return search::exhaustive(&mut out, threads, usize::from(depth));
        }
        let began = Instant::now();
        let root = Course::of(stories)?;
        let ends = root.ends();
        let selection = Selection {
            every: usize::try_from(self.every).unwrap_or(1),
            shard: (self.shard.at - 1, self.shard.of),
            threads,
            merges: true,
            first: false,
        };
        let explored = explore(&root, selection)?;
        tell_stories(&mut out, &ends, &explored)?;
        let undisturbed = ends.iter().filter_map(|(story, clean)| undisturbed(story, clean));
        let mut failures: Vec<Failure> = undisturbed.collect();
        failures.extend(explored.failures);
        self.tell(&mut out, &failures, &ends)?;
        writeln!(
            out,
            "stories={}\ncrash_runs={}\nruns_played={}\nstates_visited={}\nviolations={}\ncrash_s={:.1}",
            ends.len(),
            explored.covered,
            explored.runs,
            explored.states,
            failures.len(),
            began.elapsed().as_secs_f64()
        )?;
        if self.minutes > 0 {
            failures.extend(self.draw(&mut out, &ends, threads, time / 3)?);
            // Each is told of, whatever another found.
            let orders = search::at_random(&mut out, threads, time / 3);
            let model = model::check(&mut out, threads, time / 3);
            orders.and(model)?;
        }
        anyhow::ensure!(failures.is_empty(), "{} runs broke a law", failures.len());
        Ok(())
    }

    /// Pairs and larger sets of faults, each with the world drawn from its own seed.
    fn draw(
        &self,
        out: &mut impl Write,
        ends: &Ends<'_>,
        threads: usize,
        time: Duration,
    ) -> anyhow::Result<Vec<Failure>> {
        let until = Instant::now() + time;
        // Each story in turn, so that none is left out.
        let plans = (1_u64..).flat_map(|seed| ends.iter().map(move |end| (seed, *end)));
        let plans = plans.take_while(|_| Instant::now() < until);
        let found = Mutex::new((0, 0, vec![]));
        for_each(threads, plans, |_, (seed, (story, clean))| {
            let faults = if seed % 2 == 0 { 2 } else { 4 };
            let plan = drawn(clean.writes, faults, seed);
            let violations = judge(story, clean, &play(story, &plan, false)?);
            let mut found = found.lock();
            if faults == 2 {
                found.0 += 1;
            } else {
                found.1 += 1;
            }
            if !violations.is_empty() {
                found.2.push(Failure { story, plan, violations });
            }
            Ok(())
        })?;
        let (pairs, more, failures) = found.into_inner();
        self.tell(out, &failures, ends)?;
        writeln!(out, "pair_runs={pairs}\nseeds={more}\ndrawn_violations={}", failures.len())?;
        Ok(failures)
    }

    /// Tells the first failures, each with as little as still breaks a law, and keeps their turns.
    fn tell(
        &self,
        out: &mut impl Write,
        failures: &[Failure],
        ends: &Ends<'_>,
    ) -> anyhow::Result<()> {
        for (number, failure) in failures.iter().take(TOLD_MAX).enumerate() {
            let end = ends.iter().find(|(story, _)| *story == failure.story);
            let Some((_, clean)) = end else { continue };
            let failure = failure.clone().shrunk(clean)?;
            writeln!(out, "\n{}", failure.command())?;
            for violation in &failure.violations {
                writeln!(out, "  {violation}")?;
            }
            let kept = keep(&self.fixtures, &failure, number)?;
            writeln!(out, "  its turns: etcd-operator replay {}", kept.display())?;
        }
        Ok(tell_rest(out, failures.len())?)
    }
}

fn chosen(names: &[String]) -> anyhow::Result<Vec<&'static Story>> {
    if names.is_empty() {
        return Ok(story::all().collect());
    }
    names.iter().map(|name| find(name)).collect()
}

fn undisturbed(story: &'static Story, reference: &Outcome) -> Option<Failure> {
    let violations = judge(story, reference, reference);
    (!violations.is_empty()).then(|| Failure { story, plan: Plan::default(), violations })
}

/// A line for each story: what it shares with an earlier one is played for that.
fn tell_stories(out: &mut impl Write, ends: &Ends<'_>, explored: &Explored) -> io::Result<()> {
    writeln!(
        out,
        "{:28} {:>7} {:>6} {:>7} {:>8} {:>11}",
        "story", "writes", "turns", "runs", "seconds", "violations"
    )?;
    for (story, clean) in ends {
        let (runs, seconds) = explored.parts.get(story.name).copied().unwrap_or_default();
        let broken = explored.failures.iter().filter(|failure| failure.story == *story).count();
        writeln!(
            out,
            "{:28} {:>7} {:>6} {runs:>7} {seconds:>8.1} {broken:>11}",
            story.name, clean.writes, clean.turns
        )?;
    }
    Ok(())
}

/// Where the turns of a kind are kept.
fn kept_in<K: Kind>() -> String {
    folder::<K::Machine>()
}

/// Keeps a run as a fixture, and says in which file.
fn keep(dir: &Path, failure: &Failure, number: usize) -> anyhow::Result<PathBuf> {
    let outcome = play(failure.story, &failure.plan, true)?;
    let dir = dir.join(of_kind!(subject(failure.story), kept_in()));
    fs::create_dir_all(&dir)?;
    let path = dir.join(format!("{}-{number}.yaml", failure.story.name));
    fs::write(&path, as_fixture(failure.story.about, subject(failure.story), &outcome)?)?;
    Ok(path)
}
