//! SHELL. Every bench. Each ends with its figures.

use crate::case::{Case, OnCluster, Run};
use crate::cluster::project;
use anyhow::Result;
use etcd_operator::crd::{DEFAULT_REPOSITORY, DEFAULT_VERSION};

mod create;
mod repair;
mod scale;

const fn bench(name: &'static str, run: OnCluster) -> Case {
    Case { name, smoke: false, local: true, run: Run::Alone(run) }
}

/// Every bench.
pub const ALL: &[Case] = &[
    bench("create", |context| Box::pin(create::run(context))),
    bench("scale", |context| Box::pin(scale::run(context))),
    bench("repair", |context| Box::pin(repair::run(context))),
];

/// What users write by hand, with the image the operator takes.
fn by_hand_manifest() -> Result<String> {
    let text = std::fs::read_to_string(project("tests/e2e/bench/handwritten.yaml"))?;
    Ok(text.replace("IMAGE", &format!("{DEFAULT_REPOSITORY}:v{DEFAULT_VERSION}")))
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
