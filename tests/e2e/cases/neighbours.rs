//! SHELL. One sick cluster, and another that is created beside it.

use crate::case::Context;
use crate::cluster::as_root;
use anyhow::{Result, ensure};
use serde_json::json;
use std::time::Duration;
use tokio::time::Instant;

/// What else the machine does, such as the crash loop itself, is not the operator's doing.
const SLACK: Duration = Duration::from_secs(3);

pub async fn run(context: &Context) -> Result<()> {
    let alone = created(context, "alone").await?;
    context.create("sick", json!({})).await?;
    context.healthy("sick", 60).await?;
    let volume = context.volume("sick-1").await?;
    as_root(&format!("rm -rf '{volume}'/data")).await?;
    context.kill_etcd("sick-1").await?;
    context.says("sick", ("Degraded", "True", "MemberDataLost"), 60).await?;
    let beside = created(context, "beside").await?;
    ensure!(beside < alone + SLACK, "{beside:?} beside a sick one, {alone:?} alone");
    Ok(())
}

async fn created(context: &Context, name: &str) -> Result<Duration> {
    let begin = Instant::now();
    context.create(name, json!({})).await?;
    context.phase(name, "Running", 60).await?;
    Ok(begin.elapsed())
}
