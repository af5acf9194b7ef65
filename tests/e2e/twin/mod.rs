//! SHELL. Two etcds side by side, the real one and the simulated one, to which the same is done.
//!
//! | module | what |
//! |---|---|
//! | `call` | what can be asked of a cluster |
//! | `aim` | whom a call concerns, and who is asked |
//! | `lab` | what can be done to its processes, on either side |
//! | `real`, `simulated` | the two sides |
//! | `play` | does one step after the other, and writes down what can be seen then |
//! | `observe` | what can be seen |
//! | `walk` | which steps: every order of calls that change something, and all others in between |
//! | `stories` | steps that no order of calls comes to: lost data, and members that come back |

mod aim;
mod call;
mod lab;
mod observe;
mod play;
mod real;
mod simulated;
mod stories;
mod walk;

pub use lab::Hosts;
pub use real::{RealLab, own_network};
pub use simulated::SimLab;
pub use stories::stories;
pub use walk::{Walk, played, walks};
