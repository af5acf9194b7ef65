//! SHELL. One lease on a server that detects conflicts, and lines to it that can be bad.

use crate::client::{ApiClass, ApiError};
use crate::controller::lease::LeaseApi;
use futures::FutureExt;
use futures::future::BoxFuture;
use k8s_openapi::api::coordination::v1::Lease;
use parking_lot::{Mutex, MutexGuard};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// The server's side.
#[derive(Default)]
pub struct Server {
    lease: Mutex<(Option<Lease>, u64)>,
}

enum Call {
    Get,
    Create(Lease),
    Update(Lease),
}

impl Server {
    pub fn lease(&self) -> Option<Lease> {
        self.lock().0.clone()
    }

    /// A change by hand, past every check.
    pub fn edit(&self, edit: impl FnOnce(&mut Option<Lease>)) {
        let mut stored = self.lock();
        edit(&mut stored.0);
        Self::stamp(&mut stored);
    }

    fn serve(&self, call: Call) -> Result<Option<Lease>, ApiError> {
        let mut stored = self.lock();
        let version = |lease: &Lease| lease.metadata.resource_version.clone();
        match (call, stored.0.as_ref().map(version)) {
            (Call::Get, _) => return Ok(stored.0.clone()),
            (Call::Create(_), Some(_)) => return Err(ApiError::new(ApiClass::AlreadyExists, "")),
            (Call::Update(_), None) => return Err(ApiError::new(ApiClass::NotFound, "")),
            (Call::Update(lease), Some(current)) if version(&lease) != current => {
                return Err(ApiError::new(ApiClass::Conflict, ""));
            }
            (Call::Create(lease) | Call::Update(lease), _) => stored.0 = Some(lease),
        }
        Self::stamp(&mut stored);
        Ok(stored.0.clone())
    }

    fn stamp((lease, version): &mut (Option<Lease>, u64)) {
        *version += 1;
        if let Some(lease) = lease {
            lease.metadata.resource_version = Some(version.to_string());
        }
    }

    fn lock(&self) -> MutexGuard<'_, (Option<Lease>, u64)> {
        self.lease.lock()
    }
}

/// What a line does to its calls.
#[derive(Clone, Copy, PartialEq)]
pub enum Mood {
    /// Serves at once.
    Good,
    /// Refuses for want of rights.
    Forbidden,
    /// Never answers, and never delivers.
    Cut,
    /// Delivers late or never, answers late or never.
    Chaotic,
}

/// One candidate's line to the server.
#[derive(Clone)]
pub struct Line {
    server: Arc<Server>,
    state: Arc<Mutex<(Mood, Chance)>>,
}

impl Line {
    pub fn new(server: &Arc<Server>, seed: u64) -> Self {
        let state = Arc::new(Mutex::new((Mood::Good, Chance::new(seed))));
        Self { server: server.clone(), state }
    }

    pub fn set(&self, mood: Mood) {
        self.state.lock().0 = mood;
    }

    /// How long a call is under way, and how long its answer.
    fn delays(&self) -> Result<(Duration, Duration), ApiError> {
        let (mood, chance) = &mut *self.state.lock();
        let forever = Duration::from_secs(100_000);
        match mood {
            Mood::Good => Ok((Duration::ZERO, Duration::ZERO)),
            Mood::Forbidden => Err(ApiError::new(ApiClass::Forbidden, "no rights")),
            Mood::Cut => Ok((forever, forever)),
            Mood::Chaotic if chance.below(10) == 0 => Err(ApiError::new(ApiClass::Unavailable, "")),
            Mood::Chaotic => Ok((chance.delay(), chance.delay())),
        }
    }

    /// A call goes on when its caller has given it up: it may land much later.
    fn call(&self, call: Call) -> BoxFuture<'static, Result<Option<Lease>, ApiError>> {
        let (server, delays) = (self.server.clone(), self.delays());
        async move {
            let (there, back) = delays?;
            let landed = tokio::spawn(async move {
                pause(there).await;
                let answer = server.serve(call);
                pause(back).await;
                answer
            });
            landed.await.unwrap()
        }
        .boxed()
    }
}

impl LeaseApi for Line {
    fn get(&self) -> BoxFuture<'static, Result<Option<Lease>, ApiError>> {
        self.call(Call::Get)
    }

    fn create(&self, lease: &Lease) -> BoxFuture<'static, Result<Lease, ApiError>> {
        self.call(Call::Create(lease.clone())).map(|answer| Ok(answer?.unwrap())).boxed()
    }

    fn update(&self, lease: &Lease) -> BoxFuture<'static, Result<Lease, ApiError>> {
        self.call(Call::Update(lease.clone())).map(|answer| Ok(answer?.unwrap())).boxed()
    }
}

pub async fn pause(duration: Duration) {
    if !duration.is_zero() {
        sleep_until(Instant::now() + duration).await;
    }
}

/// Repeatable chance: splitmix64.
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    /// Mostly quick, sometimes longer than a call may take, now and then longer than a lease.
    fn delay(&mut self) -> Duration {
        let most = match self.below(10) {
            0 => 30_000,
            1..3 => 6_000,
            _ => 300,
        };
        Duration::from_millis(self.below(most))
    }
}
