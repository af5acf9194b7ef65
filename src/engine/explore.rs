//! PURE. Every step in every world that concerns it: the transition table, found by running the
//! machine.

use super::{Decision, Edge, Machine, Turn, Verdict, step};
use serde::Serialize;
use statig::blocking::Superstate;
use std::collections::{BTreeMap, BTreeSet};
use std::mem::discriminant;
use strum::IntoEnumIterator;

/// The table of one machine over a set of worlds, and what can be asked of it.
///
/// # Assumptions
/// It is as good as its worlds: they have to give every guard both its answers, in every
/// combination that can happen. [`Exploration::one_sided`] names the guards for which they do not.
#[derive(Debug, Clone)]
pub struct Exploration<M: Machine> {
    pub(super) edges: Vec<Edge<M>>,
}

/// Hands each step what is so in each of its worlds, in order of urgency, until it is left: just
/// the edges that a turn can take.
///
/// Worlds are taken one at a time and none is kept.
pub fn explore<M: Machine>(
    turns: impl IntoIterator<Item = (M::Step, M::Observed)>,
) -> Exploration<M>
where
    for<'s> M::Superstate<'s>: Superstate<M>,
{
    let mut outcomes: BTreeMap<_, Vec<Outcome<M>>> = BTreeMap::new();
    for (from, observed) in turns {
        for fact in M::derive(&observed) {
            let outcome = Outcome::of(from, fact, &observed);
            let left = matches!(outcome.verdict, Verdict::Moved(_));
            let known = outcomes.entry((from, fact)).or_default();
            if !known.iter().any(|known| known.is(&outcome)) {
                known.push(outcome);
            }
            if left {
                break;
            }
        }
    }
    let edge = |((from, fact), outcome): ((_, _), Outcome<M>)| outcome.edge(from, fact);
    let all = outcomes.into_iter().flat_map(|(at, all)| all.into_iter().map(move |one| (at, one)));
    let mut edges: Vec<_> = all.map(edge).collect();
    edges.sort();
    Exploration { edges }
}

impl<M: Machine> Exploration<M> {
    /// Every edge once, in the order of the machine's own words.
    pub fn edges(&self) -> &[Edge<M>] {
        &self.edges
    }

    /// The edges that decide something.
    pub fn decided(&self) -> impl Iterator<Item = &Edge<M>> {
        self.edges.iter().filter(|edge| edge.verdict != Verdict::Ignored)
    }

    /// The steps a machine that stands in `from` can come to stand in, `from` included.
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
        let handled: BTreeSet<_> = self.decided().map(|edge| edge.from).collect();
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
        self.edges.iter().filter_map(|edge| match edge.verdict {
            Verdict::Moved(to) => Some((edge.from, to)),
            Verdict::Stayed | Verdict::Ignored => None,
        })
    }
}

/// What came of one fact in one step, with the operands of the first world that gave it.
struct Outcome<M: Machine> {
    verdict: Verdict<M::Step>,
    guards: Vec<(M::Guard, bool)>,
    actions: Vec<M::Action>,
    records: Vec<M::Record>,
    held: Vec<M::Reason>,
}

impl<M: Machine> Outcome<M>
where
    for<'s> M::Superstate<'s>: Superstate<M>,
{
    fn of(from: M::Step, fact: M::Fact, observed: &M::Observed) -> Self {
        let mut turn = Turn::<M>::new(observed);
        let verdict = step(from, fact, &mut turn);
        let Turn { observed: _, asked: guards, actions, records, held } = turn;
        Self { verdict, guards, actions, records, held }
    }

    /// Compares by variant, because naming an action costs a hundred times as much.
    fn is(&self, other: &Self) -> bool {
        self.verdict == other.verdict
            && self.guards == other.guards
            && self.held == other.held
            && self.actions.iter().map(discriminant).eq(other.actions.iter().map(discriminant))
            && self.records.iter().map(discriminant).eq(other.records.iter().map(discriminant))
    }

    fn edge(self, from: M::Step, fact: M::Fact) -> Edge<M> {
        Decision {
            from,
            fact,
            guards: self.guards,
            verdict: self.verdict,
            actions: self.actions.iter().map(name).collect(),
            records: self.records.iter().map(name).collect(),
            held: self.held,
        }
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
