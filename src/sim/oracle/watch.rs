//! SHELL. Stands beside the API server and looks at every write of every operator.

use super::law::{Law, Violation};
use super::write::{Before, Target, broken};
use crate::service::Clock;
use crate::sim::api::ApiServer;
use crate::sim::clock::SimClock;
use crate::sim::log::{Entry, What};
use http::{Request, Response};
use parking_lot::Mutex;
use serde_json::Value;

/// What became of the writes so far.
pub struct Watch {
    clock: SimClock,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    violations: Vec<Violation>,
    log: Option<Vec<Entry>>,
}

impl Watch {
    /// A watch that keeps a log of what happens, if it is asked to.
    pub fn new(clock: SimClock, logging: bool) -> Self {
        let log = logging.then(Vec::new);
        Self { clock, seen: Mutex::new(Seen { violations: vec![], log }) }
    }

    /// Lets a write through and judges it.
    pub fn around(&self, api: &ApiServer, request: &Request<Value>) -> Response<Vec<u8>> {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let target = Target::of(&path, request.body());
        let before = target.as_ref().map(|target| Before::of(api, target));
        let answer = api.handle(request);
        let code = answer.status().as_u16();
        self.note(|| What::Write { verb: method.to_string(), path: path.clone(), code });
        if let (Some(target), Some(before), true) = (target, before, answer.status().is_success()) {
            for (law, what) in broken(api, (&method, &target, request.body()), &before) {
                self.breach(law, what);
            }
        }
        answer
    }

    /// Reports a breach. Said once, however often it happens.
    pub fn breach(&self, law: Law, what: String) {
        let mut seen = self.seen.lock();
        let violation = Violation { law, what };
        if !seen.violations.contains(&violation) {
            seen.violations.push(violation);
        }
    }

    /// Keeps what was broken before.
    pub fn remember(&self, violations: Vec<Violation>) {
        self.seen.lock().violations = violations;
    }

    /// Every breach so far.
    pub fn violations(&self) -> Vec<Violation> {
        self.seen.lock().violations.clone()
    }

    /// Keeps an entry of the log, if there is one.
    pub fn note(&self, what: impl FnOnce() -> What) {
        let mut seen = self.seen.lock();
        if let Some(log) = &mut seen.log {
            log.push(Entry { at: self.clock.now(), what: what() });
        }
    }

    /// The log so far.
    pub fn log(&self) -> Vec<Entry> {
        self.seen.lock().log.clone().unwrap_or_default()
    }
}
