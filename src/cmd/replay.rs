//! SHELL. `replay`: decides recorded turns again, and tells where today's machine differs.

use super::recording::{RecordingError, is_fixture, read, read_fixture};
use crate::engine::{decide_again, replay};
use crate::service::etcd_cluster::EtcdClusterMachine;
use clap::Args;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Decide recorded turns again and print the first difference of each file
///
/// Ends with 0 if there is none, with 1 if there is one, and with 2 if a file cannot be read.
#[derive(Args, Debug)]
pub struct Replay {
    /// Journals of `run --journal DIR`, or fixtures (`.yaml`)
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

/// Decides every turn of a fixture again and writes it anew.
fn accept(path: &Path) -> anyhow::Result<()> {
    anyhow::ensure!(is_fixture(path), "{}: only fixtures are written anew", path.display());
    let mut fixture = read_fixture::<EtcdClusterMachine>(path)?;
    for turn in &mut fixture.turns {
        *turn = decide_again(turn)?;
    }
    Ok(fs::write(path, fixture.write()?)?)
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
        let mut out = io::stdout().lock();
        if self.accept {
            self.files.iter().try_for_each(|path| accept(path))?;
        }
        let mut code = 0;
        for path in &self.files {
            let mut turns = 0;
            let outcome = read::<EtcdClusterMachine, Stop>(path, |(line, turn)| {
                turns += 1;
                replay(&turn).map_err(|difference| {
                    Stop::Differs(format!("{}:{line}: {difference}", path.display()))
                })
            });
            match outcome {
                Ok(()) => writeln!(out, "{}: {turns} turns, decided the same", path.display())?,
                Err(Stop::Differs(what)) => {
                    writeln!(out, "{what}")?;
                    code = code.max(1);
                }
                Err(Stop::Unreadable(why)) => {
                    // The error says where; its source says why.
                    let why = anyhow::Error::from(why);
                    writeln!(out, "{why:#}")?;
                    code = 2;
                }
            }
        }
        Ok(ExitCode::from(code))
    }
}
