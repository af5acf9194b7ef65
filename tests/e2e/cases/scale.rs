//! SHELL. Members come and go while clients write: as asked for, with the operator killed on the
//! way, asked for one thing after another, and with the leader among those that go.

use crate::case::{Context, merge};
use crate::etcd;
use crate::expect::status;
use crate::members::{ids, removed, sized};
use crate::random::Random;
use crate::wait::throughout;
use crate::was::Was;
use anyhow::{Context as _, Result, ensure};
use etcd_operator::crd::EtcdClusterStatus;
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How long clients may be without an answer while members come and go: one election and more.
const GAP: Duration = Duration::from_secs(3);
/// The same while the machine has more to do, such as starting the operator over and over.
const BUSY_GAP: Duration = Duration::from_secs(5);
/// The same where the leader goes, which hands over first: no election has to begin with a silence.
const HANDOVER_GAP: Duration = Duration::from_millis(1500);
/// How often the operator is killed while one size becomes another.
const KILLS: u32 = 8;

/// Up and down, and up again over volumes that members left.
pub async fn run(context: &Context) -> Result<()> {
    let (was, writer) = Was::written(context, sized(1)).await?;
    let (mut claims, mut last, mut most) = (was.claims, 1, 1);
    for size in [3, 5, 3, 1, 3] {
        say!("  {last} to {size}");
        context.kubectl(&format!("scale etcdc/a --replicas={size}")).await?;
        let now = status(&context.sized("a", size, 180).await?);
        ensure!(now.cluster_id == was.status.cluster_id, "another cluster ID");
        most = most.max(size);
        let after = context.claims().await?;
        volumes(&claims, &after, (last, size, most))
            .with_context(|| format!("{last} to {size}"))?;
        left(&now, &after, size)?;
        (claims, last) = (after, size);
    }
    context.settle_within("a", writer, "scale_gap_s", GAP).await
}

/// With retention Retain a volume outlives its member, and only one that joins again has a new one.
fn volumes(
    before: &BTreeMap<String, String>,
    after: &BTreeMap<String, String>,
    (last, size, most): (i32, i32, i32),
) -> Result<()> {
    let names: Vec<String> = (0..most).map(|at| format!("data-a-{at}")).collect();
    ensure!(after.keys().eq(&names), "{after:?} instead of {names:?}");
    for (at, name) in (0..).zip(&names) {
        let Some(old) = before.get(name) else { continue };
        let joined = at >= last && at < size;
        let is_new = after.get(name) != Some(old);
        ensure!(is_new == joined, "{name}: joined {joined}, another volume {is_new}");
    }
    Ok(())
}

/// Holds that the volumes without a member are those the status tells of.
fn left(status: &EtcdClusterStatus, claims: &BTreeMap<String, String>, size: i32) -> Result<()> {
    let members: Vec<String> = (0..size).map(|at| format!("data-a-{at}")).collect();
    let expected = claims.keys().filter(|claim| !members.contains(claim));
    let expected = expected.map(|claim| claim.replacen("data-", "", 1)).collect();
    let names = removed(status);
    ensure!(names == expected, "removed {names:?}, not {expected:?}");
    for member in &status.removed_members {
        let claim = claims.get(&format!("data-{}", member.name));
        ensure!(claim == member.volume_uid.as_ref(), "{member:?}, but the volume is {claim:?}");
    }
    Ok(())
}

/// The operator is killed again and again while members come, and while they go.
pub async fn operator_killed(context: &Context) -> Result<()> {
    let options = &context.env.options;
    let (mut random, mut kills) = (Random::new(options), 0);
    let rounds = if options.smoke { 1 } else { 3 };
    let mut spec = sized(3);
    merge(&mut spec, json!({"storage": {"retention": "Delete"}}));
    let (was, writer) = Was::written(context, spec).await?;
    for round in 0..rounds {
        for size in [5, 3] {
            context.resize("a", size).await?;
            for _ in 0..KILLS {
                context.killed_within(&mut random, 4000).await?;
                kills += 1;
            }
            let now = context.sized("a", size, 240).await;
            let now = status(&now.with_context(|| format!("round {round}, to {size}"))?);
            ensure!(now.cluster_id == was.status.cluster_id, "another cluster ID");
            context.only_objects_of(&[("a", size)]).await?;
            ensure!(removed(&now).is_empty(), "a volume is left: {:?}", now.removed_members);
        }
    }
    context.figure("scale_kills", kills);
    context.settle_within("a", writer, "scale_killed_gap_s", BUSY_GAP).await
}

