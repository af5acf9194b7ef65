//! SHELL. `prove --search`: searches through orders of events, and tells what came of it.

use super::rest::{TOLD_MAX, tell_rest};
use crate::sim::explore::for_each;
use crate::sim::order::{Broken, drawn};
use crate::sim::scope;
use crate::sim::search::{Effort, Found, search};
use parking_lot::Mutex;
use std::io::{self, Write};
use std::time::Duration;
use tokio::time::Instant;

/// How many events are drawn, one after the other.
const DRAWN: usize = 5;

/// Searches every scope to this depth.
///
/// # Errors
/// A law was broken.
pub fn exhaustive(out: &mut impl Write, threads: usize, depth: usize) -> anyhow::Result<()> {
    let began = Instant::now();
    let (mut states, mut broken) = (0, vec![]);
    writeln!(out, "{:24} {:>8} {:>8} {:>8} {:>8}", "scope", "events", "runs", "states", "seconds")?;
    for scope in scope::ALL {
        let since = Instant::now();
        let Found { runs, states: seen, broken: more } =
            search(scope, Effort { depth, threads, first: false })?;
        let (events, seconds) = (scope::events().count(), since.elapsed().as_secs_f64());
        writeln!(out, "{:24} {events:>8} {runs:>8} {seen:>8} {seconds:>8.1}", scope.name)?;
        states += seen;
        broken.extend(more);
    }
    let seconds = began.elapsed().as_secs_f64();
    tell(out, &broken)?;
    writeln!(
        out,
        "search_depth={depth}\nsearch_states={states}\nsearch_violations={}\nsearch_s={seconds:.1}",
        broken.len()
    )?;
    anyhow::ensure!(broken.is_empty(), "{} orders of events broke a law", broken.len());
    Ok(())
}

/// Draws longer orders for so long.
///
/// # Errors
/// A law was broken.
pub fn at_random(out: &mut impl Write, threads: usize, time: Duration) -> anyhow::Result<()> {
    let until = Instant::now() + time;
    let all = (0_u64..).flat_map(|seed| scope::ALL.iter().map(move |scope| (scope, seed)));
    let all = all.take_while(|_| Instant::now() < until);
    let found = Mutex::new((0_usize, vec![]));
    for_each(threads, all, |_, (scope, seed)| {
        let broken = drawn(scope, DRAWN, seed)?;
        let mut found = found.lock();
        found.0 += 1;
        found.1.extend(broken);
        Ok(())
    })?;
    let (runs, broken) = found.into_inner();
    tell(out, &broken)?;
    writeln!(out, "drawn_orders={runs}\ndrawn_orders_violations={}", broken.len())?;
    anyhow::ensure!(broken.is_empty(), "{} drawn orders of events broke a law", broken.len());
    Ok(())
}

fn tell(out: &mut impl Write, broken: &[Broken]) -> io::Result<()> {
    for broken in broken.iter().take(TOLD_MAX) {
        write!(out, "\n{}", broken.clone().shrunk()?)?;
    }
    tell_rest(out, broken.len())
}
