//! SHELL. What a case is, and what it is given: a namespace of its own and the means to use it.

use crate::audit::Audit;
use crate::cluster::Cluster;
use crate::operator::{Operator, journals};
use crate::options::Options;
use crate::random::Random;
use crate::writer::{Writer, Written};
use anyhow::{Context as _, Result, ensure};
use etcd_operator::crd::EtcdCluster;
use futures::future::LocalBoxFuture;
use k8s_openapi::NamespaceResourceScope;
use kube::api::{Patch, PatchParams, PostParams};
use kube::{Api, Resource};
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::fmt::Display;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::{Mutex, MutexGuard, watch};
use tokio::task::spawn_local;
use tokio::time::sleep;

/// How often a writer is told which members are ready.
const FOLLOW: Duration = Duration::from_millis(200);

/// One case.
pub struct Case {
    /// By what it is chosen, and the name of its namespace after `e2e-`.
    pub name: &'static str,
    /// Whether it is of the quick set.
    pub smoke: bool,
    /// Whether it breaks nodes or processes, or reads what only the local cluster shows.
    pub local: bool,
    /// What it does.
    pub run: Run,
}

/// What a case does, by what it needs for that.
#[derive(Clone, Copy)]
pub enum Run {
    /// Something on a Kubernetes that touches only its own namespaces, with an operator that watches
    /// only these: other cases run beside it.
    Shared(OnCluster),
    /// Something on a Kubernetes that nobody else uses meanwhile, with an operator that watches all of
    /// it: nodes break, the operator is installed, or times are compared.
    Alone(OnCluster),
    /// Something that needs no Kubernetes.
    Bare(for<'a> fn(&'a Bare<'a>) -> LocalBoxFuture<'a, Result<()>>),
}

/// A case on a Kubernetes.
pub type OnCluster = for<'a> fn(&'a Context) -> LocalBoxFuture<'a, Result<()>>;

impl Case {
    /// A case that runs anywhere and is not of the quick set.
    pub const fn plain(name: &'static str, run: Run) -> Self {
        Self { name, smoke: false, local: false, run }
    }
}

/// What a case is given that needs no Kubernetes.
pub struct Bare<'a> {
    /// What was asked for.
    pub options: &'a Options,
    /// What it measured.
    pub figures: RefCell<Vec<(String, String)>>,
}

impl Bare<'_> {
    /// Notes a figure, to be printed in the end.
    pub fn figure(&self, name: &str, value: impl Display) {
        self.figures.borrow_mut().push((name.to_owned(), value.to_string()));
    }
}

/// What all cases share.
pub struct Env {
    /// The Kubernetes.
    pub cluster: Cluster,
    /// What was asked for.
    pub options: Options,
    /// The operator's program.
    pub binary: PathBuf,
    /// The operator's image.
    pub image: String,
}

/// An operator that a case may kill, and start again.
pub type Process = Rc<Mutex<Operator>>;

/// The namespace of a case.
pub fn own_namespace(case: &str) -> String {
    format!("e2e-{case}")
}

/// What one case is given.
pub struct Context {
    /// What all share.
    pub env: &'static Env,
    /// The case's name, by which its namespaces are known.
    pub case: &'static str,
    /// The operator as a process; absent where it is a Deployment.
    pub operator: Option<Process>,
    /// The case's own namespace.
    pub namespace: String,
    /// Writes acknowledged, and those of them lost.
    pub tally: Cell<(usize, usize)>,
    /// What it measured.
    pub figures: RefCell<Vec<(String, String)>>,
}

impl Context {
    /// For the case of this name, with an operator that was not started yet.
    pub fn new(env: &'static Env, case: &'static str, operator: Option<Process>) -> Self {
        let (tally, figures) = (Cell::default(), RefCell::default());
        Self { env, case, operator, namespace: own_namespace(case), tally, figures }
    }

    /// The same in another namespace.
    pub fn at(&self, namespace: String) -> Self {
        Self { namespace, ..Self::new(self.env, self.case, self.operator.clone()) }
    }

    /// The same in another namespace, `e2e-<case>-<suffix>`, which is made anew.
    pub async fn beside(&self, suffix: &str) -> Result<Self> {
        let other = self.at(format!("{}-{suffix}", self.namespace));
        other.begin().await?;
        Ok(other)
    }

    /// Objects of a kind in the namespace.
    pub fn api<K>(&self) -> Api<K>
    where
        K: Resource<Scope = NamespaceResourceScope, DynamicType = ()>,
    {
        Api::namespaced(self.env.cluster.api.clone(), &self.namespace)
    }

    /// The clusters in the namespace.
    pub fn clusters(&self) -> Api<EtcdCluster> {
        self.api()
    }

    /// Creates a cluster. What the spec leaves out is as small as tests need it.
    pub async fn create(&self, name: &str, spec: Value) -> Result<EtcdCluster> {
        let mut whole = json!({"storage": {"size": "1Gi"}});
        merge(&mut whole, spec);
        let object = serde_json::from_value(json!({
            "apiVersion": "etcd.etcd.io/v1alpha1", "kind": "EtcdCluster",
            "metadata": {"name": name}, "spec": whole,
        }))?;
        let created = self.clusters().create(&PostParams::default(), &object).await;
        created.with_context(|| format!("failed to create {name}"))
    }

    /// A cluster as it is now.
    pub async fn cluster(&self, name: &str) -> Result<EtcdCluster> {
        Ok(self.clusters().get(name).await?)
    }

