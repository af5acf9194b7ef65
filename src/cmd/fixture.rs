//! SHELL. `fixture`: turns a journal into a fixture, the story a test replays.

use super::kinds::{Subject, of_kind};
use super::recording::{RecordingError, read};
use crate::engine::Fixture;
use crate::service::Kind;
use std::io::Write;
use std::path::Path;

/// Prints the turns of `journal` as a fixture of this name.
///
/// # Errors
/// A journal that cannot be read, with the line.
pub fn fixture(story: &str, journal: &Path) -> anyhow::Result<()> {
    let text = of_kind!(Subject::recorded_in(journal), told(story, journal))?;
    std::io::stdout().write_all(text.as_bytes())?;
    Ok(())
}

fn told<K: Kind>(story: &str, journal: &Path) -> anyhow::Result<String> {
    let mut turns = vec![];
    read::<K::Machine, RecordingError>(journal, |(_, turn)| {
        turns.push(turn);
        Ok(())
    })?;
    Ok(Fixture { story: story.to_owned(), turns }.write()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Transcript, settle};
    use crate::service::etcd_cluster::scenarios::{formed, fresh};
    use crate::service::etcd_cluster::{Cluster, EtcdClusterMachine, Step};
    use std::fs::{remove_file, write};

    fn line(from: Step, seen: crate::service::etcd_cluster::Observed) -> String {
        let settled = settle::<EtcdClusterMachine>(from, &seen).unwrap();
        let turn = Transcript::<EtcdClusterMachine>::of(Some(from.into()), seen, &settled);
        serde_json::to_string(&turn).unwrap()
    }

    /// What becomes of a journal of these lines.
    fn of(name: &str, lines: &[String]) -> anyhow::Result<String> {
        let path = std::env::temp_dir().join(format!("{name}-{}.jsonl", std::process::id()));
        write(&path, lines.join("\n")).unwrap();
        let told = told::<Cluster>("a birth: the first turns", &path);
        remove_file(&path).unwrap();
        told
    }

    #[test]
    fn a_journal_becomes_a_story_that_is_decided_the_same_again() {
        let lines = [line(Step::Provision, fresh(3)), line(Step::AwaitQuorum, formed(3))];
        let text = of("fixture", &lines).unwrap();
        let fixture = Fixture::<EtcdClusterMachine>::read(&text).unwrap();
        assert_eq!((fixture.story.as_str(), fixture.turns.len()), ("a birth: the first turns", 2));
        assert_eq!(fixture.replay(), Ok(()));
    }

    #[test]
    fn a_damaged_journal_is_refused_with_the_line() {
        let whole = line(Step::Provision, fresh(3));
        let half = whole.get(..whole.len() / 2).unwrap().to_owned();
        let error = of("damaged", &[whole, half]).unwrap_err();
        assert!(error.to_string().contains(".jsonl:2: no turn: "), "{error}");
        let absent = told::<Cluster>("a", Path::new("/no/such/journal")).unwrap_err();
        assert_eq!(absent.to_string(), "failed to read /no/such/journal");
    }
}
