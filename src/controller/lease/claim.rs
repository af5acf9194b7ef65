//! PURE. What a lease says, when it may be taken, and what is written to take it.

use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::time::Duration;

/// The longest lease duration of another that is honoured: a hand-edited one must not lock the
/// lease for good.
const LEASE_DURATION_MAX: Duration = Duration::from_mins(1);

/// One run of one process. No two runs have the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    seat: Option<String>,
    text: String,
}

impl Identity {
    /// The run `nonce` in the pod `name` with that uid, or outside of any.
    pub fn of_run(name: &str, pod_uid: Option<&str>, nonce: u64) -> Self {
        let seat = pod_uid.filter(|uid| !uid.is_empty()).map(|uid| format!("{name}_{uid}_"));
        let text = format!("{}{nonce:016x}", seat.clone().unwrap_or_else(|| format!("{name}_")));
        Self { seat, text }
    }

    /// As it stands in the lease.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether `holder` is an earlier run in our own pod. It is dead then: a pod's container is
    /// started again only after its process has ended, so there is nobody to wait for.
    fn succeeds(&self, holder: &str) -> bool {
        self.seat.as_ref().is_some_and(|seat| holder.starts_with(seat.as_str()))
    }

    /// `pause` and up to a fifth more, differently for each identity and attempt.
    pub(super) fn jittered(&self, pause: Duration, attempt: u64) -> Duration {
        let mut hasher = std::hash::DefaultHasher::new();
        (&self.text, attempt).hash(&mut hasher);
        let thousandths = u32::try_from(hasher.finish() % 1000).unwrap_or_default();
        pause + pause * thousandths / 5000
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

/// The lease as one candidate has seen it, and since when it has looked like that.
///
/// Times are counted from the candidate's own beginning, on its monotonic clock.
#[derive(Debug, Default)]
pub struct Watched {
    seen: Option<LeaseSpec>,
    since: Duration,
    was_held: bool,
}

impl Watched {
    /// Notes what was seen `now`; the time starts anew whenever that is something else.
    pub fn look(&mut self, seen: Option<&LeaseSpec>, now: Duration) {
        if self.seen.as_ref() != seen {
            (self.seen, self.since) = (seen.cloned(), now);
        }
        self.was_held |= self.holder().is_some();
    }

    /// Who holds it.
    pub fn holder(&self) -> Option<&str> {
        self.seen.as_ref().and_then(holder)
    }

    /// Whether `me` may take it `now`.
    ///
    /// A lease that was released, or never held, is free at once. One that vanished under our eyes
    /// is not: whoever held it may not know yet.
    pub fn is_free(&self, me: &Identity, lease: Duration, now: Duration) -> bool {
        let unchanged = now.saturating_sub(self.since);
        match (self.seen.as_ref(), self.holder()) {
            (_, Some(holder)) if holder == me.as_str() || me.succeeds(holder) => true,
            (Some(spec), Some(_)) => unchanged >= declared(spec).min(LEASE_DURATION_MAX).max(lease),
            (Some(_), None) => true,
            (None, _) => !self.was_held || unchanged >= lease,
        }
    }
}

/// Who holds a lease that says `spec`; none when it was released.
pub fn holder(spec: &LeaseSpec) -> Option<&str> {
    spec.holder_identity.as_deref().filter(|holder| !holder.is_empty())
}

fn declared(spec: &LeaseSpec) -> Duration {
    let seconds = spec.lease_duration_seconds.and_then(|seconds| u64::try_from(seconds).ok());
    Duration::from_secs(seconds.unwrap_or_default())
}

/// `seen`, or a new lease, as held by `me` and renewed now. Keeps its resourceVersion.
pub fn claimed(seen: Option<&Lease>, me: &Identity, lease: Duration, now: Timestamp) -> Lease {
    let mut claim = seen.cloned().unwrap_or_default();
    let before = claim.spec.take().unwrap_or_default();
    // Two renewals must differ even if the wall clock stands still or jumps back: a lease that
    // looks unchanged is one that others may take.
    let earliest = before
        .renew_time
        .as_ref()
        .and_then(|MicroTime(last)| last.checked_add(SignedDuration::from_micros(1)).ok());
    let renewed = earliest.map_or(now, |earliest| now.max(earliest));
    let is_mine = holder(&before) == Some(me.as_str());
    let changes = before.lease_transitions.unwrap_or_default();
    let began = before.acquire_time.filter(|_| is_mine);
    claim.spec = Some(LeaseSpec {
        holder_identity: Some(me.as_str().to_owned()),
        lease_duration_seconds: i32::try_from(lease.as_secs()).ok(),
        renew_time: Some(MicroTime(renewed)),
        acquire_time: began.or(Some(MicroTime(renewed))),
        lease_transitions: Some(if is_mine { changes } else { changes.saturating_add(1) }),
        ..LeaseSpec::default()
    });
    claim
}

/// `held`, let go, so that the next one need not wait.
pub fn released(held: &Lease) -> Lease {
    let mut lease = held.clone();
    if let Some(spec) = lease.spec.as_mut() {
        spec.holder_identity = None;
    }
    lease
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEASE: Duration = Duration::from_secs(15);

    fn held_by(holder: &str, seconds: i32) -> LeaseSpec {
        LeaseSpec {
            holder_identity: Some(holder.to_owned()),
            lease_duration_seconds: Some(seconds),
            ..LeaseSpec::default()
        }
    }

    /// When, in whole seconds since it was first seen, a lease becomes free; at most 100.
    fn free_after(me: &Identity, spec: &LeaseSpec) -> Option<u64> {
        let mut watched = Watched::default();
        watched.look(Some(spec), Duration::ZERO);
        (0..100).find(|&second| watched.is_free(me, LEASE, Duration::from_secs(second)))
    }

    #[test]
    fn a_held_lease_is_free_after_its_whole_duration_within_reason() {
        let me = Identity::of_run("me", None, 1);
        assert_eq!(free_after(&me, &held_by("other", 15)), Some(15));
        assert_eq!(free_after(&me, &held_by("other", 30)), Some(30));
        assert_eq!(free_after(&me, &held_by("other", 1)), Some(15));
        assert_eq!(free_after(&me, &held_by("other", i32::MAX)), Some(60));
        assert_eq!(free_after(&me, &held_by("other", -5)), Some(15));
        assert_eq!(free_after(&me, &held_by("", 15)), Some(0));
        assert_eq!(free_after(&me, &held_by(me.as_str(), 15)), Some(0));
    }

    #[test]
    fn a_dead_predecessor_in_the_same_pod_is_not_waited_for() {
        let (before, after) =
            (Identity::of_run("a", Some("u1"), 1), Identity::of_run("a", Some("u1"), 2));
        assert_ne!(before, after);
        assert_eq!(free_after(&after, &held_by(before.as_str(), 15)), Some(0));
        let other_pod = Identity::of_run("a", Some("u2"), 3);
        assert_eq!(free_after(&other_pod, &held_by(before.as_str(), 15)), Some(15));
        let no_pod = Identity::of_run("a", Some(""), 4);
        assert_eq!(
            free_after(&no_pod, &held_by(Identity::of_run("a", None, 5).as_str(), 15)),
            Some(15)
        );
    }

    #[test]
    fn every_renewal_differs_although_the_wall_clock_goes_back() {
        let me = Identity::of_run("me", None, 1);
        let noon = Timestamp::from_second(1_000_000).unwrap();
        let first = claimed(None, &me, LEASE, noon);
        let hour = SignedDuration::from_hours(1);
        let second = claimed(Some(&first), &me, LEASE, noon - hour);
        let third = claimed(Some(&second), &me, LEASE, noon - hour);
        let times: Vec<_> = [&first, &second, &third]
            .map(|lease| lease.spec.clone().unwrap().renew_time.unwrap().0)
            .into();
        assert!(times.is_sorted_by(|one, next| one < next), "{times:?}");
        let spec = third.spec.unwrap();
        assert_eq!((spec.acquire_time, spec.lease_transitions), (Some(MicroTime(noon)), Some(1)));
    }

    #[test]
    fn jitter_adds_at_most_a_fifth() {
        let me = Identity::of_run("me", None, 1);
        let pause = Duration::from_secs(2);
        let pauses: Vec<_> = (0..50).map(|attempt| me.jittered(pause, attempt)).collect();
        assert!(pauses.iter().all(|&one| one >= pause && one < pause * 6 / 5));
        assert!(pauses.windows(2).any(|two| two[0] != two[1]));
    }
}
