//! SHELL. `plan`: what the operator would do with a changed spec, found by running its own code
//! forward in a simulated copy of the cluster.

use super::look::{Looked, client, live_world};
use super::output::{Format, Paint, answer};
use crate::client::kubernetes::{CALL_DEADLINE, deadline, found};
use crate::controller::live::Live;
use crate::crd::EtcdCluster;
use crate::engine::Transcript;
use crate::resource::labels::OPERATOR;
use crate::service::etcd_cluster::{Cluster, EtcdClusterMachine};
use crate::service::{Clock, Kind};
use crate::sim::clock::SimClock;
use crate::sim::cluster::SimCluster;
use crate::sim::copy::copy;

use crate::sim::run::{Outcome, onward};
use anyhow::Context;
use clap::Args;
use kube::api::{Patch, PatchParams};
use kube::{Api, ResourceExt};
use serde::Serialize;
use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

/// Show what the operator would do with an object, in which order, and what it would cost
///
/// The API server is asked whether it would take the object, and nothing is written.
#[derive(Args, Debug)]
pub struct Plan {
    /// The `EtcdCluster` as it is to be
    #[arg(short = 'f', long = "filename")]
    file: PathBuf,
    /// Its namespace, if the file names none
    #[arg(short, long)]
    namespace: Option<String>,
    /// How to print it
    #[arg(short, long, value_enum, default_value_t = Format::Text)]
    output: Format,
}

/// What would happen.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Planned {
    namespace: String,
    name: String,
    exists: bool,
    turns: Vec<PlannedTurn>,
    elections: usize,
    least_fault_tolerance: Option<usize>,
    pods: Touched,
    ends_in: String,
    conditions: Vec<String>,
}

/// One turn that would decide something.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PlannedTurn {
    after_seconds: f64,
    moves: Vec<String>,
    actions: Vec<String>,
}

/// The pods that would be made, made anew, or taken away.
#[derive(Debug, Default, Serialize)]
struct Touched {
    created: Vec<String>,
    recreated: Vec<String>,
    deleted: Vec<String>,
}

impl Plan {
    /// Runs the copy forward, and shows what happened to it.
    ///
    /// # Errors
    /// The file is none, or the API server would not take it.
    pub fn run(&self) -> anyhow::Result<()> {
        let planned = super::look::block_on(self.plan())?;
        answer(self.output, &planned, |paint| planned.text(paint))
    }

    async fn plan(&self) -> anyhow::Result<Planned> {
        let path = self.file.display();
        let text =
            fs::read_to_string(&self.file).with_context(|| format!("failed to read {path}"))?;
        let mut wanted: EtcdCluster = serde_saphyr::from_str(&text)
            .with_context(|| format!("{path} is not an EtcdCluster"))?;
        let client = client().await?;
        let namespace = wanted.namespace().or_else(|| self.namespace.clone());
        let namespace = namespace.unwrap_or_else(|| client.default_namespace().to_owned());
        wanted.metadata.namespace = Some(namespace.clone());
        let api = Api::<EtcdCluster>::namespaced(client.clone(), &namespace);
        let there = found(deadline(CALL_DEADLINE, api.get(&wanted.name_any())).await)
            .context("failed to read the cluster")?;
        let taken = admitted(&api, &wanted).await?;
        let world = match &there {
            Some(cluster) => changed(&client, cluster, &taken).await?,
            None => created(&taken),
        };
        let before = pods(&world);
        let (api, began) = (world.api.clone(), world.clock.now());
        let outcome = onward(world).await;
        let ended = api.get::<EtcdCluster>(&namespace, &taken.name_any());
        let after = api.list(Some(&namespace));
        Ok(Planned {
            exists: there.is_some(),
            turns: turns(&outcome, began),
            elections: outcome.elections,
            least_fault_tolerance: outcome.least_tolerance,
            pods: touched(&before, &after),
            ends_in: ended.as_ref().map_or_else(|| "gone".to_owned(), |cluster| step(cluster)),
            conditions: ended.iter().flat_map(|cluster| conditions(cluster)).collect(),
            name: taken.name_any(),
            namespace,
        })
    }
}

/// A copy of the cluster, with the wanted spec.
async fn changed(
    client: &kube::Client,
    cluster: &EtcdCluster,
    wanted: &EtcdCluster,
) -> anyhow::Result<SimCluster> {
    let (namespace, name) = (cluster.namespace().unwrap_or_default(), cluster.name_any());
    let live = Live::read(client, &namespace, &name).await?;
    let looked = Looked { client: client.clone(), cluster: cluster.clone() };
    let real = live_world(&looked).await?;
    let seen = Cluster::gather(&real, cluster).await;
    let mut world = copy(cluster, &live, &seen);
    world.image.clone_from(&real.image);
    world
        .api
        .edit(&namespace, &name, |cluster: &mut EtcdCluster| cluster.spec = wanted.spec.clone());
    Ok(world)
}

