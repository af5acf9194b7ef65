//! SHELL. `plan`: what the operator would do with a changed spec, found by running its own code
//! forward in a simulated copy of the cluster.

use super::kinds::{Subject, kind, of_kind};
use super::look::{Looked, block_on, client, live_world};
use super::output::{Format, Paint, answer};
use crate::client::kubernetes::{CALL_DEADLINE, deadline, found};
use crate::controller::live::Live;
use crate::engine::{Machine, Transcript};
use crate::resource::labels::OPERATOR;
use crate::service::inspect::Inspect;
use crate::service::{Clock, Kind};
use crate::sim::clock::SimClock;
use crate::sim::cluster::SimCluster;
use crate::sim::copy::Copied;
use crate::sim::run::{Outcome, onward};
use anyhow::Context;
use clap::Args;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::api::{Patch, PatchParams};
use kube::{Api, Resource, ResourceExt};
use serde::Serialize;
use serde_json::Value;
use std::fmt::{Display, Write};
use std::fs;
use std::path::PathBuf;

/// Show what the operator would do with an object, in which order, and what it would cost
///
/// The API server is asked whether it would take the object, and nothing is written.
#[derive(Args, Debug)]
pub struct Plan {
    /// The object as it is to be
    #[arg(short = 'f', long = "filename")]
    file: PathBuf,
    /// Its namespace, if the file names none
    #[arg(short, long)]
    namespace: Option<String>,
    /// How to print it
    #[arg(short, long, value_enum, default_value_t = Format::Text)]
    output: Format,
}

/// What a kind's machine orders.
type ActionOf<K> = <<K as Kind>::Machine as Machine>::Action;

/// What would happen.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Planned {
    kind: &'static str,
    namespace: String,
    name: String,
    exists: bool,
    turns: Vec<PlannedTurn>,
    /// What it costs etcd, if it is about a cluster.
    #[serde(flatten)]
    quorum: Option<Quorum>,
    pods: Touched,
    ends_in: String,
    conditions: Vec<String>,
}

/// What it would cost an etcd cluster.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Quorum {
    elections: usize,
    least_fault_tolerance: Option<usize>,
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
        let path = self.file.display();
        let text =
            fs::read_to_string(&self.file).with_context(|| format!("failed to read {path}"))?;
        let wanted: Value =
            serde_saphyr::from_str(&text).with_context(|| format!("{path} holds no object"))?;
        let planned = of_kind!(Subject::written(&wanted), planned(self, wanted))?;
        answer(self.output, &planned, |paint| planned.text(paint))
    }
}

fn planned<K: Inspect + Copied>(asked: &Plan, wanted: Value) -> anyhow::Result<Planned>
where
    ActionOf<K>: Display,
{
    let path = asked.file.display();
    let mut wanted: K::Object = serde_json::from_value(wanted)
        .with_context(|| format!("{path} is not of kind {}", kind::<K>()))?;
    block_on(async {
        let client = client().await?;
        let namespace = wanted.namespace().or_else(|| asked.namespace.clone());
        let namespace = namespace.unwrap_or_else(|| client.default_namespace().to_owned());
        wanted.meta_mut().namespace = Some(namespace.clone());
        let api = Api::<K::Object>::namespaced(client.clone(), &namespace);
        let there = found(deadline(CALL_DEADLINE, api.get(&wanted.name_any())).await)
            .context("failed to read the object")?;
        let taken = admitted::<K>(&api, &wanted).await?;
        let world = match &there {
            Some(object) => changed::<K>(&client, object, &taken).await?,
            None => created::<K>(&taken),
        };
        let before = pods(&world);
        let (api, began) = (world.api.clone(), world.clock.now());
        let outcome = onward(world).await;
        let ended = api.get::<K::Object>(&namespace, &taken.name_any());
        let after = api.list(Some(&namespace));
        let said = ended.as_ref().and_then(|object| K::status(object)).map(K::conditions);
        Ok(Planned {
            kind: kind::<K>(),
            exists: there.is_some(),
            turns: turns::<K>(&outcome, began),
            quorum: K::HAS_QUORUM.then_some(Quorum {
                elections: outcome.elections,
                least_fault_tolerance: outcome.least_tolerance,
            }),
            pods: touched(&before, &after),
            ends_in: ended.as_ref().map_or_else(|| "gone".to_owned(), |object| step::<K>(object)),
            conditions: conditions(said.unwrap_or_default()),
            name: taken.name_any(),
            namespace,
        })
    })
}

/// A copy of the world around the object, with the wanted spec.
async fn changed<K: Inspect + Copied>(
    client: &kube::Client,
    object: &K::Object,
    wanted: &K::Object,
) -> anyhow::Result<SimCluster> {
    let (namespace, name) = (object.namespace().unwrap_or_default(), object.name_any());
    let live = Live::read(client, &namespace, &name).await?;
    let looked = Looked::<K> { client: client.clone(), object: object.clone() };
    let real = live_world(&looked).await?;
    let seen = K::gather(&real, object).await;
    let mut world = K::copy(object, &live, &seen);
    world.image.clone_from(&real.image);
    world.api.edit(&namespace, &name, |object: &mut K::Object| K::respecify(object, wanted));
    Ok(world)
}

/// A world with nothing in it but the wanted object.
fn created<K: Inspect>(wanted: &K::Object) -> SimCluster {
    let world = SimCluster::new(SimClock::default(), 0);
    // Nothing else has its name there.
    let _ = world.api.create(wanted);
    world
}

/// The object as the API server would take it, defaults and all.
async fn admitted<K: Inspect + Copied>(
    api: &Api<K::Object>,
    wanted: &K::Object,
) -> anyhow::Result<K::Object> {
    let mut wanted = K::asked(wanted);
    wanted.meta_mut().managed_fields = None;
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

fn turns<K: Inspect>(outcome: &Outcome, began: jiff::Timestamp) -> Vec<PlannedTurn>
where
    ActionOf<K>: Display,
{
    let decided = outcome.log.iter().filter_map(|entry| {
        let turn: Transcript<K::Machine> = serde_json::from_str(entry.decided()?).ok()?;
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

/// Phase and step, as the status names them.
fn step<K: Inspect>(object: &K::Object) -> String {
    let status = K::status(object).map(serde_json::to_value).and_then(Result::ok);
    let word = |field: &str| {
        let status = status.as_ref()?;
        status.get(field)?.as_str().map(str::to_owned)
    };
    let [phase, step] = ["phase", "step"].map(|field| word(field).unwrap_or_default());
    format!("{phase}/{step}")
}

fn conditions(said: &[Condition]) -> Vec<String> {
    let line = |at: &Condition| format!("{:12} {:8} {}", at.type_, at.status, at.message);
    said.iter().map(line).collect()
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
            "{} {what} {} {}/{}\n",
            paint.bold("plan"),
            self.kind,
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
        if let Some(Quorum { elections, least_fault_tolerance: least }) = &self.quorum {
            writeln!(out, "  elections        {elections}")?;
            let least =
                least.map_or_else(|| "no leader at any time".to_owned(), |least| least.to_string());
            writeln!(out, "  fault tolerance  {least} at least, while there is a leader")?;
        }
        writeln!(out, "\n  Times are of a world without load: the order is what counts.")
    }
}
