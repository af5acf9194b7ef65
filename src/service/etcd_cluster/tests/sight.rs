//! PURE. Kubernetes' objects as the API server writes them, and what is read off them.

use super::status::cluster;
use crate::crd::GateVerdict;
use crate::resource::{labels, stateful_set};
use crate::service::etcd_cluster::decide::desired::shape;
use crate::service::etcd_cluster::observe::observed::{Child, Memory, PodSeen};
use crate::service::etcd_cluster::observe::project::{hosts, is_ours, pod, template, volume};
use crate::service::etcd_cluster::worlds::bases::recorded;
use jiff::Timestamp;
use k8s_openapi::api::core::v1::PersistentVolumeClaim;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::{Value, json};

const TOLD: &str = r#"{"clusterUid":"uid-1","incarnation":1,"mode":"Member","initialCluster":"",
    "members":{"a-0":"m0","a-1":"m1"},"clusterID":"c1"}"#;

/// What is seen of a pod with this status, its directive current and not yet serving.
fn seen(status: &Value) -> PodSeen {
    with_metadata(&json!({}), status)
}

fn with_metadata(more: &Value, status: &Value) -> PodSeen {
    let mut metadata = json!({
        "name": "a-1",
        "namespace": "default",
        "uid": "pod-1",
        "annotations": {"etcd.etcd.io/directive": TOLD},
    });
    for (key, value) in more.as_object().unwrap() {
        metadata[key] = value.clone();
    }
    let read = serde_json::from_value(json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": metadata, "status": status,
    }));
    let directive = serde_json::from_str(TOLD).unwrap();
    pod(&read.unwrap(), (&directive, TOLD), false, &["10.0.0.9".to_owned()].into())
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A container's status with this state, the state before it, and so many restarts.
fn container(name: &str, state: &Value, last: &Value, restarts: u32) -> Value {
    json!({
        "name": name, "image": "etcd:v9", "imageID": "", "ready": false,
        "restartCount": restarts, "state": state, "lastState": last,
    })
}

fn etcd(state: &Value, last: &Value, restarts: u32) -> Value {
    json!({
        "phase": "Running",
        "conditions": [
            {"type": "PodScheduled", "status": "True"},
            {"type": "Initialized", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"},
            {"type": "Ready", "status": "False"},
        ],
        "containerStatuses": [
            container("sidecar", &json!({"running": {"startedAt": "2020-01-01T00:00:00Z"}}), &json!({}), 9),
            container("etcd", state, last, restarts),
        ],
    })
}

fn ended(message: &str) -> Value {
    json!({"terminated": {
        "exitCode": 65, "reason": "Error", "message": message,
        "startedAt": "2026-01-01T00:00:20Z", "finishedAt": "2026-01-01T00:00:21Z",
    }})
}

fn crashing() -> Value {
    json!({"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 10s restarting"}})
}

fn running() -> Value {
    json!({"running": {"startedAt": "2026-01-01T00:05:00Z"}})
}

#[test]
fn a_running_pod_that_is_ready() {
    let mut status = etcd(&running(), &json!({}), 0);
    status["conditions"][2]["status"] = json!("True");
    let expected = PodSeen {
        uid: "pod-1".to_owned(),
        address: None,
        named: false,
        ready: true,
        deleting: false,
        started: Some(at("2026-01-01T00:05:00Z")),
        restarts: 0,
        waiting: None,
        gate: None,
        inconsistent: false,
        current: true,
        gone_by: None,
        owned: false,
    };
    assert_eq!(seen(&status), expected);
}

#[test]
fn a_name_leads_to_a_pod_only_if_its_address_is_among_the_services() {
    let at = |address: &str| seen(&json!({"phase": "Running", "podIP": address})).named;
    assert!(at("10.0.0.9") && !at("10.0.0.8"));
    assert!(!seen(&json!({"phase": "Pending"})).named);
}

