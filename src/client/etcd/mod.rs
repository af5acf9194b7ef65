//! SHELL. What the operator asks one etcd member, as a trait: gRPC in the world, a model in tests.

mod api;
mod error;
mod grpc;
#[cfg(test)]
mod tests;

pub use api::*;
pub use error::{ERROR_BYTES_MAX, EtcdClass, EtcdError};
pub use grpc::{GrpcEtcd, Timeouts};
