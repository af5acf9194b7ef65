//! SHELL. The world between two rounds of a run, from which it can go on in more than one way.

use super::clock::SimClock;
use super::cluster::SimCluster;
use super::operator::Memory;
use super::operator::fault::Sight;
use super::oracle::Guardian;
use super::pace::Pace;
use super::story::{Deed, When};
use crate::service::Clock;

/// What is done to the cluster, and when.
pub type Deeds = &'static [(When, Deed)];

/// All there is between two rounds but open connections.
pub struct Moment {
    /// The world.
    pub world: SimCluster,
    /// What the oracle remembers.
    pub guardian: Guardian,
    /// What the operator knows.
    pub memory: Memory,
    /// What is still to happen to the cluster.
    pub deeds: Deeds,
    /// How many writes operators had sent.
    pub writes: usize,
    /// How many turns they took.
    pub turns: usize,
    /// How long nothing has happened.
    pub pace: Pace,
    /// The least fault tolerance so far, since there is a leader.
    pub least: Option<usize>,
    /// The version up to which an operator has looked at all there is.
    pub looked: u64,
}

impl Moment {
    /// Before anything happened.
    pub fn first(seed: u64) -> Self {
        Self::of(SimCluster::new(SimClock::default(), seed))
    }

    /// A world as it is.
    pub fn of(world: SimCluster) -> Self {
        let (least, pace) = (world.etcd.tolerance(), Pace::from(world.clock.now()));
        let (guardian, memory, looked) =
            (Guardian::default(), Memory::default(), world.api.version());
        Self { world, guardian, memory, deeds: &[], writes: 0, turns: 0, pace, least, looked }
    }

    /// The same with these deeds ahead.
    #[must_use]
    pub fn then(self, deeds: Deeds) -> Self {
        Self { deeds, ..self }
    }

    /// The same once more.
    #[must_use]
    pub fn fork(&self) -> Self {
        let (world, guardian) = (self.world.fork(), self.guardian.clone());
        Self { world, guardian, memory: self.memory.clone(), ..*self }
    }

    /// The same right after a fault, did the operator see this from then on.
    #[must_use]
    pub fn seeing(mut self, sight: Sight) -> Self {
        self.memory.lag = self.memory.lag.map(|lag| lag.of(sight));
        self
    }
}
