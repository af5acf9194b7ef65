//! SHELL. A client of a web service that asks again and again, and counts what was not answered.

use crate::operator::get;
use anyhow::{Context as _, Result, ensure};
use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;
use tokio::task::{JoinHandle, spawn_local};
use tokio::time::{sleep, timeout};

/// How often is asked.
const PACE: Duration = Duration::from_millis(20);
/// How long an answer may take. Long, for a machine that is busy is slow: a connection to a pod that is
/// gone gets no answer however long it waits.
const PATIENCE: Duration = Duration::from_secs(10);

/// The client. It asks until it is dropped.
pub struct Visitor {
    answered: Rc<Cell<usize>>,
    failed: Rc<RefCell<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Visitor {
    /// Begins to ask for `path`, a connection for each request.
    pub fn start(address: SocketAddr, path: &'static str) -> Self {
        let (answered, failed) = (Rc::new(Cell::new(0)), Rc::new(RefCell::new(vec![])));
        let (count, fail) = (Rc::clone(&answered), Rc::clone(&failed));
        let task = spawn_local(async move {
            loop {
                match timeout(PATIENCE, get(address, path)).await.context("no answer") {
                    Ok(Ok(_)) => count.set(count.get() + 1),
                    Ok(Err(error)) | Err(error) => fail.borrow_mut().push(format!("{error:#}")),
                }
                sleep(PACE).await;
            }
        });
        Self { answered, failed, task }
    }

    /// Ends it, and holds that every request was answered. Says how many.
    pub fn all_answered(self) -> Result<usize> {
        let (answered, failed) = (self.answered.get(), self.failed.borrow().clone());
        ensure!(failed.is_empty(), "{} of {answered} failed: {:?}", failed.len(), failed.first());
        ensure!(answered > 20, "only {answered} requests were made");
        Ok(answered)
    }
}

impl Drop for Visitor {
    fn drop(&mut self) {
        self.task.abort();
    }
}
