//! SHELL. When a turn comes again: after what the machine asks for, or after a backoff.

use super::failure::TurnError;
use crate::engine::{Machine, Settled};
use crate::mutants::planted;
use crate::service::Kind;
use backon::{BackoffBuilder, ExponentialBuilder};
use kube::{Resource, ResourceExt};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

/// The longest wait after failures.
const BACKOFF_MAX: Duration = Duration::from_mins(1);
/// The first wait after a failure.
const BACKOFF_MIN: Duration = Duration::from_millis(500);
/// The wait after a decision was thrown away: the watch brings the newer object first.
const STALE: Duration = Duration::from_millis(100);
/// The wait after etcd allowed no change yet: for five seconds after a member has connected.
const NOT_YET: Duration = Duration::from_millis(500);

/// When to look again after a turn that went well.
pub fn after<K: Kind>(
    object: &K::Object,
    observed: &<K::Machine as Machine>::Observed,
    settled: &Settled<K::Machine>,
) -> Duration {
    if planted("requeue-forgotten") {
        return Duration::from_hours(1);
    }
    let spent = !settled.actions.is_empty() || !settled.records.is_empty();
    let asked = K::look_again(observed, settled);
    let asked = if spent { asked.min(Duration::from_millis(250)) } else { asked };
    spread(asked, object.meta().uid.as_deref().unwrap_or_default())
}

/// Up to a tenth longer, by the object's UID, so that a thousand clusters do not look at once.
fn spread(wait: Duration, uid: &str) -> Duration {
    wait + wait.mul_f64(fraction(uid) / 10.0)
}

/// A number from 0 to 1 that is always the same for the same words.
fn fraction(words: impl Hash) -> f64 {
    let mut hasher = DefaultHasher::new();
    words.hash(&mut hasher);
    f64::from(u32::try_from(hasher.finish() % 1000).unwrap_or(0)) / 1000.0
}

/// How the wait after failures grows.
const GROWS: ExponentialBuilder = ExponentialBuilder::new()
    .with_min_delay(BACKOFF_MIN)
    .with_max_delay(BACKOFF_MAX)
    .without_max_times();

/// More failures than this are not counted: the wait is the longest long before.
const FAILURES_MAX: usize = 32;

/// How often each object's turns failed in a row.
#[derive(Debug, Default)]
pub struct Backoff {
    failures: Mutex<HashMap<String, usize>>,
}

impl Clone for Backoff {
    fn clone(&self) -> Self {
        let failures = self.failures.lock().clone();
        Self { failures: Mutex::new(failures) }
    }
}

impl Backoff {
    /// When the next turn comes, should no watch bring it before; none if only a watch can.
    pub fn next<O: Resource>(
        &self,
        object: &O,
        outcome: &Result<Duration, TurnError>,
    ) -> Option<Duration> {
        let next = match outcome {
            Ok(wait) => Some(*wait),
            Err(TurnError::Gone) => None,
            Err(error) => return Some(self.after(object, error)),
        };
        // Also of an object that is gone: nobody would ask about its failures again.
        self.forget(object.meta().uid.as_deref().unwrap_or_default());
        next
    }

    /// Forgets an object's failures.
    pub fn forget(&self, uid: &str) {
        self.failures.lock().remove(uid);
    }

    /// How long to wait after this failure: exponential, jittered, and short for a decision that
    /// was merely thrown away.
    pub fn after<O: Resource>(&self, object: &O, error: &TurnError) -> Duration {
        let uid = object.uid().unwrap_or_default();
        if matches!(error, TurnError::Stale) {
            return STALE;
        }
        if error.is_not_yet() {
            return NOT_YET;
        }
        let mut failures = self.failures.lock();
        let count = failures.entry(uid.clone()).or_default();
        let runaway = planted("backoff-runaway");
        let grows = if runaway { GROWS.without_max_delay() } else { GROWS };
        let wait = grows.build().nth(*count).unwrap_or(BACKOFF_MAX);
        *count = (*count + 1).min(FAILURES_MAX);
        wait.mul_f64(0.5 + fraction((uid, wait)) / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::Answer;
    use crate::crd::EtcdCluster;
    use crate::engine::settle;
    use crate::service::etcd_cluster::Cluster;
    use crate::service::etcd_cluster::decide::vocabulary::Step;
    use crate::service::etcd_cluster::observe::observed::Observed;
    use crate::service::etcd_cluster::worlds::bases::{fresh, healthy};

    fn with_uid(uid: &str) -> EtcdCluster {
        let mut cluster = EtcdCluster::new("a", serde_json::from_str("{}").unwrap());
        cluster.metadata.uid = Some(uid.to_owned());
        cluster
    }

    fn wait(uid: &str, from: Step, seen: &Observed) -> Duration {
        after::<Cluster>(&with_uid(uid), seen, &settle(from, seen).unwrap())
    }

    #[test]
    fn clusters_at_rest_look_again_within_a_tenth_of_a_minute_of_each_other() {
        let waits: Vec<_> =
            (0..100).map(|at| wait(&format!("uid-{at}"), Step::Steady, &healthy(3))).collect();
        let bounds = Duration::from_secs(60)..=Duration::from_secs(66);
        assert!(waits.iter().all(|wait| bounds.contains(wait)), "{waits:?}");
        let distinct: std::collections::BTreeSet<_> = waits.iter().collect();
        assert!(distinct.len() > 50, "{waits:?}");
        assert_eq!(wait("uid-1", Step::Steady, &healthy(3)), waits[1]);
    }

    #[test]
    fn a_turn_that_ordered_something_is_looked_at_again_at_once() {
        let soon = Duration::from_millis(250)..=Duration::from_millis(275);
        assert!(soon.contains(&wait("uid", Step::Provision, &fresh(3))));
        assert!(soon.contains(&wait("uid", Step::Seal, &healthy(3))));
        assert!(!soon.contains(&wait("uid", Step::Provision, &fresh(0))));
    }

    #[test]
    fn each_failure_waits_longer_up_to_a_minute_until_one_turn_goes_well() {
        let (backoff, cluster) = (Backoff::default(), with_uid("uid"));
        let failed = || backoff.after(&cluster, &TurnError::NotLeading);
        for full in [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0, 60.0] {
            let wait = failed().as_secs_f64();
            assert!((full / 2.0..=full).contains(&wait), "{wait} of {full}");
        }
        let other = backoff.after(&with_uid("other"), &TurnError::NotLeading);
        assert!(other <= BACKOFF_MIN, "one object's failures delay another");
        assert_eq!(backoff.after(&cluster, &TurnError::Stale), STALE);
        assert!(failed() > BACKOFF_MAX / 2, "a stale decision counts as a success");
        let (action, why) = ("AddLearner".to_owned(), "unhealthy cluster".to_owned());
        let not_yet = TurnError::Perform { action, answer: Answer::NotYet(why) };
        assert_eq!(backoff.after(&cluster, &not_yet), NOT_YET);
        backoff.forget("uid");
        assert!(failed() <= BACKOFF_MIN);
    }
}
