//! SHELL. Every bench. Each ends with its figures.

use crate::case::{Case, Run};

mod create;

/// Every bench.
pub const ALL: &[Case] = &[Case {
    name: "create",
    smoke: false,
    local: true,
    run: Run::OnCluster(|context| Box::pin(create::run(context))),
}];
