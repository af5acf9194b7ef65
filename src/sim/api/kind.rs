//! PURE. The kinds the simulated API server knows.

/// One kind of object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// The group, empty for the core.
    pub group: &'static str,
    /// Its name in paths.
    pub plural: &'static str,
    /// Its name among all kinds: the plural, with its group where another kind has the same.
    pub key: &'static str,
    /// Whether it has a status that is written by itself.
    pub status: bool,
}

const fn kind(group: &'static str, plural: &'static str, status: bool) -> Kind {
    Kind { group, plural, key: plural, status }
}

/// The services of ours, as Kubernetes' own have their plural, too.
pub const APPS: &str = "services.apps.etcd.io";

const KINDS: &[Kind] = &[
    kind("etcd.etcd.io", "etcdclusters", true),
    kind("apps", "statefulsets", true),
    kind("", "services", true),
    kind("", "pods", true),
    kind("", "persistentvolumeclaims", true),
    kind("", "persistentvolumes", true),
    kind("", "nodes", true),
    kind("policy", "poddisruptionbudgets", true),
    kind("discovery.k8s.io", "endpointslices", false),
    Kind { key: APPS, ..kind("apps.etcd.io", "services", true) },
    kind("apps", "deployments", true),
    kind("", "configmaps", false),
    kind("networking.k8s.io", "ingresses", true),
];

/// The kind of this group and plural.
pub fn of(group: &str, plural: &str) -> Option<Kind> {
    KINDS.iter().find(|kind| kind.group == group && kind.plural == plural).copied()
}

/// How the entries of a list are told apart when it is merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    /// By these fields.
    ByKeys(&'static [&'static str]),
    /// It is a set of values.
    Set,
    /// Not at all: it is replaced whole.
    Atomic,
}

/// How the list in this field is merged, as the API's own schema says.
pub fn list(field: &str) -> List {
    match field {
        "containers" | "initContainers" | "env" | "volumes" => List::ByKeys(&["name"]),
        "volumeMounts" => List::ByKeys(&["mountPath"]),
        // The two kinds of port, each by the keys it has.
        "ports" => List::ByKeys(&["port", "containerPort", "protocol"]),
        "ownerReferences" => List::ByKeys(&["uid"]),
        "conditions" => List::ByKeys(&["type"]),
        "topologySpreadConstraints" => List::ByKeys(&["topologyKey", "whenUnsatisfiable"]),
        "finalizers" => List::Set,
        _ => List::Atomic,
    }
}
