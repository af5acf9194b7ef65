//! PURE. The API groups and their version.

/// Our finalizer.
pub const FINALIZER: &str = "etcd.etcd.io/cluster";

/// The API group of everything about etcd.
pub const GROUP: &str = "etcd.etcd.io";

/// The API group of services.
pub const APPS_GROUP: &str = "apps.etcd.io";

/// The version of the API.
pub const VERSION: &str = "v1alpha1";
