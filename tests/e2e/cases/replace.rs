//! SHELL. A member that cannot come back is replaced by one of its name, whoever took it away.

use crate::case::Context;
use crate::etcd;
use crate::members::{ids, passed};
use crate::wait::until;
use crate::was::Was;
use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use std::time::Duration;

/// The volume of a running member is deleted by hand. It goes with the pod that uses it.
pub async fn volume_deleted(context: &Context) -> Result<()> {
    let (was, writer) = Was::written(context, json!({})).await?;
    context.kubectl("delete pvc data-a-1 --wait=false").await?;
    context.kubectl("delete pod a-1 --wait=false").await?;
    let now = was.replaced(context, "a-1", 120).await?;
    passed(&now, "Recovering/Evict")?;
    context.settle_within("a", writer, "pvc_deleted_gap_s", Duration::MAX).await
}

/// A member is taken out of etcd by hand. Its data can never join again.
pub async fn member_removed(context: &Context) -> Result<()> {
    let (was, writer) = Was::written(context, json!({})).await?;
    let pod = was.follower()?;
    let members = ids(&was.status);
    let id = members.get(&pod).context("it has no ID")?;
    let url = context.service_url("a").await?;
    // Refused as long as a member has not been connected for five seconds.
    until("etcd takes the member out", 30, async || {
        if etcd::members(&url).await?.iter().any(|member| member.id == *id) {
            etcd::remove(&url, id).await?;
        }
        Ok(())
    })
    .await?;
    let now = was.replaced(context, &pod, 120).await?;
    passed(&now, "Scaling/")?;
    ensure!(ids(&now).len() == 3, "{:?}", now.members);
    context.settle_within("a", writer, "member_removed_gap_s", Duration::MAX).await
}
