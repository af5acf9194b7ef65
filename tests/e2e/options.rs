//! SHELL. What can be asked for on the command line.

use std::path::PathBuf;

/// Runs cases and benches on a real Kubernetes: the one of KUBECONFIG, or else the local cluster.
#[derive(clap::Parser, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct Options {
    /// The cases to run; without any, all.
    pub cases: Vec<String>,
    /// Only the quick set.
    #[arg(long)]
    pub smoke: bool,
    /// Only print what there is.
    #[arg(long)]
    pub list: bool,
    /// Run a bench instead of cases.
    #[arg(long)]
    pub bench: Vec<String>,
    /// The operator's static binary; cargo's release build for musl if not given.
    #[arg(long, env = "OPERATOR_BINARY")]
    pub operator_binary: Option<PathBuf>,
    /// The operator's image on a cluster that is not the local one.
    #[arg(long, env = "OPERATOR_IMAGE")]
    pub operator_image: Option<String>,
    /// How many cases that share the Kubernetes run at a time.
    #[arg(long, env = "E2E_LANES", default_value_t = 4)]
    pub lanes: usize,
    /// Write the fixtures that come from these cases anew, from what their operators decided.
    #[arg(long)]
    pub record: bool,
    /// How many creations the operator is killed in; 2 in the quick set, else 20.
    #[arg(long, env = "E2E_KILLS")]
    pub kills: Option<u32>,
    /// How many calls that change something are made of a cluster one after another, in
    /// conformance-etcd; 1 in the quick set, else 3.
    #[arg(long, env = "E2E_DEPTH")]
    pub depth: Option<usize>,
    /// The folder with etcd36 and etcd35 for conformance-etcd; the local cluster's if not given.
    #[arg(long, env = "ETCD_PROGRAMS")]
    pub etcd_programs: Option<PathBuf>,
    /// Where random moments come from; printed, so that a run can be had again.
    #[arg(long, env = "E2E_SEED")]
    pub seed: Option<u64>,
    /// How many rounds a bench takes.
    #[arg(long, env = "E2E_ROUNDS", default_value_t = 5)]
    pub rounds: u32,
    /// How long writes at rest are counted.
    #[arg(long, env = "E2E_REST_SECONDS", default_value_t = 300)]
    pub rest_seconds: u64,
    /// Leave the namespace of a failed case as it is.
    #[arg(long)]
    pub keep: bool,
}
