//! PURE. Every way out of a step, and what keeps the machine from taking it now.

use super::{Exploration, Machine, Verdict};
use serde::Serialize;
use std::collections::BTreeSet;

/// One way out of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Way {
    /// Where it leads, as `Phase/Step`.
    pub to: String,
    /// The fact that takes it.
    pub fact: String,
    /// Whether the fact is so now.
    pub so: bool,
    /// What is asked on the way, in order.
    pub checks: Vec<Check>,
    /// Whether nothing stands in the way.
    pub open: bool,
}

/// One guard on the way.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Check {
    /// Its name.
    pub guard: String,
    /// The answer the way needs.
    pub needs: bool,
    /// Whether that is the answer now.
    pub pass: bool,
    /// The value it looked at, for a person to read.
    pub saw: String,
}

/// Every way out of `step`, as `table` knows them, held against what is observed now. Those that
/// are open come first, then those whose fact is so, then the rest, each in the table's order.
pub fn ways<M: Machine>(step: M::Step, observed: &M::Observed, table: &Exploration<M>) -> Vec<Way> {
    let facts = M::derive(observed);
    let mut seen = BTreeSet::new();
    let mut ways = vec![];
    for edge in table.edges().iter().filter(|edge| edge.from == step) {
        let Verdict::Moved(to) = edge.verdict else { continue };
        let checks: Vec<Check> = edge
            .guards
            .iter()
            .map(|&(guard, needs)| Check {
                guard: word(guard),
                needs,
                pass: M::holds(guard, observed) == needs,
                saw: M::saw(guard, observed),
            })
            .collect();
        let so = facts.contains(&edge.fact);
        let open = so && checks.iter().all(|check| check.pass);
        if !seen.insert((to, edge.fact, checks.clone())) {
            continue;
        }
        let to = format!("{}/{}", M::phase(to), word(to));
        ways.push(Way { to, fact: word(edge.fact), so, checks, open });
    }
    ways.sort_by_key(|way| (!way.open, !way.so));
    ways
}

fn word(word: impl Into<&'static str>) -> String {
    word.into().to_owned()
}
