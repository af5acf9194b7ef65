//! SHELL. Keeping the lease: renewing it while it is ours, and letting it go in good order.

use super::candidate::Candidate;
use super::claim::{claimed, holder, released};
use super::leadership::Term;
use super::{Leadership, LeaseApi, Lost};
use crate::client::{ApiClass, ApiError};
use k8s_openapi::api::coordination::v1::Lease;
use std::future::Future;
use std::pin::pin;
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

/// The holder of the lease.
pub struct Keeper<A> {
    candidate: Candidate<A>,
    /// The lease as last written; none when an answer was lost, so that it has to be read again.
    lease: Option<Lease>,
    until: Instant,
    term: watch::Sender<Term>,
}

/// Why a renewal failed.
enum Failed {
    /// For this time.
    Once(ApiError),
    /// For good.
    Finally(Lost),
}

impl From<ApiError> for Failed {
    fn from(error: ApiError) -> Self {
        match error.class {
            ApiClass::NotFound => Self::Finally(Lost::Deleted),
            _ => Self::Once(error),
        }
    }
}

impl<A: LeaseApi> Keeper<A> {
    pub(super) fn new(candidate: Candidate<A>, lease: Lease, sent: Instant) -> Self {
        let until = sent + candidate.timing.renew_deadline;
        let (term, _) = watch::channel(Term::Held { until });
        Self { candidate, lease: Some(lease), until, term }
    }

    /// The proof that this keeper keeps up, for those who act.
    pub fn leadership(&self) -> Leadership {
        Leadership::new(self.term.subscribe())
    }

    /// Renews until leadership is lost, or until `stop` ends; then it is released, and the next one
    /// takes over without waiting.
    ///
    /// # Assumptions
    /// `stop` ends only when everything that acts under this leadership has ended.
    pub async fn keep(mut self, stop: impl Future<Output = ()>) -> Lost {
        let mut stop = pin!(stop);
        let lost = loop {
            let pause = Instant::now() + self.candidate.timing.retry;
            if timeout_at(pause.min(self.until), &mut stop).await.is_ok() {
                self.release().await;
                break Lost::Released;
            }
            match self.renew().await {
                // A process that was stopped may find its answer when others know it as lost.
                Ok(_) if Instant::now() >= self.until => break Lost::Unproven,
                Ok(sent) => self.prove(sent),
                Err(Failed::Finally(lost)) => break lost,
                Err(Failed::Once(error)) => tracing::warn!(%error, "failed to renew the lease"),
            }
        };
        self.term.send_replace(Term::Ended(lost.clone()));
        tracing::info!(identity = %self.candidate.me, reason = %lost, "leadership ended");
        lost
    }

    fn prove(&mut self, sent: Instant) {
        self.until = sent + self.candidate.timing.renew_deadline;
        self.term.send_replace(Term::Held { until: self.until });
    }

    /// Writes one renewal, and gives the moment before it was sent.
    async fn renew(&mut self) -> Result<Instant, Failed> {
        // Until it is certain what the server has, the copy here is not to be trusted.
        let mine = match self.lease.take() {
            Some(lease) => lease,
            None => self.read().await?,
        };
        match self.write(&mine).await {
            // Someone edited it, or a renewal whose answer was lost has landed. Look who holds it.
            Err(Failed::Once(error)) if error.class == ApiClass::Conflict => {
                let mine = self.read().await?;
                self.write(&mine).await
            }
            outcome => outcome,
        }
    }

    async fn read(&self) -> Result<Lease, Failed> {
        let Candidate { api, me, .. } = &self.candidate;
        let lease = self.in_time(api.get()).await?.ok_or(Failed::Finally(Lost::Deleted))?;
        match lease.spec.as_ref().and_then(holder) {
            Some(holder) if holder == me.as_str() => Ok(lease),
            other => Err(Failed::Finally(Lost::Taken(other.map(str::to_owned)))),
        }
    }

    async fn write(&mut self, mine: &Lease) -> Result<Instant, Failed> {
        let Candidate { api, me, timing, clock } = &self.candidate;
        let renewal = claimed(Some(mine), me, timing.lease, clock());
        let sent = Instant::now();
        let written = self.in_time(api.update(&renewal)).await?;
        self.lease = Some(written);
        Ok(sent)
    }

    /// A call that ends before leadership does. Lost is final, so there is none after that.
    async fn in_time<T>(
        &self,
        call: impl Future<Output = Result<T, ApiError>>,
    ) -> Result<T, Failed> {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Failed::Finally(Lost::Unproven));
        }
        Ok(self.candidate.within(left.min(self.candidate.timing.call), call).await?)
    }

    /// Lets go. Whoever asks is told before anyone else can be.
    async fn release(&mut self) {
        self.term.send_replace(Term::Ended(Lost::Released));
        let lease = match self.lease.take() {
            Some(lease) => Ok(lease),
            None => self.read().await,
        };
        let Ok(lease) = lease else { return };
        let candidate = &self.candidate;
        let call = candidate.api.update(&released(&lease));
        // Not fatal: the next one waits for the lease to run out.
        if let Err(error) = candidate.within(candidate.timing.call, call).await {
            tracing::warn!(%error, "failed to release the lease");
        }
    }
}
