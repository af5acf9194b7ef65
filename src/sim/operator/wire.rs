//! SHELL. The way from one operator to the API server and to etcd, where requests and answers get
//! lost.

use super::fault::{Fate, Fault};
use crate::sim::api::{ApiServer, read};
use crate::sim::cluster::SimCluster;
use crate::sim::log::What;
use crate::sim::oracle::{Law, Watch};
use http::{Method, Request, Response, StatusCode};
use kube::client::Body;
use parking_lot::{Mutex, MutexGuard};
use serde_json::{Value, json};
use std::future::pending;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::Notify;

/// One operator's connection. Clones share it.
#[derive(Clone)]
pub struct Wire {
    api: ApiServer,
    refuses: Arc<AtomicBool>,
    watch: Arc<Watch>,
    state: Arc<Mutex<State>>,
    /// Told when the operator is to die, or to be held, in the middle of a request.
    pub stopped: Arc<Notify>,
    released: Arc<Notify>,
}

#[derive(Default)]
struct State {
    /// Writes sent so far; Events and leases aside.
    writes: usize,
    /// Faults that are still to strike.
    faults: Vec<Fault>,
    struck: Option<Fault>,
    held: bool,
    /// Whether no read is answered.
    deaf: bool,
}

/// What the operator is told of a write that a fault struck.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failed {
    /// Nothing.
    Unanswered,
    /// That it was refused, with this HTTP status.
    Refused(u16),
}

impl Wire {
    /// A connection on which these faults will strike. Writes are counted on from `writes`.
    pub fn new(cluster: &SimCluster, watch: Arc<Watch>, faults: Vec<Fault>, writes: usize) -> Self {
        let state = State { writes, faults, ..State::default() };
        Self {
            api: cluster.api.clone(),
            refuses: Arc::clone(&cluster.refuses),
            watch,
            state: Arc::new(Mutex::new(state)),
            stopped: Arc::default(),
            released: Arc::default(),
        }
    }

    /// A client over this connection.
    pub fn client(&self) -> kube::Client {
        let wire = self.clone();
        let service = tower::service_fn(move |request: Request<Body>| {
            let wire = wire.clone();
            async move { wire.carry(request).await }
        });
        kube::Client::new(service, "default")
    }

    /// Reports a law that a call to etcd broke.
    pub fn breach(&self, law: Law, what: String) {
        self.watch.breach(law, what);
    }

    /// Keeps in the log what a call to etcd was answered.
    pub fn note_call(&self, call: &'static str, answer: &'static str) {
        self.watch.note(|| What::Call { call, answer });
    }

    /// How many writes were sent.
    pub fn writes(&self) -> usize {
        self.state().writes
    }

    /// The fault that struck since this was last asked.
    pub fn struck(&self) -> Option<Fault> {
        self.state().struck.take()
    }

    /// The faults that have not struck yet.
    pub fn remaining(&self) -> Vec<Fault> {
        self.state().faults.clone()
    }

    /// From now on no read is answered, or all are again.
    pub fn deafen(&self, deaf: bool) {
        self.state().deaf = deaf;
    }

    /// Whether no read is answered.
    pub fn is_deaf(&self) -> bool {
        self.state().deaf
    }

    /// Whether a request is on its way and its sender suspended.
    pub fn is_held(&self) -> bool {
        self.state().held
    }

    /// Lets a held request go on.
    pub fn release(&self) {
        self.state().held = false;
        self.released.notify_one();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }

    async fn carry(&self, request: Request<Body>) -> Result<Response<Body>, io::Error> {
        let request = read(request).await?;
        if request.method() == Method::GET && self.is_deaf() {
            return Ok(refusal(500));
        }
        if !is_write(&request) {
            return Ok(self.api.handle(&request).map(Body::from));
        }
        if self.refuses.load(Ordering::Relaxed) {
            return Ok(refusal(500));
        }
        let deliver = || Ok(self.watch.around(&self.api, &request).map(Body::from));
        let failed = |how| match how {
            Failed::Unanswered => Err(io::Error::from(io::ErrorKind::TimedOut)),
            Failed::Refused(code) => Ok(refusal(code)),
        };
        self.write(deliver, failed).await
    }

    /// A write, as the fault has it that strikes it, if one does.
    pub async fn write<A>(
        &self,
        deliver: impl FnOnce() -> A,
        failed: impl FnOnce(Failed) -> A,
    ) -> A {
        match self.fate() {
            None => deliver(),
            Some(Fate::CrashBefore) => self.stop().await,
            Some(Fate::CrashAfter) => {
                deliver();
                self.stop().await
            }
            Some(Fate::HeldBefore) => {
                self.hold().await;
                deliver()
            }
            Some(Fate::HeldAfter) => {
                let answer = deliver();
                self.hold().await;
                answer
            }
            Some(Fate::AnswerLost) => {
                deliver();
                failed(Failed::Unanswered)
            }
            Some(Fate::Refused(code)) => failed(Failed::Refused(code)),
            Some(Fate::DoneButRefused(code)) => {
                deliver();
                failed(Failed::Refused(code))
            }
        }
    }

    /// What becomes of the next write, if a fault strikes it.
    fn fate(&self) -> Option<Fate> {
        let mut state = self.state();
        let index = state.writes;
        state.writes += 1;
        let at = state.faults.iter().position(|fault| fault.write == index)?;
        let fault = state.faults.remove(at);
        state.struck = Some(fault);
        state.held = matches!(fault.fate, Fate::HeldBefore | Fate::HeldAfter);
        Some(fault.fate)
    }

    async fn stop<A>(&self) -> A {
        self.stopped.notify_one();
        pending().await
    }

    async fn hold(&self) {
        self.stopped.notify_one();
        self.released.notified().await;
    }
}

/// Whether a request changes anything a cluster depends on.
fn is_write(request: &Request<Value>) -> bool {
    let path = request.uri().path();
    request.method() != Method::GET && !path.contains("/events") && !path.contains("/leases")
}

fn refusal(code: u16) -> Response<Body> {
    let reason = match code {
        409 => "Conflict",
        429 => "TooManyRequests",
        504 => "Timeout",
        _ => "InternalError",
    };
    let status = json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": "simulated", "reason": reason, "code": code,
    });
    let mut answer = Response::new(Body::from(status.to_string().into_bytes()));
    *answer.status_mut() = StatusCode::from_u16(code).unwrap_or_default();
    answer
}
