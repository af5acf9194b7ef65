//! PURE. How far is looked: who may do what how often, in steps from narrow to wide.

use super::budget::{Budget, Event};
use std::time::Duration;
use strum::IntoEnumIterator;

/// What is looked through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope {
    /// What it is, in a few words.
    pub about: &'static str,
    /// Where it begins.
    pub begins: Begins,
    /// The sizes of the two specs the user may ask for. If they are the same, the versions differ.
    pub sizes: [u8; 2],
    /// What may happen.
    pub budget: Budget,
}

/// Where a life begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begins {
    /// With an object just made, and nothing else.
    Made,
    /// With a cluster that runs, and to which a client has written.
    Running,
}

/// When to stop looking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// After about so many moves: a bound on memory.
    pub moves: usize,
    /// After so long.
    pub time: Duration,
    /// With so many threads.
    pub threads: usize,
}

/// How many moves are made at most. A state that is yet to be looked at takes about a kilobyte,
/// and one in four or five moves leads to a new one: some 6 GB at the very most.
pub const MOVES_MAX: usize = 30_000_000;

/// What is always looked through.
pub fn standard() -> Vec<Scope> {
    let edits = |times| any_fault(1).with(Event::Edit, times);
    vec![
        of("three members or one, the user", [3, 1], with_user(any_fault(0), 1)),
        of("one member, the user, any fault", [1, 1], with_user(any_fault(1), 1)),
        of("three members or one, any fault", [3, 1], any_fault(1)),
        running("one grows to three, any fault", [1, 3], edits(1)),
        running("three shrink to one, any fault", [3, 1], edits(1)),
        running("one changes its mind", [1, 3], any_fault(0).with(Event::Edit, 3)),
        running("three sleep and wake, any fault", [3, 0], edits(2)),
    ]
}

/// What is looked through when there is more time: ever more faults.
pub fn wider(faults: u8) -> Vec<Scope> {
    let edits = any_fault(faults).with(Event::Edit, 2);
    vec![
        of("one member, more faults", [1, 1], any_fault(faults)),
        of("one member, the user, more faults", [1, 1], with_user(any_fault(faults), 1)),
        running("three run, more faults", [3, 1], any_fault(faults)),
        running("one grows and shrinks, more faults", [1, 3], edits),
        of("three members or one, more faults", [3, 1], any_fault(faults)),
        of("three members or one, all of it", [3, 1], with_user(any_fault(faults), 1)),
    ]
}

/// From the beginning.
pub fn of(about: &'static str, sizes: [u8; 2], budget: Budget) -> Scope {
    Scope { about, begins: Begins::Made, sizes, budget }
}

/// From a cluster that runs.
pub fn running(about: &'static str, sizes: [u8; 2], budget: Budget) -> Scope {
    Scope { about, begins: Begins::Running, sizes, budget }
}

/// So many faults, whichever they are.
pub fn any_fault(times: u8) -> Budget {
    let faults = Event::iter().filter(|event| event.is_fault());
    faults.fold(Budget::faults(times), |budget, event| budget.with(event, times))
}

/// Whatever a user may ask for, so many times each.
pub fn with_user(budget: Budget, times: u8) -> Budget {
    let asked = Event::iter().filter(|event| !event.is_fault());
    asked.fold(budget, |budget, event| budget.with(event, times))
}
