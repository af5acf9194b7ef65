//! SHELL. How long two members take to come and to go, and what clients notice of it.

use super::median;
use crate::case::Context;
use crate::etcd;
use crate::expect::{said, status};
use crate::members::sized;
use crate::wait::until;
use anyhow::{Result, ensure};
use tokio::time::Instant;

pub async fn run(context: &Context) -> Result<()> {
    context.create("a", sized(3)).await?;
    context.healthy("a", 60).await?;
    let writer = context.writer_to_members("a").await?;
    let (mut grown, mut shrunk) = (vec![], vec![]);
    for round in 0..context.env.options.rounds {
        let (up, down) = (resized(context, 5).await?, resized(context, 3).await?);
        say!("round {round}: 3 to 5 in {up:.2} s, 5 to 3 in {down:.2} s");
        grown.push(up);
        shrunk.push(down);
    }
    let written = context.settle("a", writer).await?;
    context.figure("scale_3_5_s", format!("{:.2}", median(&mut grown)));
    context.figure("scale_5_3_s", format!("{:.2}", median(&mut shrunk)));
    context.figure("longest_gap_s", format!("{:.2}", written.longest_gap.as_secs_f64()));
    context.figure("failed_writes", written.unanswered);
    Ok(())
}

/// Seconds from asking for a size until the status says it is there, and etcd says so, too.
async fn resized(context: &Context, size: i32) -> Result<f64> {
    let url = context.service_url("a").await?;
    let begin = Instant::now();
    context.resize("a", size).await?;
    until(format!("there are {size}"), 180, async || {
        let cluster = context.cluster("a").await?;
        let now = status(&cluster);
        let is_there = now.phase.as_deref() == Some("Running") && now.replicas == size;
        ensure!(is_there, "{} members, {}", now.replicas, said(&cluster));
        let voters = etcd::voters(&url).await?;
        ensure!(i32::try_from(voters.len())? == size, "etcd lists {voters:?}");
        Ok(())
    })
    .await?;
    let took = begin.elapsed().as_secs_f64();
    // What is left to do is not the next one's.
    context.sized("a", size, 60).await?;
    Ok(took)
}
