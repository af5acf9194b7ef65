//! SHELL. The way from one operator to the API server, where requests and answers get lost.

use super::fault::{Fate, Fault};
use crate::sim::api::ApiServer;
use crate::sim::oracle::Watch;
use http::{Method, Request, Response, StatusCode};
use kube::client::Body;
use serde_json::json;
use std::future::pending;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// One operator's connection. Clones share it.
#[derive(Clone)]
pub struct Wire {
    api: ApiServer,
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
}

impl Wire {
    /// A connection on which these faults will strike. Writes are counted on from `writes`.
    pub fn new(api: ApiServer, watch: Arc<Watch>, faults: Vec<Fault>, writes: usize) -> Self {
        let state = State { writes, faults, ..State::default() };
        Self {
            api,
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
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn carry(&self, request: Request<Body>) -> Result<Response<Body>, io::Error> {
        let (parts, body) = request.into_parts();
        let body = body.collect_bytes().await.map_err(io::Error::other)?;
        let request = Request::from_parts(parts, body.to_vec());
        let Some(fate) = self.fate(&request) else { return Ok(self.deliver(&request)) };
        match fate {
            Fate::CrashBefore => self.stop().await,
            Fate::CrashAfter => {
                self.deliver(&request);
                self.stop().await
            }
            Fate::HeldBefore => {
                self.hold().await;
                Ok(self.deliver(&request))
            }
            Fate::HeldAfter => {
                let answer = self.deliver(&request);
                self.hold().await;
                Ok(answer)
            }
            Fate::AnswerLost => {
                self.deliver(&request);
                Err(io::Error::from(io::ErrorKind::TimedOut))
            }
            Fate::Refused(code) => Ok(refusal(code)),
            Fate::DoneButRefused(code) => {
                self.deliver(&request);
                Ok(refusal(code))
            }
        }
    }

    /// What becomes of this request, if the fault strikes it.
    fn fate(&self, request: &Request<Vec<u8>>) -> Option<Fate> {
        if !is_write(request) {
            return None;
        }
        let mut state = self.state();
        let index = state.writes;
        state.writes += 1;
        let at = state.faults.iter().position(|fault| fault.write == index)?;
        let fault = state.faults.remove(at);
        state.struck = Some(fault);
        state.held = matches!(fault.fate, Fate::HeldBefore | Fate::HeldAfter);
        Some(fault.fate)
    }

    fn deliver(&self, request: &Request<Vec<u8>>) -> Response<Body> {
        let answer = if is_write(request) {
            self.watch.around(&self.api, request)
        } else {
            self.api.handle(request)
        };
        answer.map(Body::from)
    }

    async fn stop(&self) -> Result<Response<Body>, io::Error> {
        self.stopped.notify_one();
        pending().await
    }

    async fn hold(&self) {
        self.stopped.notify_one();
        self.released.notified().await;
    }
}

/// Whether a request changes anything a cluster depends on.
fn is_write(request: &Request<Vec<u8>>) -> bool {
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
