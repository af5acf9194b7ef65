//! PURE. The pod a service's program runs in.

use super::revision::{REVISION_ANNOTATION, revision};
use crate::crd::{AppEnv, AppEnvSource, AppKeyRef, AppService, AppServiceSpec};
use crate::resource::containers::{confined, container_port};
use crate::resource::pod_template::asked;
use crate::resource::{affinity, labels, names};
use k8s_openapi::api::core::v1::{
    ConfigMapKeySelector, ConfigMapVolumeSource, Container, EmptyDirVolumeSource, EnvVar,
    EnvVarSource, HTTPGetAction, Lifecycle, LifecycleHandler, LocalObjectReference,
    PodSecurityContext, PodSpec, PodTemplateSpec, Probe, SeccompProfile, SecretKeySelector,
    SecurityContext, SleepAction, TCPSocketAction, Volume, VolumeMount,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

/// The name of the container the program runs in.
pub const APP_CONTAINER: &str = "app";
/// How long a pod that goes still answers: until nobody sends it requests any more, in seconds.
const DRAIN: i64 = 5;
/// How long it may take in all, in seconds.
const GRACE: i64 = 30;
/// The volume of the user's files, and that of the program's own.
const CONFIG: &str = "config";
const SCRATCH: (&str, &str) = ("tmp", "/tmp");

/// The template of the service's pods.
pub(super) fn template(app: &AppService) -> PodTemplateSpec {
    let placement = &app.spec.placement;
    let revision = [(REVISION_ANNOTATION.to_owned(), revision(&app.spec))].into();
    PodTemplateSpec {
        metadata: Some(ObjectMeta {
            labels: Some(labels::beneath(&placement.labels, labels::common(app))),
            annotations: Some(labels::beneath(&placement.annotations, revision)),
            ..ObjectMeta::default()
        }),
        spec: Some(pod(app)),
    }
}

fn pod(app: &AppService) -> PodSpec {
    let (spec, placement) = (&app.spec, &app.spec.placement);
    let secrets = spec.image_pull_secrets.iter();
    let spread = affinity::spread(app, &placement.topology_spread_constraints);
    PodSpec {
        containers: vec![container(spec)],
        volumes: Some(volumes(app)),
        image_pull_secrets: asked(
            secrets.map(|name| LocalObjectReference { name: name.clone() }).collect(),
        ),
        security_context: Some(PodSecurityContext {
            run_as_non_root: Some(true),
            run_as_user: spec.security.run_as_user,
            seccomp_profile: Some(SeccompProfile {
                type_: "RuntimeDefault".to_owned(),
                ..SeccompProfile::default()
            }),
            ..PodSecurityContext::default()
        }),
        // It serves requests, and asks nothing of Kubernetes.
        automount_service_account_token: Some(false),
        enable_service_links: Some(false),
        termination_grace_period_seconds: Some(GRACE),
        affinity: placement.affinity.clone(),
        topology_spread_constraints: asked(spread),
        node_selector: Some(placement.node_selector.clone()).filter(|labels| !labels.is_empty()),
        tolerations: asked(placement.tolerations.clone()),
        priority_class_name: placement.priority_class_name.clone(),
        ..PodSpec::default()
    }
}

fn container(spec: &AppServiceSpec) -> Container {
    let probes = &spec.probes;
    // While it starts it is asked every second, for a start to be seen at once.
    let startup = Probe {
        period_seconds: Some(1),
        failure_threshold: Some(probes.startup_seconds),
        ..probe(spec, probes.ready_path.as_deref())
    };
    Container {
        name: APP_CONTAINER.to_owned(),
        image: Some(spec.image.clone()),
        command: asked(spec.command.clone()),
        args: asked(spec.args.clone()),
        env: asked(spec.env.iter().map(variable).collect()),
        ports: Some(vec![container_port("http", spec.port)]),
        startup_probe: Some(startup),
        readiness_probe: Some(probe(spec, probes.ready_path.as_deref())),
        liveness_probe: Some(probe(spec, probes.live_path.as_deref())),
        resources: Some(spec.resources.clone()),
        security_context: Some(SecurityContext {
            read_only_root_filesystem: Some(spec.security.read_only_root),
            ..confined()
        }),
        // Requests are still sent to a pod that goes, until every node has heard of it.
        lifecycle: Some(Lifecycle {
            pre_stop: Some(LifecycleHandler {
                sleep: Some(SleepAction { seconds: DRAIN }),
                ..LifecycleHandler::default()
            }),
            ..Lifecycle::default()
        }),
        volume_mounts: Some(mounts(spec)),
        ..Container::default()
    }
}

fn probe(spec: &AppServiceSpec, path: Option<&str>) -> Probe {
    let (probes, port) = (&spec.probes, IntOrString::Int(spec.port));
    Probe {
        http_get: path.map(|path| HTTPGetAction {
            path: Some(path.to_owned()),
            port: port.clone(),
            ..HTTPGetAction::default()
        }),
        tcp_socket: path.is_none().then_some(TCPSocketAction { port, host: None }),
        period_seconds: Some(probes.period_seconds),
        timeout_seconds: Some(probes.timeout_seconds),
        failure_threshold: Some(probes.failures),
        ..Probe::default()
    }
}

/// A variable. The API keeps no empty value: it is the same as none.
fn variable(env: &AppEnv) -> EnvVar {
    EnvVar {
        name: env.name.clone(),
        value: env.value.clone().filter(|value| !value.is_empty()),
        value_from: env.value_from.as_ref().map(source),
    }
}

fn source(from: &AppEnvSource) -> EnvVarSource {
    let optional = |entry: &AppKeyRef| entry.optional.then_some(true);
    EnvVarSource {
        secret_key_ref: from.secret_key_ref.as_ref().map(|entry| SecretKeySelector {
            name: entry.name.clone(),
            key: entry.key.clone(),
            optional: optional(entry),
        }),
        config_map_key_ref: from.config_map_key_ref.as_ref().map(|entry| ConfigMapKeySelector {
            name: entry.name.clone(),
            key: entry.key.clone(),
            optional: optional(entry),
        }),
        ..EnvVarSource::default()
    }
}

fn volumes(app: &AppService) -> Vec<Volume> {
    let scratch = Volume {
        name: SCRATCH.0.to_owned(),
        empty_dir: Some(EmptyDirVolumeSource::default()),
        ..Volume::default()
    };
    let config = (!app.spec.config_data.is_empty()).then(|| Volume {
        name: CONFIG.to_owned(),
        config_map: Some(ConfigMapVolumeSource {
            name: names::owner(app).to_owned(),
            ..ConfigMapVolumeSource::default()
        }),
        ..Volume::default()
    });
    [scratch].into_iter().chain(config).collect()
}

fn mounts(spec: &AppServiceSpec) -> Vec<VolumeMount> {
    let scratch = VolumeMount {
        name: SCRATCH.0.to_owned(),
        mount_path: SCRATCH.1.to_owned(),
        ..VolumeMount::default()
    };
    let config = (!spec.config_data.is_empty()).then(|| VolumeMount {
        name: CONFIG.to_owned(),
        mount_path: spec.config_path.clone(),
        read_only: Some(true),
        ..VolumeMount::default()
    });
    [scratch].into_iter().chain(config).collect()
}
