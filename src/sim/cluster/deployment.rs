//! SHELL. The Deployment controller, for Deployments whose pods are never fewer than are asked for
//! while they are replaced; and what becomes of their pods, which need neither volume nor etcd.

use super::container::waiting;
use super::endpoints::selects;
use crate::resource::app::REVISION_ANNOTATION;
use crate::resource::hash;
use crate::service::Clock;
use crate::sim::api::ApiServer;
use crate::sim::canonical::Hashing;
use crate::sim::clock::SimClock;
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::apps::v1::{Deployment, DeploymentCondition, DeploymentStatus};
use k8s_openapi::api::core::v1::{Pod, PodCondition, PodStatus};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference, Time};
use kube::ResourceExt;
use serde_json::to_value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The label that tells a Deployment's pods of one template from those of another.
const TEMPLATE: &str = "pod-template-hash";
const EXCEEDED: &str = "ProgressDeadlineExceeded";
const COMPLETE: &str = "NewReplicaSetAvailable";

/// The controller.
pub struct Deployments {
    api: ApiServer,
    clock: SimClock,
    /// The templates each Deployment has had, by UID: for one of them no new set of pods begins.
    known: BTreeMap<String, BTreeSet<String>>,
    addresses: u32,
}

/// A Deployment's pods.
struct Pods {
    new: Vec<Arc<Pod>>,
    old: Vec<Arc<Pod>>,
}

impl Deployments {
    /// The controller of one API server.
    pub fn new(api: ApiServer, clock: SimClock) -> Self {
        Self { api, clock, known: BTreeMap::new(), addresses: 0 }
    }

    /// The same controller in another cluster.
    #[must_use]
    pub fn fork(&self, api: ApiServer, clock: SimClock) -> Self {
        Self { api, clock, known: self.known.clone(), addresses: self.addresses }
    }

    /// One move of every Deployment and of every pod of theirs.
    pub fn step(&mut self) -> bool {
        let mut moved = self.start();
        for made in self.api.list::<Deployment>(None) {
            if made.metadata.deletion_timestamp.is_none() {
                moved |= self.roll(&made);
                moved |= self.tell(&made);
            }
        }
        moved
    }

    /// When a rollout has made no progress for too long.
    pub fn next_due(&self) -> Option<Timestamp> {
        let all = self.api.list::<Deployment>(None);
        all.iter().filter_map(|made| overdue_at(made)).min()
    }

    /// Adds the templates it knows to a state's hash.
    pub fn hash_into(&self, hashing: &mut Hashing) {
        for made in self.api.list::<Deployment>(None) {
            let known = self.known.get(&made.uid().unwrap_or_default());
            hashing.add(known);
        }
    }

    /// Pods start, each a step after it was made; one whose image cannot be had never does.
    fn start(&mut self) -> bool {
        let mut moved = false;
        for pod in self.api.list::<Pod>(None) {
            let fresh = pod.status.is_none() && pod.labels().contains_key(TEMPLATE);
            if !fresh {
                continue;
            }
            self.addresses += 1;
            let address = format!("10.9.{}.{}", self.addresses / 250, self.addresses % 250 + 1);
            let status = born(&pod, address);
            let (namespace, name) = (pod.namespace().unwrap_or_default(), pod.name_any());
            moved |= self.api.edit(&namespace, &name, |pod: &mut Pod| pod.status = Some(status));
        }
        moved
    }

    /// One pod more, or one less.
    fn roll(&self, made: &Deployment) -> bool {
        let namespace = made.namespace().unwrap_or_default();
        let (asked, Pods { new, old }) = (asked(made), self.pods(made));
        let total = new.len() + old.len();
        let most = asked + asked.div_ceil(4).max(1);
        if new.len() < asked && total < most {
            return self.api.create(&self.pod(made, total)).is_ok();
        }
        let serving = new.iter().chain(&old).filter(|pod| is_ready(pod)).count();
        let delete = |pod: &Arc<Pod>| self.api.delete::<Pod>(&namespace, &pod.name_any());
        // What does not serve goes first.
        if let Some(idle) = old.iter().find(|pod| !is_ready(pod))
            && total > asked
        {
            return delete(idle);
        }
        if let Some(spare) = old.first()
            && serving > asked
        {
            return delete(spare);
        }
        let idle = new.iter().find(|pod| !is_ready(pod)).or_else(|| new.last());
        idle.filter(|_| new.len() > asked).is_some_and(delete)
    }

