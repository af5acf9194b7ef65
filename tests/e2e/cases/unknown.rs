//! SHELL. Words in the status that the operator did not write.

use crate::case::Context;
use crate::expect::{said, status};
use crate::wait::until;
use anyhow::{Result, ensure};
use kube::api::{Patch, PatchParams};
use serde_json::{Value, json};

pub async fn run(context: &Context) -> Result<()> {
    context.create("a", json!({})).await?;
    let before = context.healthy("a", 60).await?;
    let (pods, members) = (context.pod_uids("a").await?, status(&before).members);

    let refused = write(context, json!({"status": {"phase": "Bogus"}})).await;
    let Err(error) = refused else { anyhow::bail!("an unknown phase was accepted") };
    ensure!(format!("{error:#}").contains("supported values"), "{error:#}");
    ensure!(status(&context.cluster("a").await?).phase.as_deref() == Some("Running"), "changed");

    // An unknown step, and a known one that is not true: both are looked through.
    for step in ["Bogus", "", "Provision", "Reset", "QuorumLost"] {
        write(context, json!({"status": {"step": step}})).await?;
        until(format!("step {step:?} is left"), 30, async || {
            let cluster = context.cluster("a").await?;
            let now = status(&cluster);
            let is_well =
                now.phase.as_deref() == Some("Running") && now.step.as_deref() == Some("Steady");
            ensure!(is_well, "{}", said(&cluster));
            Ok(())
        })
        .await?;
        let after = context.healthy("a", 30).await?;
        ensure!(context.pod_uids("a").await? == pods, "pods were made anew for step {step:?}");
        ensure!(status(&after).cluster_id == status(&before).cluster_id, "another cluster ID");
        ensure!(ids(&status(&after).members) == ids(&members), "other members");
    }
    context.only_objects_of(&[("a", 3)]).await
}

async fn write(context: &Context, patch: Value) -> Result<()> {
    let to = PatchParams::default();
    context.clusters().patch_status("a", &to, &Patch::Merge(patch)).await?;
    Ok(())
}

fn ids(members: &[etcd_operator::crd::MemberStatus]) -> Vec<Option<String>> {
    members.iter().map(|member| member.id.clone()).collect()
}
