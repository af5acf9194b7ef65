//! PURE. A member's two containers: the gate's installer, and etcd behind the gate.

use super::names::{self, CLIENT_PORT, METRICS_PORT, PEER_PORT};
use super::quantity;
use super::shape::Shape;
use crate::crd::{CompactionMode, EtcdCluster, EtcdOptions};
use k8s_openapi::api::core::v1::{
    Capabilities, Container, ContainerPort, EnvVar, EnvVarSource, HTTPGetAction,
    ObjectFieldSelector, Probe, ResourceRequirements, SecurityContext, VolumeMount,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use std::collections::BTreeMap;

/// The name of the container etcd runs in.
pub const ETCD_CONTAINER: &str = "etcd";
/// The volume with the member's data, and where it is mounted.
pub(crate) const DATA: (&str, &str) = ("data", "/var/lib/etcd");
/// The volume the gate's program is copied into, and where it is mounted.
pub(crate) const GATE: (&str, &str) = ("gate", "/gate");
/// The volume with the directive, and where it is mounted.
pub(crate) const DIRECTIVE: (&str, &str) = ("directive", "/etc/etcd-operator");
/// The directive's file in its volume.
pub(crate) const DIRECTIVE_FILE: &str = "directive";

/// Copies the operator's binary to where the etcd container can run it: etcd's own image has
/// neither a shell nor any other program that could decide.
pub(crate) fn gate(shape: &Shape) -> Container {
    Container {
        name: GATE.0.to_owned(),
        image: Some(shape.operator_image.clone()),
        image_pull_policy: Some("IfNotPresent".to_owned()),
        command: texts(&["/etcd-operator", "member", "install", "/gate/etcd-operator"]),
        // No limit on the CPU: throttling would only make the copy, and so the start, slower.
        resources: Some(ResourceRequirements {
            requests: Some(quantities(&[("cpu", "10m"), ("memory", "16Mi")])),
            limits: Some(quantities(&[("memory", "64Mi")])),
            ..ResourceRequirements::default()
        }),
        security_context: Some(confined()),
        volume_mounts: Some(mounts(&[GATE])),
        ..Container::default()
    }
}

/// etcd, started by the gate, which decides at every start whether it may run and on what.
pub(crate) fn etcd(cluster: &EtcdCluster) -> Container {
    let spec = &cluster.spec;
    Container {
        name: ETCD_CONTAINER.to_owned(),
        image: Some(format!("{}:v{}", spec.repository, spec.version)),
        image_pull_policy: Some("IfNotPresent".to_owned()),
        command: texts(&[
            "/gate/etcd-operator",
            "member",
            "run",
            "--name=$(POD_NAME)",
            "--directive=/etc/etcd-operator/directive",
            "--data=/var/lib/etcd",
            "--marker=/gate/born",
            "--",
            "/usr/local/bin/etcd",
        ]),
        args: Some(arguments(cluster)),
        env: Some(environment(&spec.resources)),
        ports: Some(vec![
            container_port("client", CLIENT_PORT),
            container_port("peer", PEER_PORT),
            container_port("metrics", METRICS_PORT),
        ]),
        // Every probe goes to the metrics port: a member that starts without quorum does not serve
        // the client port at all, and must not be killed for it. Liveness and startup ask
        // /livez alone, because /readyz and /health also fail for want of a leader or space.
        // The first look comes every second, for a start to be seen at once, and gives a large
        // database ten minutes to load. Readiness is what the operator learns failures from, so it
        // is looked at often; three failures are longer than an election.
        startup_probe: Some(probe("/livez", 1, 600)),
        liveness_probe: Some(probe("/livez", 10, 6)),
        readiness_probe: Some(probe("/readyz", 2, 3)),
        resources: Some(spec.resources.clone()),
        // The gate writes its refusals there; what ends etcd itself is in its log.
        termination_message_policy: Some("FallbackToLogsOnError".to_owned()),
        security_context: Some(confined()),
        volume_mounts: Some(mounts(&[DATA, GATE, DIRECTIVE])),
        ..Container::default()
    }
}

/// etcd's flags. The gate adds the data directory and how the cluster begins.
fn arguments(cluster: &EtcdCluster) -> Vec<String> {
    let url = |port| names::member_url(cluster, "$(POD_NAME)", port);
    let always = [
        "--name=$(POD_NAME)".to_owned(),
        format!("--listen-peer-urls=http://0.0.0.0:{PEER_PORT}"),
        format!("--listen-client-urls=http://0.0.0.0:{CLIENT_PORT}"),
        format!("--listen-metrics-urls=http://0.0.0.0:{METRICS_PORT}"),
        format!("--advertise-client-urls={}", url(CLIENT_PORT)),
        format!("--initial-advertise-peer-urls={}", url(PEER_PORT)),
    ];
    let checks = corruption_checks(&cluster.spec.version).into_iter().map(str::to_owned);
    always.into_iter().chain(checks).chain(options(&cluster.spec.etcd)).collect()
}

/// etcd's own checks of its data, which it leaves off: against its peers before it starts, and of
/// what the members hold after each compaction.
///
/// # Source
/// etcd, "Data corruption": flags of their own in 3.5, feature gates from 3.6 on.
fn corruption_checks(version: &str) -> Vec<&'static str> {
    if version.starts_with("3.5.") {
        vec![
            "--experimental-initial-corrupt-check=true",
            "--experimental-compact-hash-check-enabled=true",
        ]
    } else {
        vec!["--feature-gates=CompactHashCheck=true,InitialCorruptCheck=true"]
    }
}

