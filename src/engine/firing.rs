//! PURE. One fact into one step, in words alone: what a turn is made of, and what coverage counts.

use super::{Asked, Machine, Verdict};
use std::fmt;

/// A step was handed a fact, asked these guards, and answered.
///
/// Words and no operands: turns that differ in nothing else share it. It is one edge of the
/// machine, seen from the turn that took it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Firing<Step, Fact, Guard> {
    /// The step.
    pub at: Step,
    /// The fact.
    pub fact: Fact,
    /// The guards asked on the way, in order, with their answers.
    pub guards: Vec<(Guard, bool)>,
    /// Moved, stayed or ignored.
    pub verdict: Verdict<Step>,
}

/// A [`Firing`] in the words of one machine.
pub type Fired<M> = Firing<<M as Machine>::Step, <M as Machine>::Fact, <M as Machine>::Guard>;

/// A [`Firing`] in words that no longer know their machine.
pub type Told = Firing<&'static str, &'static str, &'static str>;

impl<Step, Fact, Guard> Firing<Step, Fact, Guard>
where
    Step: Copy + Into<&'static str>,
    Fact: Copy + Into<&'static str>,
    Guard: Copy + Into<&'static str>,
{
    /// The same by name.
    pub fn told(&self) -> Told {
        Firing {
            at: self.at.into(),
            fact: self.fact.into(),
            guards: self.guards.iter().map(|&(guard, answer)| (guard.into(), answer)).collect(),
            verdict: match self.verdict {
                Verdict::Moved(to) => Verdict::Moved(to.into()),
                Verdict::Stayed => Verdict::Stayed,
                Verdict::Ignored => Verdict::Ignored,
            },
        }
    }

    /// The questions it asked, with what each guard looks at.
    pub(super) fn asked<M>(&self, observed: &M::Observed) -> impl Iterator<Item = Asked>
    where
        M: Machine<Step = Step, Fact = Fact, Guard = Guard>,
    {
        self.guards.iter().map(|&(guard, answer)| {
            Asked::about::<M>((self.at, self.fact), guard, answer, observed)
        })
    }
}

/// `Step: Fact [Guard ∧ ¬Guard] -> Step`, as the transition table says it.
impl fmt::Display for Told {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.at, self.fact)?;
        for (place, (guard, answer)) in self.guards.iter().enumerate() {
            let before = if place == 0 { " [" } else { " ∧ " };
            write!(out, "{before}{}{guard}", if *answer { "" } else { "¬" })?;
        }
        write!(out, "{}", if self.guards.is_empty() { "" } else { "]" })?;
        match self.verdict {
            Verdict::Moved(to) => write!(out, " -> {to}"),
            Verdict::Stayed => write!(out, " stays"),
            Verdict::Ignored => write!(out, " is ignored"),
        }
    }
}
