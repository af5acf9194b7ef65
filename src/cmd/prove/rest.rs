//! PURE. What is told of many.

use std::io::{self, Write};

/// How many failures are told in full.
pub const TOLD_MAX: usize = 20;

/// How many failures there are beyond those that are told in full.
pub fn tell_rest(out: &mut impl Write, all: usize) -> io::Result<()> {
    match all.saturating_sub(TOLD_MAX) {
        0 => Ok(()),
        more => writeln!(out, "\nand {more} more"),
    }
}
