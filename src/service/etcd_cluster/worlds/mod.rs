//! PURE. Named observations, for diagrams and tests: begin with a healthy cluster, break one thing.

use super::Cluster;
use crate::service::worlds::Explored;
use bases::Scope;
mod adding;
pub mod bases;
mod changes;
mod creating;
mod every_step;
pub mod memberships;
mod removing;
mod serving;
mod sleeping;

use super::decide::vocabulary::Step;
use super::observe::observed::Observed;

/// What each step is explored in: what every step shares, then each phase or operation.
const SCOPES: [Scope; 6] = [
    every_step::SCOPE,
    creating::SCOPE,
    serving::SCOPE,
    adding::SCOPE,
    removing::SCOPE,
    sleeping::SCOPE,
];

/// Every turn there can be in the worlds that concern the step it begins in: they give every guard
/// both its answers, in every combination two things going wrong at once can bring about.
pub fn turns() -> impl Iterator<Item = (Step, Observed)> {
    SCOPES.into_iter().flat_map(|scope| scope.turns(Observed::in_step))
}

/// Every world that concerns some step.
pub fn worlds() -> impl Iterator<Item = Observed> {
    SCOPES.into_iter().flat_map(|scope| scope.worlds())
}

impl Explored for Cluster {
    fn turns() -> impl Iterator<Item = (Step, Observed)> {
        turns()
    }
}