/// What the user set of etcd's own settings. What is absent is left to etcd.
fn options(options: &EtcdOptions) -> Vec<String> {
    let mode = match options.auto_compaction_mode {
        CompactionMode::Periodic => "periodic",
        CompactionMode::Revision => "revision",
    };
    let optional = [
        ("quota-backend-bytes", options.quota_backend_bytes),
        ("heartbeat-interval", options.heartbeat_interval_milliseconds.map(i64::from)),
        ("election-timeout", options.election_timeout_milliseconds.map(i64::from)),
        ("snapshot-count", options.snapshot_count),
    ];
    [
        format!("--auto-compaction-mode={mode}"),
        format!("--auto-compaction-retention={}", options.auto_compaction_retention),
    ]
    .into_iter()
    .chain(optional.into_iter().filter_map(|(flag, value)| Some(format!("--{flag}={}", value?))))
    .collect()
}

/// The pod's name, and how much memory Go may use before it collects harder: nine tenths of the
/// container's limit, so that etcd slows down before it is killed.
fn environment(resources: &ResourceRequirements) -> Vec<EnvVar> {
    let name = EnvVar {
        name: "POD_NAME".to_owned(),
        value_from: Some(EnvVarSource {
            field_ref: Some(field("metadata.name")),
            ..EnvVarSource::default()
        }),
        ..EnvVar::default()
    };
    let limit = resources.limits.as_ref().and_then(|limits| limits.get("memory"));
    let bytes =
        limit.and_then(|limit| quantity::nanos(&limit.0)).map(|nanos| nanos / 1_000_000_000);
    let memory = bytes.filter(|bytes| *bytes > 0).map(|bytes| EnvVar {
        name: "GOMEMLIMIT".to_owned(),
        value: Some((bytes * 9 / 10).to_string()),
        ..EnvVar::default()
    });
    [name].into_iter().chain(memory).collect()
}

/// A field of the pod, with the version the API server would fill in.
pub(crate) fn field(path: &str) -> ObjectFieldSelector {
    ObjectFieldSelector { api_version: Some("v1".to_owned()), field_path: path.to_owned() }
}

/// What a container of the restricted pod security standard may do: next to nothing.
pub(crate) fn confined() -> SecurityContext {
    SecurityContext {
        allow_privilege_escalation: Some(false),
        capabilities: Some(Capabilities { drop: texts(&["ALL"]), ..Capabilities::default() }),
        read_only_root_filesystem: Some(true),
        ..SecurityContext::default()
    }
}

fn probe(path: &str, period_seconds: i32, failure_threshold: i32) -> Probe {
    Probe {
        http_get: Some(HTTPGetAction {
            path: Some(path.to_owned()),
            port: IntOrString::Int(METRICS_PORT),
            ..HTTPGetAction::default()
        }),
        period_seconds: Some(period_seconds),
        failure_threshold: Some(failure_threshold),
        timeout_seconds: Some(5),
        ..Probe::default()
    }
}

pub(crate) fn container_port(name: &str, port: i32) -> ContainerPort {
    ContainerPort {
        name: Some(name.to_owned()),
        container_port: port,
        // Spelt out because it is part of the key by which server-side apply tells ports apart.
        protocol: Some("TCP".to_owned()),
        ..ContainerPort::default()
    }
}

fn mounts(of: &[(&str, &str)]) -> Vec<VolumeMount> {
    let mount = |&(name, path): &(&str, &str)| VolumeMount {
        name: name.to_owned(),
        mount_path: path.to_owned(),
        ..VolumeMount::default()
    };
    of.iter().map(mount).collect()
}

fn quantities(of: &[(&str, &str)]) -> BTreeMap<String, Quantity> {
    of.iter().map(|&(name, value)| (name.to_owned(), Quantity(value.to_owned()))).collect()
}

#[allow(
    clippy::unnecessary_wraps,
    reason = "every field of a container that takes texts is optional"
)]
fn texts(of: &[&str]) -> Option<Vec<String>> {
    Some(of.iter().map(|&text| text.to_owned()).collect())
}
