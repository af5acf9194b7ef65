//! SHELL. The pace of the election.

use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;

/// The wall clock. What it says is written into the lease for people to read, and never compared.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The pace of the election.
///
/// # Assumptions
/// `call < renew_deadline < lease`, and the clocks of two machines run apart by far less than
/// `lease` is longer than `renew_deadline`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// How long a lease has to stay unchanged before another may take it. Default 15 s.
    pub lease: Duration,
    /// How long a leader may act on one renewal. Default 10 s.
    pub renew_deadline: Duration,
    /// The pause between two tries. Default 2 s.
    pub retry: Duration,
    /// The longest one call may take. Default 3 s, so that two tries fit into the renew deadline.
    pub call: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(15),
            renew_deadline: Duration::from_secs(10),
            retry: Duration::from_secs(2),
            call: Duration::from_secs(3),
        }
    }
}
