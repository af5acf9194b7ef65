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
    crash_loop(context, "sick", 1).await?;
    let beside = created(context, "beside").await?;
    ensure!(beside < alone + SLACK, "{beside:?} beside a sick one, {alone:?} alone");
    Ok(())
}

/// Makes a member crash-loop for good: it may not read its volume, and its data is not lost.
pub async fn crash_loop(context: &Context, name: &str, at: u32) -> Result<()> {
    let pod = format!("{name}-{at}");
    let volume = context.volume(&pod).await?;
    as_root(&format!("chown root '{volume}' && chmod 700 '{volume}'")).await?;
    context.kill_etcd(&pod).await?;
    context.says(name, ("Degraded", "True", "MemberDown"), 60).await?;
    Ok(())
}

async fn created(context: &Context, name: &str) -> Result<Duration> {
    let begin = Instant::now();
    context.create(name, json!({})).await?;
    context.phase(name, "Running", 60).await?;
    Ok(begin.elapsed())
}
