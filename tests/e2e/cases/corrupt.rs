//! SHELL. One member's data is not what was written: it is found, replaced, and all is equal again.

use crate::case::Context;
use crate::cluster::as_root;
use crate::etcd;
use crate::members::passed;
use crate::wait::until;
use crate::was::Was;
use anyhow::{Result, ensure};
use serde_json::json;
use std::collections::BTreeSet;
use std::time::Duration;

/// What stands in the database, and what a disk makes of it.
const WRITTEN: &str = "what-was-written";
const READ: &str = "what-was-wrItten";

/// A bit flips on a follower's disk. etcd's own check finds that the members differ, not who is right.
pub async fn bit_flipped(context: &Context) -> Result<()> {
    context.create("a", json!({})).await?;
    let was = Was::of(context, "a").await?;
    let url = context.service_url("a").await?;
    etcd::put(&url, "told", WRITTEN).await?;
    let pod = was.follower()?;
    let volume = context.volume(&pod).await?;
    // Nobody writes meanwhile: what is found somewhere must still be there when it is changed.
    flip(&format!("{volume}/data/member/snap/db")).await?;
    let writer = context.writer_to_members("a").await?;
    writer.goes_on(20).await?;
    ensure!(hashes(context).await?.len() == 2, "nothing differs");
    etcd::compact(&url).await?;

    let now = was.replaced(context, &pod, 300).await?;
    passed(&now, "Recovering/Evict")?;
    until("all hold the same, and take writes", 120, async || {
        ensure!(hashes(context).await?.len() == 1, "they still differ");
        etcd::put(&url, "told", "again").await
    })
    .await?;
    context.settle_within("a", writer, "bit_flipped_gap_s", Duration::MAX).await
}

/// Changes the written word wherever it stands in a file that is in use.
async fn flip(file: &str) -> Result<()> {
    let at = format!("grep -abo '{WRITTEN}' '{file}' | cut -d: -f1");
    let write = format!("printf '{READ}' | dd of='{file}' bs=1 seek=$at conv=notrunc status=none");
    until("the word is in the database", 20, async || {
        let found =
            as_root(&format!("all=$({at}); for at in $all; do {write}; done; echo $all")).await?;
        ensure!(!found.trim().is_empty(), "it is not");
        Ok(())
    })
    .await
}

/// What the members' data comes to, at one revision.
async fn hashes(context: &Context) -> Result<BTreeSet<u32>> {
    let mut least = i64::MAX;
    let urls = context.pod_urls("a").await?;
    for (_, url) in &urls {
        least = least.min(etcd::hash(url, 0).await?.1);
    }
    let mut hashes = BTreeSet::new();
    for (_, url) in &urls {
        hashes.insert(etcd::hash(url, least).await?.0);
    }
    Ok(hashes)
}
