//! SHELL. A client that writes all the time, and knows in the end what was acknowledged and lost.

use crate::etcd::{connect, within};
use crate::wait::until;
use anyhow::{Context, Result, ensure};
use etcd_client::{Client, GetOptions};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

/// Between two writes.
const PACE: Duration = Duration::from_millis(50);
/// How long one write may take. A healthy etcd takes a hundredth of it.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long an address that failed is left alone while there are others.
const REST: Duration = Duration::from_secs(1);
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
    /// Begins to write one at a time, each through the next of what `urls` holds at that moment.
    pub fn start(urls: watch::Receiver<Vec<String>>) -> Self {
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
    urls: watch::Receiver<Vec<String>>,
    stopped: watch::Receiver<bool>,
    counted: watch::Sender<usize>,
) -> Written {
    let mut written = Written::default();
    let mut doors = Doors { urls, open: BTreeMap::new(), shut: BTreeMap::new(), turn: 0 };
    let mut last = Instant::now();
    let mut tick = interval(PACE);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for number in 0_u32.. {
        tick.tick().await;
        if *stopped.borrow() {
            break;
        }
        if doors.put(number).await.is_ok() {
            written.acknowledged.insert(number);
            written.longest_gap = written.longest_gap.max(last.elapsed());
            last = Instant::now();
            counted.send_replace(written.acknowledged.len());
        } else {
            written.unanswered += 1;
        }
    }
    // A cluster that does not come back is a gap, too.
    written.longest_gap = written.longest_gap.max(last.elapsed());
    written
}

/// The ways into a cluster.
struct Doors {
    urls: watch::Receiver<Vec<String>>,
    open: BTreeMap<String, Client>,
    shut: BTreeMap<String, Instant>,
    turn: usize,
}

impl Doors {
    async fn put(&mut self, number: u32) -> Result<()> {
        let url = self.next().context("no address to write to")?;
        // Shut until the write is through, and then with a new connection: a Service sends an old
        // one to the same member for ever.
        self.shut.insert(url.clone(), Instant::now());
        let kept = self.open.remove(&url);
        let write = async {
            let mut client = match kept {
                Some(client) => client,
                None => connect(&url).await?,
            };
            let key = format!("{PREFIX}{number:08}");
            within(client.put(key, number.to_string(), None)).await?;
            anyhow::Ok(client)
        };
        let client = timeout(PATIENCE, write).await??;
        self.shut.remove(&url);
        self.open.insert(url, client);
        Ok(())
    }

    /// The next address that is not left alone; if all are, the next of them.
    fn next(&mut self) -> Option<String> {
        self.turn += 1;
        self.shut.retain(|_, since| since.elapsed() < REST);
        let urls = self.urls.borrow().clone();
        self.open.retain(|url, _| urls.contains(url));
        let mut usable: Vec<&String> =
            urls.iter().filter(|url| !self.shut.contains_key(*url)).collect();
        if usable.is_empty() {
            usable = urls.iter().collect();
        }
        usable.get(self.turn % usable.len().max(1)).map(|url| (*url).clone())
    }
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
