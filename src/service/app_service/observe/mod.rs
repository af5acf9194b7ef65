//! SHELL. The world as it is seen, and reading it: the only reader. Nothing is decided here.
//!
//! | file | contents |
//! |---|---|
//! | `observed` | the snapshot a turn decides on |
//! | `recorded` | the part of it that the status remembers |
//! | `part` | the objects a service is made of |
//! | `gather` | reading all of it |

mod gather;
pub mod observed;
pub mod part;
pub mod recorded;

pub use gather::gather;
