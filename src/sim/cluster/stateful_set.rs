//! SHELL. The `StatefulSet` controller, for sets whose pods are managed in parallel and updated
//! only when they are deleted.

use super::endpoints::selects;
use crate::service::Clock;
use crate::sim::api::ApiServer;
use crate::sim::canonical::Hashing;
use crate::sim::clock::SimClock;
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::apps::v1::{StatefulSet, StatefulSetSpec};
use k8s_openapi::api::core::v1::{
    PersistentVolumeClaim, PersistentVolumeClaimVolumeSource, Pod, Volume,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference};
use kube::ResourceExt;
use std::collections::BTreeMap;

/// How long a set waits that ran into the name of another's pod. The real one backs off for up to
/// minutes.
const BACKOFF: SignedDuration = SignedDuration::from_secs(90);

/// The controller.
pub struct StatefulSets {
    api: ApiServer,
    clock: SimClock,
    /// Sets that wait after a failure, by UID.
    waiting: BTreeMap<String, Timestamp>,
}

impl StatefulSets {
    /// The controller of one API server.
    pub fn new(api: ApiServer, clock: SimClock) -> Self {
        Self { api, clock, waiting: BTreeMap::new() }
    }

    /// The same controller in another cluster.
    #[must_use]
    pub fn fork(&self, api: ApiServer, clock: SimClock) -> Self {
        Self { api, clock, waiting: self.waiting.clone() }
    }

    /// One move of every set.
    pub fn step(&mut self) -> bool {
        let now = self.clock.now();
        self.waiting.retain(|_, until| *until > now);
        let mut moved = false;
        for set in self.api.list::<StatefulSet>(None) {
            let uid = set.uid().unwrap_or_default();
            let Some(spec) = &set.spec else { continue };
            if set.metadata.deletion_timestamp.is_some() || self.waiting.contains_key(&uid) {
                continue;
            }
            match self.reconcile(&set, spec) {
                Ok(something) => moved |= something,
                Err(NameTaken) => {
                    self.waiting.insert(uid, now + BACKOFF);
                }
            }
        }
        moved
    }

    /// When a waiting set tries again.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.waiting.values().min().copied()
    }

    /// Adds who waits to a state's hash.
    pub fn hash_into(&self, hashing: &mut Hashing) {
        for (set, until) in &self.waiting {
            hashing.named(set);
            hashing.time(Some(*until));
        }
    }

    fn reconcile(&self, set: &StatefulSet, spec: &StatefulSetSpec) -> Result<bool, NameTaken> {
        let namespace = set.namespace().unwrap_or_default();
        let mut moved = self.adopt(set, spec, &namespace);
        let replicas = spec.replicas.unwrap_or(1);
        for ordinal in 0..replicas {
            moved |= self.member(set, spec, &namespace, ordinal)?;
        }
        for pod in self.api.list::<Pod>(Some(&namespace)) {
            let surplus = ordinal_of(&pod, set).is_some_and(|ordinal| ordinal >= replicas);
            if surplus && owned_by(&pod, set) && pod.metadata.deletion_timestamp.is_none() {
                moved |= self.api.delete::<Pod>(&namespace, &pod.name_any());
            }
        }
        Ok(moved)
    }

    /// Takes over pods that were left behind and match.
    fn adopt(&self, set: &StatefulSet, spec: &StatefulSetSpec, namespace: &str) -> bool {
        let Some(selector) = &spec.selector.match_labels else { return false };
        let mut moved = false;
        for pod in self.api.list::<Pod>(Some(namespace)) {
            let orphan = !pod.owner_references().iter().any(|at| at.controller == Some(true));
            let fits = ordinal_of(&pod, set).is_some() && selects(selector, pod.labels());
            if orphan && fits && pod.metadata.deletion_timestamp.is_none() {
                moved |= self.api.edit(namespace, &pod.name_any(), |pod: &mut Pod| {
                    pod.owner_references_mut().push(owner(set));
                });
            }
        }
        moved
    }

    fn member(
        &self,
        set: &StatefulSet,
        spec: &StatefulSetSpec,
        namespace: &str,
        ordinal: i32,
    ) -> Result<bool, NameTaken> {
        let name = format!("{}-{ordinal}", set.name_any());
        if let Some(pod) = self.api.get::<Pod>(namespace, &name) {
            return if owned_by(&pod, set) { Ok(false) } else { Err(NameTaken) };
        }
        for template in spec.volume_claim_templates.iter().flatten() {
            let claim = claim(set, template, &name);
            match self.api.get::<PersistentVolumeClaim>(namespace, &claim.name_any()) {
                // A claim on its way out keeps the pod from being made.
                Some(there) if there.metadata.deletion_timestamp.is_some() => return Ok(false),
                Some(_) => {}
                None => return Ok(self.api.create(&claim).is_ok()),
            }
        }
        Ok(self.api.create(&pod(set, spec, &name, ordinal)).is_ok())
    }
}

/// A pod of the name a set needs belongs to somebody else.
struct NameTaken;

fn claim(set: &StatefulSet, template: &PersistentVolumeClaim, pod: &str) -> PersistentVolumeClaim {
    let mut claim = template.clone();
    let mut labels = claim.labels().clone();
    let selector = set.spec.as_ref().and_then(|spec| spec.selector.match_labels.clone());
    labels.extend(selector.unwrap_or_default());
    claim.metadata = ObjectMeta {
        name: Some(format!("{}-{pod}", template.name_any())),
        namespace: set.namespace(),
        labels: Some(labels),
        ..ObjectMeta::default()
    };
    claim
}

fn pod(set: &StatefulSet, spec: &StatefulSetSpec, name: &str, ordinal: i32) -> Pod {
    let made = spec.template.metadata.clone().unwrap_or_default();
    let mut labels = made.labels.unwrap_or_default();
    labels.insert("statefulset.kubernetes.io/pod-name".to_owned(), name.to_owned());
    labels.insert("apps.kubernetes.io/pod-index".to_owned(), ordinal.to_string());
    let mut pod = spec.template.spec.clone().unwrap_or_default();
    pod.hostname = Some(name.to_owned());
    pod.subdomain.clone_from(&spec.service_name);
    let volumes = spec.volume_claim_templates.iter().flatten().map(|template| Volume {
        name: template.name_any(),
        persistent_volume_claim: Some(PersistentVolumeClaimVolumeSource {
            claim_name: format!("{}-{name}", template.name_any()),
            read_only: None,
        }),
        ..Volume::default()
    });
    pod.volumes.get_or_insert_with(Vec::new).extend(volumes);
    Pod {
        metadata: ObjectMeta {
            name: Some(name.to_owned()),
            namespace: set.namespace(),
            labels: Some(labels),
            annotations: made.annotations,
            owner_references: Some(vec![owner(set)]),
            ..ObjectMeta::default()
        },
        spec: Some(pod),
        status: None,
    }
}

fn owner(set: &StatefulSet) -> OwnerReference {
    OwnerReference {
        api_version: "apps/v1".to_owned(),
        kind: "StatefulSet".to_owned(),
        name: set.name_any(),
        uid: set.uid().unwrap_or_default(),
        controller: Some(true),
        block_owner_deletion: Some(true),
    }
}

fn owned_by(pod: &Pod, set: &StatefulSet) -> bool {
    let uid = set.uid().unwrap_or_default();
    pod.owner_references().iter().any(|at| at.controller == Some(true) && at.uid == uid)
}

fn ordinal_of(pod: &Pod, set: &StatefulSet) -> Option<i32> {
    pod.name_any().strip_prefix(&set.name_any())?.strip_prefix('-')?.parse().ok()
}
