//! SHELL. The cases and benches on a real Kubernetes: real kubelets, real etcd, nothing mocked.
//!
//! `cargo test --test e2e -- [CASE...] [--smoke] [--list] [--bench NAME]`. The cases run one after
//! another, each in a namespace of its own, against one operator unless a case asks for its own.
#![allow(clippy::disallowed_methods, reason = "tests use the machine's clock and environment")]
#![allow(clippy::large_futures, reason = "one case runs at a time, on one thread")]
#![allow(clippy::print_stdout, reason = "the table and the figures are what is asked for")]

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
mod report;
mod table;
mod tool;
mod twin;
mod visitor;
mod wait;
mod was;
mod writer;

use anyhow::{Context as _, Result, bail, ensure};
use case::{Alone, Case, Context, Env, OnCluster, Run};
use clap::Parser;
use cluster::Cluster;
use operator::Operator;
use options::Options;
use std::cell::RefCell;
use std::fs;
use std::process::ExitCode;
use std::time::Duration;
use table::{Outcome, Row};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Mutex;
use tokio::task::{LocalSet, spawn_local};
use tokio::time::{Instant, timeout};

/// What cases came to: how each ended, and the figures.
type Found = (Vec<Row>, Vec<(String, String)>);

/// How long a case or bench may take.
const LIMIT: Duration = Duration::from_secs(30 * 60);

