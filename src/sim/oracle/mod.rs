//! SHELL. What must be so after every write and after every round, whatever goes wrong.
//!
//! | file | what |
//! |---|---|
//! | `watch` | stands beside the API server, keeps the log and what was broken |
//! | `write` | what may never be written |
//! | `guardian` | what must be so after every turn and round |
//! | `services` | what must be so of a service |
//! | `end` | how a cluster is at the end of a story |
//! | `writer` | a client whose acknowledged writes must survive |
//! | `digest` | the end of a story, to compare two runs by |

mod digest;
mod end;
mod guardian;
mod law;
mod services;
mod watch;
mod write;
mod writer;

pub use digest::digest;
pub use guardian::Guardian;
pub use law::{Law, Violation};
pub use watch::Watch;
pub use writer::Writer;
