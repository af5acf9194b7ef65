//! SHELL. The model check: the operator's real decisions against everything that can happen.
//!
//! The simulated world plays stories, each with some faults. Here there is no story: stateright
//! walks through every order in which the environment, the operator, a suspended second operator,
//! the user and a bounded number of faults can move an abstract world, and judges every state. The
//! decisions are not modelled: each turn is the operator's own `settle` on a real `Observed`, its
//! memory goes through the real status, what is told to pods is the real `shape`, and whether etcd
//! may start is the real gate. It is bounded checking, not proof.
//!
//! | file | what |
//! |---|---|
//! | `world`, `roster`, `still`, `budget` | the state: what exists, who is a member, what still is as it was seen, what may happen |
//! | `real` | the state in the operator's own types, and back |
//! | `look`, `observe` | what an operator sees of it |
//! | `decide` | what it decides |
//! | `effects`, `change`, `nature`, `moves` | what operators, the world and faults do to it, and to etcd's membership |
//! | `laws`, `rest` | what must never be, and how it must end |
//! | `scope` | how far is looked |
//! | `report` | what came of it, for people to read |
//!
//! # What is checked of the operations study's S1..S16 and L1..L10
//! | law | here |
//! |---|---|
//! | S1 | no removal that is decided costs the quorum; no voter is stopped but to sleep; the `StatefulSet` of a recorded cluster is not deleted |
//! | S2, S4, S9 | of every change, when it is decided: one at a time, caught up, by the ID that is listed |
//! | S3 | volumes go only without a member in their place, unserved or given up |
//! | S5, S6, S8 | as they stand; S6 also as: no quorum lacks what a client was promised, and nobody who joined votes on an empty volume |
//! | S7 | of its three ways to begin anew only the reset of an unserved birth exists |
//! | S13, S14, S15 | as they stand |
//! | L1, L2, L3, L4, L5, L8, L10 | from every state, once nothing goes wrong any more |
//! | S10, S16 | no meaning yet: no rolling |
//! | S11 | not here: what the members' data comes to is not in the model; the simulated world has it |
//! | S12 | no meaning yet: no restore, so no successor |
//! | L6, L7, L9 | no meaning yet: no rolling, approval or schedule |
//!
//! # What is not in the model
//! Networks between members, elections (the first voter that follows leads), alarms, damaged data,
//! learners that never come up, pods on nodes that are gone, drift by hand inside an object,
//! orphaned pods, a stranger's volumes. A member that was taken out knows it at once, and an
//! unborn one of the first members that joins, writes and loses pod and volume before anybody hears
//! of it may join again. The simulated world has the most of them.

mod birth;
pub mod budget;
mod change;
pub mod decide;
mod effects;
mod law;
pub mod laws;
mod look;
#[cfg(test)]
pub(crate) mod mistakes;
pub mod moves;
mod nature;
mod observe;
mod real;
pub mod report;
mod rest;
mod roster;
pub mod scope;
mod still;
#[cfg(test)]
mod tests;
pub mod world;

pub use budget::{Budget, Event};
pub use law::Law;
pub use report::{Report, Violated};
pub use scope::{Limits, Scope};

use self::decide::Mind;
use self::moves::{Move, possible};
use self::real::Real;
use self::rest::{End, Ends, end, rested};
use self::scope::Begins;
use self::world::World;
use stateright::{Checker, HasDiscoveries, Model, Property};
use std::sync::Arc;
use tokio::time::Instant;

/// The model: a world, and a mind that moves it.
struct Life {
    scope: Scope,
    mind: Arc<Mind>,
    ends: Arc<Ends>,
    #[cfg(test)]
    mutant: Option<&'static str>,
}

impl Life {
    /// A mistake is planted by thread, and the checker's threads are its own.
    #[cfg(test)]
    fn plant(&self) {
        crate::mutants::plant(self.mutant);
    }

    #[cfg(not(test))]
    #[allow(clippy::unused_self, reason = "in the program nothing is planted")]
    fn plant(&self) {}

    /// The law that a state breaks, if it breaks one. What it comes to is played once.
    fn broken(&self, world: &World) -> Option<Law> {
        self.plant();
        if world.history.broken.is_some() {
            return world.history.broken;
        }
        let ends = end(&self.mind, &self.ends, world, true);
        // Any other law is broken where the moves lead that the checker makes.
        if let End::Breaks(law) = ends
            && law.is_about_the_end()
        {
            return Some(law);
        }
        // What was decided before a volume was lost may rightly end elsewhere than what is decided
        // after.
        let undisturbed = world.leader.is_some() && !world.history.damaged;
        let differs = undisturbed && end(&self.mind, &self.ends, world, false) != ends;
        differs.then_some(Law::CrashForgotten)
    }
}

impl Model for Life {
    type State = World;
    type Action = Move;

    fn init_states(&self) -> Vec<World> {
        self.plant();
        let begin = |keeps| {
            let made = World::new(keeps, self.scope.sizes[0]);
            let world = match self.scope.begins {
                Begins::Made => made,
                Begins::Running => rested(&self.mind, made),
            };
            World { budget: self.scope.budget, ..world }
        };
        [true, false].map(begin).into()
    }

    /// A broken law is told; what follows from it is not.
    fn actions(&self, world: &World, moves: &mut Vec<Move>) {
        if world.history.broken.is_none() {
            possible(world, moves);
        }
    }

    fn next_state(&self, world: &World, made: Move) -> Option<World> {
        self.plant();
        let mut next = world.clone();
        next.make(made, &self.mind);
        (next != *world).then_some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![Property::always("every law", |life: &Self, world: &World| {
            life.broken(world).is_none()
        })]
    }
}

/// Checks every state in this scope, within these limits.
///
/// # Errors
/// A spec of these sizes is none.
pub fn check(scope: &Scope, limits: &Limits) -> Result<Report, serde_json::Error> {
    let life = Life {
        scope: *scope,
        mind: Arc::new(Mind::new(Real::new(scope.sizes)?)),
        ends: Arc::new(Ends::default()),
        #[cfg(test)]
        mutant: crate::mutants::chosen(),
    };
    Ok(run(life, limits))
}

fn run(life: Life, limits: &Limits) -> Report {
    let (scope, mind, ends) = (life.scope, life.mind.clone(), life.ends.clone());
    let began = Instant::now();
    let checker = life
        .checker()
        .threads(limits.threads)
        .target_state_count(limits.moves)
        .timeout(limits.time)
        .finish_when(HasDiscoveries::AnyFailures)
        .spawn_bfs()
        .join();
    let took = began.elapsed();
    let violated: Vec<Violated> = checker
        .discoveries()
        .into_values()
        .filter_map(|path| {
            let law = checker.model().broken(path.last_state())?.into();
            let trace = path.into_actions().iter().map(|made| format!("{made:?}")).collect();
            Some(Violated { law, trace })
        })
        .collect();
    let cut_short = checker.state_count() >= limits.moves || took >= limits.time;
    Report {
        scope,
        states: checker.unique_state_count(),
        moves: checker.state_count(),
        depth: checker.max_depth(),
        seconds: took.as_secs_f64(),
        complete: violated.is_empty() && !cut_short,
        violated,
        ends: ends.count(),
        mind,
    }
}
