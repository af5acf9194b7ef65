//! PURE. The engine: one explicit state machine per kind of object, and everything that can be
//! done with a machine because it is pure. It knows neither etcd nor Kubernetes.
//!
//! A kind brings a [`Machine`]: its steps grouped into phases, the facts it reacts to, the guards
//! it asks, the actions it may order and the records it keeps. The engine brings the rest:
//!
//! | file | what |
//! |---|---|
//! | `machine` | what a kind has to bring |
//! | `turn` | a machine's window on one turn: ask, emit, record, hold |
//! | `step` | one fact into one step |
//! | `settle` | all facts into the machine until nothing moves |
//! | `transcript` | a turn as data: journal, replay, `explain`, Events |
//! | `explore` | every step, fact and world: the transition table |
//! | `diagram` | that table as Mermaid, DOT and Markdown |
//!
//! **A turn is decided whole, its outcome persisted, and only then are its actions performed,
//! before the next turn begins.**

mod known;
mod machine;
mod settle;
mod step;
mod transcript;
mod turn;

pub use known::Known;
pub use machine::{Machine, Word};
pub use settle::{PASSES_MAX, Settled, Unsettled, settle};
pub use step::{Verdict, step};
pub use transcript::{Asked, Difference, Moved, Transcript, replay, resume};
pub use turn::Turn;
