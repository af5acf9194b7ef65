//! PURE. Everything a turn decides, from what was observed alone.
//!
//! | file | contents |
//! |---|---|
//! | `vocabulary` | steps, facts, guards, reasons |
//! | `queries/` | questions about an observation that several of the others ask |
//! | `needs` | what is looked at in this turn |
//! | `desired` | the objects as they should be |
//! | `fact` | what is so, in order of urgency |
//! | `guard`, `evidence` | what each guard means, and what it looked at |
//! | `action` | what the machine may order and remember |
//! | `machine/` | the phases, one file each |
//! | `requeue` | when the object is looked at again |

pub mod action;
pub mod desired;
pub mod evidence;
pub mod fact;
pub mod guard;
pub mod machine;
pub mod needs;
pub mod queries;
pub mod requeue;
pub mod vocabulary;
