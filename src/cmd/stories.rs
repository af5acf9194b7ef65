//! PURE. The stories that commands take by name.

use crate::sim::story::{self, Story};

/// The story of this name.
///
/// # Errors
/// There is none: says which there are.
pub fn find(name: &str) -> anyhow::Result<&'static Story> {
    story::named(name).ok_or_else(|| {
        let all: Vec<_> = story::all().map(|story| story.name).collect();
        anyhow::anyhow!("there is no story {name:?}; there are:\n  {}", all.join("\n  "))
    })
}
