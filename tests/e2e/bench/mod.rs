//! SHELL. Every bench. Each ends with its figures.

use crate::case::Case;

mod create;

/// Every bench.
pub const ALL: &[Case] =
    &[Case { name: "create", smoke: false, local: true, run: |c| Box::pin(create::run(c)) }];
