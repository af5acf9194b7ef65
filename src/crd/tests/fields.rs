//! PURE. Each rule of a field, kept and broken.

use super::{cluster, refusals};
use crate::crd::{EtcdClusterSpec, NAME_LENGTH_MAX};
use serde_json::{Value, json};

/// Refused by no rule, and read by the types.
fn accepted(spec: &Value) {
    if let Err(error) = serde_json::from_value::<EtcdClusterSpec>(spec.clone()) {
        panic!("{spec}: {error}");
    }
    assert_eq!(refusals(&cluster(spec), None), [""; 0], "{spec}");
}

/// Refused by exactly one rule, at `field`, with `words` in its message.
fn refused(spec: &Value, field: &str, words: &str) {
    let found = refusals(&cluster(spec), None);
    assert_eq!(found.len(), 1, "{spec}: {found:?}");
    assert!(found[0].starts_with(&format!("{field}: ")), "{spec}: {found:?}");
    assert!(found[0].contains(words), "{spec}: {found:?}");
}

#[test]
fn an_empty_spec_keeps_every_rule() {
    accepted(&json!({}));
}

#[test]
fn a_version_is_three_numbers_from_3_5_11_on() {
    for version in ["3.5.11", "3.5.30", "3.6.0", "3.6.16", "3.7.1", "3.10.0", "3.50.1"] {
        accepted(&json!({ "version": version }));
    }
    for version in ["latest", "v3.6.16", "3.6", "3.6.16-rc.0", "4.0.0", ""] {
        refused(&json!({ "version": version }), "spec.version", "three numbers such as 3.6.16");
    }
    for version in ["3.5.10", "3.5.0", "3.4.45", "3.0.17"] {
        refused(&json!({ "version": version }), "spec.version", "3.5.11 or later");
    }
}

#[test]
fn a_repository_has_neither_tag_nor_digest_nor_white_space() {
    for repository in [
        "etcd",
        "quay.io/coreos/etcd",
        "gcr.io/etcd-development/etcd",
        "localhost:5000/etcd",
        "registry.example.com:443/a/b_c/d-e.f",
    ] {
        accepted(&json!({ "repository": repository }));
    }
    for repository in [
        "etcd:v3.6.16",
        "gcr.io/etcd-development/etcd:v3.6.16",
        "localhost:5000/etcd:v3.6.16",
        "gcr.io/etcd@sha256:0123",
        "gcr.io/etcd ",
        "gcr.io//etcd",
        "gcr.io/etcd/",
        "https://gcr.io/etcd",
        "gcr.io/\u{e9}tcd",
        "",
    ] {
        refused(&json!({ "repository": repository }), "spec.repository", "without a tag or digest");
    }
}

#[test]
fn a_volume_is_a_quantity_of_at_least_64_mebibytes() {
    for size in [json!("64Mi"), json!("8Gi"), json!("1.5G"), json!(10_737_418_240_i64)] {
        accepted(&json!({ "storage": { "size": size } }));
    }
    for size in [json!("0"), json!("63Mi"), json!("-1Gi"), json!("10GB"), json!(""), json!(5)] {
        let spec = json!({ "storage": { "size": size } });
        refused(&spec, "spec.storage.size", "quantity of at least 64Mi");
    }
}

#[test]
fn a_class_is_named_as_kubernetes_names_it() {
    for name in ["standard", "local-path", "a.b", ""] {
        accepted(&json!({ "storage": { "storageClassName": name } }));
    }
    for name in ["Fast", "a b", "-a"] {
        let spec = json!({ "storage": { "storageClassName": name } });
        refused(&spec, "spec.storage.storageClassName", "kubectl get storageclass");
    }
    accepted(&json!({ "pod": { "priorityClassName": "system-cluster-critical" } }));
    for name in ["", "High", "a b"] {
        let spec = json!({ "pod": { "priorityClassName": name } });
        refused(&spec, "spec.pod.priorityClassName", "kubectl get priorityclass");
    }
}

#[test]
fn a_request_is_at_most_its_limit() {
    let resources = |requests: Value, limits: Value| {
        let both = json!({ "requests": requests, "limits": limits });
        json!({ "resources": both })
    };
    accepted(&resources(json!({ "cpu": 1 }), json!({ "cpu": "1000m" })));
    accepted(&resources(json!({ "memory": "1Gi" }), json!({ "cpu": "1m" })));
    accepted(&json!({ "resources": { "requests": { "cpu": "64" } } }));
    accepted(&json!({ "resources": {} }));
    for name in ["cpu", "memory", "ephemeral-storage"] {
        let spec = resources(json!({ name: "2" }), json!({ name: "1999m" }));
        refused(&spec, "spec.resources", "larger than the limit");
    }
}

