//! PURE. A turn as data. The journal, `replay`, `explain`, Events and metrics are made from it.

use super::firing::{Asked, Moved};
use super::{Machine, Settled, Unsettled, settle};
use serde::{Deserialize, Serialize};
use statig::blocking::Superstate;
use std::fmt::Debug;

/// A whole turn: what was seen and what was decided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[serde(bound = "")]
pub struct Transcript<M: Machine> {
    /// The step recorded before the turn; none for an object never seen, any word for one
    /// recorded by another version. Never left out, so that a slip in a fixture's spelling does
    /// not read as an object never seen.
    #[serde(deserialize_with = "Option::deserialize")]
    pub recorded: Option<String>,
    /// What was seen.
    pub observed: M::Observed,
    /// The facts drawn from it.
    pub facts: Vec<String>,
    /// Where the turn ended.
    pub to: String,
    /// The moves on the way.
    pub path: Vec<Moved>,
    /// The guards asked.
    pub asked: Vec<Asked>,
    /// Why it waits.
    pub held: Vec<String>,
    /// What it remembers.
    pub records: Vec<M::Record>,
    /// What it does.
    pub actions: Vec<M::Action>,
}

impl<M: Machine> Transcript<M> {
    /// The record of a turn that began as `recorded`, saw `observed` and decided `settled`.
    pub fn of(recorded: Option<&str>, observed: M::Observed, settled: &Settled<M>) -> Self {
        let name = |word: &'static str| word.to_owned();
        Self {
            recorded: recorded.map(str::to_owned),
            asked: settled.asked(&observed),
            observed,
            facts: settled.facts.iter().map(|&fact| name(fact.into())).collect(),
            to: name(settled.to.into()),
            path: settled.path.clone(),
            held: settled.held.iter().map(|&reason| name(reason.into())).collect(),
            records: settled.records.clone(),
            actions: settled.actions.clone(),
        }
    }

    /// Whether anything was decided: a move, a record or an action.
    pub fn decided(&self) -> bool {
        !self.path.is_empty() || !self.records.is_empty() || !self.actions.is_empty()
    }
}

/// The step a turn begins in: the recorded one, or the one the observation speaks for.
pub fn resume<M: Machine>(recorded: Option<&str>, observed: &M::Observed) -> M::Step {
    recorded.and_then(|word| word.parse().ok()).unwrap_or_else(|| M::classify(observed))
}

/// Where a replayed turn left the recorded one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Difference {
    /// A part of the decision is not the recorded one.
    #[error("{part}: recorded {recorded}, decided again {decided}")]
    Part {
        /// Which part: facts, path, guards, holds, records, actions or the last step.
        part: &'static str,
        /// What the recording says, from the first entry that differs.
        recorded: String,
        /// What the machine says now.
        decided: String,
    },
    /// The machine does not settle any more.
    #[error(transparent)]
    Unsettled(#[from] Unsettled),
}

/// What was asked and answered. What a guard saw is worded for people, and may be reworded.
fn answers(asked: &[Asked]) -> Vec<(&str, &str, &str, bool)> {
    asked.iter().map(|at| (&*at.step, &*at.fact, &*at.guard, at.answer)).collect()
}

/// What the machine decides today on what a recorded turn saw.
///
/// # Errors
/// The machine goes round in circles.
pub fn decide_again<M: Machine>(recording: &Transcript<M>) -> Result<Transcript<M>, Unsettled>
where
    for<'s> M::Superstate<'s>: Superstate<M>,
{
    let recorded = recording.recorded.as_deref();
    let settled = settle::<M>(resume::<M>(recorded, &recording.observed), &recording.observed)?;
    Ok(Transcript::of(recorded, recording.observed.clone(), &settled))
}

/// Decides a recorded turn again.
///
/// # Errors
/// The first [`Difference`] between the recording and what the machine decides today.
pub fn replay<M: Machine>(recording: &Transcript<M>) -> Result<(), Difference>
where
    for<'s> M::Superstate<'s>: Superstate<M>,
{
    let again = decide_again(recording)?;
    same("facts", &recording.facts, &again.facts)?;
    same("guards", &answers(&recording.asked), &answers(&again.asked))?;
    same("path", &recording.path, &again.path)?;
    same("last step", &[&recording.to], &[&again.to])?;
    same("holds", &recording.held, &again.held)?;
    same("records", &recording.records, &again.records)?;
    same("actions", &recording.actions, &again.actions)
}

/// Compares a list of decisions entry by entry, so that the difference can be read.
fn same<T: PartialEq + Debug>(
    part: &'static str,
    recorded: &[T],
    decided: &[T],
) -> Result<(), Difference> {
    let at = (0..recorded.len().max(decided.len())).find(|&at| recorded.get(at) != decided.get(at));
    let Some(at) = at else { return Ok(()) };
    let entry =
        |list: &[T]| list.get(at).map_or_else(|| "nothing".to_owned(), |it| format!("{it:?}"));
    Err(Difference::Part { part, recorded: entry(recorded), decided: entry(decided) })
}
