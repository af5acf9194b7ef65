//! PURE. The labels that say whose an object is, as they stand in the API.

/// The cluster's name.
pub const INSTANCE: &str = "app.kubernetes.io/instance";
/// Who keeps the object.
pub const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
/// What the object is part of.
pub const NAME: &str = "app.kubernetes.io/name";
/// The cluster's UID, so that no selector ever matches the objects of a namesake.
pub const CLUSTER_UID: &str = "etcd.etcd.io/cluster-uid";
/// The UID of the `AppService`, likewise.
pub const SERVICE_UID: &str = "apps.etcd.io/service-uid";
/// On pods the client Service may send clients to: `true`, once the cluster's identity is known.
pub const SERVING: &str = "etcd.etcd.io/serving";
/// On `PersistentVolumeClaim`s: which birth of the cluster the data belongs to.
pub const INCARNATION: &str = "etcd.etcd.io/incarnation";
/// The operator's name, in [`MANAGED_BY`].
pub const OPERATOR: &str = "etcd-operator";

/// Selects whatever bears the name of a cluster, of this one or of one before it.
pub fn instance_text(name: &str) -> String {
    format!("{MANAGED_BY}={OPERATOR},{INSTANCE}={name}")
}
