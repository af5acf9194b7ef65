//! PURE. What an API server returned for our objects, with all it fills in, against what we built.

use crate::crd::EtcdCluster;
use crate::resource::drift::differs;
use crate::resource::{client_service, labels, pdb, peer_service, samples, stateful_set};
use serde::Serialize;
use serde_json::{Value, to_value};

macro_rules! returned {
    ($file:literal) => {
        serde_json::from_str::<Value>(include_str!(concat!(
            "../../../fixtures/resources/etcd-cluster/",
            $file,
            ".json"
        )))
        .unwrap()
    };
}

/// The object built for the very cluster the returned one was made for, and the returned one.
fn pair<T: Serialize>(
    mut cluster: EtcdCluster,
    returned: Value,
    build: impl Fn(&EtcdCluster, &crate::resource::shape::Shape) -> T,
) -> (Value, Value) {
    let uid = returned["metadata"]["labels"][labels::CLUSTER_UID].as_str().unwrap();
    cluster.metadata.uid = Some(uid.to_owned());
    (to_value(build(&cluster, &samples::shape(&cluster))).unwrap(), returned)
}

fn pairs() -> [(Value, Value); 8] {
    let (demo, full) = (samples::minimal, samples::full);
    [
        pair(demo(), returned!("demo.peer-service"), peer_service::build),
        pair(demo(), returned!("demo.client-service"), client_service::build),
        pair(demo(), returned!("demo.pod-disruption-budget"), pdb::build),
        pair(demo(), returned!("demo.stateful-set"), stateful_set::build),
        pair(full(), returned!("full.peer-service"), peer_service::build),
        pair(full(), returned!("full.client-service"), client_service::build),
        pair(full(), returned!("full.pod-disruption-budget"), pdb::build),
        pair(full(), returned!("full.stateful-set"), stateful_set::build),
    ]
}

/// The JSON pointers of everything that stands in the object.
fn pointers(value: &Value, at: &str, into: &mut Vec<String>) {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| (key.replace('~', "~0").replace('/', "~1"), value))
            .collect(),
        Value::Array(list) => {
            list.iter().enumerate().map(|(index, value)| (index.to_string(), value)).collect()
        }
        _ => Vec::new(),
    };
    if children.is_empty() && !matches!(value, Value::Object(_)) {
        into.push(at.to_owned());
    }
    for (key, value) in children {
        pointers(value, &format!("{at}/{key}"), into);
    }
}

#[test]
fn nothing_differs_right_after_creation() {
    for (built, returned) in pairs() {
        assert_eq!(differs(&built, &returned), None);
        assert_ne!(built, returned, "the API server fills something in");
    }
}

/// The fields that the API server fills in: the end of a pointer, and the beginning of the value there.
const FILLED_IN: [(&str, &str); 16] = [
    ("/clusterIP", "10.90."),
    ("/clusterIPs/0", ""),
    ("/internalTrafficPolicy", "Cluster"),
    ("/ipFamilies/0", "IPv4"),
    ("/ipFamilyPolicy", "SingleStack"),
    ("/sessionAffinity", "None"),
    ("/scheme", "HTTP"),
    ("/successThreshold", "1"),
    ("/terminationMessagePath", "/dev/termination-log"),
    ("/terminationMessagePolicy", "File"),
    ("/dnsPolicy", "ClusterFirst"),
    ("/restartPolicy", "Always"),
    ("/schedulerName", "default-scheduler"),
    ("/volumeMode", "Filesystem"),
    ("/defaultMode", "420"),
    ("/status/phase", "Pending"),
];

/// With this each object, as it is built, stands in its fixture to the last field.
#[test]
fn whatever_is_returned_was_asked_for_or_is_a_default_of_kubernetes() {
    let is_filled_in = |pointer: &str, value: &Value| {
        let value = value.to_string();
        let value = value.trim_matches('"');
        FILLED_IN.iter().any(|(end, begins)| pointer.ends_with(end) && value.starts_with(begins))
    };
    for (built, mut returned) in pairs() {
        returned.as_object_mut().unwrap().remove("status");
        let metadata = returned["metadata"].as_object_mut().unwrap();
        for own in ["creationTimestamp", "generation", "managedFields", "resourceVersion", "uid"] {
            metadata.remove(own);
        }
        let mut all = Vec::new();
        pointers(&returned, "", &mut all);
        all.retain(|at| {
            built.pointer(at).is_none() && !is_filled_in(at, returned.pointer(at).unwrap())
        });
        assert_eq!(all, [""; 0], "{}", returned["metadata"]["name"]);
    }
}

#[test]
fn whatever_is_asked_for_is_missed_when_it_is_taken_away_or_changed() {
    for (built, returned) in pairs() {
        let mut asked = Vec::new();
        pointers(&built, "", &mut asked);
        assert!(asked.len() > 10);
        for pointer in asked {
            for other in [Value::Null, Value::from("something else")] {
                let mut changed = returned.clone();
                *changed.pointer_mut(&pointer).unwrap() = other;
                assert!(differs(&built, &changed).is_some(), "{pointer}");
            }
        }
    }
}

#[test]
fn what_a_person_adds_to_a_list_is_noticed() {
    let (built, mut returned) =
        pair(samples::minimal(), returned!("demo.stateful-set"), stateful_set::build);
    let containers = returned["spec"]["template"]["spec"]["containers"].as_array_mut().unwrap();
    containers.push(serde_json::json!({"name": "sidecar"}));
    assert_eq!(differs(&built, &returned).as_deref(), Some("spec.template.spec.containers"));
}
