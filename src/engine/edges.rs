//! PURE. The edges turns took: coverage in transitions is counted with these.

use super::{Firing, Machine, Settled, Told, Unsettled, Verdict, settle};
use statig::blocking::Superstate;
use std::collections::BTreeSet;

/// Edges of one machine, each once: step, fact, guards with their answers, verdict.
///
/// What is ignored is no behaviour, and not kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edges {
    taken: BTreeSet<Told>,
}

impl Edges {
    /// Every edge a turn can take that begins in one of these steps and sees what stands beside it.
    ///
    /// Fewer than the table has: there every fact is handed to every step, here a fact is heard only
    /// if none before it has moved the machine.
    ///
    /// # Errors
    /// The machine goes round in circles.
    pub fn of<M: Machine>(
        turns: impl IntoIterator<Item = (M::Step, M::Observed)>,
    ) -> Result<Self, Unsettled>
    where
        for<'s> M::Superstate<'s>: Superstate<M>,
    {
        let mut edges = Self::default();
        for (from, observed) in turns {
            edges.add(&settle::<M>(from, &observed)?);
        }
        Ok(edges)
    }

    /// Adds those of one turn.
    pub fn add<M: Machine>(&mut self, turn: &Settled<M>) {
        let decided = turn.fired.iter().filter(|fired| fired.verdict != Verdict::Ignored);
        self.taken.extend(decided.map(Firing::told));
    }

    /// Adds those of others.
    pub fn merge(&mut self, others: Self) {
        self.taken.extend(others.taken);
    }

    /// Each of them, by name.
    pub fn told(&self) -> impl Iterator<Item = &Told> {
        self.taken.iter()
    }

    /// Each as a line of text: so one run tells another what it took.
    pub fn lines(&self) -> BTreeSet<String> {
        self.taken.iter().map(Told::to_string).collect()
    }
}
