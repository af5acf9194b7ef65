//! PURE. What a machine must do in a named world, as data: a turn, and all that must come of it.

use crate::engine::{Edges, Machine, Settled, name, settle};
use statig::blocking::Superstate;

/// One turn, begun in any of some steps, and what must come of it.
pub struct Case<M: Machine> {
    /// What is so, in a sentence.
    pub about: &'static str,
    /// The steps in which it is decided alike.
    pub steps: &'static [M::Step],
    /// What is seen.
    pub seen: fn() -> M::Observed,
    /// Where it leads; none if the machine stays.
    pub to: Option<M::Step>,
    /// Why it waits there.
    pub held: &'static [M::Reason],
    /// The names of what is recorded and then ordered.
    pub does: &'static [&'static str],
}

impl<M: Machine> Clone for Case<M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M: Machine> Copy for Case<M> {}

/// An observation whose memory can be told that it stands in a step.
pub trait InStep<Step> {
    /// The memory says that it stands in this step.
    #[must_use]
    fn recorded_in(self, step: Step) -> Self;
}

/// What a case that is decided otherwise came to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("in {from}, {about}: it came to {to}, holds {held:?}, does {does:?}")]
pub struct Otherwise {
    from: String,
    about: &'static str,
    to: String,
    held: Vec<String>,
    does: Vec<String>,
}

impl<M: Machine> Case<M> {
    /// One in which the machine stays, waits for nothing and does nothing.
    pub const fn of(
        about: &'static str,
        steps: &'static [M::Step],
        seen: fn() -> M::Observed,
    ) -> Self {
        Self { about, steps, seen, to: None, held: &[], does: &[] }
    }

    /// The same, but it leads to this step.
    #[must_use]
    pub const fn leads(self, to: M::Step) -> Self {
        Self { to: Some(to), ..self }
    }

    /// The same, but it waits for these reasons.
    #[must_use]
    pub const fn holds(self, held: &'static [M::Reason]) -> Self {
        Self { held, ..self }
    }

    /// The same, but it records and orders these.
    #[must_use]
    pub const fn does(self, does: &'static [&'static str]) -> Self {
        Self { does, ..self }
    }
}

impl<M: Machine> Case<M>
where
    M::Observed: InStep<M::Step>,
    for<'s> M::Superstate<'s>: Superstate<M>,
{
    /// The turn begun in each of its steps, if it is decided as the case says.
    ///
    /// # Errors
    /// The first step in which it is not.
    pub fn decide(&self) -> Result<Vec<Settled<M>>, Otherwise> {
        self.steps.iter().map(|&from| self.decide_in(from)).collect()
    }

    fn decide_in(&self, from: M::Step) -> Result<Settled<M>, Otherwise> {
        let word = |step: M::Step| format!("{step:?}");
        let seen = (self.seen)().recorded_in(from);
        let (about, began) = (self.about, word(from));
        let Ok(turn) = settle::<M>(from, &seen) else {
            let to = began.clone();
            return Err(Otherwise { from: began, about, to, held: vec![], does: vec![] });
        };
        let records = turn.records.iter().map(name);
        let does: Vec<String> = records.chain(turn.actions.iter().map(name)).collect();
        let to = self.to.unwrap_or(from);
        if (turn.to, &*turn.held) == (to, self.held) && does == self.does {
            return Ok(turn);
        }
        let held = turn.held.iter().map(|reason| format!("{reason:?}")).collect();
        Err(Otherwise { from: began, about, to: word(turn.to), held, does })
    }
}

/// The edges of the cases that are decided as they say.
pub fn edges<M: Machine>(cases: impl Iterator<Item = &'static Case<M>>) -> Edges
where
    M::Observed: InStep<M::Step>,
    for<'s> M::Superstate<'s>: Superstate<M>,
{
    let mut edges = Edges::default();
    for turn in cases.filter_map(|case| case.decide().ok()).flatten() {
        edges.add(&turn);
    }
    edges
}
