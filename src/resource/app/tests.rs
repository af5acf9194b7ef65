//! PURE. What the built objects of a service have to be, whatever the user asks for.

use super::revision::{BUILT_ANNOTATION, REVISION_ANNOTATION, internal_url, revision, url};
use super::samples::{full, minimal};
use super::{config_map, deployment, ingress, service};
use crate::crd::AppService;
use crate::resource::{drift, labels};
use k8s_openapi::api::core::v1::{Container, PodSpec};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use serde_json::{Value, json, to_value};

fn pod(app: &AppService) -> PodSpec {
    deployment::build(app).spec.unwrap().template.spec.unwrap()
}

fn container(app: &AppService) -> Container {
    pod(app).containers.remove(0)
}

#[test]
fn pods_keep_the_restricted_security_standard() {
    for app in [minimal(), full()] {
        let pod = pod(&app);
        let security = pod.security_context.clone().unwrap();
        assert_eq!(security.run_as_non_root, Some(true));
        assert_ne!(security.run_as_user, Some(0));
        assert_eq!(security.seccomp_profile.unwrap().type_, "RuntimeDefault");
        assert_eq!((pod.host_network, pod.host_pid, pod.host_ipc), (None, None, None));
        assert_eq!(pod.automount_service_account_token, Some(false));
        let security = container(&app).security_context.unwrap();
        assert_eq!(security.allow_privilege_escalation, Some(false));
        assert_eq!(security.privileged, None);
        let capabilities = security.capabilities.unwrap();
        assert_eq!((capabilities.add, capabilities.drop), (None, Some(vec!["ALL".to_owned()])));
    }
    let read_only = |app: &AppService| container(app).security_context.unwrap();
    assert_eq!(read_only(&minimal()).read_only_root_filesystem, Some(true));
    assert_eq!(read_only(&full()).read_only_root_filesystem, Some(false));
}

#[test]
fn a_pod_goes_only_once_another_serves_and_answers_for_a_while() {
    let made = deployment::build(&minimal()).spec.unwrap();
    let rolling = made.strategy.unwrap().rolling_update.unwrap();
    assert_eq!(rolling.max_unavailable, Some(IntOrString::Int(0)));
    assert_eq!(made.min_ready_seconds, Some(1));
    let drain = container(&minimal()).lifecycle.unwrap().pre_stop.unwrap().sleep.unwrap();
    assert!(pod(&minimal()).termination_grace_period_seconds > Some(drain.seconds));
}

#[test]
fn the_number_of_pods_is_said_when_they_are_made_and_never_applied() {
    assert_eq!(deployment::build(&full()).spec.unwrap().replicas, None);
    assert_eq!(deployment::as_made(&full()).spec.unwrap().replicas, Some(3));
    assert_eq!(deployment::as_made(&minimal()).spec.unwrap().replicas, None);
}

#[test]
fn probes_ask_the_paths_and_without_them_the_port() {
    let asks = |app: &AppService| {
        let container = container(app);
        let all = [container.startup_probe, container.readiness_probe, container.liveness_probe];
        all.map(|probe| {
            let probe = probe.unwrap();
            probe.http_get.map_or_else(|| "the port".to_owned(), |get| get.path.unwrap())
        })
    };
    assert_eq!(asks(&minimal()), ["the port"; 3]);
    assert_eq!(asks(&full()), ["/ready", "/ready", "/live"]);
}

#[test]
fn files_are_mounted_read_only_and_nothing_is_without_them() {
    assert_eq!(config_map::build(&minimal()), None);
    let files = config_map::build(&full()).unwrap();
    assert_eq!(files.data, Some(full().spec.config_data));
    let mounted = |app: &AppService| {
        let mounts = container(app).volume_mounts.unwrap();
        mounts.into_iter().map(|at| (at.mount_path, at.read_only)).collect::<Vec<_>>()
    };
    assert_eq!(mounted(&minimal()), [("/tmp".to_owned(), None)]);
    let files = ("/etc/web".to_owned(), Some(true));
    assert_eq!(mounted(&full()), [("/tmp".to_owned(), None), files]);
    assert_eq!(pod(&full()).volumes.unwrap()[1].config_map.as_ref().unwrap().name, "full");
}

#[test]
fn an_empty_variable_is_one_without_a_value() {
    let env = container(&full()).env.unwrap();
    assert_eq!((env[1].name.as_str(), env[1].value.as_deref()), ("EMPTY", None));
    let secret = env[2].value_from.as_ref().unwrap().secret_key_ref.clone().unwrap();
    assert_eq!((secret.name.as_str(), secret.key.as_str()), ("db", "password"));
    let host = env[3].value_from.as_ref().unwrap().config_map_key_ref.clone().unwrap();
    assert_eq!(host.optional, Some(true));
}

