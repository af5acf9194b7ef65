//! PURE. What a model check came to.

use super::decide::Mind;
use super::scope::Scope;
use crate::service::etcd_cluster::decide::vocabulary::Step;
use crate::service::etcd_cluster::observe::observed::Observed;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

/// One law that was broken, and the shortest way to it that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violated {
    /// The law.
    pub law: &'static str,
    /// The moves that lead there.
    pub trace: Vec<String>,
}

/// What a model check came to.
#[derive(Debug, Clone)]
pub struct Report {
    /// What was looked through.
    pub scope: Scope,
    /// Different states.
    pub states: usize,
    /// Moves made from them: what a checker generates, repeated states counted.
    pub moves: usize,
    /// The longest of the ways to a state.
    pub depth: usize,
    /// How long it took.
    pub seconds: f64,
    /// Whether every state that can be reached was.
    pub complete: bool,
    /// What was broken, the shortest way first.
    pub violated: Vec<Violated>,
    /// Different worlds that were run to their end.
    pub ends: usize,
    pub(super) mind: Arc<Mind>,
}

impl Report {
    /// Every different turn the model decided: the recorded step and what was seen, to be decided
    /// again by whoever counts what a machine was driven through.
    pub fn decided(&self) -> Vec<(Option<String>, Observed)> {
        self.mind.decided().into_iter().map(|(step, seen, _)| (step, seen)).collect()
    }

    /// The steps in which a turn ended.
    pub fn reached(&self) -> BTreeSet<Step> {
        self.mind.decided().into_iter().map(|(_, _, to)| to).collect()
    }
}

/// The heads of the columns a report is printed in.
pub const COLUMNS: &str =
    "model                               states     moves  turns    ends depth  seconds";

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { states, moves, ends, depth, seconds, .. } = self;
        let cut = if self.complete { "" } else { "  cut short" };
        let (about, turns) = (self.scope.about, self.mind.turns());
        write!(
            out,
            "{about:33} {states:>8} {moves:>9} {turns:>6} {ends:>7} {depth:>5} {seconds:>8.1}{cut}"
        )?;
        for Violated { law, trace } in &self.violated {
            write!(out, "\n  broken: {law}")?;
            for (made, number) in trace.iter().zip(1..) {
                write!(out, "\n    {number:3} {made}")?;
            }
        }
        Ok(())
    }
}
