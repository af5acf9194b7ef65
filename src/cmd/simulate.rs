//! SHELL. `simulate`: plays one story in the terminal, with no cluster at all.

use super::kinds::{Subject, of_kind};
use super::stories::find;
use crate::engine::{Fixture, Machine, Transcript, name};
use crate::service::Kind;
use crate::sim::explore::{judge, play};
use crate::sim::log::{Entry, What};
use crate::sim::operator::fault::Fault;
use crate::sim::order::{Happening, replay};
use crate::sim::run::{Outcome, Plan};
use crate::sim::scope::{self, Scope};
use crate::sim::story::{self, Story};
use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::io::{self, Write};

/// Play a story in a simulated world, with no cluster at all
///
/// Without a story it lists those there are. Every run of the same story, faults and seed is the
/// same. With --scope it plays an order of events, as `prove --search` and `prove --minutes` report
/// it; without an event it lists the events that may happen.
#[derive(Args, Debug)]
pub struct Simulate {
    /// Which story
    story: Option<String>,
    /// A fault: WRITE:FATE or WRITE:FATE:SIGHT, such as 4:crash-after; may be given several times
    #[arg(long = "fault", requires = "story")]
    faults: Vec<Fault>,
    /// What everything else is drawn from
    #[arg(long, default_value_t = 0, requires = "story")]
    seed: u64,
    /// Where an order of events begins
    #[arg(long, conflicts_with_all = ["story", "faults", "seed"], value_parser = PossibleValuesParser::new(scope::ALL.iter().map(|scope| scope.name)))]
    scope: Option<String>,
    /// An event of the order: STEP:NUMBER, after how many steps, and which; may be given several times
    #[arg(long = "event", requires = "scope")]
    events: Vec<Happening>,
    /// How to print it
    #[arg(short, long, value_enum, default_value_t = Format::Text)]
    output: Format,
}

/// How a run is printed.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// For programs: one object.
    Json,
    /// As a fixture, which a test replays.
    Fixture,
}

/// What was played, and what came of it.
struct Played {
    name: &'static str,
    about: String,
    subject: Subject,
    went_wrong: Vec<String>,
    outcome: Outcome,
}

impl Simulate {
    /// Plays, and prints what happened.
    ///
    /// # Errors
    /// The story is not known, or a law was broken.
    pub fn run(&self) -> anyhow::Result<()> {
        let mut out = io::stdout().lock();
        let scope = self.scope.as_deref().and_then(scope::named);
        let played = match (&self.story, scope) {
            (Some(name), _) => self.story(name)?,
            (None, Some(scope)) if !self.events.is_empty() => self.order(scope)?,
            (None, Some(scope)) => {
                self.only_text()?;
                return Ok(list_events(&mut out, scope)?);
            }
            (None, None) => {
                self.only_text()?;
                return Ok(list(&mut out)?);
            }
        };
        let outcome = &played.outcome;
        match self.output {
            Format::Text => {
                tell(&mut out, &played)?;
                for fault in &outcome.spared {
                    writeln!(out, "never struck: {fault}")?;
                }
                for violation in &outcome.violations {
                    writeln!(out, "broken: {violation}")?;
                }
            }
            Format::Json => writeln!(out, "{}", as_json(&played, self.seed))?,
            Format::Fixture => {
                write!(out, "{}", as_fixture(&played.about, played.subject, outcome)?)?;
            }
        }
        let broken = outcome.violations.len();
        anyhow::ensure!(broken == 0, "{broken} laws were broken");
        Ok(())
    }

    /// What there is to play is told to people alone.
    fn only_text(&self) -> anyhow::Result<()> {
        let text = matches!(self.output, Format::Text);
        anyhow::ensure!(
            text,
            "--output is for what is played: name a story, or a scope and its events"
        );
        Ok(())
    }

    fn story(&self, name: &str) -> anyhow::Result<Played> {
        let story = find(name)?;
        let plan = Plan { faults: self.faults.clone(), seed: self.seed };
        let mut outcome = play(story, &plan, true)?;
        outcome.violations = judge(story, &play(story, &Plan::default(), false)?, &outcome);
        let went_wrong = plan.faults.iter().map(ToString::to_string).collect();
        let (name, about) = (story.name, story.about.to_owned());
        Ok(Played { name, about, subject: subject(story), went_wrong, outcome })
    }

    fn order(&self, scope: &'static Scope) -> anyhow::Result<Played> {
        let (outcome, happened) = replay(scope, &self.events, true)?;
        let went_wrong: Vec<String> =
            happened.iter().map(|now| format!("{}:{:?}", now.step, now.event)).collect();
        let missing = self.events.len() - happened.len();
        // A run ends at the first law it breaks, and that is told before all else.
        anyhow::ensure!(
            missing == 0 || !outcome.violations.is_empty(),
            "{missing} of {} events never happened: all was at rest before their step, or an operator \
             was suspended to the end; what happened is: {}",
            self.events.len(),
            went_wrong.join(", ")
        );
        let about = format!("{}, then {}.", scope.name, went_wrong.join(", "));
        Ok(Played { name: scope.name, about, subject: Subject::Cluster, went_wrong, outcome })
    }
}

