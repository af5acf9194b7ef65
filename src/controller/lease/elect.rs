//! SHELL. Waiting for the lease, and taking it.

use super::api::LeaseApi;
use super::candidate::Candidate;
use super::claim::{Identity, Watched, claimed};
use super::keep::Keeper;
use super::timing::{Clock, Timing};
use crate::client::{ApiClass, ApiError};
use k8s_openapi::api::coordination::v1::Lease;
use std::future::Future;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

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

    pub(super) async fn within<T>(
        &self,
        limit: Duration,
        call: impl Future<Output = Result<T, ApiError>>,
    ) -> Result<T, ApiError> {
        let answer = tokio::time::timeout(limit, call).await;
        answer.unwrap_or_else(|_| Err(ApiError::late(limit)))
    }
}
