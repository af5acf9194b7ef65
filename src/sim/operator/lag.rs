//! PURE. What watches show after a fault, for a while: the past, or what is while nothing else answers.

use super::fault::Sight;
use crate::sim::canonical::Hashing;
use jiff::{SignedDuration, Timestamp};

/// How many stages a lag has.
const STAGES: u32 = 3;
/// How long a stage lasts in which no turn is taken.
const STAGE: SignedDuration = SignedDuration::from_secs(2);
/// How far back an API server may be that an operator restarts onto, in versions.
const ROLLED_BACK: u64 = 16;

/// A lag under way.
#[derive(Debug, Clone, Copy)]
pub struct Lag {
    sight: Sight,
    since: u64,
    stage: u32,
    ends: Timestamp,
}

impl Lag {
    /// A lag that begins at this version.
    pub fn begin(sight: Sight, since: u64, now: Timestamp) -> Self {
        Self { sight, since, stage: 0, ends: now + STAGE }
    }

    /// The same a stage later, if the stage is over; none if that was the last.
    pub fn later(self, acted: bool, now: Timestamp) -> Option<Self> {
        if !acted && now < self.ends {
            return Some(self);
        }
        let stage = self.stage + 1;
        (stage < STAGES).then_some(Self { stage, ends: now + STAGE, ..self })
    }

    /// Adds how far it is to a state's hash.
    pub fn hash_into(self, hashing: &mut Hashing) {
        hashing.add((self.sight, self.stage));
        hashing.time(Some(self.ends));
    }

    /// When the stage ends by itself.
    pub fn ends(self) -> Timestamp {
        self.ends
    }

    /// The same, had something else been shown since.
    #[must_use]
    pub fn of(self, sight: Sight) -> Self {
        Self { sight, ..self }
    }

    /// The versions it will have shown until it is over, if it goes through the past.
    pub fn past(self) -> impl Iterator<Item = u64> {
        let stages = (self.stage..STAGES).filter(move |_| self.sight == Sight::RolledBack);
        stages.filter_map(move |stage| Self { stage, ..self }.shows().1)
    }

    /// Whether no read is answered.
    pub fn is_deaf(self) -> bool {
        self.sight == Sight::ReadsFail
    }

    /// The versions at which the watches of the objects and of their children stand still.
    pub fn shows(self) -> (Option<u64>, Option<u64>) {
        match self.sight {
            Sight::Fresh | Sight::ReadsFail => (None, None),
            Sight::ChildrenLag => (None, Some(self.since)),
            Sight::ClusterLags => (Some(self.since), None),
            // It catches up by half with every stage.
            Sight::RolledBack => {
                let back = self.since.saturating_sub(ROLLED_BACK >> self.stage);
                (Some(back), Some(back))
            }
        }
    }
}
