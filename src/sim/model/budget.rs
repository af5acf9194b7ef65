//! PURE. How often what may happen: the bounds that make the model finite.

use strum::{EnumCount, EnumIter, IntoEnumIterator, IntoStaticStr};

/// What happens only so often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumCount, EnumIter, IntoStaticStr)]
pub enum Event {
    /// The user changes the spec.
    Edit,
    /// The user pauses it, and lets go whenever they like.
    Pause,
    /// The user deletes the object.
    Delete,
    /// The user makes another of the name.
    Recreate,
    /// The operator crashes, or the answer to what it just wrote is lost: both end its turn.
    Crash,
    /// The operator is suspended in the middle of a turn, and another leads.
    Takeover,
    /// The operator's watches fall behind.
    Lag,
    /// The operator reaches no member.
    Deaf,
    /// The API server answers no read.
    Blind,
    /// A pod is lost.
    PodLost,
    /// etcd is killed and starts again.
    Killed,
    /// The data on a volume is lost.
    Wiped,
    /// A volume claim is deleted by hand, with its pod.
    ClaimLost,
    /// A member is taken out by hand.
    TakenOut,
    /// The `StatefulSet` is deleted by hand.
    SetLost,
    /// The Services are deleted by hand.
    ServicesLost,
    /// The status is lost.
    StatusLost,
    /// A stranger makes a `StatefulSet` of the name.
    Stranger,
}

impl Event {
    /// Whether it counts against the number of all faults; what a user asks for does not.
    pub fn is_fault(self) -> bool {
        match self {
            Self::Edit | Self::Pause | Self::Delete | Self::Recreate => false,
            Self::Crash
            | Self::Takeover
            | Self::Lag
            | Self::Deaf
            | Self::Blind
            | Self::PodLost
            | Self::Killed
            | Self::Wiped
            | Self::ClaimLost
            | Self::TakenOut
            | Self::SetLost
            | Self::ServicesLost
            | Self::StatusLost
            | Self::Stranger => true,
        }
    }

    /// Whether it changes the world, and not only what an operator sees or does of it.
    pub fn is_damage(self) -> bool {
        match self {
            Self::Crash | Self::Takeover | Self::Lag | Self::Deaf | Self::Blind => false,
            Self::Edit
            | Self::Pause
            | Self::Delete
            | Self::Recreate
            | Self::PodLost
            | Self::Killed
            | Self::Wiped
            | Self::ClaimLost
            | Self::TakenOut
            | Self::SetLost
            | Self::ServicesLost
            | Self::StatusLost
            | Self::Stranger => true,
        }
    }
}

/// What may still happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Budget {
    each: [u8; Event::COUNT],
    faults: u8,
}

impl Budget {
    /// Nothing may happen.
    pub const NONE: Self = Self { each: [0; Event::COUNT], faults: 0 };

    /// So many faults in all.
    pub fn faults(faults: u8) -> Self {
        Self { faults, ..Self::NONE }
    }

    /// This may happen so often.
    #[must_use]
    pub fn with(mut self, event: Event, times: u8) -> Self {
        if let Some(left) = self.each.get_mut(event as usize) {
            *left = times;
        }
        self
    }

    /// How often it may still happen.
    pub fn left(&self, event: Event) -> u8 {
        let left = self.each.get(event as usize).copied().unwrap_or(0);
        if event.is_fault() { left.min(self.faults) } else { left }
    }

    /// It happened.
    pub fn spend(&mut self, event: Event) {
        if let Some(left) = self.each.get_mut(event as usize) {
            *left = left.saturating_sub(1);
        }
        if event.is_fault() {
            self.faults = self.faults.saturating_sub(1);
            // States that differ only in what they may not spend any more are one.
            if self.faults == 0 {
                let spent = Event::iter().filter(|event| event.is_fault());
                spent.for_each(|event| *self = self.with(event, 0));
            }
        }
    }
}

impl std::fmt::Display for Budget {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let words = Event::iter().filter(|&event| self.left(event) > 0).map(|event| {
            let name: &str = event.into();
            format!("{name} {}", self.left(event))
        });
        let words: Vec<_> = words.collect();
        write!(out, "{} faults of all; {}", self.faults, words.join(", "))
    }
}
