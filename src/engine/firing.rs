//! PURE. One fact into one step, in words alone: what a turn is made of.

use super::{Asked, Machine, Verdict};

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
