//! SHELL. The leader's own view of its leadership: proven until a moment, then lost for good.
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

/// Why leadership ended. The process has to end with it: it may have work under way.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Lost {
    /// No renewal succeeded within the renew deadline.
    #[error("the lease could not be renewed in time")]
    Unproven,
    /// The lease is gone.
    #[error("the lease was deleted")]
    Deleted,
    /// Someone else holds it, or someone took our name off it.
    #[error("the lease is held by {0:?}")]
    Taken(Option<String>),
    /// We let it go on purpose.
    #[error("the lease was released")]
    Released,
}

/// Where a leadership stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Term {
    /// Ours until then.
    Held { until: Instant },
    /// Over.
    Ended(Lost),
}

/// A leader's proof, shared by everything that acts. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Leadership {
    term: watch::Receiver<Term>,
}

impl Leadership {
    pub(super) fn new(term: watch::Receiver<Term>) -> Self {
        Self { term }
    }

    /// Whether, at this moment, nobody else can be leader. To be asked right before every action.
    ///
    /// # Guarantees
    /// Once false, false for ever. It becomes false by the passing of time alone, also when
    /// everything that renews hangs, or when the whole process was stopped and goes on.
    pub fn is_proven(&self) -> bool {
        matches!(*self.term.borrow(), Term::Held { until } if Instant::now() < until)
    }

    /// Ends when leadership does, and says why.
    pub async fn lost(&self) -> Lost {
        let mut term = self.term.clone();
        loop {
            let until = match &*term.borrow_and_update() {
                Term::Ended(why) => return why.clone(),
                Term::Held { until } => *until,
            };
            if Instant::now() >= until {
                return Lost::Unproven;
            }
            // A keeper that is gone without a word renews no more: the time simply runs out.
            if let Ok(Err(_)) = timeout_at(until, term.changed()).await {
                tokio::time::sleep_until(until).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test(start_paused = true)]
    async fn a_keeper_that_vanished_is_lost_when_the_time_runs_out() {
        let until = Instant::now() + Duration::from_secs(10);
        let (sender, term) = watch::channel(Term::Held { until });
        let leadership = Leadership::new(term);
        drop(sender);
        assert!(leadership.is_proven());
        assert_eq!(leadership.lost().await, Lost::Unproven);
        assert!(!leadership.is_proven());
        assert_eq!(Instant::now(), until);
    }
}
