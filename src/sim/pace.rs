//! PURE. How long nothing has happened, and whether turns come when they should.

use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// After so long in which nothing happened, all is at rest: longer than the machine waits for anything.
pub const REST: SignedDuration = SignedDuration::from_secs(530);
/// How long the operators may be silent while something goes on by itself, such as a crash loop,
/// until that counts as rest, too. Members whose data differs are compared every ten minutes.
const SILENT: SignedDuration = SignedDuration::from_secs(590);
/// How much time one round takes while something happens.
const ROUND: Duration = Duration::from_millis(50);
/// More rounds than any part of a story needs.
const ROUNDS_MAX: usize = 3000;
/// More turns than an operator may take until all is at rest while nothing happens. The most come where
/// each look is to be at most a hundredth of the time late.
const QUIET_TURNS_MAX: usize = 450;
/// A change that watches show is looked at within this.
const PROMPT: SignedDuration = SignedDuration::from_secs(5);
/// Every object is looked at again within this: a minute, and a tenth of it.
pub const AGAIN: SignedDuration = SignedDuration::from_secs(67);

/// How long nothing has happened since the last deed.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Since when nothing happens at all.
    quiet: Timestamp,
    /// Since when no operator writes.
    silent: Timestamp,
    /// Since when a change that a watch shows is not looked at.
    unseen: Option<Timestamp>,
    rounds: usize,
    quiet_turns: usize,
}

/// One round.
#[derive(Debug, Clone, Copy)]
pub struct Round {
    /// Whether anything happened.
    pub busy: bool,
    /// Whether an operator wrote.
    pub wrote: bool,
    /// How many turns were taken.
    pub turns: usize,
}

impl Pace {
    /// A new count from now on.
    pub fn from(now: Timestamp) -> Self {
        Self { quiet: now, silent: now, unseen: None, rounds: 0, quiet_turns: 0 }
    }

    /// Somebody wakes up: all begins to count anew but the rounds.
    pub fn stirred(&mut self, now: Timestamp) {
        *self = Self { rounds: self.rounds, ..Self::from(now) };
    }

    /// A round took place.
    pub fn count(&mut self, round: Round, now: Timestamp) {
        self.rounds += 1;
        self.quiet_turns += round.turns;
        if round.busy {
            (self.quiet, self.quiet_turns) = (now, 0);
        }
        if round.wrote {
            self.silent = now;
        }
    }

    /// Whether nothing happens any more.
    pub fn is_at_rest(&self, now: Timestamp) -> bool {
        now.duration_since(self.quiet) >= REST || now.duration_since(self.silent) > SILENT
    }

    /// Whether there were more rounds than any part of a story needs.
    pub fn is_endless(&self) -> bool {
        self.rounds > ROUNDS_MAX
    }

    /// Whether more turns were taken than make sense while nothing happens.
    pub fn is_restless(&self) -> bool {
        self.quiet_turns > QUIET_TURNS_MAX
    }

    /// Whether changes that watches show are looked at too late; `pending` says whether any are not
    /// looked at.
    pub fn is_late(&mut self, pending: bool, now: Timestamp) -> bool {
        let since = self.unseen.filter(|_| pending).unwrap_or(now);
        self.unseen = pending.then_some(since);
        now.duration_since(since) > PROMPT
    }

    /// An operator looked at all there is: another change that is not looked at is another matter.
    pub fn looked(&mut self) {
        self.unseen = None;
    }

    /// Until when time passes now: a little while something happens, else until something is due.
    pub fn until(&self, busy: bool, due: Option<Timestamp>, now: Timestamp) -> Timestamp {
        if busy {
            return now + ROUND;
        }
        let rest = self.quiet + REST;
        let next = due.map_or(rest, |due| due.min(rest)).max(now);
        // Whatever falls between two milliseconds comes with the later one.
        next + SignedDuration::from_millis(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::pace;

    #[test]
    fn what_is_waited_for_most_eagerly_is_not_polled_without_end() {
        let (begin, least) = (Timestamp::UNIX_EPOCH, Duration::from_millis(250));
        let (mut now, mut turns) = (begin, 0);
        while now.duration_since(begin) < REST {
            let progress = std::iter::once(pace::Pace::Progress);
            now += pace::wait(least, (Some(begin), now), progress);
            turns += 1;
        }
        assert!(turns <= QUIET_TURNS_MAX && turns + 50 > QUIET_TURNS_MAX, "{turns}");
    }
}
