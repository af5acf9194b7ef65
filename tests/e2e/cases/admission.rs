//! SHELL. What the API server accepts and refuses, by the tables in `fixtures/admission`.

use crate::case::Context;
use crate::cluster::project;
use anyhow::{Context as _, Result, ensure};
use futures::{StreamExt, TryStreamExt, stream};
use kube::ResourceExt;
use serde::Deserialize;
use serde_json::{Map, Value, json};

#[derive(Deserialize)]
struct Creation {
    what: String,
    name: String,
    spec: Value,
    expect: Option<String>,
}

#[derive(Deserialize)]
struct Edit {
    what: String,
    #[serde(default)]
    status: bool,
    patch: Value,
    expect: Option<String>,
}

/// Specs of new clusters.
pub async fn creations(context: &Context) -> Result<()> {
    let cases: Vec<Creation> = table("etcd-cluster.yaml")?;
    let count = cases.len();
    let results: Vec<Option<String>> = stream::iter(cases)
        .map(|case| created(context, case))
        .buffer_unordered(8)
        .try_collect()
        .await?;
    let wrong: Vec<String> = results.into_iter().flatten().collect();
    ensure!(wrong.is_empty(), "{} of {count}: {}", wrong.len(), wrong.join("\n  "));
    ensure!(context.objects().await?.is_empty(), "a dry run left something behind");
    context.figure("admission_creations", count);
    Ok(())
}

/// Edits of a cluster that runs. None changes anything.
pub async fn edits(context: &Context) -> Result<()> {
    context.create("a", json!({"size": 1})).await?;
    let before = context.healthy("a", 60).await?;
    let cases: Vec<Edit> = table("etcd-cluster-edits.yaml")?;
    let mut wrong = vec![];
    for case in &cases {
        let part = if case.status { "/status" } else { "" };
        let path = format!("{}/a{part}?dryRun=All", clusters(context));
        let answer =
            send(context, "PATCH", "application/merge-patch+json", (&path, &case.patch)).await?;
        wrong.extend(judge(&case.what, case.expect.as_deref(), &answer));
    }
    ensure!(wrong.is_empty(), "{} of {}: {}", wrong.len(), cases.len(), wrong.join("\n  "));
    // The scale subresource keeps to the same rules.
    let even = context.kubectl("scale etcdc/a --replicas=2 --dry-run=server").await;
    ensure!(even.is_err(), "two members were accepted");
    context.kubectl("scale etcdc/a --replicas=5 --dry-run=server").await?;
    let after = context.healthy("a", 10).await?;
    ensure!(before.spec == after.spec && before.uid() == after.uid(), "a refused edit changed it");
    context.figure("admission_edits", cases.len());
    Ok(())
}

/// One dry run; what is wrong with the answer.
async fn created(context: &Context, case: Creation) -> Result<Option<String>> {
    let object = json!({
        "apiVersion": "etcd.etcd.io/v1alpha1", "kind": "EtcdCluster",
        "metadata": {"name": case.name}, "spec": generated(case.spec),
    });
    let path = format!("{}?dryRun=All&fieldValidation=Strict", clusters(context));
    let answer = send(context, "POST", "application/json", (&path, &object)).await?;
    Ok(judge(&case.what, case.expect.as_deref(), &answer))
}

fn judge(what: &str, expect: Option<&str>, answer: &Result<(), String>) -> Option<String> {
    match (expect, answer) {
        (None, Ok(())) => None,
        (Some(part), Err(message)) if message.contains(part) => None,
        (_, answer) => Some(format!("{what}: {answer:?} instead of {expect:?}")),
    }
}

fn clusters(context: &Context) -> String {
    format!("/apis/etcd.etcd.io/v1alpha1/namespaces/{}/etcdclusters", context.namespace)
}

/// The server's refusal is a result here; only a failure to ask is an error.
async fn send(
    context: &Context,
    method: &str,
    media_type: &str,
    (path, body): (&str, &Value),
) -> Result<Result<(), String>> {
    let request = http::Request::builder()
        .method(method)
        .uri(path)
        .header("Content-Type", media_type)
        .body(serde_json::to_vec(body)?)?;
    match context.env.cluster.api.request::<Value>(request).await {
        Ok(_) => Ok(Ok(())),
        Err(kube::Error::Api(status)) => Ok(Err(status.message.clone())),
        Err(error) => Err(error).context("the API server did not answer"),
    }
}

fn table<T: for<'a> Deserialize<'a>>(file: &str) -> Result<Vec<T>> {
    let path = project("fixtures/admission").join(file);
    let text = std::fs::read_to_string(&path)?;
    serde_saphyr::from_str(&text).with_context(|| format!("failed to read {}", path.display()))
}

/// `GENERATE: k0..kN: v` becomes a map of so many keys.
fn generated(value: Value) -> Value {
    match value {
        Value::String(text) => match text.strip_prefix("GENERATE: k0..k") {
            Some(rest) => {
                let (last, value) = rest.split_once(": ").unwrap_or((rest, ""));
                let last: u32 = last.parse().unwrap_or(0);
                let pair = |n: u32| (format!("k{n}"), Value::from(value));
                Value::Object((0..=last).map(pair).collect::<Map<_, _>>())
            }
            None => Value::String(text),
        },
        Value::Object(map) => {
            Value::Object(map.into_iter().map(|(key, value)| (key, generated(value))).collect())
        }
        other => other,
    }
}
