//! PURE. The API types, their defaults and the rules a person's edit has to keep.

mod directive;
mod etcd_cluster;
mod etcd_cluster_status;
mod pod_placement;

pub use directive::*;
pub use etcd_cluster::*;
pub use etcd_cluster_status::*;
pub use pod_placement::*;

/// The API group of everything about etcd.
pub const GROUP: &str = "etcd.etcd.io";
/// The version of the API.
pub const VERSION: &str = "v1alpha1";
