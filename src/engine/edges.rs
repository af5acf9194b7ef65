//! PURE. All edges of a machine, one a line, and how they are read again.

use super::edge::{Decision, Edge};
use super::explore::Exploration;
use super::machine::{Machine, Word};
use super::step::Verdict;

/// A line that names no edge of this machine.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no edge of this machine: {0:?}")]
pub struct Unreadable(pub String);

/// The edge that was written so.
pub fn edge<M: Machine>(line: &str) -> Option<Edge<M>> {
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

pub fn named<W: Word>(name: &str) -> Option<W> {
    W::iter().find(|&word| Into::<&str>::into(word) == name)
}

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
