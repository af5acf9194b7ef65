//! SHELL. Doing what the machine ordered: the only writer of anything but the status.

mod change;
mod perform;

pub use perform::perform;
