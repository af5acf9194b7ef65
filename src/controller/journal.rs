//! SHELL. The journal: every turn that decided something, one JSON line each.

use crate::engine::{Machine, Transcript};
use crate::service::inspect::folder;
use kube::ResourceExt;
use std::fs::{OpenOptions, create_dir_all};
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

/// Keeps one line about one object, named `KIND/NAMESPACE_NAME`.
pub type Keep = Arc<dyn Fn(&str, &str) -> io::Result<()> + Send + Sync>;

/// Where turns are kept. What they hold is what the status shows; Secrets are never read.
#[derive(Clone)]
pub struct Journal {
    keep: Keep,
}

impl Journal {
    /// A journal whose lines go there.
    pub fn new(keep: Keep) -> Self {
        Self { keep }
    }

    /// A journal of a file per object, in a folder per kind below this one, made when the first line
    /// is written.
    pub fn in_folder(dir: PathBuf) -> Self {
        Self::new(Arc::new(move |object, line| {
            let path = dir.join(format!("{object}.jsonl"));
            create_dir_all(path.parent().unwrap_or(&dir))?;
            let mut file = OpenOptions::new().create(true).append(true).open(path)?;
            file.write_all(format!("{line}\n").as_bytes())
        }))
    }

    /// Keeps a turn, if it decided something. A line that cannot be kept is logged: the journal is
    /// for people, and no cluster waits for it.
    pub fn append<M: Machine>(&self, object: &impl ResourceExt, turn: &Transcript<M>) {
        if !turn.decided() {
            return;
        }
        let (kind, namespace) = (folder::<M>(), object.namespace().unwrap_or_default());
        let name = format!("{kind}/{namespace}_{}", object.name_any());
        let line = serde_json::to_string(turn).map_err(io::Error::from);
        if let Err(error) = line.and_then(|line| (self.keep)(&name, &line)) {
            tracing::warn!(%error, object = name, "failed to write the journal");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crd::EtcdCluster;
    use crate::engine::settle;
    use crate::service::etcd_cluster::decide::machine::EtcdClusterMachine;
    use crate::service::etcd_cluster::decide::vocabulary::Step;
    use crate::service::etcd_cluster::observe::observed::Observed;
    use crate::service::etcd_cluster::worlds::bases::{fresh, healthy};
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
        let journal = Journal::in_folder(dir.join("below"));
        let (begins, rests) = (turn(Step::Provision, fresh(3)), turn(Step::Steady, healthy(3)));
        journal.append(&named("a"), &rests);
        assert!(!dir.exists(), "a turn that decided nothing is written");
        journal.append(&named("a"), &begins);
        journal.append(&named("a"), &begins);
        journal.append(&named("a.b"), &begins);
        let text = read_to_string(dir.join("below/etcd-cluster/default_a.jsonl")).unwrap();
        let files = read_dir(dir.join("below/etcd-cluster")).unwrap().count();
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
        Journal::in_folder(file.clone()).append(&named("a"), &turn(Step::Provision, fresh(3)));
        assert_eq!(read_to_string(&file).unwrap(), "a file, not a folder");
        std::fs::remove_file(&file).unwrap();
    }
}