/// The operator is killed each time etcd has just done what it asked for, before that is on record.
pub async fn killed_between(context: &Context) -> Result<()> {
    let (was, writer) = Was::written(context, sized(3)).await?;
    for (size, action) in [(5, "AddLearner"), (3, "RemoveMember")] {
        let mut from = context.operator().await?.log_len();
        context.resize("a", size).await?;
        for kill in 1..=2 {
            from = killed_after(context, from, action)
                .await
                .with_context(|| format!("kill {kill}"))?;
        }
        let now =
            status(&context.sized("a", size, 240).await.with_context(|| format!("to {size}"))?);
        ensure!(now.cluster_id == was.status.cluster_id, "another cluster ID");
        let others = |all: BTreeMap<String, String>| {
            all.into_iter().filter(|(name, _)| ids(&was.status).contains_key(name)).collect()
        };
        let kept: BTreeMap<String, String> = others(ids(&now));
        ensure!(kept == ids(&was.status), "other members were touched: {:?}", now.members);
        left(&now, &context.claims().await?, size)?;
    }
    context.settle_within("a", writer, "scale_killed_between_gap_s", BUSY_GAP).await
}

/// Kills the operator the moment its log says that this was done, and starts it again. Where its log
/// ended then.
async fn killed_after(context: &Context, from: u64, action: &str) -> Result<u64> {
    let done = |line: &str| {
        line.contains("\"performed\"") && line.contains(action) && line.contains("\"Ok\"")
    };
    let end = Instant::now() + Duration::from_secs(90);
    loop {
        let mut operator = context.operator().await?;
        if operator.log_since(from).lines().any(done) {
            operator.kill9().await?;
            let ended = operator.log_len();
            operator.start(&[])?;
            return Ok(ended);
        }
        drop(operator);
        ensure!(Instant::now() < end, "{action} was not done");
        sleep(Duration::from_millis(5)).await;
    }
}

/// No node has room for the member to come: etcd is asked for nothing, and it is taken back at once.
pub async fn no_room(context: &Context) -> Result<()> {
    let (was, writer) = Was::written(context, json!({})).await?;
    context.resize("a", 5).await?;
    context.explained("a", "LearnerJoining", Some("SlotReached")).await?;
    throughout("nobody joins", 10, async || {
        let listed = etcd::members(&context.service_url("a").await?).await?;
        ensure!(listed.len() == 3, "etcd lists {listed:?}");
        Ok(())
    })
    .await?;
    context.resize("a", 3).await?;
    let now = status(&context.sized("a", 3, 60).await?);
    ensure!(ids(&now) == ids(&was.status), "other members: {:?}", now.members);
    left(&now, &context.claims().await?, 3)?;
    context.settle_within("a", writer, "scale_no_room_gap_s", GAP).await
}

/// Another size is asked for before the last one is there.
pub async fn flapping(context: &Context) -> Result<()> {
    let options = &context.env.options;
    let mut random = Random::new(options);
    let (was, writer) = Was::written(context, sized(3)).await?;
    let end = Instant::now() + Duration::from_secs(if options.smoke { 30 } else { 120 });
    let mut edits = 0;
    while Instant::now() < end {
        context.resize("a", 1 + 2 * i32::try_from(random.below(3))?).await?;
        edits += 1;
        sleep(Duration::from_millis(random.below(8000))).await;
    }
    context.resize("a", 3).await?;
    let now = status(&context.sized("a", 3, 300).await?);
    ensure!(now.cluster_id == was.status.cluster_id, "another cluster ID");
    left(&now, &context.claims().await?, 3)?;
    context.figure("scale_flaps", edits);
    context.settle_within("a", writer, "scale_flapping_gap_s", BUSY_GAP).await
}

/// The leader is of those that go.
pub async fn leader(context: &Context) -> Result<()> {
    context.create("a", sized(5)).await?;
    let was = Was::of(context, "a").await?;
    context.lead("a", "a-4").await?;
    let writer = context.writer_to_members("a").await?;
    writer.goes_on(10).await?;
    context.resize("a", 3).await?;
    let now = status(&context.sized("a", 3, 120).await?);
    ensure!(now.cluster_id == was.status.cluster_id, "another cluster ID");
    context.settle_within("a", writer, "scale_leader_gap_s", HANDOVER_GAP).await
}