    /// Brings the status up to date.
    fn tell(&mut self, made: &Deployment) -> bool {
        let Pods { new, old } = self.pods(made);
        let all = || new.iter().chain(&old);
        let count = |count: usize| Some(i32::try_from(count).unwrap_or(i32::MAX));
        let (asked, total) = (asked(made), all().count());
        let serving = all().filter(|pod| is_ready(pod)).count();
        let mut status = DeploymentStatus {
            observed_generation: made.metadata.generation,
            replicas: count(total).filter(|count| *count > 0),
            updated_replicas: count(new.len()).filter(|count| *count > 0),
            ready_replicas: count(serving).filter(|count| *count > 0),
            available_replicas: count(serving).filter(|count| *count > 0),
            unavailable_replicas: count(asked.saturating_sub(serving)).filter(|count| *count > 0),
            ..DeploymentStatus::default()
        };
        let complete = new.len() == asked && total == asked && serving >= asked;
        let progress = self.progress(made, &status, complete);
        let available = said("Available", serving >= asked, "MinimumReplicas", None);
        status.conditions = Some(vec![available, progress]);
        if made.status.as_ref() == Some(&status) {
            return false;
        }
        let (namespace, name) = (made.namespace().unwrap_or_default(), made.name_any());
        self.api.edit(&namespace, &name, |made: &mut Deployment| made.status = Some(status))
    }

    fn progress(
        &mut self,
        made: &Deployment,
        status: &DeploymentStatus,
        complete: bool,
    ) -> DeploymentCondition {
        let now = self.clock.now();
        let known = self.known.entry(made.uid().unwrap_or_default()).or_default();
        let begins = known.insert(template(made));
        let before = condition(made);
        let old = made.status.clone().unwrap_or_default();
        let more = |of: fn(&DeploymentStatus) -> Option<i32>| of(status) > of(&old);
        let moves = more(|at| at.updated_replicas) || more(|at| at.ready_replicas);
        let is =
            |reason: &str| before.as_ref().is_some_and(|at| at.reason.as_deref() == Some(reason));
        match before.clone() {
            _ if complete && is(COMPLETE) => before.unwrap_or_default(),
            _ if complete => said("Progressing", true, COMPLETE, Some(now)),
            _ if begins => said("Progressing", true, "NewReplicaSetCreated", Some(now)),
            Some(before) if is(COMPLETE) && !moves => before,
            _ if moves => said("Progressing", true, "ReplicaSetUpdated", Some(now)),
            Some(before) if overdue_at(made).is_none_or(|at| at > now) => before,
            Some(_) => said("Progressing", false, EXCEEDED, Some(now)),
            None => said("Progressing", true, "ReplicaSetUpdated", Some(now)),
        }
    }

    fn pods(&self, made: &Deployment) -> Pods {
        let uid = made.uid().unwrap_or_default();
        let all = self.api.list::<Pod>(made.namespace().as_deref());
        let ours = all.into_iter().filter(|pod| {
            pod.metadata.deletion_timestamp.is_none()
                && pod.owner_references().iter().any(|owner| owner.uid == uid)
        });
        let template = [(TEMPLATE.to_owned(), template(made))].into();
        let (new, old) = ours.partition(|pod| selects(&template, pod.labels()));
        Pods { new, old }
    }

    /// The next pod of the present template, under the first name that is free.
    fn pod(&self, made: &Deployment, total: usize) -> Pod {
        let template = template(made);
        let namespace = made.namespace().unwrap_or_default();
        let name = |at: usize| format!("{}-{template}-{at}", made.name_any());
        let free = |name: &String| self.api.get::<Pod>(&namespace, name).is_none();
        let asked = made.spec.as_ref().map(|spec| spec.template.clone()).unwrap_or_default();
        let meta = asked.metadata.unwrap_or_default();
        let mut labels = meta.labels.unwrap_or_default();
        labels.insert(TEMPLATE.to_owned(), template.clone());
        Pod {
            metadata: ObjectMeta {
                name: (0..=total).map(name).find(free),
                namespace: Some(namespace.clone()),
                labels: Some(labels),
                annotations: meta.annotations,
                owner_references: Some(vec![owner(made)]),
                ..ObjectMeta::default()
            },
            spec: asked.spec,
            status: None,
        }
    }
}

