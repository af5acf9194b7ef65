//! PURE. What the operator may do, one row for each kind of object, with the reason.

use crate::crd::{APPS_GROUP, GROUP};

/// Some verbs on one kind of object, and what they are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The API group; empty for the core one.
    pub group: &'static str,
    /// The plural, with a subresource after a slash.
    pub resource: &'static str,
    /// What may be done.
    pub verbs: &'static [&'static str],
    /// Why the operator has to.
    pub reason: &'static str,
}

impl Grant {
    /// The row as one line for a person to read.
    pub fn explained(&self) -> String {
        let group = if self.group.is_empty() { "core" } else { self.group };
        format!("{} ({group}): {}: {}", self.resource, self.verbs.join(", "), self.reason)
    }
}

/// What the operator may do wherever it looks after clusters and services.
pub const WHERE_IT_WATCHES: &[Grant] = &[
    Grant {
        group: GROUP,
        resource: "etcdclusters",
        verbs: &["get", "list", "watch", "patch"],
        reason: "what is asked for; patched only to add and remove the finalizer",
    },
    Grant {
        group: GROUP,
        resource: "etcdclusters/status",
        verbs: &["patch"],
        reason: "phase, step and conditions",
    },
    Grant {
        group: GROUP,
        resource: "etcdclusters/finalizers",
        verbs: &["update"],
        reason: "owner references that block the owner's deletion",
    },
    Grant {
        group: "apps",
        resource: "statefulsets",
        verbs: &["get", "list", "watch", "create", "patch", "delete"],
        reason: "the members' pods and volumes are made from one",
    },
    Grant {
        group: "",
        resource: "services",
        verbs: &["get", "list", "watch", "create", "patch", "delete"],
        reason: "where members find each other, and clients the members; where services are reached",
    },
    Grant {
        group: "policy",
        resource: "poddisruptionbudgets",
        verbs: &["get", "list", "watch", "create", "patch", "delete"],
        reason: "a node's drain must not take the quorum",
    },
    Grant {
        group: "",
        resource: "pods",
        verbs: &["get", "list", "watch", "patch", "delete"],
        reason: "the members' state, and why a service's pod does not come up; patched with the \
                 gate's directive and the label that lets clients in, deleted to restart a member",
    },
    Grant {
        group: "",
        resource: "persistentvolumeclaims",
        verbs: &["get", "list", "watch", "delete"],
        reason: "the members' data; deleted only by the retention policy or after a failed birth",
    },
    Grant {
        group: "discovery.k8s.io",
        resource: "endpointslices",
        verbs: &["list", "watch"],
        reason: "whether clients can reach a member, or a pod of a service",
    },
    Grant {
        group: APPS_GROUP,
        resource: "services",
        verbs: &["get", "list", "watch"],
        reason: "what is asked for",
    },
    Grant {
        group: APPS_GROUP,
        resource: "services/status",
        verbs: &["patch"],
        reason: "phase, step and conditions",
    },
    Grant {
        group: APPS_GROUP,
        resource: "services/finalizers",
        verbs: &["update"],
        reason: "owner references that block the owner's deletion",
    },
    Grant {
        group: "apps",
        resource: "deployments",
        verbs: &["get", "list", "watch", "create", "patch"],
        reason: "a service's pods are made from one; it goes with its owner",
    },
    Grant {
        group: "",
        resource: "configmaps",
        verbs: &["get", "list", "watch", "create", "patch", "delete"],
        reason: "the files of a service's program; deleted once none are asked for",
    },
    Grant {
        group: "networking.k8s.io",
        resource: "ingresses",
        verbs: &["get", "list", "watch", "create", "patch", "delete"],
        reason: "how a service is reached from outside; deleted once that is not asked for",
    },
    Grant {
        group: "events.k8s.io",
        resource: "events",
        verbs: &["create", "patch"],
        reason: "one event for each transition; patched when it repeats",
    },
];

/// What the operator may see outside namespaces, if it watches all of them. Without it a member whose
/// node is gone with its volume is waited for.
pub const OF_THE_WHOLE_CLUSTER: &[Grant] = &[
    Grant {
        group: "",
        resource: "persistentvolumes",
        verbs: &["get"],
        reason: "whether the volume of a member that is away is still there, and on which nodes",
    },
    Grant {
        group: "",
        resource: "nodes",
        verbs: &["list"],
        reason: "whether any of those nodes is",
    },
];

/// What the operator may do only in the namespace it runs in itself.
pub const IN_ITS_OWN_NAMESPACE: &[Grant] = &[Grant {
    group: "coordination.k8s.io",
    resource: "leases",
    verbs: &["get", "create", "update", "patch"],
    reason: "of several operators one acts, the one that holds the lease",
}];
