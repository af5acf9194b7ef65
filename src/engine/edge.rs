//! PURE. One decision of a machine, and how it is written on one line and read again.

use super::{Exploration, Machine, Verdict, Word};
use std::fmt;

/// What a step does with a fact when its guards answer so. Operands are left out, so that worlds
/// which differ in them alone share one edge.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Decision<Step, Fact, Guard, Reason> {
    /// The step the fact was handed to.
    pub from: Step,
    /// The fact.
    pub fact: Fact,
    /// The guards asked on the way, in order, with their answers.
    pub guards: Vec<(Guard, bool)>,
    /// Moved, stayed or ignored.
    pub verdict: Verdict<Step>,
    /// The names of the actions ordered, in order.
    pub actions: Vec<String>,
    /// The names of the records ordered, in order.
    pub records: Vec<String>,
    /// Why it waits, in order.
    pub held: Vec<Reason>,
}

/// A [`Decision`] in the words of one machine.
pub type Edge<M> = Decision<
    <M as Machine>::Step,
    <M as Machine>::Fact,
    <M as Machine>::Guard,
    <M as Machine>::Reason,
>;

/// A line that names no edge of this machine.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no edge of this machine: {0:?}")]
pub struct Unreadable(pub String);

impl<M: Machine> Exploration<M> {
    /// Every edge that decides something, one a line, sorted: what reviewers compare.
    pub fn lines(&self) -> String {
        let mut lines: Vec<String> = self.decided().map(ToString::to_string).collect();
        lines.sort();
        format!(
            "# {}: STEP on FACT if GUARDS: what it does. Every edge that a turn can take, found by \
             running the machine. Made by `just render-states`; do not edit.\n{}\n",
            M::KIND,
            lines.join("\n")
        )
    }

    /// The edges that [`Exploration::lines`] wrote.
    ///
    /// # Errors
    /// The first line that names a word this machine does not have.
    pub fn read(lines: &str) -> Result<Self, Unreadable> {
        let lines = lines.lines().filter(|line| !line.starts_with('#'));
        let edge = |line: &str| edge::<M>(line).ok_or_else(|| Unreadable(line.to_owned()));
        let mut edges = lines.map(edge).collect::<Result<Vec<_>, _>>()?;
        edges.sort();
        Ok(Self { edges })
    }
}

/// `Step on Fact if Guard and not Guard: moves to Step; records Record; orders Action; holds Reason`
impl<Step, Fact, Guard, Reason> fmt::Display for Decision<Step, Fact, Guard, Reason>
where
    Step: Word,
    Fact: Word,
    Guard: Word,
    Reason: Word,
{
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} on {}", self.from.into(), self.fact.into())?;
        for (place, &(guard, answer)) in self.guards.iter().enumerate() {
            let before = if place == 0 { " if " } else { " and " };
            write!(out, "{before}{}{}", if answer { "" } else { "not " }, guard.into())?;
        }
        match self.verdict {
            Verdict::Moved(to) => write!(out, ": moves to {}", to.into())?,
            Verdict::Stayed => write!(out, ": stays")?,
            Verdict::Ignored => write!(out, ": ignored")?,
        }
        let held: Vec<String> = self.held.iter().map(|&word| name(word)).collect();
        for (does, what) in
            [("records", &self.records), ("orders", &self.actions), ("holds", &held)]
        {
            if !what.is_empty() {
                write!(out, "; {does} {}", what.join(", "))?;
            }
        }
        Ok(())
    }
}

/// The edge that was written so.
fn edge<M: Machine>(line: &str) -> Option<Edge<M>> {
    let (when, does) = line.split_once(": ")?;
    let (at, guards) = when.split_once(" if ").map_or((when, None), |(at, all)| (at, Some(all)));
    let (from, fact) = at.split_once(" on ")?;
    let guard = |text: &str| match text.strip_prefix("not ") {
        Some(guard) => Some((named(guard)?, false)),
        None => Some((named(text)?, true)),
    };
    let guards = guards.into_iter().flat_map(|all| all.split(" and ")).map(guard);
    let mut does = does.split("; ");
    let verdict = match does.next()? {
        "stays" => Verdict::Stayed,
        moves => Verdict::Moved(named(moves.strip_prefix("moves to ")?)?),
    };
    let (mut actions, mut records, mut held) = (vec![], vec![], vec![]);
    for (does, what) in does.filter_map(|part| part.split_once(' ')) {
        let what = what.split(", ");
        match does {
            "records" => records = what.map(str::to_owned).collect(),
            "orders" => actions = what.map(str::to_owned).collect(),
            "holds" => held = what.map(named).collect::<Option<_>>()?,
            _ => return None,
        }
    }
    let guards = guards.collect::<Option<_>>()?;
    Some(Decision {
        from: named(from)?,
        fact: named(fact)?,
        guards,
        verdict,
        actions,
        records,
        held,
    })
}

fn name(word: impl Word) -> String {
    let name: &str = word.into();
    name.to_owned()
}

fn named<W: Word>(name: &str) -> Option<W> {
    W::iter().find(|&word| Into::<&str>::into(word) == name)
}
