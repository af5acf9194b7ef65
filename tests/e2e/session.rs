//! SHELL. Runs the cases: those that need no Kubernetes, then those that share one, side by side, then
//! those that need it to themselves.

use crate::case::{Bare, Case, Context, Env, OnCluster, Process, Run, own_namespace};
use crate::cluster::{self, Cluster};
use crate::operator::{self, Operator, Scope};
use crate::options::Options;
use crate::output;
use crate::record;
use crate::report;
use crate::table::{Outcome, Row};
use anyhow::{Context as _, Result, anyhow};
use futures::{StreamExt, stream};
use std::cell::RefCell;
use std::fs;
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::task::{JoinHandle, spawn_local};
use tokio::time::{Instant, timeout};

/// How long a case or bench may take.
const LIMIT: Duration = Duration::from_secs(30 * 60);

/// What a case came to: how it ended, and its figures.
pub type Found = (Row, Vec<(String, String)>);
/// The same, and the end of its namespaces, which takes a while and runs beside the next case.
type Ran = (Found, Option<JoinHandle<Result<()>>>);

/// Runs the cases that need no Kubernetes.
pub async fn bare(options: &Options, cases: &[&'static Case]) -> Vec<Found> {
    let mut found = vec![];
    for case in cases {
        let Run::Bare(run) = case.run else { continue };
        let begin = Instant::now();
        say!("{} ...", case.name);
        let bare = Bare { options, figures: RefCell::default() };
        let result = outcome(case, within_limit(run(&bare)).await);
        found.push((row(case, result, begin, (0, 0)), bare.figures.take()));
    }
    found
}

/// Runs the cases that share the Kubernetes, some at a time, each with an operator of its own.
pub async fn shared(env: &'static Env, cases: &[&'static Case]) -> Result<Vec<Found>> {
    let mut all = vec![];
    for case in cases {
        if let Run::Shared(on_cluster) = case.run {
            let scope = Scope::Namespace(own_namespace(case.name));
            let context = Context::new(env, case.name, process(env, case.name, scope)?);
            all.push((*case, context, on_cluster));
        }
    }
    let lanes = env.options.lanes.min(all.len()).max(1);
    let ran = all.into_iter().map(async |(case, context, on_cluster)| {
        let work = run(context, case, on_cluster);
        // A task of its own: a case that panics ends no other.
        let done = if lanes > 1 { spawn_local(output::kept(work)) } else { spawn_local(work) };
        done.await.unwrap_or_else(|error| {
            let result = outcome(case, Err(anyhow!("the case panicked: {error}")));
            ((row(case, result, Instant::now(), (0, 0)), vec![]), None)
        })
    });
    let ran = stream::iter(ran).buffer_unordered(lanes).collect().await;
    Ok(ended(ran).await)
}

/// Runs the cases that need the Kubernetes to themselves, with one operator for all of it.
pub async fn alone(env: &'static Env, cases: &[&'static Case]) -> Result<Vec<Found>> {
    let (mut ran, operator) = (vec![], process(env, "operator", Scope::Everywhere)?);
    for case in cases {
        if let Run::Alone(on_cluster) = case.run {
            let context = Context::new(env, case.name, operator.clone());
            ran.push(run(context, case, on_cluster).await);
        }
    }
    let found = ended(ran).await;
    if let Some(operator) = operator {
        operator.lock().await.kill9().await?;
    }
    Ok(found)
}

/// The operator as a process, on the local cluster; elsewhere it is a Deployment.
fn process(env: &Env, identity: &str, scope: Scope) -> Result<Option<Process>> {
    if env.cluster.state.is_none() {
        return Ok(None);
    }
    Ok(Some(Rc::new(Mutex::new(Operator::new(env, identity, scope)?))))
}

/// Waits until the namespaces of all cases ended. One of which something is left failed.
async fn ended(ran: Vec<Ran>) -> Vec<Found> {
    let mut found = vec![];
    for ((mut row, figures), ending) in ran {
        if let Some(ending) = ending {
            let left = ending.await.context("the end of a case panicked").and_then(|ended| ended);
            if let Err(left) = left {
                say!("{}: {left:#}", row.name);
                row.result = Outcome::Failed(format!("{left:#}"));
            }
        }
        found.push((row, figures));
    }
    found
}

