//! PURE. What still is as it was seen: UID, generation and resource version, each as one bit.

use super::birth::MEMBERS_MAX;

/// A set of things, each a bit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Still(u16);

impl Still {
    /// Nothing.
    pub const NONE: Self = Self(0);
    /// The object at its resource version.
    pub const OBJECT: Self = Self(1);
    /// The `StatefulSet` by its UID.
    pub const SET: Self = Self(1 << 1);
    /// The `StatefulSet`'s generation.
    pub const GENERATION: Self = Self(1 << 2);
    /// Everything.
    pub const ALL: Self = Self(u16::MAX);

    /// A pod by its UID.
    pub fn pod(at: usize) -> Self {
        Self(1 << (3 + at.min(MEMBERS_MAX)))
    }

    /// A volume claim by its UID.
    pub fn claim(at: usize) -> Self {
        Self(1 << (8 + at.min(MEMBERS_MAX)))
    }

    /// Both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is in both.
    #[must_use]
    pub fn only(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether all of `other` is in it.
    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Takes `other` out.
    pub fn clear(&mut self, other: Self) {
        self.0 &= !other.0;
    }
}
