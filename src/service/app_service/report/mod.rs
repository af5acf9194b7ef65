//! PURE. What users read. Nothing is decided here.
//!
//! | file | contents |
//! |---|---|
//! | `status` | the next status |
//! | `conditions` | Available, Progressing, Degraded |
//! | `messages` | the sentences |
//! | `events`, `metrics` | Kubernetes Events and metrics |
//! | `inspect` | what the commands tell |

pub mod conditions;
pub mod events;
mod inspect;
pub mod messages;
pub mod metrics;
pub mod status;
