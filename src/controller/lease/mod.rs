//! SHELL. Who acts: leadership over a `coordination.k8s.io/v1` Lease, modelled on client-go.
//!
//! A leader believes in itself for the renew deadline, counted from *before* it sent the renewal
//! that succeeded. A candidate takes over only after it has itself watched the lease stay the same
//! for the whole, longer, lease duration. Both count on their own monotonic clock, and neither ever
//! reads the times in the lease, so clocks that are wrong or jump cannot make two leaders.
//!
//! That holds for decisions. A request already sent when leadership ends may still land, so the
//! lease never stands alone: what it guards is checked again by precondition where it lands.
//!
//! # Source
//! client-go, `tools/leaderelection/leaderelection.go`.

mod api;
mod candidate;
mod claim;
mod elect;
mod keep;
mod leadership;
#[cfg(test)]
mod tests;
mod timing;

pub use api::{KubeLease, LeaseApi};
pub use candidate::Candidate;
pub use claim::Identity;
pub use keep::Keeper;
pub use leadership::{Leadership, Lost};
pub use timing::{Clock, Timing};
