//! PURE. `AppService`, the kind Service: what a user asks for.

use super::{AppEnv, AppIngress, AppPlacement, AppProbes, AppSecurity, AppServiceStatus};
use super::{rules, schema};
use k8s_openapi::api::core::v1::ResourceRequirements;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A web service: one image behind one address.
#[derive(CustomResource, KubeSchema, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[kube(
    group = "apps.etcd.io",
    version = "v1alpha1",
    kind = "Service",
    root = "AppService",
    plural = "services",
    singular = "service",
    shortname = "appsvc",
    namespaced,
    doc = "A web service: one image behind one address.",
    status = "AppServiceStatus",
    derive = "PartialEq",
    scale(
        spec_replicas_path = ".spec.replicas",
        status_replicas_path = ".status.replicas",
        label_selector_path = ".status.selector"
    ),
    printcolumn(name = "Phase", type_ = "string", json_path = ".status.phase"),
    printcolumn(name = "Step", type_ = "string", json_path = ".status.step"),
    printcolumn(name = "Ready", type_ = "integer", json_path = ".status.ready"),
    printcolumn(name = "Replicas", type_ = "integer", json_path = ".status.replicas"),
    printcolumn(name = "Revision", type_ = "string", json_path = ".status.revision"),
    printcolumn(name = "URL", type_ = "string", json_path = ".status.url"),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    printcolumn(name = "Image", type_ = "string", json_path = ".spec.image", priority = 1),
    printcolumn(
        name = "Message",
        type_ = "string",
        json_path = ".status.conditions[?(@.type=='Degraded')].message",
        priority = 1
    ),
    validation = rules::name_is_a_label(),
    validation = rules::name_fits_a_service()
)]
#[serde(rename_all = "camelCase")]
pub struct AppServiceSpec {
    /// The image, with its tag or digest.
    #[schemars(length(min = 1, max = 512))]
    #[x_kube(validation = Rule::new(r"self.matches('^[^\\s]+$')").message(
        "must be an image such as registry.example.com/web:1.2, without white space"
    ))]
    pub image: String,

    /// How many pods. Absent leaves the number to an autoscaler, or to whoever scales the
    /// Deployment; it begins with 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 1000))]
    pub replicas: Option<i32>,

    /// The program to run instead of the image's own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub command: Vec<String>,

    /// Its arguments, instead of the image's own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 256))]
    pub args: Vec<String>,

    /// The port the program listens on, and at which the service is reached.
    #[serde(default = "default_port")]
    #[schemars(range(min = 1, max = 65535))]
    pub port: i32,

    /// From where the service is reached.
    #[serde(default)]
    pub service_type: ServiceType,

    /// Files, name to contents, for the program to read in `configPath`. A change rolls the pods.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(transform = schema::files)]
    #[x_kube(validation = Rule::new("self.all(name, name.matches('^[-._a-zA-Z0-9]{1,253}$'))").message(
        "each name must be a file's: letters, digits, '-', '_' and '.'"
    ))]
    pub config_data: BTreeMap<String, String>,

    /// Where `configData` is mounted, read-only.
    #[serde(default = "default_config_path")]
    #[schemars(length(min = 2, max = 255))]
    #[x_kube(validation = Rule::new("self.matches('^/[^:]+$') && self != '/tmp'").message(
        "must be an absolute path without ':', and not /tmp"
    ))]
    pub config_path: String,

    /// The program's environment.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 128))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["name".to_owned()]))]
    pub env: Vec<AppEnv>,

    /// Each pod's CPU and memory.
    #[serde(default = "default_resources")]
    #[schemars(transform = schema::resources)]
    #[x_kube(
        validation = Rule::new(rules::REQUESTS_KEEP_LIMITS).message(
            "a request must not be larger than the limit of the same name"
        )
    )]
    pub resources: ResourceRequirements,

    /// Under which host and path the service is reached from outside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ingress: Option<AppIngress>,

    /// Names of Secrets with which the image is pulled. Their contents are never read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub image_pull_secrets: Vec<String>,

    /// How a pod is found to be started, ready and alive.
    #[serde(default)]
    pub probes: AppProbes,

    /// Where the pods may run, and what they carry.
    #[serde(default)]
    pub placement: AppPlacement,

    /// As whom the program runs, and what it may write.
    #[serde(default)]
    pub security: AppSecurity,

    /// How long a rollout may make no progress until it has failed.
    #[serde(default = "default_deadline")]
    #[schemars(range(min = 5, max = 3600))]
    pub progress_deadline_seconds: i32,

    /// Whether a rollout that failed is taken back by itself.
    #[serde(default)]
    pub rollback: Rollback,

    /// A revision of `status.revisions` that is to run instead of what the spec asks for. Taken
    /// away, the spec is rolled out again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 16))]
    #[x_kube(validation = Rule::new("self.matches('^[0-9a-f]{16}$')").message(
        "must be a revision as status.revisions names it: 16 hexadecimal digits"
    ))]
    pub rollback_to: Option<String>,

    /// While true the operator only observes and reports; it changes nothing.
    #[serde(default)]
    pub paused: bool,
}

/// From where a service is reached.
#[derive(JsonSchema, Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ServiceType {
    /// From within the cluster.
    #[default]
    ClusterIP,
    /// At a port of every node, too.
    NodePort,
    /// At an address of its own, where the cluster gives such.
    LoadBalancer,
}

/// What becomes of a rollout that failed.
#[derive(JsonSchema, Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Rollback {
    /// It stays until somebody decides; the pods from before go on serving.
    #[default]
    Manual,
    /// What was last rolled out whole runs again, until the spec asks for something else.
    Automatic,
}

impl AppServiceSpec {
    /// All of the spec that the pods are made of.
    pub fn template(&self) -> Value {
        // Without `..`: a new field does not compile until someone decides whether it belongs here.
        let Self {
            image,
            command,
            args,
            port,
            config_data,
            config_path,
            env,
            resources,
            image_pull_secrets,
            probes,
            placement,
            security,
            replicas: _,
            service_type: _,
            ingress: _,
            progress_deadline_seconds: _,
            rollback: _,
            rollback_to: _,
            paused: _,
        } = self;
        json!({
            "image": image, "command": command, "args": args, "port": port,
            "configData": config_data, "configPath": config_path, "env": env,
            "resources": resources, "imagePullSecrets": image_pull_secrets, "probes": probes,
            "placement": placement, "security": security,
        })
    }

    /// The same spec with the pods of another template; nothing if that cannot be read.
    pub fn with_template(&self, template: &Value) -> Option<Self> {
        let mut spec = serde_json::to_value(self).ok()?;
        for (field, value) in template.as_object()? {
            spec.as_object_mut()?.insert(field.clone(), value.clone());
        }
        serde_json::from_value(spec).ok()
    }
}

fn default_port() -> i32 {
    8080
}
fn default_config_path() -> String {
    "/etc/config".to_owned()
}
fn default_deadline() -> i32 {
    300
}
fn default_resources() -> ResourceRequirements {
    let requests = [("cpu", "50m"), ("memory", "64Mi")];
    ResourceRequirements {
        requests: Some(
            requests.map(|(name, value)| (name.to_owned(), Quantity(value.to_owned()))).into(),
        ),
        ..ResourceRequirements::default()
    }
}
