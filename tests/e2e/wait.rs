//! SHELL. Waiting for something to come true, with a deadline and the reason why it did not.

use anyhow::{Context, Result, anyhow};
use std::fmt::Display;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// How often is looked.
const PACE: Duration = Duration::from_millis(100);

/// Looks until `look` succeeds. Its error says why it is not so yet; the last one is reported.
pub async fn until<T>(
    what: impl Display,
    seconds: u64,
    mut look: impl AsyncFnMut() -> Result<T>,
) -> Result<T> {
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut why = None;
    loop {
        // A look that hangs is given up; what the one before it said is the better reason.
        let left = end.saturating_duration_since(Instant::now());
        match timeout(left.max(PACE), look()).await {
            Ok(Ok(found)) => return Ok(found),
            Ok(Err(error)) => why = Some(error),
            Err(_) => why = why.or_else(|| Some(anyhow!("the look itself took too long"))),
        }
        if Instant::now() >= end {
            let why = why.unwrap_or_else(|| anyhow!("it was never looked"));
            return Err(why.context(format!("{seconds} s were not enough: {what}")));
        }
        sleep(PACE).await;
    }
}

/// Looks for `seconds` that `look` keeps succeeding.
pub async fn throughout(
    what: impl Display,
    seconds: u64,
    mut look: impl AsyncFnMut() -> Result<()>,
) -> Result<()> {
    let end = Instant::now() + Duration::from_secs(seconds);
    while Instant::now() < end {
        look().await.with_context(|| format!("it did not stay so: {what}"))?;
        sleep(PACE).await;
    }
    Ok(())
}
