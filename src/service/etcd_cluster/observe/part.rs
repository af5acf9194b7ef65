//! PURE. The objects a cluster is made of, and what they are called.

use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

/// One of the objects a cluster is made of; each has a fixed name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr, Serialize, Deserialize)]
pub enum Part {
    /// The headless Service the members find each other by.
    PeerService,
    /// The Service clients use.
    ClientService,
    /// The `PodDisruptionBudget`.
    DisruptionBudget,
    /// The `StatefulSet`.
    StatefulSet,
}

/// Kubernetes' name for the kind of a part.
pub fn kind_of(part: Part) -> &'static str {
    match part {
        Part::PeerService | Part::ClientService => "Service",
        Part::DisruptionBudget => "PodDisruptionBudget",
        Part::StatefulSet => "StatefulSet",
    }
}

/// The name of a part.
pub fn name_of(part: Part, cluster: &str) -> String {
    match part {
        Part::PeerService => format!("{cluster}-peer"),
        Part::ClientService => format!("{cluster}-client"),
        Part::DisruptionBudget | Part::StatefulSet => cluster.to_owned(),
    }
}
