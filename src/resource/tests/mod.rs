//! PURE. What the built objects have to be, whatever the user asks for.

mod apply;
mod returned;

use super::shape::Shape;
use super::stateful_set::{self, directive_text};
use super::{client_service, labels, peer_service, samples, spec_hash};
use crate::crd::{DIRECTIVE_ANNOTATION, Directive, EtcdCluster};
use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::{Container, PodSpec, PodTemplateSpec};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use serde_json::to_value;

fn set(cluster: &EtcdCluster) -> StatefulSet {
    stateful_set::build(cluster, &samples::shape(cluster))
}

fn template(cluster: &EtcdCluster) -> PodTemplateSpec {
    set(cluster).spec.unwrap().template
}

fn pod(cluster: &EtcdCluster) -> PodSpec {
    template(cluster).spec.unwrap()
}

fn etcd(cluster: &EtcdCluster) -> Container {
    pod(cluster).containers.remove(0)
}

fn both() -> [EtcdCluster; 2] {
    [samples::minimal(), samples::full()]
}

#[test]
fn etcds_own_checks_of_its_data_are_on_in_the_words_of_its_version() {
    let told = |version: &str| {
        let mut cluster = samples::minimal();
        version.clone_into(&mut cluster.spec.version);
        let arguments = etcd(&cluster).args.unwrap().into_iter();
        arguments.filter(|at| at.contains("orrupt") || at.contains("ash-check")).collect::<Vec<_>>()
    };
    let own = [
        "--experimental-initial-corrupt-check=true",
        "--experimental-compact-hash-check-enabled=true",
    ];
    assert_eq!(told("3.5.35"), own);
    for version in ["3.6.16", "3.7.0", "3.10.1"] {
        assert_eq!(
            told(version),
            ["--feature-gates=CompactHashCheck=true,InitialCorruptCheck=true"]
        );
    }
}

#[test]
fn go_collects_before_the_memory_limit_is_reached() {
    let limit = |of: Option<&str>| {
        let mut cluster = samples::minimal();
        let limits = cluster.spec.resources.limits.get_or_insert_default();
        limits.remove("memory");
        limits.extend(of.map(|of| ("memory".to_owned(), Quantity(of.to_owned()))));
        let environment = etcd(&cluster).env.unwrap();
        environment.into_iter().find(|at| at.name == "GOMEMLIMIT").and_then(|at| at.value)
    };
    assert_eq!(limit(Some("1Gi")).as_deref(), Some("966367641"));
    assert_eq!(limit(Some("0")), None);
    assert_eq!(limit(None), None);
}

#[test]
fn the_template_carries_the_directive_under_any_annotation_of_the_user() {
    let mut cluster = samples::full();
    let users = &mut cluster.spec.pod.annotations;
    users.insert(DIRECTIVE_ANNOTATION.to_owned(), "{}".to_owned());
    users.insert("etcd.etcd.io/other".to_owned(), "theirs".to_owned());
    let annotations = template(&cluster).metadata.unwrap().annotations.unwrap();
    let text = &annotations[DIRECTIVE_ANNOTATION];
    let directive: Directive = serde_json::from_str(text).unwrap();
    assert_eq!(directive, samples::shape(&cluster).directive);
    assert_eq!(*text, directive_text(&directive));
    assert_eq!(annotations.keys().collect::<Vec<_>>(), [DIRECTIVE_ANNOTATION, "example.org/note"]);
}

#[test]
fn clients_reach_only_pods_marked_as_serving_and_members_reach_all() {
    let cluster = samples::minimal();
    let shape = samples::shape(&cluster);
    let clients = client_service::build(&cluster, &shape).spec.unwrap();
    let peers = peer_service::build(&cluster, &shape).spec.unwrap();
    let labels_of = |serving| {
        let set = stateful_set::build(&cluster, &Shape { serving, ..shape.clone() });
        set.spec.unwrap().template.metadata.unwrap().labels.unwrap()
    };
    let selects = |selector: Option<labels::Pairs>, serving| {
        let labels = labels_of(serving);
        selector.unwrap().iter().all(|(key, value)| labels.get(key) == Some(value))
    };
    assert!(!selects(clients.selector.clone(), false));
    assert!(selects(clients.selector, true));
    assert!(selects(peers.selector.clone(), false) && selects(peers.selector, true));
    assert_eq!(peers.publish_not_ready_addresses, Some(true));
    assert_eq!(peers.cluster_ip.as_deref(), Some("None"));
}

#[test]
fn the_same_cluster_gives_the_same_objects() {
    for cluster in both() {
        let again: EtcdCluster = serde_json::from_value(to_value(&cluster).unwrap()).unwrap();
        assert_eq!(to_value(set(&cluster)).unwrap(), to_value(set(&again)).unwrap());
        assert_eq!(spec_hash(&cluster.spec), spec_hash(&again.spec));
    }
}

#[test]
fn the_hash_changes_with_what_makes_a_member_and_with_nothing_else() {
    let cluster = samples::full();
    let before = spec_hash(&cluster.spec);
    assert_eq!(before.len(), 16);
    let after = |edit: &dyn Fn(&mut EtcdCluster)| {
        let mut cluster = cluster.clone();
        edit(&mut cluster);
        spec_hash(&cluster.spec)
    };
    let indifferent: [&dyn Fn(&mut EtcdCluster); 6] = [
        &|at| at.spec.size = 3,
        &|at| at.spec.paused = true,
        &|at| at.spec.storage.retention = crate::crd::Retention::Retain,
        &|at| at.spec.recovery_strategy.max_retries += 1,
        &|at| at.spec.storage.size = Quantity("1Gi".to_owned()),
        &|at| {
            let limits = at.spec.resources.limits.as_mut().unwrap();
            limits.insert("cpu".to_owned(), Quantity("1".to_owned()));
        },
    ];
    for edit in indifferent {
        assert_eq!(after(edit), before);
    }
    let telling: [&dyn Fn(&mut EtcdCluster); 8] = [
        &|at| at.spec.version = "3.6.15".to_owned(),
        &|at| at.spec.repository.push('x'),
        &|at| at.spec.storage.size = Quantity("2Gi".to_owned()),
        &|at| at.spec.storage.storage_class_name = None,
        &|at| at.spec.resources.limits = None,
        &|at| at.spec.resources.requests = None,
        &|at| at.spec.pod.tolerations.clear(),
        &|at| at.spec.etcd.snapshot_count = None,
    ];
    let mut hashes: Vec<_> = telling.into_iter().map(after).chain([before]).collect();
    hashes.sort();
    hashes.dedup();
    assert_eq!(hashes.len(), 9);
}

#[test]
fn another_image_of_the_operator_changes_no_hash() {
    let cluster = samples::minimal();
    let shape = Shape { operator_image: "other".to_owned(), ..samples::shape(&cluster) };
    let annotations = |set: StatefulSet| set.metadata.annotations;
    assert_eq!(annotations(stateful_set::build(&cluster, &shape)), annotations(set(&cluster)),);
}