#[test]
fn a_pod_that_nobody_placed_says_why_in_the_schedulers_first_sentence() {
    let message = "0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules. \
                   preemption: 0/3 nodes are available: 3 No preemption victims found.";
    let unplaced =
        |placed: Value| seen(&json!({"phase": "Pending", "conditions": [placed]})).waiting;
    let kind = ("PodScheduled", "False");
    let placed =
        json!({"type": kind.0, "status": kind.1, "reason": "Unschedulable", "message": message});
    let first = "0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules";
    assert_eq!(unplaced(placed).as_deref(), Some(first));
    let wordless = json!({"type": kind.0, "status": kind.1, "reason": "SchedulingGated"});
    assert_eq!(unplaced(wordless).as_deref(), Some("SchedulingGated"));
    assert_eq!(unplaced(json!({"type": kind.0, "status": "True"})), None);
}

#[test]
fn a_pod_on_its_way_waits_for_nothing() {
    for reason in ["ContainerCreating", "PodInitializing"] {
        let status = etcd(&json!({"waiting": {"reason": reason}}), &json!({}), 0);
        assert_eq!((seen(&status).waiting, seen(&status).started), (None, None));
    }
    assert_eq!(
        seen(&json!({})),
        PodSeen { uid: "pod-1".into(), current: true, ..PodSeen::default() }
    );
}

#[test]
fn an_image_that_cannot_be_pulled_reads_the_same_whichever_word_kubernetes_has_for_it() {
    let pulls = |reason: &str, at: &str| {
        let state = json!({"waiting": {"reason": reason, "message": format!("{reason} now")}});
        let mut status = json!({"phase": "Pending"});
        status[at] = json!([container("gate", &state, &json!({}), 0)]);
        seen(&status).waiting.unwrap()
    };
    for at in ["initContainerStatuses", "containerStatuses"] {
        assert_eq!(pulls("ErrImagePull", at), "its image etcd:v9 cannot be pulled");
        assert_eq!(pulls("ImagePullBackOff", at), pulls("ErrImagePull", at));
        assert_eq!(
            pulls("CreateContainerError", at),
            "CreateContainerError: CreateContainerError now"
        );
    }
}

