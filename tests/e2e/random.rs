//! SHELL. Random moments that can be had again.

use crate::options::Options;

/// A small generator: the same seed gives the same moments. Source: Vigna, splitmix64.
pub struct Random(u64);

impl Random {
    /// From the seed asked for, or else another in each session. It is printed.
    pub fn new(options: &Options) -> Self {
        let seed = options.seed.unwrap_or_else(|| u64::from(std::process::id()));
        say!("  seed {seed}");
        Self(seed)
    }

    /// A number from 0 on, below `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound.max(1)
    }
}
