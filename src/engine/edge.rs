//! PURE. One decision of a machine, and how it is written on one line and read again.

use super::{Machine, Verdict, Word};
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

fn name(word: impl Word) -> String {
    let name: &str = word.into();
    name.to_owned()
}
