//! SHELL. All that one operator process knows between turns, apart from its open connections.

use super::lag::Lag;
use super::queue::Queue;
use crate::controller::schedule::Backoff;
use crate::service::Right;

/// What it knows.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    /// The turns asked for.
    pub queue: Queue,
    /// How far its watches have told, of the objects and of their children; none before they listed.
    pub told: Option<(u64, u64)>,
    /// What its watches show instead of the present.
    pub lag: Option<Lag>,
    /// How often turns failed.
    pub backoff: Backoff,
    /// What it found to be as it should.
    pub right: Right,
}
