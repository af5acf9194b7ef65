//! PURE. What follows from a verdict: etcd's flags, or the gate's exit code.

use crate::crd::{Directive, GateVerdict};

/// The exit code when the gate's own arguments are wrong.
pub const EXIT_USAGE: u8 = 64;
/// The exit code of [`GateVerdict::DataLost`].
pub const EXIT_DATA_LOST: u8 = 65;
/// The exit code of [`GateVerdict::StaleData`].
pub const EXIT_STALE_DATA: u8 = 66;
/// The exit code of [`GateVerdict::NoDirective`].
pub const EXIT_NO_DIRECTIVE: u8 = 67;
/// The exit code of [`GateVerdict::Unreadable`].
pub const EXIT_UNREADABLE: u8 = 68;
/// The exit code when etcd was allowed to start and its program could not be executed.
pub const EXIT_NOT_EXECUTED: u8 = 69;

/// How the container ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// etcd takes over the process, with these flags after its own.
    Start(Vec<String>),
    /// The gate exits with this code.
    Refuse(u8),
}

/// What the verdict comes to.
///
/// Without a directive etcd learns its cluster from the write-ahead log, as it does anyway.
pub fn outcome(verdict: &GateVerdict, directive: Option<&Directive>) -> Outcome {
    match verdict {
        GateVerdict::New => Outcome::Start(flags("new", directive)),
        GateVerdict::Join | GateVerdict::Existing => Outcome::Start(flags("existing", directive)),
        GateVerdict::DataLost { .. } => Outcome::Refuse(EXIT_DATA_LOST),
        GateVerdict::StaleData { .. } => Outcome::Refuse(EXIT_STALE_DATA),
        GateVerdict::NoDirective { .. } => Outcome::Refuse(EXIT_NO_DIRECTIVE),
        GateVerdict::Unreadable { .. } => Outcome::Refuse(EXIT_UNREADABLE),
    }
}

fn flags(state: &str, directive: Option<&Directive>) -> Vec<String> {
    let mut flags = vec![format!("--initial-cluster-state={state}")];
    if let Some(directive) = directive {
        flags.push(format!("--initial-cluster={}", directive.initial_cluster));
        flags.push(format!("--initial-cluster-token={}", directive.token()));
    }
    flags
}

/// Whether an argument would take the decision out of the gate's hands: etcd ignores every flag
/// when it is given a configuration file, and looks for data elsewhere if it is told to.
pub fn is_reserved(argument: &str) -> bool {
    let Some(flag) = argument.strip_prefix('-') else { return false };
    let flag = flag.trim_start_matches('-');
    let name = flag.split_once('=').map_or(flag, |(name, _)| name);
    matches!(name, "data-dir" | "wal-dir" | "config-file" | "force-new-cluster")
        || name.starts_with("initial-cluster")
        || name.starts_with("discovery")
}
