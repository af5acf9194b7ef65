//! PURE. The stories by their shared beginnings: those that do the same until all is at rest are one
//! until then.

use super::moment::Deeds;
use super::story::{Story, When};

/// What is done between two rests, and how it goes on.
#[derive(Debug, Default)]
pub struct Node {
    /// What is done, the first of it at rest.
    pub deeds: &'static [(When, crate::sim::story::Deed)],
    /// The stories that end with the rest that follows.
    pub ends: Vec<&'static Story>,
    /// What may be done then.
    pub next: Vec<Self>,
}

impl Node {
    /// The tree of these stories. Its root does nothing.
    pub fn of(stories: impl IntoIterator<Item = &'static Story>) -> Self {
        let mut root = Self::default();
        for story in stories {
            root.add(story.deeds, story);
        }
        root
    }

    fn add(&mut self, deeds: Deeds, story: &'static Story) {
        if deeds.is_empty() {
            return self.ends.push(story);
        }
        let more = deeds.iter().skip(1).position(|(when, _)| *when == When::Rest);
        let (first, rest) = deeds.split_at(more.map_or(deeds.len(), |at| at + 1));
        let there = self.next.iter().position(|node| node.deeds == first);
        let there = there.unwrap_or_else(|| {
            self.next.push(Self { deeds: first, ..Self::default() });
            self.next.len() - 1
        });
        if let Some(node) = self.next.get_mut(there) {
            node.add(rest, story);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::story::all;

    fn count(node: &Node) -> (usize, usize) {
        let below = node.next.iter().map(count);
        below.fold((1, node.ends.len()), |(nodes, ends), (more, others)| {
            (nodes + more, ends + others)
        })
    }

    #[test]
    fn every_story_ends_once_and_beginnings_are_shared() {
        let stories = all().count();
        let parts: usize = all().map(|story| count(&Node::of([story])).0 - 1).sum();
        let (nodes, ends) = count(&Node::of(all()));
        assert_eq!(ends, stories);
        assert!(nodes * 4 < parts * 3, "{nodes} of {parts}");
    }

    #[test]
    fn a_part_ends_where_all_has_to_be_at_rest() {
        fn check(node: &Node) {
            assert!(node.deeds.iter().skip(1).all(|(when, _)| *when != When::Rest));
            node.next.iter().for_each(check);
        }
        check(&Node::of(all()));
    }
}
