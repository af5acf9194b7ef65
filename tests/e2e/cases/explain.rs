//! SHELL. The commands that look: what `plan` says happens, what happened is replayed, and `explain`
//! names the guard a cluster waits for.

use crate::case::Context;
use crate::wait::until;
use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::Output;
use tokio::process::Command;

pub async fn run(context: &Context) -> Result<()> {
    let mut operator = context.operator().await?;
    let dir = std::env::temp_dir().join(format!("e2e-journal-{}", std::process::id()));
    fs::create_dir_all(&dir)?;
    operator.stop().await?;
    operator.start(&["--journal", &dir.display().to_string()])?;
    operator.ready().await?;
    let binary = operator.binary().to_owned();
    looks(context, &binary, &dir).await?;
    operator.stop().await?;
    operator.ensure().await?;
    Ok(fs::remove_dir_all(&dir)?)
}

async fn looks(context: &Context, binary: &Path, dir: &Path) -> Result<()> {
    let tool =
        Tool { binary, kubeconfig: &context.env.cluster.kubeconfig, namespace: &context.namespace };
    let file = dir.with_extension("yaml");
    fs::write(&file, object(&context.namespace, 3))?;
    let path = file.display().to_string();
    let planned = tool.json(&["plan", "-f", &path]).await?;
    let planned = words(planned.pointer("/turns").context("no turns")?, "/actions");

    context.create("a", json!({"size": 3})).await?;
    context.healthy("a", 60).await?;
    let journal = dir.join(format!("{}_a.jsonl", context.namespace));
    let lines = fs::read_to_string(&journal)?;
    let turns = lines.lines().map(serde_json::from_str).collect::<Result<Vec<Value>, _>>()?;
    let done = words(&json!(turns), "/actions");
    ensure!(planned == done, "planned {planned:?}, done {done:?}");

    let replayed = tool.run(&["replay", &journal.display().to_string()]).await?;
    ensure!(replayed.status.success(), "{}", text(&replayed));
    fs::write(&file, object(&context.namespace, 5))?;
    let refused = tool.run(&["plan", "-f", &path]).await?;
    ensure!(
        !refused.status.success() && text(&refused).contains("spec.size"),
        "{}",
        text(&refused)
    );
    fs::remove_file(&file)?;

    let explained = tool.json(&["explain", "a", "-n", &context.namespace]).await?;
    let at_rest = field(&explained, "step") == "Steady" && *field(&explained, "holds") == json!([]);
    ensure!(at_rest, "{explained}");
    let history = tool.json(&["history", "a", "-n", &context.namespace]).await?;
    let moves = field(&history, "transitions").as_array().map_or(0, Vec::len);
    ensure!(moves == 3, "{history}");
    let played = tool.run(&["simulate", "create", "--fault", "4:crash-after"]).await?;
    ensure!(played.status.success(), "{}", text(&played));
    stuck(context, &tool).await
}

/// A birth that waits for an image names the guard, and what it saw.
async fn stuck(context: &Context, tool: &Tool<'_>) -> Result<()> {
    context.create("stuck", json!({"size": 1, "repository": "registry.local/missing"})).await?;
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

/// A field of an object, or null.
fn field<'a>(object: &'a Value, name: &str) -> &'a Value {
    object.get(name).unwrap_or(&Value::Null)
}

struct Tool<'a> {
    binary: &'a Path,
    kubeconfig: &'a Path,
    namespace: &'a str,
}

impl Tool<'_> {
    async fn run(&self, arguments: &[&str]) -> Result<Output> {
        let mut command = Command::new(self.binary);
        command.args(arguments).env("KUBECONFIG", self.kubeconfig);
        let output = command.output().await;
        output.with_context(|| format!("{arguments:?} in {}", self.namespace))
    }

    async fn json(&self, arguments: &[&str]) -> Result<Value> {
        let output = self.run(&[arguments, &["-o", "json"]].concat()).await?;
        ensure!(output.status.success(), "{arguments:?}: {}", text(&output));
        Ok(serde_json::from_slice(&output.stdout)?)
    }
}

fn text(output: &Output) -> String {
    let all = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    String::from_utf8_lossy(&all).into_owned()
}

fn object(namespace: &str, size: u32) -> String {
    format!(
        "apiVersion: etcd.etcd.io/v1alpha1\nkind: EtcdCluster\nmetadata: {{name: a, namespace: {namespace}}}\n\
         spec: {{size: {size}, storage: {{size: 1Gi}}}}\n"
    )
}

/// The actions of turns in order, in the words of `plan`. A turn may be taken again.
fn words(turns: &Value, actions: &str) -> Vec<String> {
    let all = turns.as_array().into_iter().flatten();
    let actions = all.filter_map(|turn| turn.pointer(actions)?.as_array()).flatten();
    let mut words: Vec<String> = actions.map(word).collect();
    words.dedup();
    words
}

fn word(action: &Value) -> String {
    let ordinals = |all: &Value| {
        let all = all.as_array().into_iter().flatten();
        all.map(|at| at.pointer("/0").unwrap_or(&Value::Null).to_string())
            .collect::<Vec<_>>()
            .join(", ")
    };
    if let Some(word) = action.as_str() {
        return word.to_owned();
    }
    if let Some(parts) = action.pointer("/Keep/parts").and_then(Value::as_array) {
        let part = |part: &Value| match (part.get("Create"), part.get("Mend")) {
            (Some(name), _) => format!("create {}", name.as_str().unwrap_or_default()),
            (_, Some(mend)) => {
                format!("mend {}", mend.pointer("/0").and_then(Value::as_str).unwrap_or_default())
            }
            _ => part.to_string(),
        };
        return parts.iter().map(part).collect::<Vec<_>>().join(", ");
    }
    match action.pointer("/Direct/pods") {
        Some(pods) => format!("direct members {}", ordinals(pods)),
        None => action.to_string(),
    }
}
