//! SHELL. The journal: every turn that decided something, one JSON line each, a file per object.

use crate::engine::{Machine, Transcript};
use kube::ResourceExt;
use std::fs::{OpenOptions, create_dir_all};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Where turns are appended. What they hold is what the status shows; Secrets are never read.
#[derive(Debug, Clone)]
pub struct Journal {
    dir: PathBuf,
}

impl Journal {
    /// A journal in this folder, made when the first line is written.
    pub fn new(dir: PathBuf) -> Self {
        Self { dir }
    }

    /// Appends a turn, if it decided something. A line that cannot be written is logged: the
    /// journal is for people, and no cluster waits for it.
    pub fn append<M: Machine>(&self, object: &impl ResourceExt, turn: &Transcript<M>) {
        if !turn.decided() {
            return;
        }
        let namespace = object.namespace().unwrap_or_default();
        let path = self.dir.join(format!("{namespace}_{}.jsonl", object.name_any()));
        if let Err(error) = append(&path, turn) {
            tracing::warn!(%error, path = %path.display(), "failed to write the journal");
        }
    }
}

fn append<M: Machine>(path: &Path, turn: &Transcript<M>) -> io::Result<()> {
    create_dir_all(path.parent().unwrap_or(path))?;
    let mut line = serde_json::to_string(turn)?;
    line.push('\n');
    OpenOptions::new().create(true).append(true).open(path)?.write_all(line.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crd::EtcdCluster;
    use crate::engine::settle;
    use crate::service::etcd_cluster::scenarios::{fresh, healthy};
    use crate::service::etcd_cluster::{EtcdClusterMachine, Observed, Step};
    use std::fs::{read_dir, read_to_string, remove_dir_all};

    fn turn(from: Step, seen: Observed) -> Transcript<EtcdClusterMachine> {
        let settled = settle(from, &seen).unwrap();
        Transcript::of(Some(from.into()), seen, &settled)
    }

    fn named(name: &str) -> EtcdCluster {
        let mut cluster = EtcdCluster::new(name, serde_json::from_str("{}").unwrap());
        cluster.metadata.namespace = Some("default".to_owned());
        cluster
    }

    #[test]
    fn only_turns_that_decided_are_kept_one_a_line_and_each_object_has_its_own_file() {
        let dir = std::env::temp_dir().join(format!("journal-{}", std::process::id()));
        let journal = Journal::new(dir.join("below"));
        let (begins, rests) = (turn(Step::Provision, fresh(3)), turn(Step::Steady, healthy(3)));
        journal.append(&named("a"), &rests);
        assert!(!dir.exists(), "a turn that decided nothing is written");
        journal.append(&named("a"), &begins);
        journal.append(&named("a"), &begins);
        journal.append(&named("a.b"), &begins);
        let text = read_to_string(dir.join("below/default_a.jsonl")).unwrap();
        let files = read_dir(dir.join("below")).unwrap().count();
        remove_dir_all(&dir).unwrap();
        assert_eq!((text.lines().count(), files), (2, 2));
        for line in text.lines() {
            let read: Transcript<EtcdClusterMachine> = serde_json::from_str(line).unwrap();
            assert_eq!(read, begins);
        }
    }

    #[test]
    fn a_journal_that_cannot_be_written_holds_nothing_up() {
        let file = std::env::temp_dir().join(format!("no-journal-{}", std::process::id()));
        std::fs::write(&file, "a file, not a folder").unwrap();
        Journal::new(file.clone()).append(&named("a"), &turn(Step::Provision, fresh(3)));
        assert_eq!(read_to_string(&file).unwrap(), "a file, not a folder");
        std::fs::remove_file(&file).unwrap();
    }
}
