//! SHELL. The way from one operator to etcd: its changes of the membership are writes like any
//! other, and faults strike them.

use super::wire::{Failed, Wire};
use crate::client::etcd::{Etcd, EtcdError, Hash, Member, Members, Status};
use crate::sim::etcd::SimEtcd;
use crate::sim::oracle::Law;
use futures::FutureExt;
use futures::future::{BoxFuture, ready};
use std::time::Duration;

/// What the real client says when nobody answers in time.
const LATE: EtcdError = EtcdError::Timeout(Duration::from_secs(2));

/// etcd, as one operator reaches it.
pub struct WiredEtcd {
    wire: Wire,
    etcd: SimEtcd,
}

impl WiredEtcd {
    /// etcd over this connection.
    pub fn new(wire: Wire, etcd: SimEtcd) -> Self {
        Self { wire, etcd }
    }

    fn read<'a, T: Send + 'a>(
        &'a self,
        ask: impl FnOnce() -> BoxFuture<'a, Result<T, EtcdError>>,
    ) -> BoxFuture<'a, Result<T, EtcdError>> {
        if self.wire.is_deaf() { ready(Err(LATE)).boxed() } else { ask() }
    }

    /// Holds that a change leaves every cluster that had a leader with a quorum.
    fn judged<'a, T: Send + 'a>(
        &'a self,
        call: &'static str,
        ask: impl FnOnce() -> BoxFuture<'a, Result<T, EtcdError>> + Send + 'a,
    ) -> BoxFuture<'a, Result<T, EtcdError>> {
        self.write(call, move || {
            let led = self.etcd.tolerance().is_some();
            let answer = ask();
            if led && self.etcd.tolerance().is_none() {
                self.wire.breach(Law::QuorumKept, format!("{call} left no quorum"));
            }
            answer
        })
    }

    fn write<'a, T: Send + 'a>(
        &'a self,
        call: &'static str,
        ask: impl FnOnce() -> BoxFuture<'a, Result<T, EtcdError>> + Send + 'a,
    ) -> BoxFuture<'a, Result<T, EtcdError>> {
        let deliver = move || {
            // The simulated etcd answers at once.
            let answer = ask().now_or_never().unwrap_or(Err(LATE));
            self.wire.note_call(call, answer.as_ref().map_or_else(EtcdError::label, |_| "done"));
            answer
        };
        self.wire.write(deliver, |how| Err(failure(how))).boxed()
    }
}

/// The fault in etcd's own words.
fn failure(how: Failed) -> EtcdError {
    let simulated = || "simulated".to_owned();
    match how {
        Failed::Refused(409) => EtcdError::Conflict(simulated()),
        Failed::Refused(429) => EtcdError::NotYet(simulated()),
        Failed::Refused(500) => EtcdError::Unreachable(simulated()),
        Failed::Refused(_) | Failed::Unanswered => LATE,
    }
}

impl Etcd for WiredEtcd {
    fn look<'a>(&'a self, endpoint: &'a str) -> BoxFuture<'a, Result<Status, EtcdError>> {
        self.read(|| self.etcd.look(endpoint))
    }

    fn members<'a>(&'a self, endpoint: &'a str) -> BoxFuture<'a, Result<Members, EtcdError>> {
        self.read(|| self.etcd.members(endpoint))
    }

    fn add_learner<'a>(
        &'a self,
        endpoint: &'a str,
        peer_url: &'a str,
    ) -> BoxFuture<'a, Result<Member, EtcdError>> {
        self.write("MemberAdd", move || self.etcd.add_learner(endpoint, peer_url))
    }

    fn promote<'a>(&'a self, endpoint: &'a str, id: u64) -> BoxFuture<'a, Result<(), EtcdError>> {
        self.judged("MemberPromote", move || self.etcd.promote(endpoint, id))
    }

    fn remove<'a>(&'a self, endpoint: &'a str, id: u64) -> BoxFuture<'a, Result<(), EtcdError>> {
        self.judged("MemberRemove", move || self.etcd.remove(endpoint, id))
    }

    fn move_leader<'a>(
        &'a self,
        endpoint: &'a str,
        to: u64,
    ) -> BoxFuture<'a, Result<(), EtcdError>> {
        self.write("MoveLeader", move || self.etcd.move_leader(endpoint, to))
    }

    fn update_peer_url<'a>(
        &'a self,
        endpoint: &'a str,
        id: u64,
        peer_url: &'a str,
    ) -> BoxFuture<'a, Result<(), EtcdError>> {
        self.write("MemberUpdate", move || self.etcd.update_peer_url(endpoint, id, peer_url))
    }

    fn hash<'a>(
        &'a self,
        endpoint: &'a str,
        revision: i64,
    ) -> BoxFuture<'a, Result<Hash, EtcdError>> {
        self.read(|| self.etcd.hash(endpoint, revision))
    }

    fn disarm_corrupt<'a>(&'a self, endpoint: &'a str) -> BoxFuture<'a, Result<(), EtcdError>> {
        self.write("AlarmDisarm", move || {
            if self.etcd.differs() {
                self.wire.breach(Law::DamageTold, "CORRUPT disarmed while data differs".to_owned());
            }
            self.etcd.disarm_corrupt(endpoint)
        })
    }
}
