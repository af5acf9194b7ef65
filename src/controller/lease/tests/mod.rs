//! SHELL. The election against a fake server, in virtual time.

mod fake;
mod schedules;

use super::candidate::Candidate;
use super::timing::{Clock, Timing};
use super::{Identity, Keeper, Leadership, Lost};
use fake::{Line, Mood, Server, pause};
use jiff::Timestamp;
use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::Instant;

fn stopped_clock() -> Clock {
    Arc::new(|| Timestamp::UNIX_EPOCH)
}

fn candidate(line: &Line, name: &str) -> Candidate<Line> {
    Candidate::new(line.clone(), Identity::new(name, None), Timing::default(), stopped_clock())
}

fn kept(keeper: Keeper<Line>) -> (Leadership, JoinHandle<Lost>) {
    (keeper.leadership(), tokio::spawn(keeper.keep(pending())))
}

/// A server whose lease is held by "gone", which renews no more.
fn abandoned() -> Arc<Server> {
    let server = Arc::new(Server::default());
    let spec = LeaseSpec {
        holder_identity: Some("gone".to_owned()),
        lease_duration_seconds: Some(15),
        ..LeaseSpec::default()
    };
    server.edit(|lease| *lease = Some(Lease { spec: Some(spec), ..Lease::default() }));
    server
}

async fn elected_in(candidate: Candidate<Line>) -> (Keeper<Line>, Duration) {
    let began = Instant::now();
    let keeper = candidate.elected().await;
    (keeper, began.elapsed())
}

#[tokio::test(start_paused = true)]
async fn an_abandoned_lease_is_taken_after_its_whole_duration() {
    let server = abandoned();
    let (_, took) = elected_in(candidate(&Line::new(&server, 1), "a")).await;
    let (least, most) = (Duration::from_secs(15), Duration::from_secs(18));
    assert!(took >= least && took < most, "{took:?}");
    assert_eq!(server.lease().unwrap().spec.unwrap().lease_transitions, Some(1));
}

#[tokio::test(start_paused = true)]
async fn a_live_holder_is_never_overtaken_although_its_wall_clock_stands_still() {
    let server = Arc::new(Server::default());
    let (leadership, _task) = kept(candidate(&Line::new(&server, 1), "a").elected().await);
    let other = candidate(&Line::new(&server, 2), "b").elected();
    assert!(tokio::time::timeout(Duration::from_secs(600), other).await.is_err());
    assert!(leadership.is_proven());
}

#[tokio::test(start_paused = true)]
async fn a_released_lease_is_taken_at_the_next_look() {
    let server = Arc::new(Server::default());
    let keeper = candidate(&Line::new(&server, 1), "a").elected().await;
    let leadership = keeper.leadership();
    let (stop, stopped) = oneshot::channel::<()>();
    let task = tokio::spawn(keeper.keep(async { stopped.await.unwrap() }));
    let next = tokio::spawn(elected_in(candidate(&Line::new(&server, 2), "b")));
    pause(Duration::from_secs(60)).await;
    let began = Instant::now();
    stop.send(()).unwrap();
    assert_eq!(task.await.unwrap(), Lost::Released);
    assert!(!leadership.is_proven());
    assert!(next.await.unwrap().0.leadership().is_proven());
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn leadership_is_unproven_when_renewals_fail_for_the_deadline() {
    for mood in [Mood::Cut, Mood::Forbidden] {
        let server = Arc::new(Server::default());
        let line = Line::new(&server, 1);
        let (leadership, task) = kept(candidate(&line, "a").elected().await);
        pause(Duration::from_secs(61)).await;
        let began = Instant::now();
        line.set(mood);
        assert!(leadership.is_proven());
        assert_eq!(leadership.lost().await, Lost::Unproven);
        assert!(!leadership.is_proven());
        assert!(began.elapsed() <= Timing::default().renew_deadline);
        assert_eq!(task.await.unwrap(), Lost::Unproven);
    }
}

#[tokio::test(start_paused = true)]
async fn a_short_outage_is_survived() {
    let server = Arc::new(Server::default());
    let line = Line::new(&server, 1);
    let (leadership, _task) = kept(candidate(&line, "a").elected().await);
    pause(Duration::from_secs(61)).await;
    line.set(Mood::Cut);
    pause(Duration::from_secs(6)).await;
    line.set(Mood::Good);
    pause(Duration::from_secs(60)).await;
    assert!(leadership.is_proven());
}

#[tokio::test(start_paused = true)]
async fn a_lease_edited_by_hand_ends_leadership_unless_it_still_names_us() {
    let renamed = |name: Option<&str>| {
        let name = name.map(str::to_owned);
        move |lease: &mut Option<Lease>| {
            lease.as_mut().unwrap().spec.as_mut().unwrap().holder_identity = name;
        }
    };
    for (name, lost) in [(None, None), (Some("b"), Some("b".to_owned()))] {
        let server = Arc::new(Server::default());
        let (leadership, _task) = kept(candidate(&Line::new(&server, 1), "a").elected().await);
        server.edit(|lease| lease.as_mut().unwrap().metadata.labels = None);
        pause(Duration::from_secs(60)).await;
        assert!(leadership.is_proven());
        server.edit(renamed(name));
        assert_eq!(leadership.lost().await, Lost::Taken(lost));
    }
}

#[tokio::test(start_paused = true)]
async fn a_deleted_lease_ends_leadership_and_is_waited_out_by_the_one_who_stood_by() {
    let server = Arc::new(Server::default());
    let (leadership, _task) = kept(candidate(&Line::new(&server, 1), "a").elected().await);
    let next = tokio::spawn(candidate(&Line::new(&server, 2), "b").elected());
    pause(Duration::from_secs(60)).await;
    let began = Instant::now();
    server.edit(|lease| *lease = None);
    assert_eq!(leadership.lost().await, Lost::Deleted);
    assert!(next.await.unwrap().leadership().is_proven());
    assert!(began.elapsed() >= Duration::from_secs(15), "{:?}", began.elapsed());
}
