//! SHELL. The operator's program, as people use it beside the operator that runs.

use crate::case::Context;
use crate::wait::until;
use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Output;
use tokio::process::Command;

/// A field of an object, or null.
pub fn field<'a>(object: &'a Value, name: &str) -> &'a Value {
    object.get(name).unwrap_or(&Value::Null)
}

/// The operator's program, used as a person does.
pub struct Tool<'a> {
    binary: &'a Path,
    kubeconfig: &'a Path,
    namespace: &'a str,
}

impl Tool<'_> {
    /// Runs it to its end.
    pub async fn run(&self, arguments: &[&str]) -> Result<Output> {
        let mut command = Command::new(self.binary);
        command.args(arguments).env("KUBECONFIG", self.kubeconfig);
        let output = command.output().await;
        output.with_context(|| format!("{arguments:?} in {}", self.namespace))
    }

    /// The actions that `plan` says follow from a file.
    pub async fn planned(&self, path: &str) -> Result<Vec<String>> {
        let planned = self.json(&["plan", "-f", path]).await?;
        let turns = field(&planned, "turns").as_array().context("no turns")?;
        let actions = turns.iter().filter_map(|turn| field(turn, "actions").as_array()).flatten();
        let mut words: Vec<String> = actions.filter_map(Value::as_str).map(str::to_owned).collect();
        words.dedup();
        Ok(words)
    }

    /// What a command says as JSON.
    pub async fn json(&self, arguments: &[&str]) -> Result<Value> {
        let output = self.run(&[arguments, &["-o", "json"]].concat()).await?;
        ensure!(output.status.success(), "{arguments:?}: {}", text(&output));
        Ok(serde_json::from_slice(&output.stdout)?)
    }
}

/// All it said.
pub fn text(output: &Output) -> String {
    let all = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    String::from_utf8_lossy(&all).into_owned()
}

impl Context {
    /// The program, at this namespace.
    pub fn tool(&self) -> Tool<'_> {
        let (binary, kubeconfig) = (&self.env.binary, &self.env.cluster.kubeconfig);
        Tool { binary, kubeconfig, namespace: &self.namespace }
    }

    /// Waits until `explain` says that a cluster waits for this reason and that no way out is open, and,
    /// if it waits for a guard, names that one with what it saw.
    pub async fn explained(&self, name: &str, reason: &str, guard: Option<&str>) -> Result<()> {
        let tool = self.tool();
        until(format!("explain says {reason}, {guard:?}"), 60, async || {
            let told = tool.json(&["explain", name, "-n", &self.namespace]).await?;
            let list = |of: &str| field(&told, of).as_array().cloned().unwrap_or_default();
            ensure!(list("holds").contains(&json!(reason)), "it holds {:?}", list("holds"));
            let (ways, asked) = (list("ways"), list("guards"));
            let open = ways.iter().find(|way| *field(way, "open") == json!(true));
            ensure!(!ways.is_empty() && open.is_none(), "a way is open: {open:?}");
            let Some(guard) = guard else { return Ok(()) };
            let fails =
                |at: &&Value| field(at, "guard") == guard && *field(at, "answer") == json!(false);
            let asked = asked.iter().find(fails).with_context(|| format!("of {asked:?}"))?;
            ensure!(field(asked, "saw") != "", "{asked}");
            Ok(())
        })
        .await
    }
}