/// Connects, and installs what the cases need.
pub async fn prepare(options: Options) -> Result<&'static Env> {
    let cluster = Cluster::connect().await?;
    // What an earlier session drove may be decided otherwise by now.
    let journals = operator::journals();
    if options.bench.is_empty() {
        drop(fs::remove_dir_all(&journals));
    }
    fs::create_dir_all(&journals)?;
    let binary = options.operator_binary.clone().unwrap_or_else(|| {
        let target = format!("target/{}-unknown-linux-musl", std::env::consts::ARCH);
        cluster::project(&target).join("release/etcd-operator")
    });
    let image = if cluster.state.is_some() {
        let image = operator::load_image(&cluster, &binary).await?;
        operator::install_rights(&cluster, &image).await?;
        image
    } else {
        let image = options.operator_image.clone();
        let image = image.context("OPERATOR_IMAGE must name the operator's image")?;
        operator::deploy(&cluster, &image).await?;
        image
    };
    Ok(Box::leak(Box::new(Env { cluster, options, binary, image })))
}

/// Runs one case in a namespace of its own.
async fn run(context: Context, case: &'static Case, on_cluster: OnCluster) -> Ran {
    let (env, begin) = (context.env, Instant::now());
    let result = if case.local && env.cluster.state.is_none() {
        skip("needs the local cluster")
    } else {
        say!("{} ...", case.name);
        outcome(case, attempt(&context, on_cluster).await)
    };
    let (row, figures) = (row(case, result, begin, context.tally.get()), context.figures.take());
    let is_kept = env.options.keep && matches!(row.result, Outcome::Failed(_));
    let ending = (!is_kept).then(|| spawn_local(async move { end(&context).await }));
    ((row, figures), ending)
}

/// Ends the namespaces of a case, and then the operator that watches only these.
async fn end(context: &Context) -> Result<()> {
    let ended = context.end_all().await;
    if let Some(operator) = &context.operator {
        let mut operator = operator.lock().await;
        match operator.scope {
            Scope::Everywhere => {}
            Scope::Namespace(_) => operator.kill9().await?,
        }
    }
    ended
}

fn outcome(case: &Case, result: Result<()>) -> Outcome {
    match result {
        Ok(()) => Outcome::Passed,
        Err(error) => {
            say!("{} FAILED: {error:#}", case.name);
            Outcome::Failed(format!("{error:#}").lines().next().unwrap_or("").to_owned())
        }
    }
}

fn row(case: &Case, result: Outcome, begin: Instant, tally: (usize, usize)) -> Row {
    let took = begin.elapsed();
    say!("{} took {:.1} s", case.name, took.as_secs_f64());
    Row { name: case.name, result, took, acknowledged: tally.0, lost: tally.1 }
}

async fn within_limit(run: impl Future<Output = Result<()>>) -> Result<()> {
    timeout(LIMIT, run).await.unwrap_or_else(|_| {
        Err(anyhow!("the case was given up after {} minutes", LIMIT.as_secs() / 60))
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
    // Its lease may be there.
    context.begin().await?;
    let mut log_from = 0;
    if let Some(operator) = &context.operator {
        let mut operator = operator.lock().await;
        operator.ensure().await?;
        log_from = operator.log_len();
    }
    let mut result = within_limit(on_cluster(context)).await;
    if result.is_ok()
        && let Some(operator) = &context.operator
        && !operator.lock().await.runs()
    {
        result = Err(anyhow!("the operator ended during the case"));
    }
    if result.is_err() {
        report::failure(context, log_from).await;
    }
    // The end of the namespace needs one: it takes the finalizers off.
    if let Some(operator) = &context.operator {
        operator.lock().await.ensure().await?;
    }
    if result.is_ok() && context.env.options.record {
        record::stories(context).await?;
    }
    result
}
