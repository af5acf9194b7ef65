//! PURE. What one kind of object brings to the engine.

use super::Turn;
use serde::Serialize;
use serde::de::DeserializeOwned;
use statig::blocking::{IntoStateMachine, State};
use std::fmt::Debug;
use std::hash::Hash;
use std::str::FromStr;
use strum::IntoEnumIterator;

/// A word of a machine's vocabulary: data-less, so that it can be listed, drawn and counted.
pub trait Word: Copy + Debug + Eq + Ord + Hash + IntoEnumIterator + Into<&'static str> {}

impl<T: Copy + Debug + Eq + Ord + Hash + IntoEnumIterator + Into<&'static str>> Word for T {}

/// One kind's machine: a statig state machine whose context is a [`Turn`].
///
/// # Assumptions
/// `derive` and `holds` are pure and total: no clock, no randomness, no I/O, no panic. Everything
/// they need, the present time included, is in `Observed`.
pub trait Machine:
    Default
    + for<'e, 'c> IntoStateMachine<
        State = Self::Step,
        Event<'e> = Self::Fact,
        Context<'c> = Turn<'c, Self>,
    > + 'static
{
    /// Where the machine stands. Persisted by name, so an unknown name must be survivable.
    type Step: State<Self> + Word + FromStr;
    /// Something just observed; never a command.
    type Fact: Word;
    /// A named predicate over what was observed.
    type Guard: Word;
    /// Why the machine waits. It becomes the condition's reason, word for word.
    type Reason: Word;
    /// An effect on the world, as data with all its operands.
    type Action: Clone + Debug + PartialEq + Serialize + DeserializeOwned;
    /// A change of what the machine remembers, written together with the step.
    type Record: Clone + Debug + PartialEq + Serialize + DeserializeOwned;
    /// Everything one turn may look at.
    type Observed: Clone + Debug + PartialEq + Serialize + DeserializeOwned + 'static;

    /// The kind's name, as users write it.
    const KIND: &'static str;

    /// The phase a step belongs to.
    fn phase(step: Self::Step) -> &'static str;

    /// Where an object stands whose step is not recorded, or not in a word this version knows.
    fn classify(observed: &Self::Observed) -> Self::Step;

    /// What is so, in order of urgency.
    fn derive(observed: &Self::Observed) -> Vec<Self::Fact>;

    /// Whether `guard` is true of what was observed. Unknown never satisfies a guard.
    fn holds(guard: Self::Guard, observed: &Self::Observed) -> bool;

    /// The value a guard looked at, for a person to read.
    fn saw(guard: Self::Guard, observed: &Self::Observed) -> String;
}
