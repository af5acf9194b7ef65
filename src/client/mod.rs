//! SHELL. The outside world: one narrow, object-safe trait per remote system, its real
//! implementation, and every error turned into a class of ours exactly once.
//!
//! | module | the other side |
//! |---|---|
//! | [`etcd`] | one member of an etcd cluster |
//! | [`kubernetes`] | the Kubernetes API server |
//! | [`request`] | what is asked of it, counted |
//! | [`error`] | what its refusals mean |

pub mod error;
pub mod etcd;
pub mod kubernetes;
pub mod request;
mod text;

pub use error::{Answer, ApiClass, ApiError, answer};
pub use text::clean;