#[test]
fn the_ingress_leads_to_the_service_and_the_url_says_how() {
    assert_eq!(ingress::build(&minimal()), None);
    assert_eq!(url(&minimal()), "http://demo.resource-test.svc:8080");
    assert_eq!(url(&full()), "https://shop.example.com/web");
    assert_eq!(internal_url(&full()), "http://full.resource-test.svc:9000");
    let built = ingress::build(&full()).unwrap();
    let annotations = built.metadata.annotations.unwrap();
    assert_eq!(annotations.get("example.org/limit").map(String::as_str), Some("10"));
    let spec = built.spec.unwrap();
    assert_eq!(spec.ingress_class_name.as_deref(), Some("nginx"));
    let rules = spec.rules.unwrap();
    let backend = rules[0].http.as_ref().unwrap().paths[0].backend.service.clone().unwrap();
    assert_eq!((backend.name.as_str(), backend.port.unwrap().number), ("full", Some(9000)));
    let made = service::build(&full()).spec.unwrap();
    assert_eq!(made.type_.as_deref(), Some("NodePort"));
    assert_eq!(made.selector, Some(labels::selector(&full())));
}

/// Everything the pods are made of, and nothing else, makes another revision.
#[test]
fn a_revision_changes_with_the_pods_and_only_then() {
    let with = |field: &str, value: Value| {
        let mut spec = to_value(full().spec).unwrap();
        spec[field] = value;
        revision(&serde_json::from_value(spec).unwrap())
    };
    let now = revision(&full().spec);
    for (field, value) in [
        ("image", json!("registry.local/web:3")),
        ("command", json!([])),
        ("args", json!(["--quiet"])),
        ("port", json!(9001)),
        ("configData", json!({"web.conf": "workers 3"})),
        ("configPath", json!("/etc/other")),
        ("env", json!([])),
        ("resources", json!({})),
        ("imagePullSecrets", json!([])),
        ("probes", json!({})),
        ("placement", json!({})),
        ("security", json!({})),
    ] {
        assert_ne!(with(field, value), now, "{field}");
    }
    for (field, value) in [
        ("replicas", json!(7)),
        ("serviceType", json!("ClusterIP")),
        ("ingress", json!(null)),
        ("progressDeadlineSeconds", json!(9)),
        ("rollback", json!("Automatic")),
        ("rollbackTo", json!("0123456789abcdef")),
        ("paused", json!(true)),
    ] {
        assert_eq!(with(field, value), now, "{field}");
    }
}

#[test]
fn a_template_brings_back_the_pods_and_leaves_the_rest() {
    let old = full().spec.template();
    let mut spec = minimal().spec;
    spec.replicas = Some(5);
    let back = spec.with_template(&old).unwrap();
    assert_eq!(revision(&back), revision(&full().spec));
    assert_eq!(
        (back.replicas, back.ingress, back.service_type),
        (Some(5), None, spec.service_type)
    );
    assert_eq!(spec.with_template(&json!({"image": 7})), None);
    assert_eq!(spec.with_template(&json!("nothing")), None);
}

/// What is no longer asked for is a difference, though nothing that is asked for differs.
#[test]
fn a_field_that_is_no_longer_asked_for_is_a_difference() {
    let before = deployment::build(&full());
    assert_eq!(drift::differs(&before, &before), None);
    let mut without = full();
    without.spec.resources.limits = None;
    let path = drift::differs(&deployment::build(&without), &before).unwrap();
    assert!(path.contains(BUILT_ANNOTATION) || path.contains(REVISION_ANNOTATION), "{path}");
    let before = ingress::build(&full()).unwrap();
    without.spec.ingress.as_mut().unwrap().annotations.clear();
    let path = drift::differs(&ingress::build(&without).unwrap(), &before).unwrap();
    assert!(path.contains(BUILT_ANNOTATION), "{path}");
}

#[test]
fn a_users_label_never_overrides_the_operators() {
    let mut app = minimal();
    for key in labels::common(&app).into_keys() {
        app.spec.placement.labels.insert(key, "another".to_owned());
    }
    let template = deployment::build(&app).spec.unwrap().template.metadata.unwrap();
    let made = template.labels.unwrap();
    assert!(labels::common(&app).iter().all(|(key, value)| made.get(key) == Some(value)));
}
