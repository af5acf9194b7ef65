//! PURE. One fact into one step, in words alone: what a turn is made of.

use super::{Machine, Verdict};
use serde::{Deserialize, Serialize};

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

impl<Step, Fact, Guard> Firing<Step, Fact, Guard>
where
    Step: Copy + Into<&'static str>,
    Fact: Copy + Into<&'static str>,
    Guard: Copy + Into<&'static str>,
{
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

/// One move of the machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Moved {
    /// The step left.
    pub from: String,
    /// The fact that moved it.
    pub fact: String,
    /// The step entered.
    pub to: String,
}

/// One guard, asked once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Asked {
    /// The step that asked.
    pub step: String,
    /// The fact it was about.
    pub fact: String,
    /// The guard's name.
    pub guard: String,
    /// What it answered.
    pub answer: bool,
    /// The value it looked at, for a person to read. Fixtures leave it out.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub saw: String,
}

impl Moved {
    /// The move from one step to another, by name.
    pub fn between<M: Machine>(from: M::Step, fact: M::Fact, to: M::Step) -> Self {
        let name = |step: M::Step| format!("{}/{}", M::phase(step), step.into());
        Self { from: name(from), fact: fact.into().to_owned(), to: name(to) }
    }
}

impl Asked {
    /// The record of one question.
    pub fn about<M: Machine>(
        (step, fact): (M::Step, M::Fact),
        guard: M::Guard,
        answer: bool,
        observed: &M::Observed,
    ) -> Self {
        let name = |word: &'static str| word.to_owned();
        let saw = M::saw(guard, observed);
        Self {
            step: name(step.into()),
            fact: name(fact.into()),
            guard: name(guard.into()),
            answer,
            saw,
        }
    }
}
