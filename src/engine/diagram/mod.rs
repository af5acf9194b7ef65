//! PURE. An exploration as a picture and as a table: Mermaid, DOT and Markdown.

mod arrow;
mod dot;
mod markdown;
mod mermaid;
mod trails;

use super::{Exploration, Machine};
use arrow::{Arrow, Source};
use statig::blocking::IntoStateMachine;
use std::marker::PhantomData;
use strum::IntoEnumIterator;

/// What people look at: the edges some world gives rise to, merged until they can be read.
///
/// # Guarantees
/// - The same machine and worlds give the same text, byte for byte.
/// - Nothing is capped. Edges that differ only in their guards become one arrow whose condition is
///   equivalent to theirs; an arrow shared by all steps of a phase, or of the machine, is drawn
///   once, from there.
/// - The pictures show the moves, the table also what a step does while it stays. What is ignored
///   is in neither.
#[derive(Debug, Clone)]
pub struct Diagram<M: Machine> {
    phases: Vec<(&'static str, Vec<&'static str>)>,
    arrows: Vec<Arrow>,
    machine: PhantomData<M>,
}

impl<M: Machine> Diagram<M> {
    /// The diagram of what was explored.
    pub fn of(exploration: &Exploration<M>) -> Self {
        let mut phases: Vec<(&'static str, Vec<&'static str>)> = vec![];
        for step in M::Step::iter() {
            let phase = M::phase(step);
            match phases.iter_mut().find(|(name, _)| *name == phase) {
                Some((_, steps)) => steps.push(step.into()),
                None => phases.push((phase, vec![step.into()])),
            }
        }
        Self { phases, arrows: arrow::arrows(exploration), machine: PhantomData }
    }

    /// The step a new object's machine stands in.
    fn initial() -> &'static str {
        <M as IntoStateMachine>::initial().into()
    }

    /// The moves between each pair of places, in the order of the first.
    fn moves(&self) -> Vec<(Source, &'static str, Vec<&Arrow>)> {
        let mut moves: Vec<(Source, &'static str, Vec<&Arrow>)> = vec![];
        for arrow in &self.arrows {
            let Some(to) = arrow.to else { continue };
            match moves.iter_mut().find(|(from, end, _)| (*from, *end) == (arrow.source, to)) {
                Some((.., labels)) => labels.push(arrow),
                None => moves.push((arrow.source, to, vec![arrow])),
            }
        }
        moves
    }
}
