//! SHELL. The world as it is seen, and reading it: the only reader. Nothing is decided here.
//!
//! | file | contents |
//! |---|---|
//! | `observed` | the snapshot a turn decides on |
//! | `recorded` | the part of it that the status remembers |
//! | `part` | the objects a cluster is made of |
//! | `needs` | the questions that `decide` answers while the world is read |
//! | `gather` | reading all of it |
//! | `project` | Kubernetes' objects as observations |
//! | `listed` | pods and volumes |
//! | `members`, `hashes` | asking etcd |
//! | `lost` | whether a volume can still be had |

mod gather;
mod hashes;
mod listed;
mod lost;
mod members;
pub mod needs;
pub mod observed;
pub mod part;
pub mod project;
pub mod recorded;

pub use gather::gather;
#[cfg(test)]
pub use hashes::compared;
