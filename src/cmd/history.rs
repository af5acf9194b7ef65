//! SHELL. `history`: the moves of an object as a timeline.

use super::kinds::{Subject, kind, of_kind};
use super::look::{block_on, look};
use super::output::{Named, Paint, answer, span};
use crate::crd::{TRANSITIONS_MAX, Transition};
use crate::service::inspect::Inspect;
use clap::Args;
use jiff::Timestamp;
use kube::ResourceExt;
use serde_json::json;
use std::fmt::Write;

/// Show the moves of a cluster or service, with their reasons and how long each step lasted
#[derive(Args, Debug)]
pub struct History {
    #[command(flatten)]
    named: Named,
}

impl History {
    /// Reads, and shows it.
    ///
    /// # Errors
    /// The object cannot be read.
    pub fn run(&self) -> anyhow::Result<()> {
        let (subject, name) = Subject::named(&self.named.name)?;
        of_kind!(subject, tell(&self.named, name))
    }
}

fn tell<K: Inspect>(named: &Named, name: &str) -> anyhow::Result<()> {
    use crate::service::Clock;
    let object = block_on(look::<K>(named, name))?.object;
    let now = crate::controller::SystemClock.now();
    answer(named.output, &as_json::<K>(&object, now), |paint| text::<K>(&object, now, paint))
}

fn moves<K: Inspect>(object: &K::Object) -> &[Transition] {
    K::status(object).map_or(&[], K::transitions)
}

/// Each move with the end of the step it entered.
fn ends(moves: &[Transition], now: Timestamp) -> impl Iterator<Item = (&Transition, Timestamp)> {
    let next = moves.iter().skip(1).map(|at| at.at.0).chain([now]);
    moves.iter().zip(next)
}

fn text<K: Inspect>(object: &K::Object, now: Timestamp, paint: Paint) -> String {
    let (moves, mut out) = (moves::<K>(object), String::new());
    let title = format!("{}/{}", object.namespace().unwrap_or_default(), object.name_any());
    // Writing into a String cannot fail.
    let _ = writeln!(out, "{} {title}", paint.bold(kind::<K>()));
    if moves.is_empty() {
        let _ = writeln!(out, "\nNothing has happened yet. Is the operator running?");
        return out;
    }
    if moves.len() >= TRANSITIONS_MAX {
        let _ = writeln!(out, "\nOnly the last {TRANSITIONS_MAX} moves are kept.");
    }
    let _ = writeln!(out, "\n{:25} {:26} {:18} for", "at", "to", "because");
    for (at, end) in ends(moves, now) {
        let (lasted, when) = (span(at.at.0, end), at.at.0.to_string());
        let open = if end == now { " so far" } else { "" };
        let when = when.split('.').next().unwrap_or_default().trim_end_matches('Z').to_owned();
        let _ = writeln!(out, "{:25} {:26} {:18} {lasted}{open}", when + "Z", at.to, at.reason);
    }
    for at in K::status(object).map_or(&[][..], K::conditions) {
        let _ = writeln!(
            out,
            "{}{:12} {:8} {}",
            if at.type_ == "Available" { "\n" } else { "" },
            at.type_,
            at.status,
            at.message
        );
    }
    out
}

fn as_json<K: Inspect>(object: &K::Object, now: Timestamp) -> serde_json::Value {
    let moves = ends(moves::<K>(object), now).map(|(at, end)| {
        json!({
            "at": at.at.0.to_string(), "from": at.from, "to": at.to, "reason": at.reason,
            "lastedSeconds": end.duration_since(at.at.0).as_secs_f64(),
        })
    });
    json!({
        "namespace": object.namespace(), "name": object.name_any(),
        "transitions": moves.collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crd::EtcdCluster;
    use crate::service::etcd_cluster::Cluster;

    fn cluster() -> EtcdCluster {
        serde_json::from_value(json!({
            "apiVersion": "etcd.etcd.io/v1alpha1", "kind": "EtcdCluster",
            "metadata": {"name": "a", "namespace": "default"}, "spec": {},
            "status": {"transitions": [
                {"at": "2026-01-01T00:00:00Z", "from": "Creating/Provision", "to": "Creating/AwaitQuorum", "reason": "Looked"},
                {"at": "2026-01-01T00:00:07Z", "from": "Creating/AwaitQuorum", "to": "Creating/Seal", "reason": "ClusterFormed"},
            ]},
        }))
        .unwrap()
    }

    #[test]
    fn each_move_tells_its_reason_and_how_long_its_step_lasted() {
        let now = "2026-01-01T00:01:37Z".parse().unwrap();
        let text = text::<Cluster>(&cluster(), now, Paint::none());
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[3].contains("Creating/AwaitQuorum") && lines[3].ends_with("7 s"), "{text}");
        assert!(lines[4].contains("ClusterFormed"), "{text}");
        assert!(lines[4].ends_with("1 min 30 s so far"), "{text}");
        assert_eq!(as_json::<Cluster>(&cluster(), now)["transitions"][0]["lastedSeconds"], 7.0);
    }

    #[test]
    fn a_full_history_says_that_it_is_not_the_whole() {
        let mut long = cluster();
        let moves = &mut long.status.as_mut().unwrap().transitions;
        *moves = vec![moves[0].clone(); TRANSITIONS_MAX];
        let now = "2026-01-01T00:01:37Z".parse().unwrap();
        assert!(
            text::<Cluster>(&long, now, Paint::none()).contains("Only the last 20 moves are kept.")
        );
        assert!(!text::<Cluster>(&cluster(), now, Paint::none()).contains("are kept"));
    }
}
