//! SHELL. `replay`: decides recorded turns again, and tells where today's machine differs.

use super::kinds::{Subject, of_kind};
use super::output::print;
use super::recording::{RecordingError, is_fixture, read, read_fixture};
use crate::engine::{decide_again, replay};
use crate::service::Kind;
use clap::Args;
use statig::blocking::{IntoStateMachine, Superstate};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Every turn is decided as it was.
const SAME: u8 = 0;
/// A turn is decided otherwise.
const DIFFERS: u8 = 1;
/// A file cannot be read, or not be written anew.
const UNREADABLE: u8 = 2;

/// Decide recorded turns again and print the first difference of each file
///
/// Ends with 0 if there is none, with 1 if there is one, and with 2 if a file cannot be read.
#[derive(Args, Debug)]
pub struct Replay {
    /// Journals of `run --journal DIR`, or fixtures (`.yaml`), in the folder of their kind
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Write fixtures anew as today's machine decides: after an intended change, to be read and committed
    #[arg(long)]
    accept: bool,
}

/// Why a file is left early.
enum Stop {
    Unreadable(RecordingError),
    Differs(String),
}

impl From<RecordingError> for Stop {
    fn from(error: RecordingError) -> Self {
        Self::Unreadable(error)
    }
}

impl Replay {
    /// Replays every file, also after one that differs.
    ///
    /// # Errors
    /// Nothing can be printed.
    pub fn run(&self) -> anyhow::Result<ExitCode> {
        let mut worst = SAME;
        for path in &self.files {
            let (code, told) = self.judge(path);
            print(&format!("{told}\n"))?;
            worst = worst.max(code);
        }
        Ok(ExitCode::from(worst))
    }

    /// What becomes of one file: the exit code, and the line that says so.
    fn judge(&self, path: &Path) -> (u8, String) {
        of_kind!(Subject::recorded_in(path), judge(path, self.accept))
    }
}

fn judge<K: Kind>(path: &Path, accepts: bool) -> (u8, String)
where
    for<'s> <K::Machine as IntoStateMachine>::Superstate<'s>: Superstate<K::Machine>,
{
    if accepts && let Err(why) = accept::<K>(path) {
        return (UNREADABLE, format!("{why:#}"));
    }
    let mut turns = 0;
    let outcome = read::<K::Machine, Stop>(path, |(line, turn)| {
        turns += 1;
        replay(&turn)
            .map_err(|difference| Stop::Differs(format!("{}:{line}: {difference}", path.display())))
    });
    match outcome {
        Ok(()) => (SAME, format!("{}: {turns} turns, decided the same", path.display())),
        Err(Stop::Differs(what)) => (DIFFERS, what),
        // The error says where; its source says why.
        Err(Stop::Unreadable(why)) => (UNREADABLE, format!("{:#}", anyhow::Error::from(why))),
    }
}

/// Decides every turn of a fixture again and writes it anew.
fn accept<K: Kind>(path: &Path) -> anyhow::Result<()>
where
    for<'s> <K::Machine as IntoStateMachine>::Superstate<'s>: Superstate<K::Machine>,
{
    anyhow::ensure!(is_fixture(path), "{}: only fixtures are written anew", path.display());
    let mut fixture = read_fixture::<K::Machine>(path)?;
    for turn in &mut fixture.turns {
        *turn = decide_again(turn)?;
    }
    Ok(fs::write(path, fixture.write()?)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Fixture, Transcript, settle};
    use crate::service::etcd_cluster::decide::machine::EtcdClusterMachine;
    use crate::service::etcd_cluster::decide::vocabulary::Step;
    use crate::service::etcd_cluster::worlds::bases::fresh;

    fn turn() -> Transcript<EtcdClusterMachine> {
        let settled = settle::<EtcdClusterMachine>(Step::Provision, &fresh(3)).unwrap();
        Transcript::of(Some("Provision"), fresh(3), &settled)
    }

    /// A turn that was recorded by a machine that decided otherwise.
    fn other() -> Transcript<EtcdClusterMachine> {
        Transcript { to: "Steady".to_owned(), ..turn() }
    }

    /// What is said of a file of this name and contents, and what is in it afterwards.
    fn judged(name: &str, contents: &str, accept: bool) -> (u8, String, String) {
        let path = std::env::temp_dir().join(format!("{}-replay-{name}", std::process::id()));
        fs::write(&path, contents).unwrap();
        let (code, told) = Replay { files: vec![], accept }.judge(&path);
        let left = fs::read_to_string(&path).unwrap();
        fs::remove_file(&path).unwrap();
        (code, told, left)
    }

    #[test]
    fn a_difference_is_named_by_file_and_line_with_both_decisions() {
        let lines = [turn(), other()].map(|turn| serde_json::to_string(&turn).unwrap());
        let (code, told, _) = judged("differs.jsonl", &lines.join("\n"), false);
        assert_eq!(code, DIFFERS);
        let what = "differs.jsonl:2: last step: recorded \"Steady\", decided again \"Provision\"";
        assert!(told.ends_with(what), "{told}");
        let (code, told, _) = judged("same.jsonl", &lines[0], false);
        assert!(code == SAME && told.ends_with(": 1 turns, decided the same"), "{told}");
    }

    #[test]
    fn a_file_that_cannot_be_read_or_written_anew_is_no_difference() {
        assert_eq!(judged("garbage.jsonl", "garbage", false).0, UNREADABLE);
        let line = serde_json::to_string(&other()).unwrap();
        let (code, told, left) = judged("journal.jsonl", &line, true);
        assert!(code == UNREADABLE && told.contains("only fixtures"), "{told}");
        assert_eq!(left, line);
        let absent = Replay { files: vec![], accept: false }.judge(Path::new("/no/such/journal"));
        assert!(
            absent.0 == UNREADABLE && absent.1.starts_with("failed to read /no/such/journal: ")
        );
    }

    #[test]
    fn an_accepted_fixture_is_decided_the_same_from_then_on() {
        let story = Fixture { story: "a birth".to_owned(), turns: vec![other()] };
        let (code, told, left) = judged("accepted.yaml", &story.write().unwrap(), true);
        assert_eq!(code, SAME, "{told}");
        assert_eq!(Fixture::<EtcdClusterMachine>::read(&left).unwrap().turns, [turn()]);
    }
}
