//! SHELL. `coverage`: which edges of the machines somebody drove, and which nobody did.

use super::kinds::{Subject, of_kind};
use super::output::print;
use super::recording::{RecordingError, read};
use crate::engine::{Edges, replay, resume, settle};
use crate::service::told::{StepOf, Told, folder};
use anyhow::Context as _;
use clap::Args;
use statig::blocking::{IntoStateMachine, Superstate};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use strum::IntoEnumIterator;

/// Count the edges of the machines and who drove them; fail if one was driven by nobody
///
/// An edge is a step, a fact, the guards asked with their answers, and what came of it. Counted is
/// each that a turn can take in the worlds the diagrams are drawn from.
#[derive(Args, Debug)]
pub struct Coverage {
    /// Folders of recorded turns that tests decide again, beside the machines' own cases
    #[arg(long, default_value = "fixtures/transitions")]
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

/// Who drove edges, and which, as lines.
type Witness = (&'static str, BTreeSet<String>);

impl Coverage {
    /// Prints a table of steps, the edges that nobody drove, and the figures.
    ///
    /// # Errors
    /// There is such an edge, or a file cannot be read.
    pub fn run(&self) -> anyhow::Result<()> {
        let mut undriven = 0;
        for subject in Subject::iter() {
            undriven += of_kind!(subject, count(self))?;
        }
        anyhow::ensure!(undriven == 0, "nobody drives {undriven} edges");
        Ok(())
    }
}

/// Prints what there is to say of a kind, and says how many of its edges nobody drives.
fn count<K: Told>(from: &Coverage) -> anyhow::Result<usize>
where
    for<'s> <K::Machine as IntoStateMachine>::Superstate<'s>: Superstate<K::Machine>,
{
    let all = Edges::of::<K::Machine>(K::turns())?;
    let steps: BTreeSet<&str> = StepOf::<K>::iter().map(Into::into).collect();
    // What others kept is of both kinds, and no two steps have one name.
    let own = |lines: BTreeSet<String>| -> BTreeSet<String> {
        let is_own = |line: &String| line.split(':').next().is_some_and(|at| steps.contains(at));
        lines.into_iter().filter(is_own).collect()
    };
    let count = Count::new(
        &all,
        [
            ("tests", &recorded::<K>(&from.tests)? | &K::decided().lines()),
            ("simulation", own(kept(&from.simulation)?)),
            ("model", own(kept(&from.model)?)),
            ("cluster", recorded::<K>(&from.cluster)?),
        ],
    );
    print(&count.text::<K>())?;
    Ok(count.undriven().len())
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
/// A turn that today's machine decides otherwise is a witness of nothing. Each kind's lie in a folder
/// of its name; there may be none of it.
fn recorded<K: Told>(folders: &[PathBuf]) -> anyhow::Result<BTreeSet<String>>
where
    for<'s> <K::Machine as IntoStateMachine>::Superstate<'s>: Superstate<K::Machine>,
{
    let mut edges = Edges::default();
    for above in folders {
        anyhow::ensure!(above.is_dir(), "failed to read {}", above.display());
        let Ok(files) = fs::read_dir(above.join(folder::<K::Machine>())) else { continue };
        for file in files {
            read::<K::Machine, RecordingError>(&file?.path(), |(_, turn)| {
                let from = resume::<K::Machine>(turn.recorded.as_deref(), &turn.observed);
                if let (Ok(()), Ok(settled)) = (replay(&turn), settle(from, &turn.observed)) {
                    edges.add::<K::Machine>(&settled);
                }
                Ok(())
            })?;
        }
    }
    Ok(edges.lines())
}

/// What was counted.
struct Count {
    /// Each edge a turn can take, by its step.
    edges: Vec<(&'static str, String)>,
    witnesses: [Witness; 4],
}

impl Count {
    fn new(all: &Edges, witnesses: [Witness; 4]) -> Self {
        let edges = all.told().map(|edge| (edge.at, edge.to_string())).collect();
        Self { edges, witnesses }
    }

    fn is_driven(&self, edge: &str) -> bool {
        self.witnesses.iter().any(|(_, lines)| lines.contains(edge))
    }

    /// The edges that nobody drove.
    fn undriven(&self) -> Vec<&str> {
        let lines = self.edges.iter().map(|(_, line)| line.as_str());
        lines.filter(|line| !self.is_driven(line)).collect()
    }

    /// What was driven and is no edge any world shows: the worlds, and with them the diagrams, lack
    /// something that happens.
    fn unforeseen(&self) -> BTreeSet<&str> {
        let known: BTreeSet<&str> = self.edges.iter().map(|(_, line)| line.as_str()).collect();
        let driven = self.witnesses.iter().flat_map(|(_, lines)| lines).map(String::as_str);
        driven.filter(|line| !known.contains(line)).collect()
    }

    /// How many edges of these steps there are, then how many each witness drove, then how many
    /// nobody did.
    fn numbers(&self, is_meant: impl Fn(&str) -> bool) -> Vec<usize> {
        let own = self.edges.iter().filter(|(at, _)| is_meant(at)).map(|(_, line)| line);
        let own: Vec<&String> = own.collect();
        let driven =
            |(_, lines): &Witness| own.iter().filter(|line| lines.contains(**line)).count();
        let nobody = own.iter().filter(|line| !self.is_driven(line)).count();
        let all = self.witnesses.iter().map(driven);
        [own.len()].into_iter().chain(all).chain([nobody]).collect()
    }

    /// For people: a table, and what is wrong. For programs: the figures.
    fn text<K: Told>(&self) -> String {
        let kind = folder::<K::Machine>().replace('-', "_");
        let names = self.witnesses.iter().map(|(name, _)| *name);
        let heads: Vec<&str> = ["edges"].into_iter().chain(names).chain(["undriven"]).collect();
        let all = self.numbers(|_| true);
        let head = [row("step", &heads)];
        let steps = StepOf::<K>::iter().map(Into::<&str>::into);
        let steps = steps.map(|step| row(step, &self.numbers(|at| at == step)));
        let undriven = self.undriven().into_iter().map(|line| format!("undriven: {line}"));
        let unforeseen = self.unforeseen().into_iter().map(|line| format!("unforeseen: {line}"));
        let figures = heads.iter().zip(all).map(|(head, number)| match *head {
            "edges" => format!("{kind}_edges={number}"),
            head => format!("{kind}_edges_{head}={number}"),
        });
        let lines = head.into_iter().chain(steps).chain(undriven).chain(unforeseen).chain(figures);
        lines.collect::<Vec<_>>().join("\n") + "\n"
    }
}

fn row(name: &str, cells: &[impl ToString]) -> String {
    let cells = cells.iter().map(|cell| format!("{:>12}", cell.to_string()));
    format!("{name:12}{}", cells.collect::<Vec<_>>().concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Fixture, Transcript};
    use crate::service::etcd_cluster::scenarios::{fresh, healthy};
    use crate::service::etcd_cluster::{Cluster, EtcdClusterMachine, Step};

    type Turn = Transcript<EtcdClusterMachine>;

    fn turn(from: Step, seen: crate::service::etcd_cluster::Observed) -> Turn {
        let settled = settle(from, &seen).unwrap();
        Turn::of(Some(from.into()), seen, &settled)
    }

    fn count(lines: &[&str]) -> Count {
        let mut all = Edges::default();
        for (from, seen) in [(Step::Provision, fresh(0)), (Step::Steady, healthy(3))] {
            all.add::<EtcdClusterMachine>(&settle(from, &seen).unwrap());
        }
        let lines: BTreeSet<String> = lines.iter().map(|&line| line.to_owned()).collect();
        let nothing = |name| (name, BTreeSet::new());
        let others = [nothing("simulation"), nothing("model"), nothing("cluster")];
        let [simulation, model, cluster] = others;
        Count::new(&all, [("tests", lines), simulation, model, cluster])
    }

    #[test]
    fn what_nobody_drives_is_listed_as_the_table_says_it() {
        let count = count(&["Steady: Looked stays"]);
        let undriven = count.undriven();
        assert!(undriven.contains(&"Provision: Looked [¬SizeAboveZero] stays"), "{undriven:?}");
        assert!(!undriven.contains(&"Steady: Looked stays"), "{undriven:?}");
        let text = count.text::<Cluster>();
        for line in [
            "undriven: Provision: Looked [¬SizeAboveZero] stays\n",
            "etcd_cluster_edges_tests=1\n",
            &format!("etcd_cluster_edges_undriven={}\n", undriven.len()),
        ] {
            assert!(text.contains(line), "{line} in {text}");
        }
    }

    #[test]
    fn what_is_driven_and_in_no_world_is_listed() {
        let count = count(&["Steady: Looked -> Seal"]);
        assert_eq!(count.unforeseen(), ["Steady: Looked -> Seal"].into());
        assert!(count.text::<Cluster>().contains("unforeseen: Steady: Looked -> Seal\n"));
    }

    #[test]
    fn what_one_run_keeps_another_reads_and_a_turn_decided_otherwise_counts_for_nothing() {
        let dir = std::env::temp_dir().join(format!("coverage-{}", std::process::id()));
        fs::create_dir_all(dir.join("turns/etcd-cluster")).unwrap();
        let path = dir.join("turns/etcd-cluster/a.yaml");
        let write = |turns: Vec<Turn>| {
            let fixture = Fixture { story: "a".to_owned(), turns };
            fs::write(&path, fixture.write().unwrap()).unwrap();
            recorded::<Cluster>(&[dir.join("turns")]).unwrap()
        };
        let same = turn(Step::Provision, fresh(0));
        let driven = write(vec![same.clone()]);
        assert!(driven.contains("Provision: Looked [¬SizeAboveZero] stays"), "{driven:?}");
        let mut otherwise = same;
        otherwise.held.clear();
        assert_eq!(write(vec![otherwise]), BTreeSet::new());

        let mut edges = Edges::default();
        edges.add::<EtcdClusterMachine>(&settle(Step::Steady, &healthy(3)).unwrap());
        keep(&dir.join("edges"), &edges).unwrap();
        assert_eq!(kept(&[dir.join("edges")]).unwrap(), edges.lines());
        assert!(kept(&[dir.join("absent")]).unwrap_err().to_string().ends_with("absent"));
        fs::remove_dir_all(&dir).unwrap();
    }
}
