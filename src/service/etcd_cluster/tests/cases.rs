//! PURE. How a guard is tried: an observation in which it holds, or does not.

use crate::service::etcd_cluster::observe::observed::Observed;
use crate::service::etcd_cluster::worlds::bases::formed;
use jiff::SignedDuration;

/// An observation, and words that must stand in what the guard says it saw.
pub type Case = (Observed, &'static str);

pub fn in_step(step: &str, seconds: i64) -> Observed {
    let mut seen = formed(3);
    seen.memory.step = Some(step.to_owned());
    seen.memory.step_since = Some(seen.now - SignedDuration::from_secs(seconds));
    seen
}
