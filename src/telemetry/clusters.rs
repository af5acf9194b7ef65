//! SHELL. Gauges about single clusters: written by the turns, computed when they are read.

use super::{HEALTH, Metric, SIZE, STEP_SECONDS};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};

/// What the metrics say about one cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClusterGauges {
    /// Members, as etcd lists them; what was last known while it cannot be asked.
    pub size: usize,
    /// Whether it is known to serve.
    pub healthy: bool,
    /// The phase it is in.
    pub phase: &'static str,
    /// The step it is in.
    pub step: &'static str,
    /// Since when.
    pub since: Timestamp,
}

/// Namespace and name.
type Clusters = BTreeMap<(String, String), ClusterGauges>;

static CLUSTERS: Mutex<Clusters> = Mutex::new(Clusters::new());

/// A turn saw this cluster like that.
pub fn observe_cluster(namespace: &str, name: &str, gauges: ClusterGauges) {
    with(|clusters| clusters.insert((namespace.to_owned(), name.to_owned()), gauges));
}

/// The cluster is gone, and so is all that was told of it.
pub fn forget_cluster(namespace: &str, name: &str) {
    with(|clusters| clusters.remove(&(namespace.to_owned(), name.to_owned())));
}

/// All clusters as of `now`, in the Prometheus text format.
pub(super) fn render(now: Timestamp) -> String {
    with(|clusters| text(clusters, now))
}

fn with<T>(work: impl FnOnce(&mut Clusters) -> T) -> T {
    // Each change is one insertion or removal, so a panic elsewhere leaves nothing half done.
    work(&mut CLUSTERS.lock().unwrap_or_else(PoisonError::into_inner))
}

fn text(clusters: &Clusters, now: Timestamp) -> String {
    let seconds = |since| now.duration_since(since).as_secs_f64().max(0.0);
    let step = |is: &ClusterGauges| format!(",phase=\"{}\",step=\"{}\"", is.phase, is.step);
    let nothing = |_: &ClusterGauges| String::new();
    #[allow(clippy::cast_precision_loss, reason = "a cluster has at most ten members")]
    let size = |is: &ClusterGauges| is.size as f64;
    family(clusters, SIZE, nothing, size)
        + &family(clusters, HEALTH, nothing, |is| f64::from(u8::from(is.healthy)))
        + &family(clusters, STEP_SECONDS, step, |is| seconds(is.since))
}

fn family(
    clusters: &Clusters,
    metric: Metric,
    labels: impl Fn(&ClusterGauges) -> String,
    value: impl Fn(&ClusterGauges) -> f64,
) -> String {
    let name = metric.name;
    let mut text = format!("# HELP {name} {}\n# TYPE {name} gauge\n", metric.help);
    for ((namespace, cluster), gauges) in clusters {
        let (cluster, namespace) = (escaped(cluster), escaped(namespace));
        let (labels, value) = (labels(gauges), value(gauges));
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{name}{{cluster=\"{cluster}\",namespace=\"{namespace}\"{labels}}} {value}"
        );
    }
    text + "\n"
}

fn escaped(label: &str) -> String {
    label.replace('\\', r"\\").replace('"', "\\\"").replace('\n', r"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gauges(second: i64) -> ClusterGauges {
        let since = Timestamp::from_second(second).unwrap();
        ClusterGauges { size: 3, healthy: true, phase: "Running", step: "Steady", since }
    }

    #[test]
    fn the_time_in_a_step_is_that_of_the_moment() {
        let clusters = Clusters::from([(("shop".to_owned(), "one".to_owned()), gauges(100))]);
        let text = text(&clusters, Timestamp::from_second(160).unwrap());
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
        let clusters = Clusters::from([(("shop".to_owned(), "one".to_owned()), gauges(100))]);
        assert!(text(&clusters, Timestamp::UNIX_EPOCH).contains("step=\"Steady\"} 0\n"));
    }

    #[test]
    fn a_forgotten_cluster_is_gone_and_its_neighbour_is_not() {
        observe_cluster("telemetry", "gone", gauges(0));
        observe_cluster("telemetry", "kept", gauges(0));
        forget_cluster("telemetry", "gone");
        let text = render(Timestamp::UNIX_EPOCH);
        assert!(!text.contains("cluster=\"gone\",namespace=\"telemetry\""), "{text}");
        assert!(text.contains("cluster=\"kept\",namespace=\"telemetry\""), "{text}");
    }

    #[test]
    fn a_label_cannot_end_itself() {
        assert_eq!(escaped("a\"\n\\"), r#"a\"\n\\"#);
    }
}
