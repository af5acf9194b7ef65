//! SHELL. The commands that look: what `plan` says happens, what happened is replayed, and `explain`
//! names the guard a cluster waits for.

use crate::case::{Context, merge};
use crate::tool::{Tool, field, text};
use crate::wait::until;
use anyhow::{Context as _, Result, ensure};
use etcd_operator::crd::EtcdCluster;
use etcd_operator::engine::Transcript;
use etcd_operator::service::etcd_cluster::decide::machine::EtcdClusterMachine;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

type Turn = Transcript<EtcdClusterMachine>;

pub async fn run(context: &Context) -> Result<()> {
    let tool = context.tool();
    let file = std::env::temp_dir().join(format!("e2e-explain-{}.yaml", std::process::id()));
    fs::write(&file, object(&context.namespace, "a", &json!({"size": 3})))?;
    let path = file.display().to_string();
    let planned = tool.planned(&path).await?;

    context.create("a", json!({"size": 3})).await?;
    context.healthy("a", 60).await?;
    let journal = context.journal("etcd-cluster", "a");
    let done = words(turns(&journal)?);
    ensure!(planned == done, "planned {planned:?}, done {done:?}");

    let replayed = tool.run(&["replay", &journal.display().to_string()]).await?;
    ensure!(replayed.status.success(), "{}", text(&replayed));
    foreseen(context, &tool, &path).await?;
    fs::remove_file(&file)?;

    let explained = tool.json(&["explain", "a", "-n", &context.namespace]).await?;
    let at_rest = field(&explained, "step") == "Steady" && *field(&explained, "holds") == json!([]);
    ensure!(at_rest, "{explained}");
    let history = tool.json(&["history", "a", "-n", &context.namespace]).await?;
    let moves = field(&history, "transitions").as_array().map_or(0, Vec::len);
    ensure!(moves == 3, "{history}");
    let played = tool.run(&["simulate", "create", "--fault", "4:crash-after"]).await?;
    ensure!(played.status.success(), "{}", text(&played));
    stuck(context, &tool).await?;
    mended(context, &tool, &file).await
}

/// An edit that may be made is planned and changes nothing; one that may not is refused.
async fn foreseen(context: &Context, tool: &Tool<'_>, path: &str) -> Result<()> {
    fs::write(path, object(&context.namespace, "a", &json!({"size": 1})))?;
    let planned = tool.planned(path).await?;
    ensure!(planned.len() > 3, "two members go, and only {planned:?} is planned");
    let size = context.healthy("a", 10).await?.spec.size;
    ensure!(size == 3, "the plan changed the size to {size}");
    fs::write(path, object(&context.namespace, "a", &json!({"size": 3, "version": "3.6.14"})))?;
    let refused = tool.run(&["plan", "-f", path]).await?;
    let is_refused = !refused.status.success() && text(&refused).contains("spec.version");
    ensure!(is_refused, "{}", text(&refused));
    Ok(())
}

/// A birth that waits for an image names the guard, and what it saw.
async fn stuck(context: &Context, tool: &Tool<'_>) -> Result<()> {
    context.create("stuck", birth("registry.local/missing")).await?;
    until("explain names what it waits for", 60, async || {
        let told = tool.json(&["explain", "stuck", "-n", &context.namespace]).await?;
        ensure!(*field(&told, "holds") == json!(["MemberPending"]), "{told}");
        let ways = field(&told, "ways").as_array().context("no ways")?;
        let checks = ways.iter().filter_map(|way| field(way, "checks").as_array()).flatten();
        let failed: Vec<&Value> = checks.filter(|at| *field(at, "pass") == json!(false)).collect();
        let named = failed.iter().any(|at| field(at, "guard") == "EveryMemberHealthy");
        ensure!(named && failed.iter().all(|at| field(at, "saw") != ""), "{failed:?}");
        Ok(())
    })
    .await?;
    let history = tool.json(&["history", "stuck", "-n", &context.namespace]).await?;
    let last = field(&history, "transitions").as_array().and_then(|moves| moves.last());
    let step = last.map(|last| field(last, "to"));
    ensure!(step == Some(&json!("Creating/AwaitQuorum")), "{history}");
    Ok(())
}

/// The edit that gets it going: planned, made, and then found in the journal, action by action.
async fn mended(context: &Context, tool: &Tool<'_>, file: &Path) -> Result<()> {
    let spec = birth("gcr.io/etcd-development/etcd");
    fs::write(file, object(&context.namespace, "stuck", &spec))?;
    let planned = tool.planned(&file.display().to_string()).await?;
    fs::remove_file(file)?;
    let journal = context.journal("etcd-cluster", "stuck");
    let before = turns(&journal)?.len();

    context.patch::<EtcdCluster>("stuck", json!({"spec": spec})).await?;
    context.healthy("stuck", 90).await?;
    let done = words(turns(&journal)?.into_iter().skip(before));
    ensure!(planned == done, "planned {planned:?}, done {done:?}");
    ensure!(done.len() > 3, "an edit that begins a birth again did only {done:?}");
    Ok(())
}

fn birth(repository: &str) -> Value {
    json!({"size": 1, "repository": repository})
}

/// The turns of a journal.
fn turns(journal: &Path) -> Result<Vec<Turn>> {
    let lines = fs::read_to_string(journal)?;
    Ok(lines.lines().map(serde_json::from_str).collect::<Result<_, _>>()?)
}

fn object(namespace: &str, name: &str, spec: &Value) -> String {
    let mut spec = spec.clone();
    merge(&mut spec, json!({"storage": {"size": "1Gi"}}));
    let object = json!({
        "apiVersion": "etcd.etcd.io/v1alpha1", "kind": "EtcdCluster",
        "metadata": {"name": name, "namespace": namespace}, "spec": spec,
    });
    // JSON is YAML.
    object.to_string()
}

/// The actions of turns in order, in words. A turn may be taken again.
fn words(turns: impl IntoIterator<Item = Turn>) -> Vec<String> {
    let actions = turns.into_iter().flat_map(|turn| turn.actions);
    let mut words: Vec<String> = actions.map(|action| action.to_string()).collect();
    words.dedup();
    words
}
