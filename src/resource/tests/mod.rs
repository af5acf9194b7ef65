//! PURE. What the built objects have to be, whatever the user asks for.

mod apply;
mod returned;

use super::{Shape, client_service, labels, names, pdb, peer_service, samples, stateful_set};
use crate::crd::{DIRECTIVE_ANNOTATION, Directive, EtcdCluster};
use crate::resource::{spec_hash, stateful_set::directive_text};
use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::{Container, PodSpec, PodTemplateSpec};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use serde_json::{Value, to_value};

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
fn pods_keep_the_restricted_security_standard() {
    for cluster in both() {
        let pod = pod(&cluster);
        let security = pod.security_context.unwrap();
        assert_eq!(security.run_as_non_root, Some(true));
        assert!(security.run_as_user > Some(0) && security.run_as_group > Some(0));
        assert_eq!(security.seccomp_profile.unwrap().type_, "RuntimeDefault");
        assert_eq!((pod.host_network, pod.host_pid, pod.host_ipc), (None, None, None));
        for volume in pod.volumes.unwrap() {
            assert!(volume.empty_dir.is_some() || volume.downward_api.is_some(), "{volume:?}");
        }
        for container in pod.init_containers.unwrap().into_iter().chain(pod.containers) {
            let security = container.security_context.unwrap();
            assert_eq!(security.allow_privilege_escalation, Some(false));
            assert_eq!(security.read_only_root_filesystem, Some(true));
            assert_eq!(security.privileged, None);
            let capabilities = security.capabilities.unwrap();
            assert_eq!((capabilities.add, capabilities.drop), (None, Some(vec!["ALL".to_owned()])));
            assert!(container.ports.iter().flatten().all(|port| port.host_port.is_none()));
        }
    }
}

#[test]
fn pods_hold_no_token_and_no_list_of_services() {
    let pod = pod(&samples::full());
    assert_eq!(pod.automount_service_account_token, Some(false));
    assert_eq!(pod.enable_service_links, Some(false));
    assert_eq!(pod.service_account_name, None);
}

#[test]
fn every_probe_asks_the_metrics_port_and_only_readiness_may_fail_without_quorum() {
    let etcd = etcd(&samples::minimal());
    let asks = |probe: Option<k8s_openapi::api::core::v1::Probe>| {
        let probe = probe.unwrap();
        let get = probe.http_get.unwrap();
        assert_eq!(get.port, IntOrString::Int(2381));
        (get.path.unwrap(), probe.period_seconds.unwrap(), probe.failure_threshold.unwrap())
    };
    assert_eq!(asks(etcd.startup_probe), ("/livez".to_owned(), 1, 600));
    assert_eq!(asks(etcd.liveness_probe), ("/livez".to_owned(), 10, 6));
    assert_eq!(asks(etcd.readiness_probe).0, "/readyz");
}

#[test]
fn etcd_starts_behind_the_gate() {
    let cluster = samples::minimal();
    let etcd = etcd(&cluster);
    assert_eq!(etcd.image.as_deref(), Some("gcr.io/etcd-development/etcd:v3.6.16"));
    let command = etcd.command.unwrap();
    assert_eq!(command[..3], ["/gate/etcd-operator", "member", "run"]);
    assert_eq!(command[command.len() - 2..], ["--", "/usr/local/bin/etcd"]);
    let mounts: Vec<_> = etcd.volume_mounts.unwrap().into_iter().map(|at| at.mount_path).collect();
    assert_eq!(mounts, ["/var/lib/etcd", "/gate", "/etc/etcd-operator"]);
    let gate = pod(&cluster).init_containers.unwrap().remove(0);
    assert_eq!(gate.image.as_deref(), Some("registry.local/etcd-operator:dev"));
    assert!(!gate.resources.unwrap().limits.unwrap().contains_key("cpu"));
}

#[test]
fn etcd_is_told_its_addresses_and_nothing_the_gate_decides() {
    let arguments = etcd(&samples::minimal()).args.unwrap();
    assert_eq!(
        arguments,
        [
            "--name=$(POD_NAME)",
            "--listen-peer-urls=http://0.0.0.0:2380",
            "--listen-client-urls=http://0.0.0.0:2379",
            "--listen-metrics-urls=http://0.0.0.0:2381",
            "--advertise-client-urls=http://$(POD_NAME).demo-peer.resource-test.svc:2379",
            "--initial-advertise-peer-urls=http://$(POD_NAME).demo-peer.resource-test.svc:2380",
            "--feature-gates=CompactHashCheck=true,InitialCorruptCheck=true",
            "--auto-compaction-mode=periodic",
            "--auto-compaction-retention=1h",
        ]
    );
    let told = arguments[5].replace("$(POD_NAME)", "demo-1");
    assert!(told.ends_with(&names::peer_url(&samples::minimal(), 1)), "the gate's list agrees");
}

#[test]
fn every_option_of_etcd_becomes_a_flag() {
    let arguments = etcd(&samples::full()).args.unwrap();
    assert_eq!(
        arguments[7..],
        [
            "--auto-compaction-mode=revision",
            "--auto-compaction-retention=1000",
            "--quota-backend-bytes=268435456",
            "--heartbeat-interval=200",
            "--election-timeout=2000",
            "--snapshot-count=5000",
        ]
    );
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
fn the_set_leaves_pods_and_volumes_to_the_operator() {
    let set = set(&samples::full());
    let spec = set.spec.unwrap();
    assert_eq!(spec.pod_management_policy.as_deref(), Some("Parallel"));
    assert_eq!(spec.update_strategy.unwrap().type_.as_deref(), Some("OnDelete"));
    let kept = spec.persistent_volume_claim_retention_policy.unwrap();
    assert_eq!([kept.when_deleted.unwrap(), kept.when_scaled.unwrap()], ["Retain", "Retain"]);
    let claim = spec.volume_claim_templates.unwrap().remove(0);
    assert_eq!(claim.metadata.owner_references, None);
    assert_eq!(claim.metadata.labels.unwrap()[labels::INCARNATION], "1");
    assert_eq!(claim.spec.unwrap().storage_class_name.as_deref(), Some("standard"));
}

#[test]
fn all_objects_belong_to_the_cluster_and_select_its_pods_alone() {
    for cluster in both() {
        let shape = samples::shape(&cluster);
        let objects: [Value; 4] = [
            to_value(peer_service::build(&cluster, &shape)).unwrap(),
            to_value(client_service::build(&cluster, &shape)).unwrap(),
            to_value(pdb::build(&cluster, &shape)).unwrap(),
            to_value(set(&cluster)).unwrap(),
        ];
        for object in objects {
            let owner = &object["metadata"]["ownerReferences"][0];
            assert_eq!(owner["uid"], names::uid(&cluster));
            assert_eq!(
                (&owner["controller"], &owner["kind"]),
                (&true.into(), &"EtcdCluster".into())
            );
            assert_eq!(object["metadata"]["namespace"], "resource-test");
            let selector = &object["spec"]["selector"];
            let selector = selector.get("matchLabels").unwrap_or(selector);
            assert_eq!(selector[labels::CLUSTER_UID], names::uid(&cluster));
        }
    }
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