#[test]
fn a_gates_refusal_is_read_from_the_termination_message() {
    let verdict = GateVerdict::DataLost { detail: "the volume is empty".to_owned() };
    let line = serde_json::to_string(&verdict).unwrap();
    assert_eq!(line, r#"{"gate":"DataLost","detail":"the volume is empty"}"#);
    let refused = seen(&etcd(&crashing(), &ended(&format!("{line}\nmore")), 3));
    assert_eq!((refused.gate.as_ref(), refused.restarts), (Some(&verdict), 3));
    let restarts = Some("its container restarts, last exit code 65 (Error)");
    assert_eq!(refused.waiting.as_deref(), restarts);
    // The moment the pod was initialized is the nearest to its first start that is still known.
    assert_eq!(refused.started, Some(at("2026-01-01T00:00:00Z")));

    let just_ended = seen(&etcd(&ended(&line), &json!({}), 0));
    assert_eq!(
        (just_ended.gate, just_ended.started),
        (Some(verdict.clone()), Some(at("2026-01-01T00:00:20Z")))
    );
    // The next start is under way, and may end just so: the refusal stands until etcd answers.
    let starts_again = seen(&etcd(&running(), &ended(&line), 1));
    assert_eq!(starts_again.waiting.as_deref(), restarts);
    assert_eq!(
        (starts_again.gate, starts_again.started),
        (Some(verdict), Some(at("2026-01-01T00:00:00Z")))
    );
}

#[test]
fn etcds_last_words_tell_that_its_data_is_not_as_its_peers() {
    let said = r#"{"level":"fatal","msg":"discovery failed","error":"a-1 found data inconsistency with peers"}"#;
    assert!(seen(&etcd(&crashing(), &ended(said), 1)).inconsistent);
    assert!(!seen(&etcd(&crashing(), &ended("panic: no space"), 1)).inconsistent);
}

#[test]
fn a_member_that_forgot_what_it_acknowledged_has_lost_its_data() {
    let said = "panic: tocommit(8) is out of range [lastIndex(3)]. Was the raft log corrupted, \
                truncated, or lost?";
    let gate = seen(&etcd(&crashing(), &ended(&format!("{said}\n\ngoroutine 1")), 2)).gate;
    assert!(matches!(gate, Some(GateVerdict::DataLost { .. })), "{gate:?}");
    assert_eq!(seen(&etcd(&crashing(), &ended("tocommit(8) is fine"), 2)).gate, None);
}

#[test]
fn a_termination_message_that_is_no_verdict_is_none() {
    for garbage in
        ["", "\n", "panic: etcd", "{", r#"{"gate":"Maybe"}"#, r#"{"detail":"x"}"#, "null"]
    {
        assert_eq!(seen(&etcd(&crashing(), &ended(garbage), 1)).gate, None, "{garbage:?}");
    }
}

#[test]
fn a_restarted_container_of_a_pod_with_no_word_of_its_beginning_has_no_start() {
    let mut status = etcd(&running(), &json!({}), 2);
    status["conditions"] = json!([]);
    assert_eq!(seen(&status).started, None);
}

#[test]
fn a_pod_is_current_only_with_just_the_directive_and_label_it_should_have() {
    let serves = json!({"labels": {"etcd.etcd.io/serving": "true"}});
    assert!(with_metadata(&json!({}), &json!({})).current);
    assert!(!with_metadata(&serves, &json!({})).current);
    assert!(!with_metadata(&json!({"annotations": {}}), &json!({})).current);
    let other = json!({"annotations": {"etcd.etcd.io/directive": "other"}});
    assert!(!with_metadata(&other, &json!({})).current);
    let leaving = json!({"deletionTimestamp": "2026-01-01T00:00:00Z"});
    assert!(with_metadata(&leaving, &json!({})).deleting);
}

fn claim(class: Option<&str>, phase: &str, labels: &Value) -> PersistentVolumeClaim {
    serde_json::from_value(json!({
        "metadata": {"name": "data-a-0", "uid": "volume-0", "labels": labels},
        "spec": {"storageClassName": class},
        "status": {"phase": phase},
    }))
    .unwrap()
}

#[test]
fn a_volume_says_whose_it_is_and_what_it_waits_for() {
    let labels = json!({"etcd.etcd.io/cluster-uid": "uid-1", "etcd.etcd.io/incarnation": "2"});
    let bound = volume(&claim(Some("fast"), "Bound", &labels));
    assert_eq!((bound.uid.as_str(), bound.cluster_uid.as_deref()), ("volume-0", Some("uid-1")));
    assert_eq!((bound.incarnation, bound.deleting, bound.pending), (Some(2), false, None));
    let waits = volume(&claim(Some("fast"), "Pending", &json!({})));
    assert_eq!((waits.cluster_uid, waits.incarnation), (None, None));
    assert_eq!(
        waits.pending.as_deref(),
        Some("Volume claim data-a-0 waits for StorageClass fast.")
    );
    let homeless = volume(&claim(None, "Pending", &json!({"etcd.etcd.io/incarnation": "two"})));
    let said = "Volume claim data-a-0 names no StorageClass, and there is no default one.";
    assert_eq!((homeless.pending.as_deref(), homeless.incarnation), (Some(said), None));
}

fn owned_by(owners: &Value) -> ObjectMeta {
    let metadata = json!({"uid": "u", "ownerReferences": owners});
    serde_json::from_value(metadata).unwrap()
}

fn owner(kind: &str, uid: &str, controller: bool) -> Value {
    json!({"apiVersion": "v1", "kind": kind, "name": "web", "uid": uid, "controller": controller})
}

#[test]
fn an_object_is_ours_only_by_the_uid_of_its_controller() {
    let (cluster, drift) = (cluster(3), || Some("spec".to_owned()));
    let ours = owned_by(&json!([owner("Backup", "x", false), owner("EtcdCluster", "uid-1", true)]));
    let expected =
        |deleting| Child::Ours { uid: "u".to_owned(), generation: None, drift: drift(), deleting };
    assert_eq!(Child::of(&cluster, &ours, drift), expected(false));
    let leaving: ObjectMeta = serde_json::from_value(json!({
        "uid": "u", "deletionTimestamp": "2026-01-01T00:00:00Z",
        "ownerReferences": [owner("EtcdCluster", "uid-1", true)],
    }))
    .unwrap();
    assert_eq!(Child::of(&cluster, &leaving, drift), expected(true));

    let foreign = |owner: &str| Child::Foreign { owner: owner.to_owned() };
    let never = || unreachable!("drift of a foreign object");
    let theirs = owned_by(&json!([owner("Deployment", "y", true)]));
    assert_eq!(Child::of(&cluster, &theirs, never), foreign("Deployment web"));
    // A namesake that was deleted, and an owner that does not control.
    let namesake = owned_by(&json!([owner("EtcdCluster", "uid-0", true)]));
    assert_eq!(Child::of(&cluster, &namesake, never), foreign("EtcdCluster web"));
    let uncontrolled = owned_by(&json!([owner("EtcdCluster", "uid-1", false)]));
    assert_eq!(Child::of(&cluster, &uncontrolled, never), foreign("nobody"));
    assert_eq!(Child::of(&cluster, &ObjectMeta::default(), never), foreign("nobody"));
}

#[test]
fn a_pod_is_ours_by_the_clusters_uid_on_it() {
    let labelled = |uid: &str| ObjectMeta {
        labels: Some([(labels::CLUSTER_UID.to_owned(), uid.to_owned())].into()),
        ..ObjectMeta::default()
    };
    assert!(is_ours(&cluster(3), &labelled("uid-1")));
    assert!(!is_ours(&cluster(3), &labelled("uid-2")));
    assert!(!is_ours(&cluster(3), &ObjectMeta::default()));
}

#[test]
fn a_template_says_what_it_was_built_with_and_nothing_if_it_was_tampered_with() {
    let cluster = cluster(3);
    let built = |memory: &Memory| stateful_set::build(&cluster, &shape(&cluster, memory, "op:1"));
    let first =
        template(&built(&Memory { incarnation: 2, replicas: 3, ..Memory::default() })).unwrap();
    assert_eq!((first.incarnation, first.cluster_id, first.members), (2, None, [].into()));
    assert_eq!(first.hash, crate::resource::spec_hash(&cluster.spec));
    let memory = recorded(3).memory;
    let sealed = template(&built(&memory)).unwrap();
    assert_eq!(
        (sealed.cluster_id, sealed.members),
        (memory.cluster_id.clone(), memory.members.clone())
    );

    let mut unhashed = built(&memory);
    unhashed.metadata.annotations = None;
    let mut garbled = built(&memory);
    let made = garbled.spec.as_mut().unwrap().template.metadata.as_mut().unwrap();
    made.annotations = Some([("etcd.etcd.io/directive".to_owned(), "{".to_owned())].into());
    let mut bare = built(&memory);
    bare.spec = None;
    assert_eq!([unhashed, garbled, bare].map(|set| template(&set)), [None, None, None]);
}

#[test]
fn a_volume_names_its_nodes_only_if_it_can_be_used_nowhere_else() {
    let read = |terms: Value| {
        let spec = json!({"nodeAffinity": {"required": {"nodeSelectorTerms": terms}}});
        hosts(&serde_json::from_value(json!({"metadata": {}, "spec": spec})).unwrap())
    };
    let on = |key: &str, operator: &str, value: &str| json!({"matchExpressions": [{"key": key, "operator": operator, "values": [value]}]});
    let host = "kubernetes.io/hostname";
    assert_eq!(read(json!([on(host, "In", "one")])), Some(vec!["one".to_owned()]));
    let two = json!([on(host, "In", "one"), on(host, "In", "two")]);
    assert_eq!(read(two), Some(vec!["one".to_owned(), "two".to_owned()]));
    // A zone whose nodes are all gone may get others.
    assert_eq!(read(json!([on("topology.kubernetes.io/zone", "In", "z")])), None);
    assert_eq!(read(json!([on(host, "In", "one"), on("zone", "In", "z")])), None);
    assert_eq!(read(json!([on(host, "NotIn", "one")])), None);
    assert_eq!(read(json!([])), None);
    assert_eq!(hosts(&serde_json::from_value(json!({"metadata": {}})).unwrap()), None);
}