#[test]
fn labels_and_annotations_of_the_operator_and_of_kubernetes_are_not_a_persons() {
    accepted(&json!({ "pod": {
        "labels": { "team": "storage", "example.com/team": "", "etcd.example.io/a": "b" },
        "annotations": { "example.com/note": "{\"any\": \"text\"}", "app.kubernetes.io/a": "b" },
    } }));
    for key in [
        "etcd.etcd.io/cluster",
        "app.kubernetes.io/name",
        "apps.kubernetes.io/pod-index",
        "statefulset.kubernetes.io/pod-name",
        "controller-revision-hash",
    ] {
        let spec = json!({ "pod": { "labels": { key: "a" } } });
        refused(&spec, "spec.pod.labels", "choose another prefix");
    }
    let spec = json!({ "pod": { "annotations": { "etcd.etcd.io/directive": "{}" } } });
    refused(&spec, "spec.pod.annotations", "choose another prefix");
}

#[test]
fn a_key_that_kubernetes_would_refuse_is_refused_here() {
    for field in ["labels", "annotations", "nodeSelector"] {
        for key in ["a b", "t\u{e4}m", "-a", "a/b/c", "/a", "A.io/b", &"a".repeat(64)] {
            let spec = json!({ "pod": { field: { key: "a" } } });
            refused(&spec, &format!("spec.pod.{field}"), "each key must be a name");
        }
        accepted(&json!({ "pod": { field: { "example.com/A_b.c-1": "a", "k": "v" } } }));
    }
}

#[test]
fn an_election_takes_at_least_five_heartbeats() {
    let etcd = |heartbeat: Option<i32>, election: Option<i32>| {
        let mut options = json!({});
        for (name, value) in [
            ("heartbeatIntervalMilliseconds", heartbeat),
            ("electionTimeoutMilliseconds", election),
        ] {
            if let Some(value) = value {
                options[name] = value.into();
            }
        }
        json!({ "etcd": options })
    };
    for (heartbeat, election) in
        [(None, None), (Some(200), None), (None, Some(500)), (Some(500), Some(2500))]
    {
        accepted(&etcd(heartbeat, election));
    }
    for (heartbeat, election) in
        [(Some(201), None), (None, Some(499)), (Some(500), Some(2499)), (Some(5000), Some(50))]
    {
        refused(&etcd(heartbeat, election), "spec.etcd", "at least 5 times");
    }
}

#[test]
fn what_is_kept_is_a_duration_by_age_and_a_count_by_revision() {
    let etcd = |mode: &str, retention: &str| {
        let options = json!({ "autoCompactionMode": mode, "autoCompactionRetention": retention });
        json!({ "etcd": options })
    };
    for retention in ["0", "8", "30m", "1h30m", "1h5s", "90s", "1h2m3s"] {
        accepted(&etcd("Periodic", retention));
    }
    for retention in ["", "soon", "30m1h", "1d", "-1h", "1.5h", "9999999"] {
        refused(&etcd("Periodic", retention), "spec.etcd.autoCompactionRetention", "duration");
    }
    for retention in ["0", "10000"] {
        accepted(&etcd("Revision", retention));
    }
    for retention in ["1h", "", "-1", "9999999999999999"] {
        refused(&etcd("Revision", retention), "spec.etcd.autoCompactionRetention", "plain count");
    }
    // The default is a duration, so choosing the mode alone asks for the count.
    let spec = json!({ "etcd": { "autoCompactionMode": "Revision" } });
    refused(&spec, "spec.etcd.autoCompactionRetention", "plain count");
}

#[test]
fn the_longest_wait_is_no_shorter_than_the_first() {
    let strategy = |first: i32, longest: i32| {
        let spec = json!({ "retryIntervalSeconds": first, "maxBackoffSeconds": longest });
        json!({ "recoveryStrategy": spec })
    };
    accepted(&strategy(30, 30));
    accepted(&strategy(1, 86400));
    let field = "spec.recoveryStrategy.maxBackoffSeconds";
    refused(&strategy(31, 30), field, "at least retryIntervalSeconds");
}

#[test]
fn a_name_leaves_room_for_what_is_made_from_it() {
    let named = |name: &str| {
        let mut object = cluster(&json!({}));
        object["metadata"]["name"] = name.into();
        refusals(&object, None)
    };
    for name in ["a", "a1", "a-b", &"a".repeat(NAME_LENGTH_MAX)] {
        assert_eq!(named(name), [""; 0], "{name}");
    }
    let long = named(&"a".repeat(NAME_LENGTH_MAX + 1));
    assert!(long.len() == 1 && long[0].contains("at most 52 characters"), "{long:?}");
    for name in ["1a", "a.b", "a-", "A", "-a", "a_b"] {
        let found = named(name);
        assert!(found.len() == 1 && found[0].contains("lower-case letter"), "{name}: {found:?}");
    }
}
