//! PURE. A machine's window on one turn: what was seen, and what it decides.

use super::Machine;
use statig::Outcome;

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
