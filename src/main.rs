//! SHELL. The command line.

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use etcd_operator::cmd::{
    crds, explain, fixture, history, manifests, member, plan, prove, render_states, replay, run,
    simulate,
};
use etcd_operator::resource::install;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// musl's own allocator takes one lock for all threads, and its time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// An etcd operator whose behaviour is one explicit state machine.
#[derive(Parser)]
#[command(version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the operator.
    Run(run::Run),
    /// The member gate, inside etcd's pods.
    Member(member::Member),
    /// Prints the `CustomResourceDefinition`s.
    Crds {
        /// Write them into this folder, one file each.
        #[arg(long)]
        dir: Option<PathBuf>,
        /// Only compare the files there; fail if one differs.
        #[arg(long, requires = "dir")]
        check: bool,
    },
    /// Prints the installation: namespace, CRDs, rights and Deployment.
    Manifests {
        /// Watch only this namespace; may be given several times.
        #[arg(long = "namespace")]
        namespaces: Vec<String>,
        /// The operator's image.
        #[arg(long)]
        image: Option<String>,
        /// Write it into this folder as `install.yaml`.
        #[arg(long)]
        dir: Option<PathBuf>,
        /// Only compare the file there; fail if it differs.
        #[arg(long, requires = "dir")]
        check: bool,
    },
    /// Prints the turns of a journal of `run --journal` that moved or acted, each decision once, as a
    /// fixture, the story a test replays.
    Fixture {
        /// What the story is called.
        story: String,
        /// The journal, a file of `run --journal DIR`.
        journal: PathBuf,
        /// Leave out what was before the first turn that began in this step.
        #[arg(long, value_name = "STEP")]
        from: Option<String>,
    },
    Explain(explain::Explain),
    History(history::History),
    Plan(plan::Plan),
    Replay(replay::Replay),
    Simulate(simulate::Simulate),
    Prove(prove::Prove),
    /// Draws the state machines from the code that runs.
    RenderStates {
        /// The folder.
        #[arg(long, default_value = "state-diagrams")]
        dir: PathBuf,
        /// Only compare the files there; fail if one differs.
        #[arg(long)]
        check: bool,
    },
}

/// The command line, as help names it: kubectl runs a plugin under its file's name.
fn parsed() -> Result<Cli, clap::Error> {
    let program = std::env::args_os().next().unwrap_or_default();
    let command = match Path::new(&program).file_stem() {
        Some(name) if name == "kubectl-etcd" => Cli::command().bin_name("kubectl etcd"),
        _ => Cli::command(),
    };
    Cli::from_arg_matches(&command.get_matches())
}

/// Whether the reader of our output, such as `head`, has seen enough.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let error = error.downcast_ref::<io::Error>();
    error.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

fn main() -> ExitCode {
    let cli = parsed().unwrap_or_else(|error| error.exit());
    let outcome = match cli.command {
        // The gate stands between a pod and its etcd: nothing is started that it does not need.
        Command::Member(member) => return member.run(),
        Command::Run(run) => run.run(),
        Command::Crds { dir, check } => crds::crds(dir.as_deref(), check).map_err(Into::into),
        Command::Manifests { namespaces, image, dir, check } => {
            let image = image.unwrap_or_else(|| install::DEFAULT_IMAGE.to_owned());
            let options = install::Options { namespaces, image, ..install::Options::default() };
            manifests::manifests(&options, dir.as_deref(), check).map_err(Into::into)
        }
        Command::Fixture { story, journal, from } => {
            fixture::fixture(story, &journal, from.as_deref())
        }
        Command::Explain(explain) => explain.run(),
        Command::History(history) => history.run(),
        Command::Plan(plan) => plan.run(),
        Command::Replay(replay) => match replay.run() {
            Ok(code) => return code,
            Err(error) => Err(error),
        },
        Command::Simulate(simulate) => simulate.run(),
        Command::Prove(prove) => prove.run(),
        Command::RenderStates { dir, check } => {
            render_states::render(&dir, check).map_err(Into::into)
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
