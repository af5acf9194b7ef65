//! SHELL. `member install` and `member run`: the gate before etcd. The decision is
//! [`gate::decide`]; here it is fed and carried out.
//!
//! The etcd image has no shell, so an init container installs this program into a folder of the
//! pod, and the etcd container runs it from there at every start. It uses no runtime and no log
//! subscriber: it has one thing to do, and etcd waits for it.

mod patience;
mod volume;

use crate::crd::{Directive, GateVerdict};
use crate::service::etcd_cluster::gate::{self, DIRECTIVE_BYTES_MAX, DirectiveError, Outcome};
use clap::{Args, Subcommand};
use std::error::Error;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;
use volume::{DATA_FOLDER, IDENTITY_FILE, VolumeError};

/// Guard a member's data before etcd starts on it.
#[derive(Args, Debug)]
pub struct Member {
    #[command(subcommand)]
    command: MemberCommand,
}

#[derive(Subcommand, Debug)]
enum MemberCommand {
    /// Copy this program into the pod, for the etcd container to run.
    Install {
        /// Where to, as a file name.
        path: PathBuf,
    },
    /// Decide whether etcd may start on the volume, and become it.
    Run(Run),
}

/// What `member run` is told.
#[derive(Args, Debug)]
pub struct Run {
    /// The member's name, which is the pod's.
    #[arg(long)]
    name: String,
    /// The file with the operator's directive.
    #[arg(long)]
    directive: PathBuf,
    /// Where the member's volume is mounted.
    #[arg(long)]
    data: PathBuf,
    /// A file in the pod's own storage that says etcd was started in this pod.
    #[arg(long)]
    marker: PathBuf,
    /// Where the verdict goes.
    #[arg(long, default_value = "/dev/termination-log")]
    termination_log: PathBuf,
    /// How many seconds a directive is waited for that says what to do with an empty volume.
    #[arg(long, default_value_t = 480)]
    patience: u64,
    /// etcd's program and its flags, all but those the gate adds.
    #[arg(last = true, required = true)]
    etcd: Vec<OsString>,
}

impl Member {
    /// Runs the command. Returns only if etcd did not take over the process.
    pub fn run(self) -> ExitCode {
        match self.command {
            MemberCommand::Install { path } => match install(&path) {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) => {
                    eprintln!("failed to install {}: {error}", path.display());
                    ExitCode::FAILURE
                }
            },
            MemberCommand::Run(run) => run.run(),
        }
    }
}

/// Copies this program to `path`, in one step and as often as it is asked to.
///
/// # Errors
/// The program cannot be read or the copy not be written.
pub fn install(path: &Path) -> io::Result<()> {
    let mut scratch = path.as_os_str().to_owned();
    scratch.push(".tmp");
    fs::copy(std::env::current_exe()?, &scratch)?;
    fs::set_permissions(&scratch, Permissions::from_mode(0o755))?;
    fs::rename(&scratch, path)
}

impl Run {
    fn run(self) -> ExitCode {
        let mut arguments = self.etcd.iter().skip(1).map(|argument| argument.to_string_lossy());
        if let Some(flag) = arguments.find(|argument| gate::is_reserved(argument)) {
            let why = format!("etcd is not started: {flag} is the gate's to say or to keep out");
            self.tell(&why, &why);
            return ExitCode::from(gate::EXIT_USAGE);
        }
        let (directive, verdict) = self.judge();
        match gate::outcome(&verdict, directive.as_ref().ok()) {
            Outcome::Start(flags) => {
                // If etcd fails later, its own last words are what is wanted.
                self.tell("", &gate::explain(&verdict));
                self.become_etcd(&verdict, flags)
            }
            Outcome::Refuse(code) => {
                let line = serde_json::to_string(&verdict).unwrap_or_default();
                self.tell(&line, &gate::explain(&verdict));
                ExitCode::from(code)
            }
        }
    }

    /// What is decided, and on which directive. A pod may be there before anybody knows that its
    /// member is to join: it waits here, ready to start.
    fn judge(&self) -> (Result<Directive, DirectiveError>, GateVerdict) {
        let look = || {
            let directive = read_directive(&self.directive);
            let verdict = self.decide(directive.as_ref());
            (directive, verdict)
        };
        let is_told = |seen: &(_, GateVerdict)| !matches!(seen.1, GateVerdict::NoDirective { .. });
        let first = look();
        if is_told(&first) {
            return first;
        }
        eprintln!("member gate: {}: waiting, because {}", self.name, gate::explain(&first.1));
        patience::until(Duration::from_secs(self.patience), first, look, is_told)
    }

