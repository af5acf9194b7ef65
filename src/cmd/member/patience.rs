//! SHELL. Waiting, by a process that is a container's first: nothing ends it that it does not heed.

use std::io;
use std::time::Duration;
use tokio::runtime;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{interval, timeout};

/// How often it looks. The kubelet brings what a pod is told within about a second.
const OFTEN: Duration = Duration::from_millis(100);

/// Looks again until what is seen is as wanted, the patience is over, or the pod is told to stop.
/// What was seen last is returned.
pub fn until<T>(
    patience: Duration,
    first: T,
    mut look: impl FnMut() -> T,
    is_wanted: impl Fn(&T) -> bool,
) -> T {
    if patience.is_zero() {
        return first;
    }
    let mut last = first;
    let waited = run(async {
        let mut stopped = signal(SignalKind::terminate())?;
        let mut ticks = interval(OFTEN);
        let looks = async {
            while !is_wanted(&last) {
                ticks.tick().await;
                last = look();
            }
        };
        tokio::select! {
            _ = stopped.recv() => {}
            _ = timeout(patience, looks) => {}
        }
        Ok(())
    });
    if let Err(error) = waited {
        eprintln!("failed to wait: {error}");
    }
    last
}

fn run(wait: impl Future<Output = io::Result<()>>) -> io::Result<()> {
    runtime::Builder::new_current_thread().enable_all().build()?.block_on(wait)
}
