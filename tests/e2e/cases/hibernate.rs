//! SHELL. A cluster is sent to sleep, and wakes as it was.

use crate::case::Context;
use crate::expect::{said, status};
use crate::wait::{throughout, until};
use crate::was::Was;
use anyhow::{Result, ensure};
use serde_json::json;

pub async fn run(context: &Context) -> Result<()> {
    let (was, writer) = Was::written(context, json!({})).await?;
    writer.goes_on(30).await?;
    let written = writer.stop().await?;
    context.resize("a", 0).await?;
    until("it sleeps", 90, async || asleep(context).await).await?;
    context.explained("a", "Hibernated", Some("SizeAboveZero")).await?;
    throughout("it goes on sleeping", 5, async || asleep(context).await).await?;
    let claims = context.claims().await?;
    ensure!(claims == was.claims, "other volumes: {claims:?}, not {:?}", was.claims);
    context.resize("a", 3).await?;
    was.unchanged(context, 120).await?;
    context.nothing_lost("a", &written).await
}

async fn asleep(context: &Context) -> Result<()> {
    let cluster = context.cluster("a").await?;
    let now = status(&cluster);
    let sleeps =
        now.phase.as_deref() == Some("Running") && now.step.as_deref() == Some("Hibernated");
    ensure!(sleeps, "{}", said(&cluster));
    let pods = context.pods("a").await?.len();
    ensure!(pods == 0, "{pods} pods are there");
    Ok(())
}
