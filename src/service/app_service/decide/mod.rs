//! PURE. Everything a turn decides, from what was observed alone.
//!
//! | file | contents |
//! |---|---|
//! | `vocabulary` | steps, facts, guards, reasons |
//! | `desired` | which revision runs |
//! | `fact` | what is so, in order of urgency |
//! | `guard` | what each guard means, and what it looked at |
//! | `action` | what the machine may order and remember |
//! | `machine/` | the phases, one file each |
//! | `requeue` | when the object is looked at again |

pub mod action;
pub mod desired;
pub mod fact;
pub mod guard;
pub mod machine;
pub mod requeue;
pub mod vocabulary;
