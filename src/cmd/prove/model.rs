//! SHELL. `prove --model`: checks the model, and tells what came of it.

use crate::sim::model::report::COLUMNS;
use crate::sim::model::{self, Law, Limits, Report, Scope, scope};
use std::collections::BTreeSet;
use std::io::Write;
use std::time::Duration;
use strum::IntoEnumIterator;
use tokio::time::Instant;

/// How long one standard scope of the model may take: far longer than it does.
const STANDARD_MAX: Duration = Duration::from_secs(600);

/// Checks the model: the standard scopes, and wider ones for as long as there is time. Gives back
/// what it drove the machine through.
///
/// # Errors
/// A law was broken.
pub fn check(out: &mut impl Write, threads: usize, time: Duration) -> anyhow::Result<()> {
    let began = Instant::now();
    let mut reports = vec![];
    writeln!(out, "\n{COLUMNS}")?;
    let mut look = |scope: &Scope, time: Duration| -> anyhow::Result<()> {
        let limits = Limits { moves: scope::MOVES_MAX, time, threads };
        let report = model::check(scope, &limits)?;
        writeln!(out, "{report}")?;
        reports.push(report);
        Ok(())
    };
    for scope in scope::standard() {
        look(&scope, STANDARD_MAX)?;
    }
    for scope in (2..=u8::MAX).flat_map(scope::wider) {
        let left = time.saturating_sub(began.elapsed());
        if left.is_zero() {
            break;
        }
        look(&scope, left)?;
    }
    tell(out, &reports)
}

fn tell(out: &mut impl Write, reports: &[Report]) -> anyhow::Result<()> {
    for report in reports {
        writeln!(out, "{}: {}", report.scope.about, report.scope.budget)?;
    }
    let broken: Vec<_> = reports.iter().flat_map(|report| &report.violated).collect();
    for law in Law::iter() {
        let name: &str = law.into();
        let word = if broken.iter().any(|it| it.law == name) { "BROKEN" } else { "held" };
        writeln!(out, "{word:6} {name}")?;
    }
    let states: usize = reports.iter().map(|report| report.states).sum();
    let seconds: f64 = reports.iter().map(|report| report.seconds).sum();
    let depth = reports.iter().map(|report| report.depth).max().unwrap_or(0);
    let reached = reports.iter().flat_map(Report::reached).collect::<BTreeSet<_>>().len();
    #[allow(clippy::cast_precision_loss, reason = "a figure for people to read")]
    let rate = states as f64 / seconds.max(0.001);
    writeln!(
        out,
        "states={states}\nstates_per_s={rate:.0}\nmodel_depth={depth}\nmodel_s={seconds:.1}\n\
         model_steps={reached}\nmodel_violations={}",
        broken.len()
    )?;
    anyhow::ensure!(broken.is_empty(), "{} laws were broken in the model", broken.len());
    Ok(())
}
