//! SHELL. What a person needs to see of a case that failed.

use crate::case::Context;

/// Lines of the operator's log, and of each member's.
const TAIL: (usize, usize) = (80, 15);

/// Prints the objects, their events and the logs.
pub async fn failure(context: &Context, log_from: u64) {
    for line in [
        "get etcdc -o wide",
        "get statefulset,service,pdb,pod,pvc,endpointslice -o wide",
        "describe etcdc",
        "get events --sort-by=.lastTimestamp",
    ] {
        show(&format!("kubectl {line}"), &text(context.kubectl(line).await));
    }
    let pods = context.kubectl("get pod -o name").await.unwrap_or_default();
    for pod in pods.lines() {
        let line = format!("logs {pod} --all-containers --prefix --tail={}", TAIL.1);
        show(&format!("kubectl {line}"), &text(context.kubectl(&line).await));
    }
    if let Some(operator) = &context.operator {
        let log = operator.lock().await.log_since(log_from);
        let lines: Vec<&str> = log.lines().collect();
        let from = lines.len().saturating_sub(TAIL.0);
        show("operator's log", &lines.get(from..).unwrap_or_default().join("\n"));
    } else {
        let line = ["-n", crate::operator::NAMESPACE, "logs", "deploy/etcd-operator", "--tail=60"];
        show("operator's log", &text(context.env.cluster.kubectl(&line).await));
    }
}

fn text(answer: anyhow::Result<String>) -> String {
    answer.unwrap_or_else(|error| format!("{error:#}"))
}

fn show(title: &str, text: &str) {
    say!("---- {title}\n{}", text.trim_end());
}
