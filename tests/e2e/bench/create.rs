//! SHELL. How long a creation takes, beside one by hand and beside a crash loop, and what it costs.

use super::{by_hand_manifest, median};
use crate::audit::total;
use crate::case::Context;
use crate::cases::neighbours::crash_loop;
use crate::expect::{is_ready, said, status};
use crate::wait::{throughout, until};
use anyhow::{Context as _, Result, ensure};
use k8s_openapi::api::core::v1::Pod;
use kube::ResourceExt;
use kube::api::ListParams;
use serde_json::json;
use tokio::time::Instant;

/// How many clusters of one member come at once.
const BURST: usize = 20;

pub async fn run(context: &Context) -> Result<()> {
    let (mut ours, mut theirs, mut writes) = (vec![], vec![], vec![]);
    for round in 0..context.env.options.rounds {
        // Alternating, so that whatever else the machine does meets both.
        let hand = by_hand(&context.beside(&format!("hand{round}")).await?).await?;
        let here = context.beside(&format!("ours{round}")).await?;
        let audit = context.audit()?;
        let own = by_operator(&here, "a").await?;
        here.healthy("a", 30).await?;
        let written = audit.writes(Some(&here.namespace))?;
        say!("round {round}: {own:.2} s, by hand {hand:.2} s, writes {written:?}");
        ours.push(own);
        theirs.push(hand);
        writes.push(f64::from(total(&written)));
        here.end().await?;
    }
    let (created, handwritten) = (median(&mut ours), median(&mut theirs));
    context.figure("create_s", format!("{created:.2}"));
    context.figure("handwritten_s", format!("{handwritten:.2}"));
    context.figure("create_ratio", format!("{:.2}", created / handwritten));
    context.figure("create_writes", median(&mut writes));
    rest(&context.beside("rest").await?, context).await?;
    neighbours(context).await?;
    burst(&context.beside("burst").await?, context).await
}

/// Seconds from applying a cluster of three to phase Running with three voters.
async fn by_operator(context: &Context, name: &str) -> Result<f64> {
    let begin = Instant::now();
    context.create(name, json!({"size": 3})).await?;
    context.phase(name, "Running", 120).await?;
    let took = begin.elapsed().as_secs_f64();
    let cluster = context.cluster(name).await?;
    let voters = status(&cluster).members.iter().filter(|member| member.id.is_some()).count();
    ensure!(voters == 3, "Running with {voters} voters: {}", said(&cluster));
    context.one_identity(&cluster).await?;
    Ok(took)
}

/// Seconds from applying the same by hand to three ready pods.
async fn by_hand(context: &Context) -> Result<f64> {
    let text = by_hand_manifest()?;
    // What kubectl needs to start is not the StatefulSet's fault.
    let begin = Instant::now();
    context.apply(&text).await?;
    until("three pods by hand are ready", 120, async || {
        let pods = context.api::<Pod>().list(&ListParams::default().labels("app=hand")).await?;
        let ready = pods.iter().filter(|pod| is_ready(pod)).count();
        ensure!(ready == 3, "{ready} are ready");
        Ok(())
    })
    .await?;
    let took = begin.elapsed().as_secs_f64();
    context.end().await?;
    Ok(took)
}

/// What the operator writes and holds while nothing changes.
async fn rest(here: &Context, figures: &Context) -> Result<()> {
    by_operator(here, "a").await?;
    here.healthy("a", 30).await?;
    // What follows a creation, such as events, is over in a moment.
    let audit = until("the operator came to rest", 60, async || {
        let audit = here.audit()?;
        throughout("nothing is written", 5, async || {
            ensure!(total(&audit.writes(None)?) == 0, "{:?}", audit.writes(None)?);
            Ok(())
        })
        .await?;
        Ok(audit)
    })
    .await?;
    let seconds = figures.env.options.rest_seconds;
    throughout("the cluster rests", seconds, async || {
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        Ok(())
    })
    .await?;
    let writes = audit.writes(None)?;
    if total(&writes) > 0 {
        say!("writes at rest: {writes:?}");
    }
    figures.figure("rest_seconds", seconds);
    figures.figure("rest_writes", total(&writes));
    figures.figure("rest_rss_mb", format!("{:.1}", figures.operator().await?.rss_mb()?));
    here.end().await
}

/// A creation beside a cluster with a member that crash-loops, against one alone.
async fn neighbours(context: &Context) -> Result<()> {
    let (mut alone, mut beside) = (vec![], vec![]);
    let sick = context.beside("sick").await?;
    for _ in 0..3 {
        alone.push(once(context).await?);
    }
    by_operator(&sick, "sick").await?;
    sick.healthy("sick", 30).await?;
    crash_loop(&sick, "sick", 1).await?;
    for _ in 0..3 {
        beside.push(once(context).await?);
    }
    let (alone, beside) = (median(&mut alone), median(&mut beside));
    context.figure("neighbour_alone_s", format!("{alone:.2}"));
    context.figure("neighbour_beside_s", format!("{beside:.2}"));
    context.figure("neighbour_ratio", format!("{:.2}", beside / alone));
    sick.end().await
}

async fn once(context: &Context) -> Result<f64> {
    let here = context.beside("once").await?;
    let took = by_operator(&here, "a").await?;
    here.end().await?;
    Ok(took)
}

/// Many small clusters at once.
async fn burst(here: &Context, figures: &Context) -> Result<()> {
    let names: Vec<String> = (0..BURST).map(|n| format!("b{n}")).collect();
    let begin = Instant::now();
    for name in &names {
        here.create(name, json!({"size": 1})).await?;
    }
    until("all of the burst are Running", 180, async || {
        let all = here.clusters().list(&ListParams::default()).await?;
        let is_running = |c: &&_| status(c).phase.as_deref() == Some("Running");
        let waiting = all.iter().find(|cluster| !is_running(cluster));
        ensure!(
            waiting.is_none(),
            "{}",
            waiting.map(|c| format!("{}: {}", c.name_any(), said(c))).unwrap_or_default()
        );
        Ok(())
    })
    .await
    .context("the burst")?;
    figures.figure("burst_s", format!("{:.2}", begin.elapsed().as_secs_f64()));
    Ok(())
}
