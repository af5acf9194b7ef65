//! SHELL. Who acts: leadership over a `coordination.k8s.io/v1` Lease, modelled on client-go.
//!
//! A leader believes in itself for the renew deadline, counted from *before* it sent the renewal
//! that succeeded. A candidate takes over only after it has itself watched the lease stay the same
//! for the whole, longer, lease duration. Both count on their own monotonic clock, and neither ever
//! reads the times in the lease, so clocks that are wrong or jump cannot make two leaders.
//!
//! That holds for decisions. A request already sent when leadership ends may still land, so the
//! lease never stands alone: what it guards is checked again by precondition where it lands.
//!
//! # Source
//! client-go, `tools/leaderelection/leaderelection.go`.

mod api;
mod claim;
mod keep;
mod leadership;
#[cfg(test)]
mod tests;

pub use api::{KubeLease, LeaseApi};
pub use claim::Identity;
pub use keep::Keeper;
pub use leadership::{Leadership, Lost};

use crate::client::{ApiClass, ApiError};
use claim::{Watched, claimed};
use jiff::Timestamp;
use k8s_openapi::api::coordination::v1::Lease;
use std::future::Future;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// The wall clock. What it says is written into the lease for people to read, and never compared.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The pace of the election.
///
/// # Assumptions
/// `call < renew_deadline < lease`, and the clocks of two machines run apart by far less than
/// `lease` is longer than `renew_deadline`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// How long a lease has to stay unchanged before another may take it. Default 15 s.
    pub lease: Duration,
    /// How long a leader may act on one renewal. Default 10 s.
    pub renew_deadline: Duration,
    /// The pause between two tries. Default 2 s.
    pub retry: Duration,
    /// The longest one call may take. Default 3 s, so that two tries fit into the renew deadline.
    pub call: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(15),
            renew_deadline: Duration::from_secs(10),
            retry: Duration::from_secs(2),
            call: Duration::from_secs(3),
        }
    }
}

impl Identity {
    /// The identity of this run of this process, in the pod `name` with that uid or outside of any.
    pub fn new(name: &str, pod_uid: Option<&str>) -> Self {
        // The one source of chance in the standard library: every state is seeded anew.
        Self::of_run(name, pod_uid, RandomState::new().hash_one(name))
    }
}

/// One who wants to lead.
pub struct Candidate<A> {
    api: A,
    me: Identity,
    timing: Timing,
    clock: Clock,
}

impl<A: LeaseApi> Candidate<A> {
    /// A candidate for the lease behind `api`.
    pub fn new(api: A, me: Identity, timing: Timing, clock: Clock) -> Self {
        Self { api, me, timing, clock }
    }

    /// Waits until the lease is ours. Never gives up: without rights, or without an API server, it
    /// tries again at the same pace.
    pub async fn elected(self) -> Keeper<A> {
        let began = Instant::now();
        let mut watched = Watched::default();
        let mut attempt = 0_u64;
        loop {
            match self.attempt(&mut watched, began).await {
                Ok(Some((lease, sent))) => {
                    tracing::info!(identity = %self.me, "leadership acquired");
                    return Keeper::new(self, lease, sent);
                }
                Ok(None) => tracing::debug!(holder = watched.holder(), "standing by"),
                Err(ApiError { class: ApiClass::Conflict | ApiClass::AlreadyExists, .. }) => {
                    tracing::debug!("another candidate was faster");
                }
                Err(error) => tracing::warn!(%error, "failed to take the lease"),
            }
            attempt = attempt.wrapping_add(1);
            sleep_until(Instant::now() + self.me.jittered(self.timing.retry, attempt)).await;
        }
    }

    /// One look, and one claim if the lease is free. Gives the lease and when the claim was sent.
    async fn attempt(
        &self,
        watched: &mut Watched,
        began: Instant,
    ) -> Result<Option<(Lease, Instant)>, ApiError> {
        let seen = self.within(self.timing.call, self.api.get()).await?;
        // The moment the answer came in, not the one it was asked for: later errs to the safe side.
        watched.look(seen.as_ref().and_then(|lease| lease.spec.as_ref()), began.elapsed());
        if !watched.is_free(&self.me, self.timing.lease, began.elapsed()) {
            return Ok(None);
        }
        let sent = Instant::now();
        let claim = claimed(seen.as_ref(), &self.me, self.timing.lease, (self.clock)());
        let write = match seen {
            Some(_) => self.api.update(&claim),
            None => self.api.create(&claim),
        };
        Ok(Some((self.within(self.timing.call, write).await?, sent)))
    }

    async fn within<T>(
        &self,
        limit: Duration,
        call: impl Future<Output = Result<T, ApiError>>,
    ) -> Result<T, ApiError> {
        let answer = tokio::time::timeout(limit, call).await;
        answer.unwrap_or_else(|_| Err(ApiError::late(limit)))
    }
}
