//! PURE. The pod every member runs in.

use super::containers::{self, DATA, DIRECTIVE, DIRECTIVE_FILE, GATE};
use super::shape::Shape;
use super::{affinity, labels};
use crate::crd::{DIRECTIVE_ANNOTATION, Directive, EtcdCluster};
use k8s_openapi::api::core::v1::{
    DownwardAPIVolumeFile, DownwardAPIVolumeSource, EmptyDirVolumeSource, PodSecurityContext,
    PodSpec, PodTemplateSpec, SeccompProfile, Volume,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

/// The user and group etcd runs as: the `nonroot` of the images without a distribution.
const USER: i64 = 65532;

/// The directive as the pod reads it: one line, the same text for the same directive.
pub fn directive_text(directive: &Directive) -> String {
    // Texts, numbers and maps with text keys can always be written as JSON; and the gate starts
    // nothing on a directive it cannot read.
    serde_json::to_string(directive).unwrap_or_default()
}

/// The template of the members' pods.
pub(crate) fn build(cluster: &EtcdCluster, shape: &Shape) -> PodTemplateSpec {
    let directive = (DIRECTIVE_ANNOTATION.to_owned(), directive_text(&shape.directive));
    let annotations = labels::beneath(&cluster.spec.pod.annotations, [directive].into());
    PodTemplateSpec {
        metadata: Some(ObjectMeta {
            labels: Some(labels::pod(cluster, shape.serving)),
            annotations: Some(annotations),
            ..ObjectMeta::default()
        }),
        spec: Some(pod(cluster, shape)),
    }
}

fn pod(cluster: &EtcdCluster, shape: &Shape) -> PodSpec {
    let placement = &cluster.spec.pod;
    PodSpec {
        init_containers: Some(vec![containers::gate(shape)]),
        containers: vec![containers::etcd(cluster)],
        volumes: Some(vec![gate_volume(), directive_volume()]),
        security_context: Some(unprivileged()),
        // etcd speaks to no API server, and needs no list of Services in its environment.
        automount_service_account_token: Some(false),
        enable_service_links: Some(false),
        // A leader told to stop hands over within about a second.
        termination_grace_period_seconds: Some(30),
        affinity: Some(affinity::affinity(cluster)),
        topology_spread_constraints: asked(affinity::spread(
            cluster,
            &placement.topology_spread_constraints,
        )),
        node_selector: Some(placement.node_selector.clone()).filter(|labels| !labels.is_empty()),
        tolerations: asked(placement.tolerations.clone()),
        priority_class_name: placement.priority_class_name.clone(),
        ..PodSpec::default()
    }
}

fn unprivileged() -> PodSecurityContext {
    PodSecurityContext {
        run_as_non_root: Some(true),
        run_as_user: Some(USER),
        run_as_group: Some(USER),
        fs_group: Some(USER),
        // Changing the owner of a large volume's files at every start would take minutes.
        fs_group_change_policy: Some("OnRootMismatch".to_owned()),
        seccomp_profile: Some(SeccompProfile {
            type_: "RuntimeDefault".to_owned(),
            ..SeccompProfile::default()
        }),
        ..PodSecurityContext::default()
    }
}

/// Where the gate's program lives, and its mark that this pod was born: as long as the pod.
fn gate_volume() -> Volume {
    Volume {
        name: GATE.0.to_owned(),
        empty_dir: Some(EmptyDirVolumeSource::default()),
        ..Volume::default()
    }
}

/// The pod's own annotation as a file, which follows the annotation while the pod runs.
fn directive_volume() -> Volume {
    let file = DownwardAPIVolumeFile {
        path: DIRECTIVE_FILE.to_owned(),
        field_ref: Some(containers::field(&format!(
            "metadata.annotations['{DIRECTIVE_ANNOTATION}']"
        ))),
        ..DownwardAPIVolumeFile::default()
    };
    Volume {
        name: DIRECTIVE.0.to_owned(),
        downward_api: Some(DownwardAPIVolumeSource {
            items: Some(vec![file]),
            ..DownwardAPIVolumeSource::default()
        }),
        ..Volume::default()
    }
}

/// An empty list is no list: the API server keeps none.
pub(crate) fn asked<T>(list: Vec<T>) -> Option<Vec<T>> {
    Some(list).filter(|list| !list.is_empty())
}

/// The name of the claim template, which the `StatefulSet` makes each pod's volume of.
pub(crate) fn data_volume_name() -> String {
    DATA.0.to_owned()
}
