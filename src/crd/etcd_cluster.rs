//! PURE. `EtcdCluster`: what a user asks for.

use super::etcd_cluster_status::EtcdClusterStatus;
use super::etcd_options::EtcdOptions;
use super::{PodPlacement, RecoveryStrategy, Storage, rules, schema};
use k8s_openapi::api::core::v1::ResourceRequirements;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use kube::{CustomResource, KubeSchema};
use serde::{Deserialize, Serialize};

/// The newest etcd 3.6 this operator was tested with.
pub const DEFAULT_VERSION: &str = "3.6.16";
/// How many seconds a member whose volume is lost is waited for.
pub const DEFAULT_MEMBER_DOWN_GRACE: i32 = 300;
/// Where etcd's own project publishes its images.
pub const DEFAULT_REPOSITORY: &str = "gcr.io/etcd-development/etcd";

/// An etcd cluster: how many members, of which version, on what storage.
#[derive(CustomResource, KubeSchema, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[kube(
    group = "etcd.etcd.io",
    version = "v1alpha1",
    kind = "EtcdCluster",
    plural = "etcdclusters",
    shortname = "etcdc",
    category = "etcd",
    namespaced,
    doc = "An etcd cluster: how many members, of which version, on what storage.",
    status = "EtcdClusterStatus",
    derive = "PartialEq",
    scale(
        spec_replicas_path = ".spec.size",
        status_replicas_path = ".status.replicas",
        label_selector_path = ".status.selector"
    ),
    printcolumn(name = "Size", type_ = "integer", json_path = ".spec.size"),
    printcolumn(name = "Ready", type_ = "integer", json_path = ".status.readyReplicas"),
    printcolumn(name = "Phase", type_ = "string", json_path = ".status.phase"),
    printcolumn(name = "Step", type_ = "string", json_path = ".status.step"),
    printcolumn(name = "Version", type_ = "string", json_path = ".status.version"),
    printcolumn(name = "Leader", type_ = "string", json_path = ".status.leader"),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    printcolumn(
        name = "Cluster ID",
        type_ = "string",
        json_path = ".status.clusterID",
        priority = 1
    ),
    printcolumn(
        name = "Message",
        type_ = "string",
        json_path = ".status.conditions[?(@.type=='Available')].message",
        priority = 1
    ),
    validation = rules::name_fits(),
    validation = rules::name_is_a_label(),
    validation = rules::identity_stays(),
    validation = rules::frozen("version", rules::NO_ROLLING),
    validation = rules::frozen("repository", rules::NO_ROLLING),
    validation = rules::frozen("storage.size", rules::NO_RESIZING),
    validation = rules::frozen_optional("storage", "storageClassName", rules::NO_MOVING),
    validation = rules::frozen("resources", rules::NO_ROLLING),
    validation = rules::frozen("pod", rules::NO_ROLLING),
    validation = rules::frozen("etcd", rules::NO_ROLLING)
)]
#[serde(rename_all = "camelCase")]
pub struct EtcdClusterSpec {
    /// How many voting members. Odd, so that every member counts. 0 stops them all and keeps their
    /// volumes; of a cluster that was never made it means that none are made yet.
    #[serde(default = "default_size")]
    #[schemars(extend("enum" = [0, 1, 3, 5, 7, 9]))]
    pub size: i32,

    /// The etcd version, three numbers: the tag of the image without its `v`. At least 3.5.11.
    #[serde(default = "default_version")]
    #[schemars(regex(pattern = r"^3\.\d+\.\d+$"), length(max = 16))]
    #[x_kube(
        validation = Rule::new(r"self.matches('^3\\.[0-9]+\\.[0-9]+$')").message(
            "must be three numbers such as 3.6.16: the tag of the image without its v"
        ),
        validation = Rule::new(r"!self.matches('^3\\.([0-4]\\.[0-9]+|5\\.([0-9]|10))$')").message(
            "must be 3.5.11 or later: the members' probes need /livez and /readyz, which earlier \
             versions of etcd do not have"
        )
    )]
    pub version: String,

    /// The image repository, without a tag.
    #[serde(default = "default_repository")]
    #[schemars(length(min = 1, max = 255))]
    #[x_kube(validation = Rule::new(rules::IS_REPOSITORY).message(
        "must be an image repository such as gcr.io/etcd-development/etcd, without a tag or \
         digest: the tag is spec.version with a v before it"
    ))]
    pub repository: String,

    /// Each member's volume.
    #[serde(default)]
    pub storage: Storage,

    /// Each member's CPU and memory.
    #[serde(default = "default_resources")]
    #[schemars(transform = schema::resources)]
    #[x_kube(
        validation = Rule::new(rules::REQUESTS_KEEP_LIMITS).message(
            "a request must not be larger than the limit of the same name"
        )
    )]
    pub resources: ResourceRequirements,

    /// Where the members may run, and what their pods carry.
    #[serde(default)]
    pub pod: PodPlacement,

    /// etcd's own settings.
    #[serde(default)]
    pub etcd: EtcdOptions,

    /// While true the operator only observes and reports; it changes nothing.
    #[serde(default)]
    pub paused: bool,

    /// How many seconds a member has to be away whose volume is gone, or can be used only on a node
    /// that is, before it is replaced. One that may come back is waited for, however long.
    #[serde(default = "default_member_down_grace")]
    #[schemars(range(min = 10, max = 86400))]
    pub member_down_grace_seconds: i32,

    /// How a creation that does not come up is tried again.
    #[serde(default)]
    pub recovery_strategy: RecoveryStrategy,
}

fn default_size() -> i32 {
    3
}
fn default_version() -> String {
    DEFAULT_VERSION.to_owned()
}
fn default_repository() -> String {
    DEFAULT_REPOSITORY.to_owned()
}
fn default_member_down_grace() -> i32 {
    DEFAULT_MEMBER_DOWN_GRACE
}
fn default_resources() -> ResourceRequirements {
    let of = |cpu: &str, memory: &str| {
        Some(
            [("cpu", cpu), ("memory", memory)]
                .map(|(name, value)| (name.to_owned(), Quantity(value.to_owned())))
                .into(),
        )
    };
    ResourceRequirements {
        requests: of("100m", "128Mi"),
        limits: of("1", "1Gi"),
        ..ResourceRequirements::default()
    }
}
