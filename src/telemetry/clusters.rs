//! SHELL. Gauges about single clusters: written by the turns, computed when they are read.

use super::gauges::{Gauges, Objects, family};
use super::table::{HEALTH, SIZE, STEP_SECONDS, TOLERANCE, ZERO_TOLERANCE};
use jiff::Timestamp;

/// What the metrics say about one cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClusterGauges {
    /// Members, as etcd lists them; what was last known while it cannot be asked.
    pub size: usize,
    /// How many more voters may fail.
    pub tolerance: usize,
    /// Whether it is known to serve.
    pub healthy: bool,
    /// The phase it is in.
    pub phase: &'static str,
    /// The step it is in.
    pub step: &'static str,
    /// Since when.
    pub since: Timestamp,
}

/// What is known of one cluster, and since when.
#[derive(Debug, Clone, Copy)]
struct Kept {
    gauges: ClusterGauges,
    seen: Timestamp,
    /// How long no voter could have failed, until it was seen.
    zero: f64,
}

impl Kept {
    /// The same as of `now`.
    fn zero_at(&self, now: Timestamp) -> f64 {
        let since = now.duration_since(self.seen).as_secs_f64().max(0.0);
        if self.gauges.tolerance == 0 { self.zero + since } else { self.zero }
    }
}

static CLUSTERS: Gauges<Kept> = Gauges::new();

/// A turn saw this cluster like that.
pub fn observe_cluster(cluster: (&str, &str), gauges: ClusterGauges, seen: Timestamp) {
    CLUSTERS.tell(cluster, |before| {
        let zero = before.map_or(0.0, |before| before.zero_at(seen));
        Kept { gauges, seen, zero }
    });
}

/// The cluster is gone, and so is all that was told of it.
pub fn forget_cluster(namespace: &str, name: &str) {
    CLUSTERS.forget(namespace, name);
}

/// All clusters as of `now`, in the Prometheus text format.
pub(super) fn render(now: Timestamp) -> String {
    text(&CLUSTERS.copy(), now)
}

fn text(clusters: &Objects<Kept>, now: Timestamp) -> String {
    let seconds = |since| now.duration_since(since).as_secs_f64().max(0.0);
    let step = |is: &Kept| format!(",phase=\"{}\",step=\"{}\"", is.gauges.phase, is.gauges.step);
    let nothing = |_: &Kept| String::new();
    #[allow(clippy::cast_precision_loss, reason = "a cluster has at most ten members")]
    let number = |number: usize| number as f64;
    family(clusters, SIZE, nothing, |is| number(is.gauges.size))
        + &family(clusters, HEALTH, nothing, |is| f64::from(u8::from(is.gauges.healthy)))
        + &family(clusters, TOLERANCE, nothing, |is| number(is.gauges.tolerance))
        + &family(clusters, ZERO_TOLERANCE, nothing, |is| is.zero_at(now))
        + &family(clusters, STEP_SECONDS, step, |is| seconds(is.gauges.since))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gauges(second: i64) -> ClusterGauges {
        let since = Timestamp::from_second(second).unwrap();
        let (phase, step) = ("Running", "Steady");
        ClusterGauges { size: 3, tolerance: 1, healthy: true, phase, step, since }
    }

    fn one() -> Objects<Kept> {
        let kept = Kept { gauges: gauges(100), seen: at(100), zero: 0.0 };
        Objects::from([(("shop".to_owned(), "one".to_owned()), kept)])
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn the_time_without_tolerance_adds_up_and_nothing_else_does() {
        let observe = |tolerance, second| {
            let gauges = ClusterGauges { tolerance, ..gauges(0) };
            observe_cluster(("telemetry", "thin"), gauges, at(second));
        };
        observe(1, 10);
        observe(0, 20);
        observe(0, 25);
        observe(1, 32);
        observe(0, 100);
        let line =
            "etcd_cluster_zero_tolerance_seconds_total{cluster=\"thin\",namespace=\"telemetry\"}";
        assert!(render(at(103)).contains(&format!("{line} 15\n")), "{}", render(at(103)));
    }

    #[test]
    fn the_time_in_a_step_is_that_of_the_moment() {
        let text = text(&one(), Timestamp::from_second(160).unwrap());
        for line in [
            "etcd_cluster_size{cluster=\"one\",namespace=\"shop\"} 3\n",
            "etcd_cluster_health{cluster=\"one\",namespace=\"shop\"} 1\n",
            "etcd_operator_step_seconds{cluster=\"one\",namespace=\"shop\",\
             phase=\"Running\",step=\"Steady\"} 60\n",
        ] {
            assert!(text.contains(line), "no {line} in\n{text}");
        }
    }

    #[test]
    fn a_clock_that_went_back_gives_no_negative_time() {
        assert!(text(&one(), Timestamp::UNIX_EPOCH).contains("step=\"Steady\"} 0\n"));
    }
}
