//! PURE. The part of the observation that the status remembers.

use super::observed::Memory;
use crate::crd::{AppService, AppServiceStatus};
use crate::service::pace;

/// What the machine remembers, read from the status.
pub fn memory(app: &AppService) -> Memory {
    let empty = AppServiceStatus::default();
    let status = app.status.as_ref().unwrap_or(&empty);
    Memory {
        step: status.step.clone(),
        step_since: status.step_since.as_ref().map(|since| since.0),
        unchanged_since: pace::unchanged_since(status.step_since.as_ref(), &status.conditions),
        revision: status.revision.clone(),
        revision_since: status.revision_since.as_ref().map(|since| since.0),
        desired: status.desired.and_then(|desired| u32::try_from(desired).ok()),
        revisions: status.revisions.iter().map(|kept| kept.name.clone()).collect(),
    }
}
