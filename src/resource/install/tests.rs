//! PURE. The installation: complete, in order, and no more than is needed.

use super::{
    DEFAULT_IMAGE, IN_ITS_OWN_NAMESPACE, OF_THE_WHOLE_CLUSTER, Options, WHERE_IT_WATCHES, install,
};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Namespace, ServiceAccount};
use k8s_openapi::api::rbac::v1::{
    ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, Subject,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

fn watching(namespaces: &[&str]) -> Options {
    Options {
        namespaces: namespaces.iter().map(|name| (*name).to_owned()).collect(),
        ..Options::default()
    }
}

fn objects(options: &Options) -> Vec<Value> {
    install(options).unwrap().into_iter().map(|manifest| manifest.object).collect()
}

/// Every object of one kind, as Kubernetes' own type. Nothing may be lost on the way: a field that
/// the type does not know is a misspelt one.
fn typed<T: DeserializeOwned + Serialize>(options: &Options, kind: &str) -> Vec<T> {
    objects(options)
        .into_iter()
        .filter(|object| object["kind"] == kind)
        .map(|object| {
            let typed: T = serde_json::from_value(object.clone()).unwrap();
            assert_eq!(serde_json::to_value(&typed).unwrap(), object, "{kind}");
            typed
        })
        .collect()
}

fn rules(options: &Options) -> Vec<PolicyRule> {
    let everywhere = typed::<ClusterRole>(options, "ClusterRole").into_iter().map(|r| r.rules);
    let somewhere = typed::<Role>(options, "Role").into_iter().map(|r| r.rules);
    everywhere.chain(somewhere).flat_map(Option::unwrap_or_default).collect()
}

#[test]
fn what_is_needed_comes_before_what_needs_it() {
    let kinds: Vec<_> = objects(&Options::default())
        .iter()
        .map(|object| object["kind"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        kinds,
        [
            "Namespace",
            "CustomResourceDefinition",
            "CustomResourceDefinition",
            "ServiceAccount",
            "Role",
            "RoleBinding",
            "ClusterRole",
            "ClusterRoleBinding",
            "Deployment"
        ]
    );
}

#[test]
fn no_role_allows_everything_or_leads_to_more() {
    for options in [Options::default(), watching(&["a", "b"])] {
        for rule in rules(&options) {
            let words: Vec<_> = [rule.api_groups, rule.resources, Some(rule.verbs)]
                .into_iter()
                .flatten()
                .flatten()
                .collect();
            for word in words {
                assert!(!word.contains('*'), "{word}");
                let leads_further = [
                    "secrets",
                    "escalate",
                    "bind",
                    "impersonate",
                    "pods/exec",
                    "pods/attach",
                    "nodes/proxy",
                    "roles",
                    "clusterroles",
                    "serviceaccounts/token",
                    "deletecollection",
                ];
                assert!(!leads_further.contains(&word.as_str()), "{word}");
            }
            assert!(rule.non_resource_urls.is_none());
        }
    }
}

#[test]
fn nodes_and_volumes_are_only_looked_at() {
    for grant in OF_THE_WHOLE_CLUSTER {
        assert!(grant.verbs.iter().all(|verb| ["get", "list"].contains(verb)), "{grant:?}");
    }
}

#[test]
fn members_volumes_are_never_created_by_the_operator() {
    let volumes =
        WHERE_IT_WATCHES.iter().find(|grant| grant.resource == "persistentvolumeclaims").unwrap();
    assert_eq!(volumes.verbs, ["get", "list", "watch", "delete"]);
}

#[test]
fn every_grant_gives_its_reason_in_the_roles_comment() {
    let manifests = install(&Options::default()).unwrap();
    let everywhere = [WHERE_IT_WATCHES, OF_THE_WHOLE_CLUSTER].concat();
    for (kind, grants) in [("ClusterRole", &*everywhere), ("Role", IN_ITS_OWN_NAMESPACE)] {
        let role = manifests.iter().find(|one| one.object["kind"] == kind).unwrap();
        assert_eq!(role.comment.len(), grants.len());
        for (line, grant) in role.comment.iter().zip(grants) {
            assert!(line.contains(grant.resource) && line.ends_with(grant.reason), "{line}");
        }
    }
}

#[test]
fn no_two_grants_are_about_the_same_objects() {
    let all = [WHERE_IT_WATCHES, OF_THE_WHOLE_CLUSTER].concat();
    let mut seen: Vec<_> = all.iter().map(|row| (row.group, row.resource)).collect();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), all.len());
}

