//! PURE. Questions about an observation. Facts, guards, desired objects and messages ask them; none of them asks
//! a guard.
//!
//! | file | questions about |
//! |---|---|
//! | `listing` | etcd's member list, and the member something is being done to |
//! | `health` | who is alive, as far as it is known |
//! | `roster` | who is to come and to go, and what those who went left behind |
//! | `birth` | the creation, and what it may start over with |
//! | `hashes` | whether the members hold the same data |
//! | `alarms` | what members report of themselves |

pub mod alarms;
pub mod birth;
pub mod hashes;
pub mod health;
pub mod listing;
pub mod roster;