/// A pod of a real Deployment as this controller would have made it: of the present template, if it
/// is of the present revision.
pub fn adopted(pod: &Pod, made: &Deployment) -> Pod {
    let mut pod = pod.clone();
    let revision = |of: &BTreeMap<String, String>| of.get(REVISION_ANNOTATION).cloned();
    let current = revision(pod.annotations()) == revision(made.annotations());
    let template = if current { template(made) } else { "old".to_owned() };
    pod.labels_mut().insert(TEMPLATE.to_owned(), template);
    pod.metadata.owner_references = Some(vec![owner(made)]);
    pod
}

fn owner(made: &Deployment) -> OwnerReference {
    OwnerReference {
        api_version: "apps/v1".to_owned(),
        kind: "Deployment".to_owned(),
        name: made.name_any(),
        uid: made.uid().unwrap_or_default(),
        controller: Some(true),
        block_owner_deletion: Some(true),
    }
}

fn asked(made: &Deployment) -> usize {
    let replicas = made.spec.as_ref().and_then(|spec| spec.replicas).unwrap_or(1);
    usize::try_from(replicas).unwrap_or(0)
}

/// The first half of the template's hash.
fn template(made: &Deployment) -> String {
    let template = made.spec.as_ref().map(|spec| to_value(&spec.template).unwrap_or_default());
    hash(&template.unwrap_or_default()).chars().take(8).collect()
}

/// The status of a pod that has just been started.
fn born(pod: &Pod, address: String) -> PodStatus {
    let container = pod.spec.as_ref().and_then(|spec| spec.containers.first());
    let image = container.and_then(|at| at.image.clone()).unwrap_or_default();
    let stuck = match image.as_str() {
        missing if missing.contains("missing") => Some("ImagePullBackOff"),
        crashing if crashing.contains("crashing") => Some("CrashLoopBackOff"),
        _ => None,
    };
    let name = container.map(|at| at.name.clone()).unwrap_or_default();
    PodStatus {
        phase: Some(if stuck.is_some() { "Pending" } else { "Running" }.to_owned()),
        pod_ip: Some(address),
        conditions: Some(vec![PodCondition {
            type_: "Ready".to_owned(),
            status: if stuck.is_some() { "False" } else { "True" }.to_owned(),
            ..PodCondition::default()
        }]),
        container_statuses: stuck.map(|reason| vec![waiting(&name, &image, reason)]),
        ..PodStatus::default()
    }
}

fn is_ready(pod: &Pod) -> bool {
    let conditions = pod.status.as_ref().and_then(|status| status.conditions.as_ref());
    conditions.is_some_and(|all| all.iter().any(|at| at.type_ == "Ready" && at.status == "True"))
}

fn condition(made: &Deployment) -> Option<DeploymentCondition> {
    let mut all = made.status.as_ref()?.conditions.iter().flatten();
    all.find(|at| at.type_ == "Progressing").cloned()
}

/// When a rollout that is under way has made no progress for too long; never, once that was said.
fn overdue_at(made: &Deployment) -> Option<Timestamp> {
    let said = condition(made)?;
    let over = [EXCEEDED, COMPLETE].contains(&said.reason.as_deref()?);
    let deadline = made.spec.as_ref()?.progress_deadline_seconds.unwrap_or(600);
    let since = said.last_update_time?.0;
    (!over).then(|| since + SignedDuration::from_secs(deadline.into()))
}

fn said(kind: &str, is: bool, reason: &str, at: Option<Timestamp>) -> DeploymentCondition {
    DeploymentCondition {
        type_: kind.to_owned(),
        status: if is { "True" } else { "False" }.to_owned(),
        reason: Some(reason.to_owned()),
        last_update_time: at.map(Time),
        ..DeploymentCondition::default()
    }
}
