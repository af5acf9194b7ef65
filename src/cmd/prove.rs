//! SHELL. `prove`: plays every story with every single fault, or with faults drawn at random for as
//! long as one lets it; and checks the model.

mod model;

use super::kinds::of_kind;
use super::simulate::{as_fixture, subject};
use crate::service::Kind;
use crate::service::told::folder;
use crate::sim::explore::{
    Explored, Failure, Harmless, course, drawn, explore, judge, play, single_faults,
};
use crate::sim::run::{Course, Outcome, Plan};
use crate::sim::story::{self, Story};
use clap::Args;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::thread::available_parallelism;
use std::time::Duration;
use tokio::time::Instant;

/// Play all stories with all faults, on no cluster at all
#[derive(Args, Debug)]
pub struct Prove {
    /// Only these stories
    stories: Vec<String>,
    /// Go on for this many minutes: with pairs, seeds and the model; with --model, with ever more faults in it
    #[arg(long, default_value_t = 0)]
    minutes: u64,
    /// Only check the model: every order in which everything can happen, in a bounded world
    #[arg(long, conflicts_with = "stories")]
    model: bool,
    /// Try only every Nth single fault
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    every: u64,
    /// Runs at once; as many as there are cores without it
    #[arg(long)]
    threads: Option<usize>,
    /// Where what broke a law is kept, as fixtures
    #[arg(long, value_name = "DIR", default_value = "broken")]
    fixtures: PathBuf,
}

/// How many failures are told in full.
const TOLD_MAX: usize = 20;

impl Prove {
    /// Plays, and prints what came of it.
    ///
    /// # Errors
    /// Something was broken, or a story is not known.
    pub fn run(&self) -> anyhow::Result<()> {
        let stories = chosen(&self.stories)?;
        let threads =
            self.threads.unwrap_or_else(|| available_parallelism().map_or(1, usize::from));
        let began = Instant::now();
        let time = Duration::from_secs(self.minutes * 60);
        let mut out = io::stdout().lock();
        if self.model {
            return model::check(&mut out, threads, time);
        }
        let harmless = Harmless::default();
        let mut failures = vec![];
        let mut courses = vec![];
        let mut runs = 0;
        writeln!(
            out,
            "{:22} {:>7} {:>7} {:>6} {:>11} {:>8}",
            "story", "writes", "runs", "turns", "violations", "seconds"
        )?;
        for story in stories {
            let since = Instant::now();
            let course = course(story)?;
            failures.extend(undisturbed(story, &course.clean));
            let step = usize::try_from(self.every).unwrap_or(1);
            let plans = single_faults(course.clean.writes).into_iter().step_by(step);
            let explored = explore(story, &course, plans, (threads, &harmless), || false)?;
            tell_story(&mut out, story, &course.clean, &explored, since.elapsed())?;
            runs += explored.runs;
            failures.extend(explored.failures);
            courses.push((story, course));
        }
        self.tell(&mut out, &failures, &courses)?;
        writeln!(
            out,
            "crash_runs={runs}\nviolations={}\ncrash_s={:.1}",
            failures.len(),
            began.elapsed().as_secs_f64()
        )?;
        if self.minutes > 0 {
            failures.extend(self.draw(&mut out, &courses, threads, time * 2 / 3)?);
            model::check(&mut out, threads, time / 3)?;
        }
        anyhow::ensure!(failures.is_empty(), "{} runs broke a law", failures.len());
        Ok(())
    }

    /// Pairs and larger sets of faults, each with the world drawn from its own seed.
    fn draw(
        &self,
        out: &mut impl Write,
        courses: &[(&'static Story, Course)],
        threads: usize,
        time: Duration,
    ) -> anyhow::Result<Vec<Failure>> {
        let until = Instant::now() + time;
        let harmless = Harmless::default();
        let (mut pairs, mut seeds, mut failures) = (0, 0, vec![]);
        // A slice of time for each story in turn, so that none is left out.
        for slice in (0_u64..).take_while(|_| Instant::now() < until) {
            for (story, course) in courses {
                let (from, count) = (slice * 400 + 1, 200);
                let two = (from..from + count).map(|seed| drawn(course.clean.writes, 2, seed));
                let more = (from + count..from + 2 * count)
                    .map(|seed| drawn(course.clean.writes, 4, seed));
                let enough = || Instant::now() >= until;
                let explored = explore(story, course, two, (threads, &harmless), enough)?;
                pairs += explored.runs;
                failures.extend(explored.failures);
                let explored = explore(story, course, more, (threads, &harmless), enough)?;
                seeds += explored.runs;
                failures.extend(explored.failures);
            }
        }
        self.tell(out, &failures, courses)?;
        writeln!(out, "pair_runs={pairs}\nseeds={seeds}\ndrawn_violations={}", failures.len())?;
        Ok(failures)
    }

    /// Tells the first failures, each with as little as still breaks a law, and keeps their turns.
    fn tell(
        &self,
        out: &mut impl Write,
        failures: &[Failure],
        courses: &[(&'static Story, Course)],
    ) -> anyhow::Result<()> {
        for (number, failure) in failures.iter().take(TOLD_MAX).enumerate() {
            let course = courses.iter().find(|(story, _)| *story == failure.story);
            let Some((_, course)) = course else { continue };
            let failure = failure.clone().shrunk(&course.clean)?;
            writeln!(out, "\n{}", failure.command())?;
            for violation in &failure.violations {
                writeln!(out, "  {violation}")?;
            }
            let kept = keep(&self.fixtures, &failure, number)?;
            writeln!(out, "  its turns: etcd-operator replay {}", kept.display())?;
        }
        match failures.len().saturating_sub(TOLD_MAX) {
            0 => Ok(()),
            more => Ok(writeln!(out, "\nand {more} more")?),
        }
    }
}

fn chosen(names: &[String]) -> anyhow::Result<Vec<&'static Story>> {
    if names.is_empty() {
        return Ok(story::all().collect());
    }
    names.iter().map(|name| find(name)).collect()
}

/// The story of this name.
///
/// # Errors
/// There is none: says which there are.
pub fn find(name: &str) -> anyhow::Result<&'static Story> {
    story::named(name).ok_or_else(|| {
        let all: Vec<_> = story::all().map(|story| story.name).collect();
        anyhow::anyhow!("there is no story {name:?}; there are: {}", all.join(", "))
    })
}

fn undisturbed(story: &'static Story, reference: &Outcome) -> Option<Failure> {
    let violations = judge(story, reference, reference);
    (!violations.is_empty()).then(|| Failure { story, plan: Plan::default(), violations })
}

fn tell_story(
    out: &mut impl Write,
    story: &Story,
    reference: &Outcome,
    explored: &Explored,
    took: Duration,
) -> io::Result<()> {
    writeln!(
        out,
        "{:22} {:>7} {:>7} {:>6} {:>11} {:>8.1}",
        story.name,
        reference.writes,
        explored.runs,
        reference.turns,
        explored.failures.len(),
        took.as_secs_f64()
    )
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
    fs::write(&path, as_fixture(failure.story, &outcome)?)?;
    Ok(path)
}
