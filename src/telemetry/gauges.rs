//! SHELL. Gauges about single objects: kept as the turns tell them, copied when they are read.

use super::table::{Kind, Metric};
use parking_lot::{Mutex, MutexGuard};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Something about each object of a kind, by namespace and name.
pub type Objects<T> = BTreeMap<(String, String), T>;

/// What the turns told of the objects of one kind.
pub struct Gauges<T>(Mutex<Objects<T>>);

impl<T: Clone> Gauges<T> {
    /// Of no object yet.
    pub const fn new() -> Self {
        Self(Mutex::new(Objects::new()))
    }

    /// Keeps what a turn tells of an object, who knows what was told before.
    pub fn tell(&self, (namespace, name): (&str, &str), told: impl FnOnce(Option<&T>) -> T) {
        let (key, mut all) = ((namespace.to_owned(), name.to_owned()), self.all());
        let told = told(all.get(&key));
        all.insert(key, told);
    }

    /// The object is gone, and so is all that was told of it.
    pub fn forget(&self, namespace: &str, name: &str) {
        self.all().remove(&(namespace.to_owned(), name.to_owned()));
    }

    /// What is known at this moment. A copy: every turn needs the lock, so nothing is rendered under it.
    pub fn copy(&self) -> Objects<T> {
        self.all().clone()
    }

    fn all(&self) -> MutexGuard<'_, Objects<T>> {
        // Each change is one insertion or removal, so a panic elsewhere leaves nothing half done.
        self.0.lock()
    }
}

/// One metric of all objects of a kind; its first label names the object.
pub fn family<T>(
    objects: &Objects<T>,
    metric: Metric,
    labels: impl Fn(&T) -> String,
    value: impl Fn(&T) -> f64,
) -> String {
    let name = metric.name;
    let kind = if metric.kind == Kind::Counter { "counter" } else { "gauge" };
    let mut text = format!("# HELP {name} {}\n# TYPE {name} {kind}\n", metric.help);
    let what = metric.labels.first().copied().unwrap_or_default();
    for ((namespace, object), kept) in objects {
        let (object, namespace) = (escaped(object), escaped(namespace));
        let (labels, value) = (labels(kept), value(kept));
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{name}{{{what}=\"{object}\",namespace=\"{namespace}\"{labels}}} {value}"
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
    use crate::telemetry::table::SIZE;

    #[test]
    fn a_scrape_that_is_rendered_keeps_no_turn_waiting() {
        let gauges = Gauges::new();
        gauges.tell(("shop", "one"), |_| 1.0);
        let value = |size: &f64| {
            gauges.tell(("shop", "two"), |_| 2.0);
            *size
        };
        let text = family(&gauges.copy(), SIZE, |_| String::new(), value);
        assert!(
            text.contains("etcd_cluster_size{cluster=\"one\",namespace=\"shop\"} 1\n"),
            "{text}"
        );
        assert_eq!(gauges.copy().len(), 2);
    }

    #[test]
    fn a_label_cannot_end_itself() {
        assert_eq!(escaped("a\"\n\\"), r#"a\"\n\\"#);
    }
}
