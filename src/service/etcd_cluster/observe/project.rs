//! PURE. How Kubernetes' objects are read into the observation.

use super::observed::{PodSeen, Template, VolumeSeen};
use crate::crd::{DIRECTIVE_ANNOTATION, Directive, EtcdCluster, GateVerdict, Mode};
use crate::resource::{ETCD_CONTAINER, SPEC_HASH_ANNOTATION, labels, names};
use crate::service::pods::{condition, waiting};
use jiff::Timestamp;
use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::{
    ContainerState, ContainerStatus, NodeSelectorRequirement, PersistentVolume,
    PersistentVolumeClaim, Pod, PodStatus,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use std::collections::BTreeSet;

/// What etcd says when it does not start, because its data is not as its peers'.
///
/// # Source
/// etcd, `server/etcdserver/corrupt.go`, `InitialCheck`.
const UNLIKE_PEERS: &str = "data inconsistency with peers";
/// What etcd says when it is told to commit what it acknowledged and has forgotten.
///
/// # Source
/// raft, `log.go`, `raftLog.commitTo`.
const FORGOTTEN: (&str, &str) = ("tocommit(", "is out of range [lastIndex(");

/// Whether an object carries this very cluster's UID.
pub fn is_ours(cluster: &EtcdCluster, metadata: &ObjectMeta) -> bool {
    let uid = metadata.labels.as_ref().and_then(|all| all.get(labels::CLUSTER_UID));
    uid.is_some_and(|uid| uid == names::uid(cluster))
}

/// What the template of our `StatefulSet` says, if it can be read.
pub fn template(set: &StatefulSet) -> Option<Template> {
    let made = &set.spec.as_ref()?.template;
    let text = made.metadata.as_ref()?.annotations.as_ref()?.get(DIRECTIVE_ANNOTATION)?;
    let directive: Directive = serde_json::from_str(text).ok()?;
    let hash = set.metadata.annotations.as_ref()?.get(SPEC_HASH_ANNOTATION)?.clone();
    let size = directive.initial_cluster.split(',').filter(|at| !at.is_empty()).count();
    let size = u32::try_from(size).unwrap_or(u32::MAX);
    let Directive { incarnation, mode, cluster_id, members, unborn, .. } = directive;
    let begins = mode == Mode::New;
    Some(Template { hash, incarnation, size, begins, cluster_id, members, unborn })
}

/// One pod, against the directive and the label it should carry; names lead to `named` addresses.
pub fn pod(
    pod: &Pod,
    (directive, text): (&Directive, &str),
    serving: bool,
    named: &BTreeSet<String>,
) -> PodSeen {
    let status = pod.status.clone().unwrap_or_default();
    let etcd = container(status.container_statuses.as_deref(), ETCD_CONTAINER);
    PodSeen {
        uid: pod.metadata.uid.clone().unwrap_or_default(),
        named: status.pod_ip.as_ref().is_some_and(|address| named.contains(address)),
        address: status.pod_ip.clone(),
        ready: condition(&status, "Ready").is_some_and(|ready| ready.status == "True"),
        deleting: pod.metadata.deletion_timestamp.is_some(),
        gone_by: pod.metadata.deletion_timestamp.as_ref().map(|at| at.0),
        owned: pod.metadata.owner_references.iter().flatten().any(|at| at.controller == Some(true)),
        started: etcd.and_then(|etcd| first_start(&status, etcd)),
        restarts: etcd.map_or(0, |etcd| u32::try_from(etcd.restart_count).unwrap_or(0)),
        waiting: waiting(&status),
        gate: etcd.and_then(gate),
        inconsistent: etcd.is_some_and(is_inconsistent),
        current: is_current(pod, (directive, text), serving),
    }
}

/// Whether a pod carries the directive and the label it should.
pub fn is_current(pod: &Pod, (directive, text): (&Directive, &str), serving: bool) -> bool {
    let annotations = pod.metadata.annotations.as_ref();
    let told = annotations.and_then(|all| all.get(DIRECTIVE_ANNOTATION)).map(String::as_str);
    let pod_labels = pod.metadata.labels.as_ref();
    let labelled = pod_labels.is_some_and(|all| all.contains_key(labels::SERVING));
    labelled == serving && told.is_some_and(|told| told == text || is_told(told, directive, pod))
}

/// Whether a pod is told what concerns it: others that come and go do not.
fn is_told(told: &str, directive: &Directive, pod: &Pod) -> bool {
    let name = pod.metadata.name.as_deref().unwrap_or_default();
    let told = serde_json::from_str::<Directive>(told);
    told.is_ok_and(|told| told.says_the_same_to(name, directive))
}

/// One volume claim.
pub fn volume(claim: &PersistentVolumeClaim) -> VolumeSeen {
    let label = |key: &str| claim.metadata.labels.as_ref()?.get(key).cloned();
    let bound = claim.status.as_ref().and_then(|status| status.phase.as_deref()) == Some("Bound");
    let class = claim.spec.as_ref().and_then(|spec| spec.storage_class_name.as_deref());
    let name = claim.metadata.name.as_deref().unwrap_or_default();
    let waits_for = match class {
        Some(class) => format!("waits for StorageClass {class}"),
        None => "names no StorageClass, and there is no default one".to_owned(),
    };
    VolumeSeen {
        uid: claim.metadata.uid.clone().unwrap_or_default(),
        cluster_uid: label(labels::CLUSTER_UID),
        incarnation: label(labels::INCARNATION).and_then(|text| text.parse().ok()),
        deleting: claim.metadata.deletion_timestamp.is_some(),
        pending: (!bound).then(|| format!("Volume claim {name} {waits_for}.")),
        lost: None,
    }
}

/// The label of a node that volumes local to it name.
pub const HOSTNAME: &str = "kubernetes.io/hostname";

/// The host names of the nodes a volume is bound to; none if it is bound to anything else.
pub fn hosts(volume: &PersistentVolume) -> Option<Vec<String>> {
    let required = volume.spec.as_ref()?.node_affinity.as_ref()?.required.as_ref()?;
    let hosts = required.node_selector_terms.iter().map(|term| {
        let all = term.match_expressions.as_ref()?;
        let is_host = |at: &&NodeSelectorRequirement| at.key == HOSTNAME && at.operator == "In";
        all.iter().find(is_host)?.values.clone()
    });
    let hosts: Vec<String> = hosts.collect::<Option<Vec<_>>>()?.into_iter().flatten().collect();
    (!hosts.is_empty()).then_some(hosts)
}

fn container<'a>(all: Option<&'a [ContainerStatus]>, name: &str) -> Option<&'a ContainerStatus> {
    all?.iter().find(|container| container.name == name)
}

