//! SHELL. The cases and benches on a real Kubernetes: real kubelets, real etcd, nothing mocked.
//!
//! `cargo test --test e2e -- [CASE...] [--smoke] [--list] [--bench NAME]`. Each case runs in a namespace
//! of its own: most with an operator that watches only that, side by side; the others one after another.
#![allow(clippy::disallowed_methods, reason = "tests use the machine's clock and environment")]
#![allow(clippy::large_futures, reason = "a few cases run at a time, on one thread")]
#![allow(clippy::print_stdout, reason = "the table and the figures are what is asked for")]

#[macro_use]
mod output;

mod audit;
mod bench;
mod case;
mod cases;
mod cluster;
mod etcd;
mod expect;
mod honesty;
mod members;
mod namespace;
mod operator;
mod options;
mod random;
mod record;
mod report;
mod session;
mod table;
mod tool;
mod twin;
mod visitor;
mod wait;
mod was;
mod writer;

use anyhow::{Context as _, Result, ensure};
use case::{Case, Run};
use clap::Parser;
use options::Options;
use session::Found;
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::LocalSet;
use tokio::time::Instant;

/// One thread: cases wait far more than they compute, and the operator needs the processors.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let options = Options::parse();
    match chosen(&options) {
        Ok(cases) if options.list => {
            list(&cases);
            ExitCode::SUCCESS
        }
        Ok(cases) => match LocalSet::new().run_until(whole(options, cases)).await {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => ExitCode::FAILURE,
            Err(error) => {
                eprintln!("{error:#}");
                ExitCode::FAILURE
            }
        },
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::from(2)
        }
    }
}

/// The cases and benches asked for.
fn chosen(options: &Options) -> Result<Vec<&'static Case>> {
    let all = if options.bench.is_empty() { cases::ALL } else { bench::ALL };
    let names = if options.bench.is_empty() { &options.cases } else { &options.bench };
    for name in names {
        ensure!(
            all.iter().any(|case| case.name == *name),
            "there is no {name:?}; --list shows what there is"
        );
    }
    let is_asked = |case: &&Case| {
        (names.is_empty() || names.iter().any(|name| name == case.name))
            && (!options.smoke || case.smoke)
    };
    Ok(all.iter().filter(is_asked).collect())
}

fn list(cases: &[&Case]) {
    for case in cases {
        let smoke = if case.smoke { " (smoke)" } else { "" };
        let local = if case.local { " (needs the local cluster)" } else { "" };
        println!("{}{smoke}{local}", case.name);
    }
    let benches: Vec<&str> = bench::ALL.iter().map(|bench| bench.name).collect();
    println!("benches: {}", benches.join(" "));
}

/// Runs the cases and prints what was found. Whether all passed.
async fn whole(options: Options, cases: Vec<&'static Case>) -> Result<bool> {
    let begin = Instant::now();
    // Ended by hand, too, nothing of ours stays behind: what is dropped ends its operator.
    let (mut terminate, mut interrupt) =
        (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let ended = async {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    };
    let done = tokio::select! {
        done = run(options, &cases) => Some(done),
        () = ended => None,
    };
    let mut found = done.context("interrupted")??;
    let place = |name: &str| cases.iter().position(|case| case.name == name);
    found.sort_by_key(|(row, _)| place(row.name));
    let (rows, figures): (Vec<_>, Vec<_>) = found.into_iter().unzip();
    Ok(table::print(&rows, &figures.concat(), begin.elapsed()))
}

/// Runs the cases. A Kubernetes is started only if one of them needs it.
async fn run(options: Options, cases: &[&'static Case]) -> Result<Vec<Found>> {
    let mut found = session::bare(&options, cases).await;
    if cases.iter().any(|case| !matches!(case.run, Run::Bare(_))) {
        let env = session::prepare(options).await?;
        found.extend(session::shared(env, cases).await?);
        found.extend(session::alone(env, cases).await?);
    }
    Ok(found)
}
