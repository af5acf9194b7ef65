//! PURE. Every step, every fact, every world: the transition table, found by running the machine.

use super::{Machine, Turn, Verdict, step};
use serde::Serialize;
use statig::blocking::Superstate;
use std::collections::{BTreeMap, BTreeSet};
use std::mem::discriminant;
use strum::IntoEnumIterator;

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
    /// Whether one of the worlds that lead here really gives rise to the fact. The others show
    /// that the machine is total, but no turn takes them.
    pub derived: bool,
}

/// A [`Decision`] in the words of one machine.
pub type Edge<M> = Decision<
    <M as Machine>::Step,
    <M as Machine>::Fact,
    <M as Machine>::Guard,
    <M as Machine>::Reason,
>;

/// The table of one machine over a set of worlds, and what can be asked of it.
///
/// # Assumptions
/// It is as good as its worlds: they have to give every guard both its answers, in every
/// combination that can happen. [`Exploration::one_sided`] names the guards for which they do not.
#[derive(Debug, Clone)]
pub struct Exploration<M: Machine> {
    edges: Vec<Edge<M>>,
}

/// Hands every fact to every step in every world.
///
/// Worlds are taken one at a time and none is kept. The work is steps x facts x worlds: some
/// million decisions a second in a debug build, if the guards are cheap.
pub fn explore<M: Machine>(worlds: impl IntoIterator<Item = M::Observed>) -> Exploration<M>
where
    for<'s> M::Superstate<'s>: Superstate<M>,
{
    let pairs = M::Step::iter().flat_map(|from| M::Fact::iter().map(move |fact| (from, fact)));
    let mut cells: Vec<_> = pairs.map(|(from, fact)| Cell::<M>::new(from, fact)).collect();
    for observed in worlds {
        let derived = M::derive(&observed);
        for cell in &mut cells {
            cell.visit(&observed, &derived);
        }
    }
    let mut edges: Vec<_> = cells.into_iter().flat_map(Cell::edges).collect();
    edges.sort();
    Exploration { edges }
}

impl<M: Machine> Exploration<M> {
    /// Every edge once, in the order of the machine's own words.
    pub fn edges(&self) -> &[Edge<M>] {
        &self.edges
    }

    /// The steps a machine that stands in `from` can come to stand in, `from` included. Edges no
    /// world gives rise to lead nowhere.
    pub fn reachable(&self, from: M::Step) -> BTreeSet<M::Step> {
        let (mut seen, mut next) = (BTreeSet::new(), vec![from]);
        while let Some(step) = next.pop() {
            if seen.insert(step) {
                next.extend(self.moves().filter(|&(from, _)| from == step).map(|(_, to)| to));
            }
        }
        seen
    }

    /// The steps from which `target` can never be reached.
    pub fn cannot_reach(&self, target: M::Step) -> BTreeSet<M::Step> {
        M::Step::iter().filter(|&from| !self.reachable(from).contains(&target)).collect()
    }

    /// The steps in which nothing at all is decided: in statig, a step nobody wrote a handler for.
    pub fn unhandled(&self) -> BTreeSet<M::Step> {
        let decided = |edge: &&Edge<M>| edge.verdict != Verdict::Ignored;
        let handled: BTreeSet<_> =
            self.edges.iter().filter(decided).map(|edge| edge.from).collect();
        M::Step::iter().filter(|step| !handled.contains(step)).collect()
    }

    /// The decisions that the same step, fact and answers do not determine, each as the edges that
    /// contradict one another: the machine looked at something it did not ask about by name.
    pub fn hidden(&self) -> Vec<&[Edge<M>]> {
        self.edges
            .chunk_by(|a, b| (a.from, a.fact, &a.guards) == (b.from, b.fact, &b.guards))
            .filter(|edges| edges.len() > 1)
            .collect()
    }

    /// The guards never seen both ways, with the only answer seen, or none if they are not asked.
    pub fn one_sided(&self) -> BTreeMap<M::Guard, Option<bool>> {
        let answers: BTreeSet<_> = self.edges.iter().flat_map(|edge| edge.guards.clone()).collect();
        let only = |guard| match [true, false].map(|answer| answers.contains(&(guard, answer))) {
            [true, true] => None,
            [true, false] => Some(Some(true)),
            [false, true] => Some(Some(false)),
            [false, false] => Some(None),
        };
        M::Guard::iter().filter_map(|guard| Some((guard, only(guard)?))).collect()
    }

    fn moves(&self) -> impl Iterator<Item = (M::Step, M::Step)> {
        self.edges.iter().filter(|edge| edge.derived).filter_map(|edge| match edge.verdict {
            Verdict::Moved(to) => Some((edge.from, to)),
            Verdict::Stayed | Verdict::Ignored => None,
        })
    }
}

/// All outcomes of one fact in one step.
struct Cell<M: Machine> {
    from: M::Step,
    fact: M::Fact,
    outcomes: Vec<Outcome<M>>,
}

/// One outcome, with the operands of the first world that gave it.
struct Outcome<M: Machine> {
    verdict: Verdict<M::Step>,
    guards: Vec<(M::Guard, bool)>,
    actions: Vec<M::Action>,
    records: Vec<M::Record>,
    held: Vec<M::Reason>,
    derived: bool,
}

impl<M: Machine> Cell<M>
where
    for<'s> M::Superstate<'s>: Superstate<M>,
{
    fn new(from: M::Step, fact: M::Fact) -> Self {
        Self { from, fact, outcomes: vec![] }
    }

    fn visit(&mut self, observed: &M::Observed, derived: &[M::Fact]) {
        let mut turn = Turn::<M>::new(observed);
        let verdict = step(self.from, self.fact, &mut turn);
        let derived = derived.contains(&self.fact);
        if let Some(known) = self.outcomes.iter_mut().find(|known| known.is(verdict, &turn)) {
            known.derived |= derived;
            return;
        }
        let Turn { observed: _, asked: guards, actions, records, held } = turn;
        self.outcomes.push(Outcome { verdict, guards, actions, records, held, derived });
    }

    fn edges(self) -> impl Iterator<Item = Edge<M>> {
        let Self { from, fact, outcomes } = self;
        outcomes.into_iter().map(move |outcome| Decision {
            from,
            fact,
            guards: outcome.guards,
            verdict: outcome.verdict,
            actions: outcome.actions.iter().map(name).collect(),
            records: outcome.records.iter().map(name).collect(),
            held: outcome.held,
            derived: outcome.derived,
        })
    }
}

impl<M: Machine> Outcome<M> {
    /// Compares by variant, because naming an action costs a hundred times as much.
    fn is(&self, verdict: Verdict<M::Step>, turn: &Turn<'_, M>) -> bool {
        self.verdict == verdict
            && self.guards == turn.asked
            && self.held == turn.held
            && self.actions.iter().map(discriminant).eq(turn.actions.iter().map(discriminant))
            && self.records.iter().map(discriminant).eq(turn.records.iter().map(discriminant))
    }
}

/// The name of an action or a record: the variant, as serde tags it from outside.
///
/// What is not an enum is named by its type.
pub fn name<T: Serialize>(value: &T) -> String {
    let by_type = || std::any::type_name::<T>().rsplit("::").next().unwrap_or_default().to_owned();
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(variant)) => variant,
        Ok(serde_json::Value::Object(tagged)) if tagged.len() == 1 => {
            tagged.into_iter().map(|(variant, _)| variant).next().unwrap_or_else(by_type)
        }
        Ok(_) | Err(_) => by_type(),
    }
}