/// The container's first start: its present one if it never restarted, else the moment the pod's
/// init containers were done, which is the nearest that Kubernetes still knows.
fn first_start(status: &PodStatus, etcd: &ContainerStatus) -> Option<Timestamp> {
    let state = etcd.state.as_ref()?;
    let running = state.running.as_ref().and_then(|running| running.started_at.as_ref());
    let ended = state.terminated.as_ref().and_then(|ended| ended.started_at.as_ref());
    if etcd.restart_count == 0 {
        return running.or(ended).map(|at| at.0);
    }
    condition(status, "Initialized")?.last_transition_time.as_ref().map(|at| at.0)
}

/// The gate's last verdict. It is in force while the next start is under way, too; a member that
/// answers has outlived it, but that is not to be seen here.
///
/// What etcd finds out of its own data, past the gate, is a verdict of the same kind: it is told to
/// commit what it once acknowledged and does not have any more.
fn gate(etcd: &ContainerStatus) -> Option<GateVerdict> {
    let said = last_words(etcd)?;
    if said.contains(FORGOTTEN.0) && said.contains(FORGOTTEN.1) {
        let detail = "etcd finds that it does not have what it once acknowledged".to_owned();
        return Some(GateVerdict::DataLost { detail });
    }
    serde_json::from_str(said.lines().next()?).ok()
}

/// Whether etcd refused to start, for its data is not as its peers'.
fn is_inconsistent(etcd: &ContainerStatus) -> bool {
    last_words(etcd).is_some_and(|said| said.contains(UNLIKE_PEERS))
}

/// What the container said last before it ended.
fn last_words(etcd: &ContainerStatus) -> Option<&str> {
    fn ended(state: Option<&ContainerState>) -> Option<&str> {
        state?.terminated.as_ref()?.message.as_deref()
    }
    ended(etcd.state.as_ref()).or_else(|| ended(etcd.last_state.as_ref()))
}
