//! SHELL. Virtual time: it passes when somebody says so.

use crate::service::Clock;
use jiff::Timestamp;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// When every simulation begins, in milliseconds since 1970: 2026-01-01T00:00:00Z.
const BEGIN_MS: i64 = 1_767_225_600_000;

/// A clock that stands still until it is moved. Clones share one time.
#[derive(Debug, Clone)]
pub struct SimClock {
    now_ms: Arc<AtomicI64>,
}

impl Default for SimClock {
    fn default() -> Self {
        Self { now_ms: Arc::new(AtomicI64::new(BEGIN_MS)) }
    }
}

impl SimClock {
    /// A clock that begins at `now`, or with every other simulation if that is out of range.
    pub fn at(now: Timestamp) -> Self {
        Self { now_ms: Arc::new(AtomicI64::new(now.as_millisecond())) }
    }

    /// Sets it to another's time.
    pub fn set(&self, other: &Self) {
        self.now_ms.store(other.now_ms.load(Ordering::Relaxed), Ordering::Relaxed);
    }

    /// Lets time pass.
    pub fn pass(&self, wait: Duration) {
        let wait = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
        self.now_ms.fetch_add(wait, Ordering::Relaxed);
    }

    /// Lets time pass until `then`; a moment that is past changes nothing.
    pub fn pass_until(&self, then: Timestamp) {
        self.now_ms.fetch_max(then.as_millisecond(), Ordering::Relaxed);
    }
}

impl Clock for SimClock {
    fn now(&self) -> Timestamp {
        let now = self.now_ms.load(Ordering::Relaxed);
        Timestamp::from_millisecond(now).unwrap_or(Timestamp::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_passes_only_when_told_and_never_backwards() {
        let clock = SimClock::default();
        let (other, begin) = (clock.clone(), clock.now());
        assert_eq!(begin.to_string(), "2026-01-01T00:00:00Z");
        clock.pass(Duration::from_millis(1500));
        assert_eq!(other.now().as_millisecond() - begin.as_millisecond(), 1500);
        clock.pass_until(begin);
        assert_eq!(other.now().as_millisecond() - begin.as_millisecond(), 1500);
        clock.pass_until(SimClock::at(Timestamp::MAX).now());
        assert!(clock.now() > begin);
    }
}
