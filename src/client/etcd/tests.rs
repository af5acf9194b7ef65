//! SHELL. Looking at what is not an etcd. The real one is covered by the cluster tests.

use super::api::Etcd;
use super::{EtcdClass, GrpcEtcd, Timeouts};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::time::Instant;

fn quick() -> GrpcEtcd {
    let timeouts = Timeouts {
        connect: Duration::from_millis(200),
        call: Duration::from_millis(400),
        hash: Duration::from_millis(400),
    };
    GrpcEtcd { timeouts }
}

async fn listener() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    (listener, endpoint)
}

/// The classes of a look and of a member list at `endpoint`, and how long both took.
async fn asked(endpoint: &str) -> (EtcdClass, EtcdClass, Duration) {
    let (etcd, began): (Box<dyn Etcd>, _) = (Box::new(quick()), Instant::now());
    let look = etcd.look(endpoint).await.unwrap_err().class();
    let members = etcd.members(endpoint).await.unwrap_err().class();
    (look, members, began.elapsed())
}

#[tokio::test]
async fn a_closed_port_is_unreachable_at_once() {
    let (listener, endpoint) = listener().await;
    drop(listener);
    let (look, members, _) = asked(&endpoint).await;
    assert_eq!((look, members), (EtcdClass::Unreachable, EtcdClass::Unreachable));
}

#[tokio::test]
async fn a_mute_listener_costs_one_deadline_per_call() {
    let (listener, endpoint) = listener().await;
    let mute = tokio::spawn(async move {
        let mut kept = vec![];
        while let Ok((stream, _)) = listener.accept().await {
            kept.push(stream);
        }
    });
    let (look, members, took) = asked(&endpoint).await;
    mute.abort();
    assert_eq!((look, members), (EtcdClass::Timeout, EtcdClass::Timeout));
    assert!(took < Duration::from_secs(5), "{took:?}");
}

#[tokio::test]
async fn garbage_is_unreachable_within_the_deadline() {
    let (listener, endpoint) = listener().await;
    let noisy = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            stream.write_all(&[0xff; 4096]).await.ok();
        }
    });
    let (look, members, took) = asked(&endpoint).await;
    noisy.abort();
    assert_ne!(look, EtcdClass::Rejected);
    assert_ne!(members, EtcdClass::Rejected);
    assert!(took < Duration::from_secs(5), "{took:?}");
}

#[tokio::test]
async fn an_endpoint_that_is_no_url_is_refused() {
    let (look, members, _) = asked("http://not a host:2379").await;
    assert_eq!((look, members), (EtcdClass::Rejected, EtcdClass::Rejected));
}

#[tokio::test]
async fn what_is_no_peer_url_is_refused_before_anybody_is_asked() {
    let (listener, endpoint) = listener().await;
    drop(listener);
    for url in ["nonsense", "http://host", "http://host:x", "http://host:2380/path", "ftp://host:1"]
    {
        let refused = quick().update_peer_url(&endpoint, 1, url).await.unwrap_err();
        assert_eq!(refused.class(), EtcdClass::Rejected, "{url}");
    }
    let asked = quick().update_peer_url(&endpoint, 1, "http://host:2380").await.unwrap_err();
    assert_eq!(asked.class(), EtcdClass::Unreachable);
}
