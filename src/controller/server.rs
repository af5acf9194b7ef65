//! SHELL. The process's own endpoints: `/metrics`, `/healthz` and `/readyz`.

use axum::Router;
use axum::http::{StatusCode, header};
use axum::routing::get;
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until};

/// How long open connections are waited for when the process stops. Well under the 30 s that a pod
/// is given.
const GRACE: Duration = Duration::from_secs(5);

/// What the probes are answered from. Nothing here depends on the API server or on any etcd.
#[derive(Debug)]
pub struct Health {
    began: Instant,
    silence_max: Duration,
    ticked_ms: AtomicU64,
    ready: AtomicBool,
}

impl Health {
    /// A process that begins now, and is dead once its loop has been silent for `silence_max`.
    pub fn new(silence_max: Duration) -> Self {
        let (ticked_ms, ready) = (AtomicU64::new(0), AtomicBool::new(false));
        Self { began: Instant::now(), silence_max, ticked_ms, ready }
    }

    /// The loop goes round. To be called by the loop itself: a timer beside it proves nothing.
    pub fn tick(&self) {
        self.ticked_ms.fetch_max(millis(self.began.elapsed()), Ordering::Relaxed);
    }

    /// The caches are filled, or the process stands by for the leader.
    pub fn set_ready(&self, ready: bool) {
        self.ready.store(ready, Ordering::Relaxed);
    }

    /// Whether the loop was heard of lately.
    pub fn is_alive(&self) -> bool {
        let silence_ms =
            millis(self.began.elapsed()).saturating_sub(self.ticked_ms.load(Ordering::Relaxed));
        silence_ms <= millis(self.silence_max)
    }

    /// Whether the process can do its work, or take it over.
    pub fn is_ready(&self) -> bool {
        self.ready.load(Ordering::Relaxed)
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// What a scrape is given.
pub type Render = Arc<dyn Fn() -> String + Send + Sync>;

/// Answers on `listener` until `stop` ends, and then for at most five seconds those there.
///
/// # Errors
/// Accepting connections failed for good.
pub async fn serve(
    listener: TcpListener,
    health: Arc<Health>,
    render: Render,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    serve_within(GRACE, listener, router(health, render), stop).await
}

async fn serve_within(
    grace: Duration,
    listener: TcpListener,
    router: Router,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (stopping, stopped) = oneshot::channel();
    let signal = async move {
        stop.await;
        stopping.send(()).ok();
    };
    let out_of_patience = async move {
        // An error means that the server ended by itself, which the other arm tells.
        if stopped.await.is_err() {
            std::future::pending::<()>().await;
        }
        sleep_until(Instant::now() + grace).await;
    };
    tokio::select! {
        served = axum::serve(listener, router).with_graceful_shutdown(signal) => served,
        () = out_of_patience => Ok(()),
    }
}

fn router(health: Arc<Health>, render: Render) -> Router {
    let alive = health.clone();
    let text = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    Router::new()
        .route("/metrics", get(move || async move { (text, render()) }))
        .route("/healthz", get(move || async move { answer(alive.is_alive(), "silent") }))
        .route("/readyz", get(move || async move { answer(health.is_ready(), "starting") }))
}

fn answer(good: bool, otherwise: &'static str) -> (StatusCode, &'static str) {
    if good { (StatusCode::OK, "ok\n") } else { (StatusCode::SERVICE_UNAVAILABLE, otherwise) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::SocketAddr;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;
    use tokio::task::JoinHandle;

    struct Served {
        address: SocketAddr,
        health: Arc<Health>,
        stop: oneshot::Sender<()>,
        task: JoinHandle<io::Result<()>>,
    }

    async fn served() -> Served {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let health = Arc::new(Health::new(Duration::from_secs(30)));
        let (stop, stopped) = oneshot::channel();
        let render: Render = Arc::new(|| "some_metric 1\n".to_owned());
        let until = async { stopped.await.unwrap() };
        let router = router(health.clone(), render);
        let task = tokio::spawn(serve_within(Duration::from_millis(100), listener, router, until));
        Served { address, health, stop, task }
    }

    async fn get(address: SocketAddr, path: &str) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let ask = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        stream.write_all(ask.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn the_three_endpoints_answer_and_nothing_else_does() {
        let Served { address, health, stop, task } = served().await;
        assert!(get(address, "/healthz").await.starts_with("HTTP/1.1 200"));
        assert!(get(address, "/readyz").await.starts_with("HTTP/1.1 503"));
        health.set_ready(true);
        assert!(get(address, "/readyz").await.starts_with("HTTP/1.1 200"));
        let metrics = get(address, "/metrics").await;
        assert!(metrics.contains("text/plain; version=0.0.4"), "{metrics}");
        assert!(metrics.ends_with("some_metric 1\n"), "{metrics}");
        assert!(get(address, "/").await.starts_with("HTTP/1.1 404"));
        stop.send(()).unwrap();
        task.await.unwrap().unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_loop_is_dead_and_one_that_ticks_is_not() {
        let health = Health::new(Duration::from_secs(30));
        tokio::time::advance(Duration::from_secs(30)).await;
        assert!(health.is_alive());
        health.tick();
        tokio::time::advance(Duration::from_secs(30)).await;
        assert!(health.is_alive());
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(!health.is_alive());
        health.tick();
        assert!(health.is_alive());
    }

    #[tokio::test]
    async fn stopping_waits_for_nobody_for_long() {
        let Served { address, stop, task, .. } = served().await;
        // A client that opens a request and never finishes it.
        let mut stuck = TcpStream::connect(address).await.unwrap();
        stuck.write_all(b"GET /metrics HTTP/1.1\r\n").await.unwrap();
        assert!(get(address, "/healthz").await.contains("ok"));
        let began = Instant::now();
        stop.send(()).unwrap();
        task.await.unwrap().unwrap();
        assert!(began.elapsed() < GRACE, "{:?}", began.elapsed());
    }
}