/// A world with nothing in it but the wanted object.
fn created(wanted: &EtcdCluster) -> SimCluster {
    let world = SimCluster::new(SimClock::default(), 0);
    // Nothing else has its name there.
    let _ = world.api.create(wanted);
    world
}

/// The object as the API server would take it, defaults and all.
async fn admitted(api: &Api<EtcdCluster>, wanted: &EtcdCluster) -> anyhow::Result<EtcdCluster> {
    let mut wanted = wanted.clone();
    (wanted.status, wanted.metadata.managed_fields) = (None, None);
    let params = PatchParams::apply(OPERATOR).dry_run().force();
    let name = wanted.name_any();
    let patch = Patch::Apply(&wanted);
    let call = api.patch(&name, &params, &patch);
    deadline(CALL_DEADLINE, call).await.context("the API server would refuse it")
}

type Pods = Vec<std::sync::Arc<k8s_openapi::api::core::v1::Pod>>;

fn pods(world: &SimCluster) -> Pods {
    world.api.list(None)
}

fn touched(before: &Pods, after: &Pods) -> Touched {
    let mut touched = Touched::default();
    for pod in after {
        match before.iter().find(|at| at.name_any() == pod.name_any()) {
            None => touched.created.push(pod.name_any()),
            Some(at) if at.uid() != pod.uid() => touched.recreated.push(pod.name_any()),
            Some(_) => {}
        }
    }
    let gone = before.iter().filter(|at| after.iter().all(|pod| pod.name_any() != at.name_any()));
    touched.deleted = gone.map(|pod| pod.name_any()).collect();
    touched
}

fn turns(outcome: &Outcome, began: jiff::Timestamp) -> Vec<PlannedTurn> {
    let decided = outcome.log.iter().filter_map(|entry| {
        let turn: Transcript<EtcdClusterMachine> = serde_json::from_str(entry.decided()?).ok()?;
        Some((entry.at, turn))
    });
    decided
        .map(|(at, turn)| PlannedTurn {
            after_seconds: at.duration_since(began).as_secs_f64(),
            moves: turn.path.iter().map(|at| format!("{} ({})", at.to, at.fact)).collect(),
            actions: turn.actions.iter().map(ToString::to_string).collect(),
        })
        .collect()
}

fn step(cluster: &EtcdCluster) -> String {
    let status = cluster.status.clone().unwrap_or_default();
    format!("{}/{}", status.phase.unwrap_or_default(), status.step.unwrap_or_default())
}

fn conditions(cluster: &EtcdCluster) -> Vec<String> {
    let status = cluster.status.iter().flat_map(|status| &status.conditions);
    status.map(|at| format!("{:12} {:8} {}", at.type_, at.status, at.message)).collect()
}

impl Planned {
    fn text(&self, paint: Paint) -> String {
        let mut out = String::new();
        // Writing into a String cannot fail.
        let _ = self.write(&mut out, paint);
        out
    }

    fn write(&self, out: &mut String, paint: Paint) -> std::fmt::Result {
        let what = if self.exists { "changing" } else { "creating" };
        writeln!(
            out,
            "{} {what} EtcdCluster {}/{}\n",
            paint.bold("plan"),
            self.namespace,
            self.name
        )?;
        if self.turns.is_empty() {
            writeln!(out, "  The operator would do nothing.")?;
        }
        for turn in &self.turns {
            let moves = turn.moves.iter().map(|to| format!("-> {to}"));
            for line in turn.actions.iter().cloned().chain(moves) {
                writeln!(out, "  {:8.2} s  {line}", turn.after_seconds)?;
            }
        }
        let Touched { created, recreated, deleted } = &self.pods;
        let names =
            |all: &[String]| if all.is_empty() { "none".to_owned() } else { all.join(", ") };
        writeln!(out, "\n  ends in          {}", self.ends_in)?;
        for said in &self.conditions {
            writeln!(out, "                   {said}")?;
        }
        writeln!(out, "  pods created     {}", names(created))?;
        writeln!(out, "  pods recreated   {}", names(recreated))?;
        writeln!(out, "  pods deleted     {}", names(deleted))?;
        writeln!(out, "  elections        {}", self.elections)?;
        let least = self.least_fault_tolerance;
        let least =
            least.map_or_else(|| "no leader at any time".to_owned(), |least| least.to_string());
        writeln!(out, "  fault tolerance  {least} at least, while there is a leader")?;
        writeln!(out, "\n  Times are of a world without load: the order is what counts.")
    }
}
