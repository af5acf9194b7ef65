//! PURE. The installation: complete, in order, and no more than is needed.

use super::options::{DEFAULT_IMAGE, Options};
use super::{IN_ITS_OWN_NAMESPACE, WHERE_IT_WATCHES, install};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::ServiceAccount;
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