fn list(out: &mut impl Write) -> io::Result<()> {
    let width = story::all().map(|story| story.name.len()).max().unwrap_or_default();
    for story in story::all() {
        writeln!(out, "{:width$}  {}", story.name, story.about)?;
    }
    writeln!(out, "\nPlay one: etcd-operator simulate create")
}

fn list_events(out: &mut impl Write, scope: &Scope) -> io::Result<()> {
    for (number, event) in scope::events().enumerate() {
        writeln!(out, "{number:>3} {event:?}")?;
    }
    writeln!(out, "\nPlay one: etcd-operator simulate --scope {} --event 3:0", scope.name)
}

fn tell(out: &mut impl Write, played: &Played) -> io::Result<()> {
    let Played { about, subject, outcome, .. } = played;
    writeln!(out, "{about}\n")?;
    let begin = outcome.log.first().map_or(Timestamp::UNIX_EPOCH, |entry| entry.at);
    for entry in &outcome.log {
        tell_entry(out, (*subject, begin), entry)?;
    }
    writeln!(
        out,
        "\nturns={} writes={} acknowledged={} violations={}",
        outcome.turns,
        outcome.writes,
        outcome.acknowledged,
        outcome.violations.len()
    )
}

fn tell_entry(
    out: &mut impl Write,
    (subject, begin): (Subject, Timestamp),
    entry: &Entry,
) -> io::Result<()> {
    let at = entry.at.duration_since(begin).as_secs_f64();
    match &entry.what {
        What::Deed(deed) => writeln!(out, "{at:8.2} s  * {deed}"),
        What::Fault(fault) => writeln!(out, "{at:8.2} s  ! {fault}"),
        What::Write { verb, path, code } => writeln!(out, "{at:8.2} s      {verb} {path} {code}"),
        What::Call { call, answer } => writeln!(out, "{at:8.2} s      {call} {answer}"),
        What::Failed(why) => writeln!(out, "{at:8.2} s    the turn ended early: {why}"),
        What::Decided(line) => match of_kind!(subject, told(line)) {
            Ok(told) => writeln!(out, "{at:8.2} s    {told}"),
            Err(why) => writeln!(out, "{at:8.2} s    a turn that cannot be read: {why}"),
        },
    }
}

fn told<K: Kind>(line: &str) -> serde_json::Result<String> {
    serde_json::from_str(line).map(|turn| decided::<K::Machine>(&turn))
}

/// A turn in a line.
fn decided<M: Machine>(turn: &Transcript<M>) -> String {
    let moves =
        turn.path.iter().map(|moved| format!("{} -> {} ({})", moved.from, moved.to, moved.fact));
    let records = turn.records.iter().map(|record| format!("records {}", name(record)));
    let actions = turn.actions.iter().map(|action| format!("does {}", name(action)));
    moves.chain(records).chain(actions).collect::<Vec<_>>().join(", ")
}

fn as_json(played: &Played, seed: u64) -> Value {
    let Played { name, about, went_wrong, outcome, .. } = played;
    let log: Vec<Value> = outcome.log.iter().map(entry_json).collect();
    json!({
        "story": name, "about": about, "faults": went_wrong, "seed": seed,
        "turns": outcome.turns, "writes": outcome.writes, "acknowledged": outcome.acknowledged,
        "violations": outcome.violations, "log": log, "end": outcome.digest,
    })
}

fn entry_json(entry: &Entry) -> Value {
    let at = entry.at.to_string();
    match &entry.what {
        What::Deed(deed) => json!({"at": at, "deed": deed}),
        What::Fault(fault) => json!({"at": at, "fault": fault}),
        What::Write { verb, path, code } => {
            json!({"at": at, "write": {"verb": verb, "path": path, "code": code}})
        }
        What::Call { call, answer } => json!({"at": at, "call": {"rpc": call, "answer": answer}}),
        What::Failed(why) => json!({"at": at, "failed": why}),
        What::Decided(line) => {
            json!({"at": at, "turn": serde_json::from_str::<Value>(line).unwrap_or_default()})
        }
    }
}

/// A run as a fixture, which a test replays.
///
/// # Errors
/// It is too long for one.
pub fn as_fixture(about: &str, subject: Subject, outcome: &Outcome) -> anyhow::Result<String> {
    of_kind!(subject, fixture(about, outcome))
}

fn fixture<K: Kind>(about: &str, outcome: &Outcome) -> anyhow::Result<String> {
    let lines = outcome.log.iter().filter_map(Entry::decided);
    let turns = lines.map(serde_json::from_str).collect::<Result<Vec<_>, _>>()?;
    Ok(Fixture::<K::Machine> { story: about.to_owned(), turns }.write()?)
}

/// The kind of object a story is about.
pub fn subject(story: &Story) -> Subject {
    if story.is_of_service() { Subject::App } else { Subject::Cluster }
}
