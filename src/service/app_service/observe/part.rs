//! PURE. The objects a service is made of, and what they are called.

use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

/// One of the objects a service is made of; all bear its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr, Serialize, Deserialize)]
pub enum Part {
    /// The files of the program.
    ConfigMap,
    /// Its address.
    Service,
    /// The way to it from outside.
    Ingress,
    /// Its pods.
    Deployment,
}

/// Kubernetes' name for the kind of a part.
pub fn kind_of(part: Part) -> &'static str {
    part.into()
}
