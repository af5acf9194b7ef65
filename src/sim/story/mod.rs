//! PURE. Stories: what is asked of the operator and done to its world, as data.

mod catalogue;
mod deeds;
mod memberships;
mod service_deeds;
mod services;
mod words;

pub use deeds::perform;
pub use words::{AppDeed, Deed, End, NAME, NAMESPACE, Story, When};

/// Every story.
pub fn all() -> impl Iterator<Item = &'static Story> {
    [catalogue::BIRTHS, memberships::ALL, services::ALL].into_iter().flatten()
}

/// The story of this name.
pub fn named(name: &str) -> Option<&'static Story> {
    all().find(|story| story.name == name)
}
