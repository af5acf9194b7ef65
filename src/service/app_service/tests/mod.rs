//! PURE. What the service's machine decides, and what users are told of it.

mod messages;
mod plan;
mod properties;
mod status;
