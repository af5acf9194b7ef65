//! PURE. The Kubernetes objects a service is made of: all bear its name.
//!
//! Builders are functions of the service's metadata and spec, and of nothing else. Each object says
//! the hash of what it was built as: a field that is no longer asked for is a difference, too.

pub mod config_map;
pub mod deployment;
pub mod ingress;
mod pod;
mod revision;
#[cfg(test)]
pub(crate) mod samples;
pub mod service;
#[cfg(test)]
mod tests;

pub use pod::APP_CONTAINER;
pub use revision::{BUILT_ANNOTATION, REVISION_ANNOTATION, internal_url, revision, url};
