//! SHELL. A client that writes all the time, and knows in the end what was acknowledged and lost.

use crate::etcd::{connect, within};
use crate::wait::until;
use anyhow::{Context, Result, ensure};
use etcd_client::{Client, GetOptions};
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval};

/// Between two writes.
const PACE: Duration = Duration::from_millis(50);
/// Under what it writes.
const PREFIX: &str = "e2e/written/";

/// A client that writes all the time.
pub struct Writer {
    stop: watch::Sender<bool>,
    count: watch::Receiver<usize>,
    work: JoinHandle<Written>,
}

/// What a writer did.
#[derive(Default)]
pub struct Written {
    /// What etcd acknowledged.
    pub acknowledged: BTreeSet<u32>,
    /// What failed, or may have been done without an answer.
    pub unanswered: u32,
    /// The longest time between two acknowledged writes.
    pub longest_gap: Duration,
}

impl Writer {
    /// Begins to write through `urls`, one at a time; after a failure through the next.
    pub fn start(urls: Vec<String>) -> Self {
        let (stop, stopped) = watch::channel(false);
        let (counted, count) = watch::channel(0);
        Self { stop, count, work: tokio::spawn(write(urls, stopped, counted)) }
    }

    /// Waits until it gets writes acknowledged from now on.
    pub async fn goes_on(&self, seconds: u64) -> Result<()> {
        let before = *self.count.borrow();
        until("writes are acknowledged", seconds, async || {
            let now = *self.count.borrow();
            ensure!(now > before + 3, "{} were", now - before);
            Ok(())
        })
        .await
    }

    /// Ends it. What was acknowledged is yet to be found again, see [`Written::lost`].
    pub async fn stop(self) -> Result<Written> {
        self.stop.send(true).ok();
        self.work.await.context("the writer panicked")
    }
}

async fn write(
    urls: Vec<String>,
    stopped: watch::Receiver<bool>,
    counted: watch::Sender<usize>,
) -> Written {
    let mut written = Written::default();
    let mut client: Option<Client> = None;
    let (mut turn, mut last) = (0_usize, Instant::now());
    let mut tick = interval(PACE);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for number in 0_u32.. {
        tick.tick().await;
        if *stopped.borrow() {
            break;
        }
        if put(&mut client, &urls, turn, number).await.is_ok() {
            written.acknowledged.insert(number);
            written.longest_gap = written.longest_gap.max(last.elapsed());
            last = Instant::now();
            counted.send_replace(written.acknowledged.len());
        } else {
            // A new connection: a Service sends an old one to the same member for ever.
            written.unanswered += 1;
            client = None;
            turn += 1;
        }
    }
    // A cluster that does not come back is a gap, too.
    written.longest_gap = written.longest_gap.max(last.elapsed());
    written
}

async fn put(client: &mut Option<Client>, urls: &[String], turn: usize, n: u32) -> Result<()> {
    if client.is_none() {
        let url = urls.get(turn % urls.len().max(1)).context("no address to write to")?;
        *client = Some(connect(url).await?);
    }
    let client = client.as_mut().context("no connection")?;
    within(client.put(format!("{PREFIX}{n:08}"), n.to_string(), None)).await.map(|_| ())
}

impl Written {
    /// The acknowledged writes that a linearizable read through `url` does not find.
    pub async fn lost(&self, url: &str) -> Result<Vec<u32>> {
        let mut client = connect(url).await?;
        let mut missing = self.acknowledged.clone();
        let mut from = PREFIX.as_bytes().to_vec();
        loop {
            let range = GetOptions::new().with_range("e2e/written0").with_limit(2000);
            let page = within(client.get(from.clone(), Some(range))).await?;
            for kv in page.kvs() {
                let number: u32 = kv.value_str()?.parse()?;
                let key = format!("{PREFIX}{number:08}");
                if kv.key() == key.as_bytes() {
                    missing.remove(&number);
                }
                from = [kv.key(), b"\0"].concat();
            }
            if !page.more() {
                return Ok(missing.into_iter().collect());
            }
        }
    }
}
