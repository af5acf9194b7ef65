//! SHELL. `fixture`: turns a journal into a fixture, the story a test replays. It holds what decides: a
//! turn that only waits, or that decides what another one did, is left out.

use super::kinds::{Subject, of_kind};
use super::recording::{RecordingError, read};
use crate::engine::{Fixture, Machine, Transcript, name};
use crate::service::Kind;
use std::collections::HashSet;
use std::io::Write;
use std::path::Path;

/// Prints the turns of `journal` that decide something new as a fixture of this name. With `from`: only
/// those since the first turn that began in that step.
///
/// # Errors
/// A journal that cannot be read, with the line, or without such turns.
pub fn fixture(story: String, journal: &Path, from: Option<&str>) -> anyhow::Result<()> {
    let text = of_kind!(Subject::recorded_in(journal), told(story, journal, from))?;
    std::io::stdout().write_all(text.as_bytes())?;
    Ok(())
}

fn told<K: Kind>(story: String, journal: &Path, from: Option<&str>) -> anyhow::Result<String> {
    let (mut turns, mut known, mut has_begun) = (vec![], HashSet::new(), from.is_none());
    read::<K::Machine, RecordingError>(journal, |(_, mut turn)| {
        has_begun |= turn.recorded.as_deref() == from;
        let moves = !turn.path.is_empty() || !turn.actions.is_empty();
        let decides = moves || !turn.records.is_empty();
        if has_begun && decides && known.insert(decision(&turn)) {
            // Worded for people who read a journal; nobody decides by it.
            turn.asked.iter_mut().for_each(|asked| asked.saw.clear());
            turns.push(turn);
        }
        Ok(())
    })?;
    anyhow::ensure!(!turns.is_empty(), "{}: no turn decides anything", journal.display());
    Ok(Fixture { story, turns }.write()?)
}

/// What a turn decides, without to whom and when: two of the same replay the same code.
fn decision<M: Machine>(turn: &Transcript<M>) -> String {
    let asked: Vec<_> =
        turn.asked.iter().map(|at| (&at.step, &at.fact, &at.guard, at.answer)).collect();
    let records: Vec<String> = turn.records.iter().map(name).collect();
    let actions: Vec<String> = turn.actions.iter().map(name).collect();
    format!("{:?}", (&turn.recorded, &turn.facts, asked, &turn.path, &turn.held, records, actions))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::settle;
    use crate::service::etcd_cluster::Cluster;
    use crate::service::etcd_cluster::decide::machine::EtcdClusterMachine;
    use crate::service::etcd_cluster::decide::vocabulary::Step;
    use crate::service::etcd_cluster::observe::observed::Observed;
    use crate::service::etcd_cluster::worlds::bases::{formed, fresh, healthy};
    use std::fs::{remove_file, write};

    fn line(from: Step, seen: Observed) -> String {
        let settled = settle::<EtcdClusterMachine>(from, &seen).unwrap();
        let turn = Transcript::<EtcdClusterMachine>::of(Some(from.into()), seen, &settled);
        serde_json::to_string(&turn).unwrap()
    }

    /// What becomes of a journal of these lines.
    fn of(name: &str, lines: &[String], from: Option<&str>) -> anyhow::Result<String> {
        let path = std::env::temp_dir().join(format!("{name}-{}.jsonl", std::process::id()));
        write(&path, lines.join("\n")).unwrap();
        let told = told::<Cluster>("a birth: the first turns".to_owned(), &path, from);
        remove_file(&path).unwrap();
        told
    }

    #[test]
    fn a_journal_becomes_a_story_that_is_decided_the_same_again() {
        let lines = [line(Step::Provision, fresh(3)), line(Step::AwaitQuorum, formed(3))];
        let text = of("fixture", &lines, None).unwrap();
        let fixture = Fixture::<EtcdClusterMachine>::read(&text).unwrap();
        assert_eq!((fixture.story.as_str(), fixture.turns.len()), ("a birth: the first turns", 2));
        assert_eq!(fixture.replay(), Ok(()));
    }

    #[test]
    fn a_story_holds_each_decision_once_and_begins_where_it_is_told_to() {
        let later = Observed { now: "2026-01-02T00:00:00Z".parse().unwrap(), ..fresh(3) };
        let waits = line(Step::Steady, healthy(3));
        let lines = [
            line(Step::Provision, fresh(3)),
            line(Step::Provision, later),
            line(Step::AwaitQuorum, formed(3)),
            waits.clone(),
        ];
        let began = |from| -> Vec<Option<String>> {
            let fixture = Fixture::<EtcdClusterMachine>::read(&of("once", &lines, from).unwrap());
            fixture.unwrap().turns.into_iter().map(|turn| turn.recorded).collect()
        };
        let named = |steps: &[&str]| steps.iter().map(|&step| Some(step.to_owned())).collect();
        let both: Vec<_> = named(&["Provision", "AwaitQuorum"]);
        assert_eq!(began(None), both);
        let last: Vec<_> = named(&["AwaitQuorum"]);
        assert_eq!(began(Some("AwaitQuorum")), last);
        let error = of("waits", &[waits], None).unwrap_err();
        assert!(error.to_string().ends_with("no turn decides anything"), "{error}");
    }
}