    /// Changes an object, as `kubectl patch --type=merge` does.
    pub async fn patch<K>(&self, name: &str, patch: Value) -> Result<K>
    where
        K: Resource<Scope = NamespaceResourceScope, DynamicType = ()>
            + Clone
            + std::fmt::Debug
            + serde::de::DeserializeOwned,
    {
        Ok(self.api().patch(name, &PatchParams::default(), &Patch::Merge(patch)).await?)
    }

    /// Runs kubectl in the namespace.
    pub async fn kubectl(&self, line: &str) -> Result<String> {
        let words: Vec<&str> = ["-n", &self.namespace].into_iter().chain(line.split(' ')).collect();
        self.env.cluster.kubectl(&words).await
    }

    /// Gives kubectl a manifest for the namespace.
    pub async fn apply(&self, manifest: &str) -> Result<String> {
        self.env.cluster.kubectl_with(&["-n", &self.namespace, "apply", "-f", "-"], manifest).await
    }

    /// The operator as a process.
    pub async fn operator(&self) -> Result<MutexGuard<'_, Operator>> {
        let operator = self.operator.as_ref().context("the operator is no process here")?;
        Ok(operator.lock().await)
    }

    /// Kills the operator at a random moment within so many milliseconds, and starts it again.
    pub async fn killed_within(&self, random: &mut Random, milliseconds: u64) -> Result<()> {
        sleep(Duration::from_millis(random.below(milliseconds))).await;
        let mut operator = self.operator().await?;
        operator.kill9().await?;
        operator.start(&[])
    }

    /// The turns of the case's operator about an object of a kind.
    pub fn journal(&self, kind: &str, name: &str) -> PathBuf {
        journals().join(kind).join(format!("{}_{name}.jsonl", self.namespace))
    }

    /// The audit log from now on.
    pub fn audit(&self) -> Result<Audit> {
        Audit::begin(self.env.cluster.state()?)
    }

    /// Kills etcd of one member.
    pub async fn kill_etcd(&self, pod: &str) -> Result<()> {
        self.env.cluster.fault(&["kill9", pod, "etcd", "-n", &self.namespace]).await?;
        Ok(())
    }

    /// The folder on this machine with what lies on a member's volume.
    pub async fn volume(&self, pod: &str) -> Result<String> {
        let claim = format!("data-{pod}");
        let path = self.env.cluster.fault(&["volume", &self.namespace, &claim]).await?;
        let path = path.trim().to_owned();
        ensure!(path.len() > 20 && path.contains("/volumes/"), "no folder of a volume: {path:?}");
        Ok(path)
    }

    /// Begins to write through the cluster's Service.
    pub async fn writer(&self, name: &str) -> Result<Writer> {
        Ok(Writer::start(watch::channel(vec![self.service_url(name).await?]).1))
    }

    /// Begins to write through all members that are ready, each in turn, as they come and go.
    pub async fn writer_to_members(&self, name: &str) -> Result<Writer> {
        let (tell, urls) = watch::channel(self.ready_urls(name).await?);
        let here = self.at(self.namespace.clone());
        let name = name.to_owned();
        // It ends with the writer.
        spawn_local(async move {
            while !tell.is_closed() {
                sleep(FOLLOW).await;
                // Where none is ready, those that were are tried on.
                if let Ok(now) = here.ready_urls(&name).await
                    && !now.is_empty()
                {
                    tell.send_replace(now);
                }
            }
        });
        Ok(Writer::start(urls))
    }

    /// Holds that a writer still gets through, ends it, and holds that nothing it wrote is lost.
    pub async fn settle(&self, name: &str, writer: Writer) -> Result<Written> {
        writer.goes_on(60).await?;
        let written = writer.stop().await?;
        self.nothing_lost(name, &written).await?;
        Ok(written)
    }

    /// The same; holds that clients were never without an answer for longer than `most`, and notes how long
    /// they were.
    pub async fn settle_within(
        &self,
        name: &str,
        writer: Writer,
        figure: &str,
        most: Duration,
    ) -> Result<()> {
        let gap = self.settle(name, writer).await?.longest_gap;
        ensure!(gap < most, "a gap of {gap:?}");
        self.figure(figure, format!("{:.2}", gap.as_secs_f64()));
        Ok(())
    }

    /// Holds that all that was acknowledged is there.
    pub async fn nothing_lost(&self, name: &str, written: &Written) -> Result<()> {
        let url = self.service_url(name).await?;
        let lost =
            crate::wait::until("what was written is read", 30, async || written.lost(&url).await)
                .await?;
        let (acknowledged, before) = self.tally.get();
        self.tally.set((acknowledged + written.acknowledged.len(), before + lost.len()));
        ensure!(lost.is_empty(), "acknowledged writes were lost: {lost:?}");
        Ok(())
    }

    /// Notes a figure, to be printed in the end.
    pub fn figure(&self, name: &str, value: impl Display) {
        self.figures.borrow_mut().push((name.to_owned(), value.to_string()));
    }
}

/// Puts `over` over `base`, member by member.
pub fn merge(base: &mut Value, over: Value) {
    match (base, over) {
        (Value::Object(base), Value::Object(over)) => {
            for (key, value) in over {
                merge(base.entry(key).or_insert(Value::Null), value);
            }
        }
        (base, over) => *base = over,
    }
}