/// One thread: cases wait far more than they compute, and the operator needs the processors.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let options = Options::parse();
    match chosen(&options) {
        Ok(cases) if options.list => {
            list(&cases);
            ExitCode::SUCCESS
        }
        Ok(cases) => match LocalSet::new().run_until(session(options, cases)).await {
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

/// Runs the cases. Whether all passed.
async fn session(options: Options, cases: Vec<&'static Case>) -> Result<bool> {
    // Ended by hand, too, nothing of ours stays behind.
    let (mut terminate, mut interrupt) =
        (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let ended = async {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    };
    tokio::pin!(ended);
    let alone = tokio::select! {
        done = run_alone(&options, &cases) => Some(done),
        () = &mut ended => None,
    };
    let (mut rows, mut figures) = alone.context("interrupted")?;
    if cases.iter().any(|case| matches!(case.run, Run::OnCluster(_))) {
        let env = tokio::select! {
            env = prepare(options) => env?,
            () = &mut ended => bail!("interrupted"),
        };
        let done = tokio::select! {
            done = run_all(env, cases) => Some(done),
            () = &mut ended => None,
        };
        if let Some(operator) = &env.operator {
            operator.lock().await.kill9().await?;
        }
        let (more_rows, more_figures) = done.context("interrupted")?;
        rows.extend(more_rows);
        figures.extend(more_figures);
    }
    Ok(table::print(&rows, &figures))
}

/// Runs the cases that need no Kubernetes: they come first, and if there are no others, none is
/// started.
async fn run_alone(options: &Options, cases: &[&'static Case]) -> Found {
    let (mut rows, mut figures) = (vec![], vec![]);
    for case in cases {
        let Run::Alone(run) = case.run else { continue };
        let begin = Instant::now();
        println!("{} ...", case.name);
        let alone = Alone { options, figures: RefCell::default() };
        let result = outcome(case, within_limit(run(&alone)).await);
        rows.push(row(case, result, begin, (0, 0)));
        figures.append(&mut alone.figures.take());
    }
    (rows, figures)
}

/// Runs the cases one after another. A namespace ends beside the next case, as that takes a while.
async fn run_all(env: &'static Env, cases: Vec<&'static Case>) -> Found {
    let (mut rows, mut figures, mut endings) = (vec![], vec![], vec![]);
    for case in cases {
        let Run::OnCluster(on_cluster) = case.run else { continue };
        let context = Context::new(env, case.name);
        rows.push(run(&context, case, on_cluster).await);
        figures.append(&mut context.figures.take());
        let failed = rows.last().is_some_and(|row| matches!(row.result, Outcome::Failed(_)));
        if !(failed && env.options.keep) {
            endings.push((rows.len() - 1, spawn_local(async move { context.end_all().await })));
        }
    }
    for (at, ending) in endings {
        let left = ending.await.context("the end of a case panicked").and_then(|ended| ended);
        if let (Err(left), Some(row)) = (left, rows.get_mut(at)) {
            println!("{}: {left:#}", row.name);
            row.result = Outcome::Failed(format!("{left:#}"));
        }
    }
    (rows, figures)
}

/// Connects, and installs what the cases need.
async fn prepare(options: Options) -> Result<&'static Env> {
    let cluster = Cluster::connect().await?;
    // What an earlier session drove may be decided otherwise by now.
    let journals = operator::journals();
    if options.bench.is_empty() {
        drop(fs::remove_dir_all(&journals));
    }
    fs::create_dir_all(&journals)?;
    let (image, operator) = if cluster.state.is_some() {
        let binary = options.operator_binary.clone().unwrap_or_else(|| {
            let target = format!("target/{}-unknown-linux-musl", std::env::consts::ARCH);
            cluster::project(&target).join("release/etcd-operator")
        });
        let image = operator::load_image(&cluster, &binary).await?;
        operator::install_rights(&cluster, &image).await?;
        let mut operator = Operator::new(&cluster, &binary, &image, "operator")?;
        // What is measured does nothing beside its work.
        operator.journal = operator.journal.filter(|_| options.bench.is_empty());
        (image, Some(Mutex::new(operator)))
    } else {
        let image = options.operator_image.clone();
        let image = image.context("OPERATOR_IMAGE must name the operator's image")?;
        operator::deploy(&cluster, &image).await?;
        (image, None)
    };
    Ok(Box::leak(Box::new(Env { cluster, options, image, operator })))
}

/// Runs one case in a namespace of its own.
async fn run(context: &Context, case: &Case, on_cluster: OnCluster) -> Row {
    let begin = Instant::now();
    let result = if case.local && context.env.cluster.state.is_none() {
        skip("needs the local cluster")
    } else {
        println!("{} ...", case.name);
        outcome(case, attempt(context, on_cluster).await)
    };
    row(case, result, begin, context.tally.get())
}

fn outcome(case: &Case, result: Result<()>) -> Outcome {
    match result {
        Ok(()) => Outcome::Passed,
        Err(error) => {
            println!("{} FAILED: {error:#}", case.name);
            Outcome::Failed(format!("{error:#}").lines().next().unwrap_or("").to_owned())
        }
    }
}

fn row(case: &Case, result: Outcome, begin: Instant, tally: (usize, usize)) -> Row {
    let took = begin.elapsed();
    println!("{} took {:.1} s", case.name, took.as_secs_f64());
    Row { name: case.name, result, took, acknowledged: tally.0, lost: tally.1 }
}

async fn within_limit(run: impl Future<Output = Result<()>>) -> Result<()> {
    timeout(LIMIT, run).await.unwrap_or_else(|_| {
        Err(anyhow::anyhow!("the case was given up after {} minutes", LIMIT.as_secs() / 60))
    })
}

/// What is missing must not go unseen where nobody reads the table.
fn skip(why: &str) -> Outcome {
    if std::env::var_os("CI").is_some() {
        Outcome::Failed(why.to_owned())
    } else {
        Outcome::Skipped(why.to_owned())
    }
}

async fn attempt(context: &Context, on_cluster: OnCluster) -> Result<()> {
    let mut log_from = 0;
    if let Some(operator) = &context.env.operator {
        let mut operator = operator.lock().await;
        operator.ensure().await?;
        log_from = operator.log_len();
    }
    context.begin().await?;
    let mut result = within_limit(on_cluster(context)).await;
    if result.is_ok()
        && let Some(operator) = &context.env.operator
        && !operator.lock().await.runs()
    {
        result = Err(anyhow::anyhow!("the operator ended during the case"));
    }
    if result.is_err() {
        report::failure(context, log_from).await;
    }
    // The end of the namespace needs one: it takes the finalizers off.
    if let Some(operator) = &context.env.operator {
        operator.lock().await.ensure().await?;
    }
    result
}