    /// Looks, decides, and writes what has to be on disk before etcd starts.
    fn decide(&self, directive: Result<&Directive, &DirectiveError>) -> GateVerdict {
        let disk = match volume::look(&self.data, &self.marker) {
            Ok(disk) => disk,
            Err(error) => return gate::unreadable(&chain(&error)),
        };
        let verdict = gate::decide(directive, &self.name, &disk);
        match (&verdict, directive) {
            (GateVerdict::New | GateVerdict::Join, Ok(directive)) => {
                if let Err(error) = self.prepare_birth(directive) {
                    self.undo_birth();
                    return gate::unreadable(&chain(&error));
                }
            }
            (GateVerdict::Existing, directive) => self.note_restart(directive.err(), disk.born),
            _ => {}
        }
        verdict
    }

    /// The marker goes first: it still speaks when the volume is wiped whole.
    fn prepare_birth(&self, directive: &Directive) -> Result<(), VolumeError> {
        let path = self.data.join(IDENTITY_FILE);
        let identity = serde_json::to_vec(&gate::identity_of(directive, &self.name))
            .map_err(|error| VolumeError::Write { path: path.clone(), source: error.into() })?;
        volume::write_durably(&self.marker, &[])?;
        volume::write_durably(&path, &identity)
    }

    /// Takes back what this process wrote, as long as etcd has not run, so that a full volume or
    /// a wrong image does not look like lost data for ever. If that fails, it does look like it.
    fn undo_birth(&self) {
        let undone = volume::remove_if_present(&self.data.join(IDENTITY_FILE))
            .and_then(|()| volume::remove_if_present(&self.marker));
        if let Err(error) = undone {
            eprintln!("failed to take back the birth: {error}");
        }
    }

    /// A pod that has run etcd on data must not take a wiped volume for a fresh one either. But
    /// good data is not kept down for want of a marker.
    fn note_restart(&self, undirected: Option<&DirectiveError>, born: bool) {
        if let Some(error) = undirected {
            eprintln!("{error}; the data proves itself, so etcd starts without it");
        }
        if !born && let Err(error) = volume::write_durably(&self.marker, &[]) {
            eprintln!("{}; etcd starts all the same", chain(&error));
        }
    }

    /// Returns only if the program could not be executed.
    fn become_etcd(&self, verdict: &GateVerdict, flags: Vec<String>) -> ExitCode {
        let mut data_dir = OsString::from("--data-dir=");
        data_dir.push(self.data.join(DATA_FOLDER));
        let program = self.etcd.first().cloned().unwrap_or_default();
        let mut etcd = Command::new(&program);
        etcd.args(self.etcd.iter().skip(1)).arg(data_dir).args(flags);
        // A variable such as ETCD_CONFIG_FILE would make etcd ignore every flag, and a Service
        // named etcd puts more of them into the pod.
        for (name, _) in std::env::vars_os() {
            if name.as_encoded_bytes().starts_with(b"ETCD_") {
                etcd.env_remove(name);
            }
        }
        let error = etcd.exec();
        if matches!(verdict, GateVerdict::New | GateVerdict::Join) {
            self.undo_birth();
        }
        let why = format!("failed to execute {}: {error}", program.display());
        self.tell(&why, &why);
        ExitCode::from(gate::EXIT_NOT_EXECUTED)
    }

    /// Leaves `line` as the container's last words, and a sentence in its log. Neither may keep a
    /// member down.
    fn tell(&self, line: &str, sentence: &str) {
        eprintln!("member gate: {}: {sentence}", self.name);
        let written = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .open(&self.termination_log)
            .and_then(|mut file| file.write_all(line.as_bytes()));
        if let Err(error) = written {
            eprintln!("failed to write {}: {error}", self.termination_log.display());
        }
    }
}

fn read_directive(path: &Path) -> Result<Directive, DirectiveError> {
    let mut text = Vec::new();
    match File::open(path)
        .and_then(|file| file.take(DIRECTIVE_BYTES_MAX + 1).read_to_end(&mut text))
    {
        Ok(_) => gate::parse_directive(&text),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(DirectiveError::Missing),
        Err(error) => Err(DirectiveError::Unreadable(error.to_string())),
    }
}

/// An error with what lies beneath it, in one line.
fn chain(error: &VolumeError) -> String {
    match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}
