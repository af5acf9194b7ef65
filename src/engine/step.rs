//! PURE. One fact into one step: the only caller of statig.

use super::{Machine, Turn};
use statig::Outcome;
use statig::blocking::{StateExt, Superstate};

/// What a fact did to a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict<S> {
    /// The machine now stands elsewhere.
    Moved(S),
    /// The fact was dealt with, and the machine stands where it stood.
    Stayed,
    /// Neither the step, nor its phase, nor the root decides anything about this fact.
    Ignored,
}

/// Hands one fact to one step, climbing to its phase and to the root where it does not decide.
///
/// statig's own wrapper is not used: it cannot be resumed in a given state, and does not tell a
/// handled event from an ignored one.
pub fn step<M: Machine>(from: M::Step, fact: M::Fact, turn: &mut Turn<'_, M>) -> Verdict<M::Step>
where
    for<'s> M::Superstate<'s>: Superstate<M>,
{
    let mut from = from;
    match StateExt::handle(&mut from, &mut M::default(), &fact, turn) {
        Outcome::Transition(to) => Verdict::Moved(to),
        Outcome::Handled => Verdict::Stayed,
        Outcome::Super => Verdict::Ignored,
    }
}
