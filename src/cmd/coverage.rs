//! SHELL. `coverage`: which edges of the machine somebody drove, and which nobody did.

use super::output::print;
use super::recording::{RecordingError, read};
use crate::engine::{Edges, replay, resume, settle};
use crate::service::etcd_cluster::{EtcdClusterMachine, Step, cases, scenarios};
use anyhow::Context as _;
use clap::Args;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use strum::IntoEnumIterator;

/// Count the edges of the machine and who drove them; fail if one was driven by nobody
///
/// An edge is a step, a fact, the guards asked with their answers, and what came of it. Counted is
/// each that a turn can take in the worlds the diagrams are drawn from.
#[derive(Args, Debug)]
pub struct Coverage {
    /// Folders of recorded turns that tests decide again, beside the machine's own cases
    #[arg(long, default_value = "fixtures/transitions/etcd-cluster")]
    tests: Vec<PathBuf>,
    /// Files of `prove --edges FILE`
    #[arg(long)]
    simulation: Vec<PathBuf>,
    /// Files of edges the model check decided
    #[arg(long)]
    model: Vec<PathBuf>,
    /// Folders of journals of operators on a real cluster
    #[arg(long)]
    cluster: Vec<PathBuf>,
}

/// Those who drove edges, by name, and which.
type Witness = (&'static str, BTreeSet<String>);

impl Coverage {
    /// Prints a table of steps, and the edges that nobody drove.
    ///
    /// # Errors
    /// There is such an edge, or a file cannot be read.
    pub fn run(&self) -> anyhow::Result<()> {
        let all = Edges::of::<EtcdClusterMachine>(scenarios::turns())?;
        let witnesses = [
            ("tests", &recorded(&self.tests)? | &decided()),
            ("simulation", kept(&self.simulation)?),
            ("model", kept(&self.model)?),
            ("cluster", recorded(&self.cluster)?),
        ];
        let (told, undriven) = report(&all, &witnesses);
        print(&told)?;
        anyhow::ensure!(undriven == 0, "nobody drives {undriven} edges");
        Ok(())
    }
}

/// Writes edges into a file, one a line, for this command to read.
///
/// # Errors
/// It cannot be written.
pub fn keep(path: &Path, edges: &Edges) -> anyhow::Result<()> {
    let lines: Vec<String> = edges.lines().into_iter().collect();
    let text = lines.join("\n") + "\n";
    fs::write(path, text).with_context(|| format!("failed to write {}", path.display()))
}

/// The edges in files that [`keep`] wrote.
fn kept(files: &[PathBuf]) -> anyhow::Result<BTreeSet<String>> {
    let mut lines = BTreeSet::new();
    for path in files {
        let text = fs::read_to_string(path);
        let text = text.with_context(|| format!("failed to read {}", path.display()))?;
        lines.extend(text.lines().map(str::to_owned));
    }
    Ok(lines)
}

/// The edges of the turns in all journals and fixtures of these folders.
///
/// A turn that today's machine decides otherwise is a witness of nothing.
fn recorded(folders: &[PathBuf]) -> anyhow::Result<BTreeSet<String>> {
    let mut edges = Edges::default();
    for folder in folders {
        let failed = || format!("failed to read {}", folder.display());
        for file in fs::read_dir(folder).with_context(failed)? {
            read::<EtcdClusterMachine, RecordingError>(&file?.path(), |(_, turn)| {
                let from = resume::<EtcdClusterMachine>(turn.recorded.as_deref(), &turn.observed);
                if let (Ok(()), Ok(settled)) = (replay(&turn), settle(from, &turn.observed)) {
                    edges.add::<EtcdClusterMachine>(&settled);
                }
                Ok(())
            })?;
        }
    }
    Ok(edges.lines())
}

/// The edges of the cases that are decided as they say.
fn decided() -> BTreeSet<String> {
    let mut edges = Edges::default();
    for turn in cases::all().filter_map(|case| case.decide().ok()).flatten() {
        edges.add(&turn);
    }
    edges.lines()
}

/// The table, and how many edges nobody drove.
fn report(all: &Edges, witnesses: &[Witness]) -> (String, usize) {
    let edges: Vec<(&str, String)> = all.told().map(|edge| (edge.at, edge.to_string())).collect();
    let driven = |line: &String| witnesses.iter().any(|(_, lines)| lines.contains(line));
    let undriven: Vec<&String> =
        edges.iter().map(|(_, line)| line).filter(|line| !driven(line)).collect();
    let mut out = String::new();
    // Writing into a String cannot fail.
    let _ = write!(out, "{:12}{:>7}", "step", "edges");
    for (name, _) in witnesses {
        let _ = write!(out, "{name:>12}");
    }
    let _ = writeln!(out, "{:>10}", "undriven");
    for step in Step::iter() {
        let step: &str = step.into();
        let own: Vec<_> =
            edges.iter().filter(|(at, _)| *at == step).map(|(_, line)| line).collect();
        let _ = write!(out, "{step:12}{:>7}", own.len());
        for (_, lines) in witnesses {
            let _ = write!(out, "{:>12}", own.iter().filter(|line| lines.contains(**line)).count());
        }
        let _ = writeln!(out, "{:>10}", own.iter().filter(|line| !driven(line)).count());
    }
    for line in &undriven {
        let _ = writeln!(out, "undriven  {line}");
    }
    let _ = writeln!(out, "edges={}", edges.len());
    for (name, lines) in witnesses {
        let count = edges.iter().filter(|(_, line)| lines.contains(line)).count();
        let _ = writeln!(out, "edges_{name}={count}");
    }
    let _ = writeln!(out, "edges_undriven={}", undriven.len());
    (out, undriven.len())
}
