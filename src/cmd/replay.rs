//! SHELL. `replay`: decides recorded turns again, and tells where today's machine differs.

use super::recording::{RecordingError, read};
use crate::engine::replay;
use crate::service::etcd_cluster::EtcdClusterMachine;
use clap::Args;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Decide recorded turns again and print the first difference of each file
///
/// Ends with 0 if there is none, with 1 if there is one, and with 2 if a file cannot be read.
#[derive(Args, Debug)]
pub struct Replay {
    /// Journals of `run --journal DIR`, or fixtures (`.yaml`)
    #[arg(required = true)]
    files: Vec<PathBuf>,
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
        let mut out = io::stdout().lock();
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