#[test]
fn watching_some_namespaces_needs_no_right_on_the_whole_cluster() {
    let options = watching(&["a", "b"]);
    assert!(typed::<ClusterRole>(&options, "ClusterRole").is_empty());
    assert!(typed::<ClusterRoleBinding>(&options, "ClusterRoleBinding").is_empty());
    let roles: Vec<_> = typed::<Role>(&options, "Role")
        .into_iter()
        .map(|role| (role.metadata.namespace.unwrap(), role.rules.unwrap().len()))
        .collect();
    let own = options.namespace.clone();
    assert_eq!(
        roles,
        [
            (own, IN_ITS_OWN_NAMESPACE.len()),
            ("a".to_owned(), WHERE_IT_WATCHES.len()),
            ("b".to_owned(), WHERE_IT_WATCHES.len())
        ]
    );
    let deployment = &typed::<Deployment>(&options, "Deployment")[0];
    let pod = deployment.spec.as_ref().unwrap().template.spec.as_ref().unwrap();
    let args = pod.containers[0].args.as_ref().unwrap();
    assert_eq!(args, &["run", "--namespace", "a", "--namespace", "b"]);
}

#[test]
fn the_operators_own_namespace_may_be_a_watched_one() {
    let options = watching(&["etcd-operator-system"]);
    let mut names: Vec<_> = typed::<Role>(&options, "Role")
        .into_iter()
        .map(|role| (role.metadata.namespace, role.metadata.name))
        .collect();
    names.dedup();
    assert_eq!(names.len(), 2);
}

#[test]
fn every_binding_gives_its_role_to_the_operators_account() {
    for options in [Options::default(), watching(&["a"])] {
        let account = &typed::<ServiceAccount>(&options, "ServiceAccount")[0];
        let everywhere = typed::<ClusterRoleBinding>(&options, "ClusterRoleBinding")
            .into_iter()
            .map(|one| (one.metadata.name, one.role_ref.name, one.subjects));
        let somewhere = typed::<RoleBinding>(&options, "RoleBinding")
            .into_iter()
            .map(|one| (one.metadata.name, one.role_ref.name, one.subjects));
        for (name, role, subjects) in everywhere.chain(somewhere) {
            assert_eq!(name.unwrap(), role);
            let operator = Subject {
                kind: "ServiceAccount".to_owned(),
                name: account.metadata.name.clone().unwrap(),
                namespace: account.metadata.namespace.clone(),
                ..Subject::default()
            };
            assert_eq!(subjects.unwrap(), [operator]);
        }
    }
}

#[test]
fn the_pod_keeps_the_restricted_profile_that_its_namespace_enforces() {
    let options = Options::default();
    let namespace = &typed::<Namespace>(&options, "Namespace")[0];
    let labels = namespace.metadata.labels.as_ref().unwrap();
    assert_eq!(labels["pod-security.kubernetes.io/enforce"], "restricted");

    let deployment = &typed::<Deployment>(&options, "Deployment")[0];
    let pod = deployment.spec.as_ref().unwrap().template.spec.as_ref().unwrap();
    assert_eq!((pod.host_network, pod.host_pid, pod.host_ipc), (None, None, None));
    assert!(pod.volumes.is_none());
    let security = pod.security_context.as_ref().unwrap();
    assert_eq!(security.run_as_non_root, Some(true));
    assert!(security.run_as_user.unwrap() > 0);
    assert_eq!(security.seccomp_profile.as_ref().unwrap().type_, "RuntimeDefault");
    for container in &pod.containers {
        let security = container.security_context.as_ref().unwrap();
        assert_eq!(security.allow_privilege_escalation, Some(false));
        assert_eq!(security.read_only_root_filesystem, Some(true));
        let dropped = security.capabilities.as_ref().unwrap().drop.as_ref().unwrap();
        assert_eq!(dropped, &["ALL"]);
        assert!(security.privileged.is_none());
    }
}

#[test]
fn the_pod_is_told_its_own_image_name_and_namespace() {
    let image = "registry.example.com/etcd-operator:1".to_owned();
    let options = Options { image: image.clone(), ..Options::default() };
    let deployment = &typed::<Deployment>(&options, "Deployment")[0];
    let pod = deployment.spec.as_ref().unwrap().template.spec.as_ref().unwrap();
    let container = &pod.containers[0];
    assert_eq!(container.image.as_ref(), Some(&image));
    let env = container.env.as_ref().unwrap();
    assert_eq!(env[0].value.as_ref(), Some(&image));
    let names: Vec<_> = env.iter().map(|one| one.name.as_str()).collect();
    let allocator = super::ALLOCATOR.map(|(name, _)| name);
    let own = ["OPERATOR_IMAGE", "POD_NAME", "POD_NAMESPACE"];
    assert_eq!(names, [own, allocator].concat());
    assert!(DEFAULT_IMAGE.ends_with(concat!(":", env!("CARGO_PKG_VERSION"))));
}
