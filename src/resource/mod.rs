//! PURE. The Kubernetes objects a cluster is made of, one file per kind of object.
//!
//! | file | what |
//! |---|---|
//! | `names`, `labels` | what objects are called, and whose they are |
//! | `stateful_set`, `pod_template`, `containers`, `affinity` | the members |
//! | `peer_service`, `client_service`, `pdb` | how they are reached, and how many must stay |
//! | `app/` | the objects a service is made of |
//! | `spec_hash` | which spec the members were made of |
//! | `drift`, `quantity` | whether an object still is what it was built to be |
//! | `install` | what the operator itself is installed as |
//! | `managed` | who answers for which field |
//! | `apply` | the only writer of objects (SHELL) |
//!
//! Builders are functions of the cluster's metadata and spec and of a [`Shape`], and of nothing
//! else: the same input gives the same object, so any difference is somebody else's doing.

mod affinity;
pub mod app;
pub mod apply;
pub mod client_service;
mod containers;
pub mod drift;
pub mod install;
pub mod labels;
mod managed;
pub mod names;
pub mod pdb;
pub mod peer_service;
mod pod_template;
pub mod quantity;
#[cfg(test)]
pub(crate) mod samples;
mod shape;
mod spec_hash;
pub mod stateful_set;
#[cfg(test)]
mod tests;

pub use containers::ETCD_CONTAINER;
pub use shape::Shape;
pub use spec_hash::{SPEC_HASH_ANNOTATION, hash, spec_hash};
