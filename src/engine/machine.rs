//! PURE. What one kind of object brings to the engine.

use serde::Serialize;
use serde::de::DeserializeOwned;
use statig::Outcome;
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

/// What a step's handler works on: it asks guards, emits actions, records and holds.
#[derive(Debug)]
pub struct Turn<'a, M: Machine> {
    /// What was observed. Handlers take the operands of their actions from here.
    pub observed: &'a M::Observed,
    /// Every guard asked, in order, with its answer.
    pub asked: Vec<(M::Guard, bool)>,
    /// The effects ordered so far, in order.
    pub actions: Vec<M::Action>,
    /// The changes of memory ordered so far, in order.
    pub records: Vec<M::Record>,
    /// Why the machine waits, most urgent first.
    pub held: Vec<M::Reason>,
}

impl<'a, M: Machine> Turn<'a, M> {
    /// A turn in which nothing has been decided yet.
    pub fn new(observed: &'a M::Observed) -> Self {
        Self { observed, asked: vec![], actions: vec![], records: vec![], held: vec![] }
    }

    /// Asks a guard, and remembers the answer for the diagram, the journal and `explain`.
    pub fn is(&mut self, guard: M::Guard) -> bool {
        let answer = M::holds(guard, self.observed);
        self.asked.push((guard, answer));
        answer
    }

    /// Orders an effect on the world.
    pub fn emit(&mut self, action: M::Action) {
        self.actions.push(action);
    }

    /// Orders a change of memory. It is persisted before any action of this turn is performed.
    pub fn record(&mut self, record: M::Record) {
        self.records.push(record);
    }

    /// Stays here, and says why.
    pub fn hold(&mut self, reason: M::Reason) -> Outcome<M::Step> {
        if !self.held.contains(&reason) {
            self.held.push(reason);
        }
        Outcome::Handled
    }

    /// Whether something was ordered that the observation does not show yet.
    pub fn is_spent(&self) -> bool {
        !self.actions.is_empty() || !self.records.is_empty()
    }
}
