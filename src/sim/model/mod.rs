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
//! | `world`, `still`, `budget` | the state: what exists, what still is as it was seen, what may happen |
//! | `real` | the state in the operator's own types, and back |
//! | `look`, `observe` | what an operator sees of it |
//! | `decide` | what it decides |
//! | `effects`, `nature`, `moves` | what operators, the world and faults do to it |
//! | `laws`, `rest` | what must never be, and how it must end |
//! | `scope` | how far is looked |
//! | `report` | what came of it, for people to read |
//!
//! # What is checked of the operations study's S1..S16 and L1..L10
//! | law | here |
//! |---|---|
//! | S1 | the only voluntary loss of members there is: the `StatefulSet` of a recorded cluster is not deleted |
//! | S3 | volumes go only unserved or given up; there are no member IDs to hold against yet |
//! | S5, S6, S8 | as they stand; S6 also as: no quorum lacks what a client was promised |
//! | S7 | of its three ways to begin anew only the reset of an unserved birth exists |
//! | S13, S14, S15 | as they stand |
//! | L1, L4, L8, L10 | from every state, once nothing goes wrong any more |
//! | S2, S4, S9 | not here: etcd allows no change of its membership in the model; the simulated world has them |
//! | S10, S16 | no meaning yet: no rolling |
//! | S11 | no meaning yet: alarms are not disarmed |
//! | S12 | no meaning yet: no restore, so no successor |
//! | L2, L3, L5 | not here, for the same reason |
//! | L6, L7, L9 | no meaning yet: no rolling, approval or schedule |
//!
//! # What is not in the model
//! Changes of the membership: a member that cannot come back is decided to be replaced, and etcd
//! allows no change. Networks between members, learners, alarms, pods on nodes that are gone, drift
//! by hand inside an object, orphaned pods, a stranger's volumes. The simulated world has the most
//! of them.

pub mod budget;
pub mod decide;
mod effects;
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
pub mod scope;
mod still;
#[cfg(test)]
mod tests;
pub mod world;

pub use budget::{Budget, Event};
pub use laws::Law;
pub use report::{Report, Violated};
pub use scope::{Limits, Scope};

use self::decide::Mind;
use self::moves::{Move, possible};
use self::real::Real;
use self::rest::{End, Ends, end};
use self::world::World;
use stateright::{Checker, HasDiscoveries, Model, Property};
use std::sync::Arc;
use strum::IntoEnumIterator;
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

    fn breaks(&self, world: &World, law: Law) -> bool {
        self.plant();
        if !law.is_about_the_end() || world.history.broken.is_some() {
            return world.history.broken == Some(law);
        }
        let ends = end(&self.mind, &self.ends, world, true);
        if law == Law::CrashForgotten {
            // What was decided before a volume was lost may rightly end elsewhere than what is
            // decided after.
            let undisturbed = world.leader.is_some() && !world.history.damaged;
            return undisturbed && end(&self.mind, &self.ends, world, false) != ends;
        }
        ends == End::Breaks(law)
    }
}

impl Model for Life {
    type State = World;
    type Action = Move;

    fn init_states(&self) -> Vec<World> {
        [true, false].map(|keeps| World::new(keeps, self.scope.budget)).into()
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
        Law::iter().map(property).collect()
    }
}

/// A property is a function without a memory, so each law has one of its own.
fn property(law: Law) -> Property<Life> {
    macro_rules! each {
        ($($law:ident),* $(,)?) => {
            match law {
                $(Law::$law => |life: &Life, world: &World| !life.breaks(world, Law::$law),)*
            }
        };
    }
    let condition: fn(&Life, &World) -> bool = each![
        MembersKept,
        DataKept,
        NewOnlyOnce,
        OneCluster,
        WritesKept,
        BegunOnce,
        BirthsRise,
        UnknownIsNothing,
        RecordedFirst,
        PauseHeld,
        IdentityStays,
        OthersUntouched,
        OneSpec,
        RunsFenced,
        RecordedWhole,
        Settles,
        Created,
        QuorumFound,
        CrashForgotten,
        Deleted,
        Rests,
        PartsRight,
        Explained,
    ];
    Property::always(law.into(), condition)
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
    let mut violated: Vec<Violated> = checker
        .discoveries()
        .into_iter()
        .map(|(law, path)| Violated {
            law,
            trace: path.into_actions().iter().map(|made| format!("{made:?}")).collect(),
        })
        .collect();
    violated.sort_by_key(|violated| violated.trace.len());
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
