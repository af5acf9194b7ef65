//! PURE. Edges merged into arrows: by guards, then by phase.

use super::trails::{Trail, simplest};
use crate::engine::{Edge, Exploration, Machine, Verdict};
use std::collections::{BTreeMap, BTreeSet};
use strum::IntoEnumIterator;

/// Where an arrow begins. Ordered as the table lists them: the widest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Source {
    /// In every step, save the one it leads to.
    Any,
    /// In every step of this phase.
    Phase(&'static str),
    /// In this step.
    Step {
        /// Its phase.
        phase: &'static str,
        /// Its name.
        step: &'static str,
    },
}

/// One effect of one fact, with the condition for it.
#[derive(Debug, Clone)]
pub(super) struct Arrow {
    pub source: Source,
    pub fact: &'static str,
    /// The guards that have to hold, in words. Empty if none do.
    pub when: String,
    /// The step it leads to, or none if the machine stays.
    pub to: Option<&'static str>,
    pub actions: Vec<String>,
    pub records: Vec<String>,
    pub held: Vec<&'static str>,
}

impl Arrow {
    /// `Fact [guards] / actions`, in pieces that belong on lines of their own.
    pub fn label(&self) -> Vec<String> {
        let guards = Some(format!("[{}]", self.when)).filter(|_| !self.when.is_empty());
        let actions = Some(format!("/ {}", self.actions.join(", ")));
        let actions = actions.filter(|_| !self.actions.is_empty());
        [Some(self.fact.to_owned()), guards, actions].into_iter().flatten().collect()
    }
}

/// What a fact does, whatever the guards and wherever.
type Effect<M> = (
    <M as Machine>::Fact,
    Verdict<<M as Machine>::Step>,
    Vec<String>,
    Vec<String>,
    Vec<<M as Machine>::Reason>,
);
type Trails<M> = Vec<Trail<<M as Machine>::Guard>>;
/// An effect and the condition for it, wherever it applies.
type Rule<M> = (Effect<M>, Trails<M>);

/// The arrows of every edge that decides something, in the order of the table.
pub(super) fn arrows<M: Machine>(exploration: &Exploration<M>) -> Vec<Arrow> {
    let mut trails: BTreeMap<(M::Step, Effect<M>), BTreeSet<_>> = BTreeMap::new();
    for edge in exploration.decided() {
        trails.entry((edge.from, effect::<M>(edge))).or_default().insert(edge.guards.clone());
    }
    let mut sources: BTreeMap<Rule<M>, BTreeSet<M::Step>> = BTreeMap::new();
    for ((from, effect), trails) in trails {
        sources.entry((effect, simplest(trails))).or_default().insert(from);
    }
    let order = |source: &Source| order::<M>(*source);
    let mut arrows: Vec<_> = sources
        .into_iter()
        .flat_map(|((effect, trails), steps)| {
            folded::<M>(&steps, effect.1)
                .into_iter()
                .map(move |from| arrow::<M>(from, &effect, &trails))
        })
        .collect();
    arrows.sort_by_key(|arrow| order(&arrow.source));
    arrows
}

fn effect<M: Machine>(edge: &Edge<M>) -> Effect<M> {
    (edge.fact, edge.verdict, edge.actions.clone(), edge.records.clone(), edge.held.clone())
}

fn arrow<M: Machine>(source: Source, effect: &Effect<M>, trails: &Trails<M>) -> Arrow {
    let (fact, verdict, actions, records, held) = effect.clone();
    Arrow {
        source,
        fact: fact.into(),
        when: words(trails),
        to: end::<M>(verdict).map(Into::into),
        actions,
        records,
        held: held.into_iter().map(Into::into).collect(),
    }
}

fn end<M: Machine>(verdict: Verdict<M::Step>) -> Option<M::Step> {
    match verdict {
        Verdict::Moved(to) => Some(to),
        Verdict::Stayed | Verdict::Ignored => None,
    }
}

/// Trails joined by `or`, their answers by `and`.
fn words<G: Copy + Into<&'static str>>(trails: &[Trail<G>]) -> String {
    let word =
        |&(guard, answer): &(G, bool)| format!("{}{}", if answer { "" } else { "¬" }, guard.into());
    let all = |trail: &Trail<G>| trail.iter().map(word).collect::<Vec<_>>().join(" ∧ ");
    let either = |trail: &Trail<G>| match (trails.len(), trail.len()) {
        (1, _) | (_, 1) => all(trail),
        _ => format!("({})", all(trail)),
    };
    trails.iter().map(either).collect::<Vec<_>>().join(" ∨ ")
}

/// The fewest places that stand for exactly these steps.
fn folded<M: Machine>(steps: &BTreeSet<M::Step>, verdict: Verdict<M::Step>) -> Vec<Source> {
    let to = end::<M>(verdict);
    let phases: BTreeSet<_> = steps.iter().map(|&step| M::phase(step)).collect();
    let everywhere = M::Step::iter().all(|step| Some(step) == to || steps.contains(&step));
    if everywhere && steps.len() > 2 && phases.len() > 1 {
        return vec![Source::Any];
    }
    let whole = |phase| {
        let members: Vec<_> = M::Step::iter().filter(|&step| M::phase(step) == phase).collect();
        // An arrow from a phase to a step inside it would read as a way in.
        to.is_none_or(|to| M::phase(to) != phase)
            && members.len() > 1
            && members.iter().all(|step| steps.contains(step))
    };
    let source = |&step: &M::Step| match M::phase(step) {
        phase if whole(phase) => Source::Phase(phase),
        phase => Source::Step { phase, step: step.into() },
    };
    steps.iter().map(source).collect::<BTreeSet<_>>().into_iter().collect()
}

/// Phases and steps in the order the machine lists them, not by name.
fn order<M: Machine>(source: Source) -> (usize, usize) {
    let place =
        |wanted: &dyn Fn(M::Step) -> bool| M::Step::iter().position(wanted).map_or(0, |at| at + 1);
    let phase_of = |phase| place(&|step| M::phase(step) == phase);
    match source {
        Source::Any => (0, 0),
        Source::Phase(phase) => (phase_of(phase), 0),
        Source::Step { phase, step } => {
            (phase_of(phase), place(&|other| Into::<&'static str>::into(other) == step))
        }
    }
}
