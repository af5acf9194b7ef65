//! PURE. The API types, their defaults and the rules a person's edit has to keep.

mod app_ingress;
mod app_pod;
mod app_service;
mod app_service_status;
mod definitions;
mod directive;
mod etcd_cluster;
mod etcd_cluster_status;
mod etcd_options;
mod group;
mod hash_check;
pub mod labels;
mod owner;
mod pod_placement;
mod recovery_strategy;
mod rules;
mod schema;
mod storage;
#[cfg(test)]
mod tests;

pub use app_ingress::*;
pub use app_pod::*;
pub use app_service::*;
pub use app_service_status::*;
pub use definitions::definitions;
pub use directive::*;
pub use etcd_cluster::*;
pub use etcd_cluster_status::*;
pub use etcd_options::*;
pub use group::*;
pub use hash_check::*;
pub use owner::Owner;
pub use pod_placement::*;
pub use recovery_strategy::*;
pub use rules::NAME_LENGTH_MAX;
pub use storage::*;
