//! SHELL. The connection to the API server, and the deadline of every call over it.

use super::request::{Count, Counting};
use super::{ApiClass, ApiError};
use kube::Config;
use kube::client::ClientBuilder;
use std::future::Future;
use std::time::Duration;
use tower::layer::layer_fn;

/// How long a call that is not a watch may take, from asking to the last byte of the answer.
pub const CALL_DEADLINE: Duration = Duration::from_secs(10);

/// How long one watch is asked to last, in seconds: kube's own default, given on purpose.
///
/// kube itself ends a watch that has been silent for five seconds longer, so a connection that is
/// half open costs at most [`Options::read_timeout`] of blindness.
pub const WATCH_SECONDS: u32 = 290;

/// How to connect.
#[derive(Clone)]
pub struct Options {
    /// To accept a connection and agree on TLS. Default 3 s.
    pub connect_timeout: Duration,
    /// Silence on a connection after which it is given up. Default 300 s.
    ///
    /// It holds for watches too, which is why it is longer than [`WATCH_SECONDS`]: the server
    /// ends a watch before that, so a healthy one is never cut.
    pub read_timeout: Duration,
    /// A write that the other side does not take. Default 10 s.
    pub write_timeout: Duration,
    /// Told of every request, once its answer begins or it is given up.
    pub count: Count,
}

impl Options {
    /// The defaults, with `count` told of every request.
    pub fn new(count: Count) -> Self {
        Self {
            connect_timeout: Duration::from_secs(3),
            read_timeout: Duration::from_mins(5),
            write_timeout: Duration::from_secs(10),
            count,
        }
    }
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// Neither a kubeconfig nor a pod's own credentials can be read.
    #[error("failed to find out which Kubernetes to talk to")]
    Config(#[source] Box<kube::config::InferConfigError>),
    /// The credentials cannot be used.
    #[error("failed to build a client from the configuration")]
    Client(#[source] Box<kube::Error>),
}

/// A client for the cluster of KUBECONFIG, or the one this pod runs in. Sends nothing yet.
pub async fn connect(options: Options) -> Result<kube::Client, ConnectError> {
    let config = Config::infer().await.map_err(|error| ConnectError::Config(Box::new(error)))?;
    client(tuned(config, &options), &options.count)
}

fn client(config: Config, count: &Count) -> Result<kube::Client, ConnectError> {
    let builder =
        ClientBuilder::try_from(config).map_err(|error| ConnectError::Client(Box::new(error)))?;
    Ok(builder.with_layer(&layer_fn(|inner| Counting::new(inner, count.clone()))).build())
}

fn tuned(mut config: Config, options: &Options) -> Config {
    // kube repeats what was throttled or not served, POST included, up to fifteen times and for as
    // long as the server's Retry-After says. Who repeats, when and for how long is decided by the
    // turn, which looks before it repeats.
    config.default_retry = false;
    config.connect_timeout = Some(options.connect_timeout);
    config.read_timeout = Some(options.read_timeout);
    config.write_timeout = Some(options.write_timeout);
    // Else the time a pooled connection lay idle would count against the next answer on it.
    config.reset_reader_on_write = true;
    config
}

/// A call that ends by itself after `limit`. Not for watches, which are meant to last.
///
/// # Errors
/// [`ApiClass::Timeout`] when it did; it may have been carried out all the same.
pub async fn deadline<T>(
    limit: Duration,
    call: impl Future<Output = Result<T, kube::Error>>,
) -> Result<T, ApiError> {
    match tokio::time::timeout(limit, call).await {
        Ok(answered) => answered.map_err(ApiError::from),
        Err(_) => Err(ApiError::late(limit)),
    }
}

/// The object, or none if there is no such object. Any other failure stays a failure.
///
/// # Errors
/// Whatever is not [`ApiClass::NotFound`]: an error is not an absence.
pub fn found<T>(answer: Result<T, ApiError>) -> Result<Option<T>, ApiError> {
    match answer {
        Ok(object) => Ok(Some(object)),
        Err(error) if error.class == ApiClass::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::request::Request;
    use k8s_openapi::api::core::v1::ConfigMap;
    use kube::Api;
    use parking_lot::Mutex;
    use std::sync::Arc;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    /// A server that answers every connection with `answer`; without one it stays silent.
    async fn serve(answer: Option<&'static str>) -> Config {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let uri = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let mut kept = vec![];
            while let Ok((mut stream, _)) = listener.accept().await {
                let _asked = stream.read(&mut [0; 4096]).await;
                if let Some(answer) = answer {
                    stream.write_all(answer.as_bytes()).await.ok();
                }
                kept.push(stream);
            }
        });
        Config::new(uri.parse().unwrap())
    }

    /// Gets one object, and says what came of it and what was counted.
    async fn get(config: Config) -> (ApiError, Vec<Request>) {
        let counted = Arc::new(Mutex::new(vec![]));
        let sink = counted.clone();
        let options = Options::new(Arc::new(move |request: &Request| sink.lock().push(*request)));
        let client = client(tuned(config, &options), &options.count).unwrap();
        let maps = Api::<ConfigMap>::namespaced(client, "shop");
        let error = deadline(Duration::from_millis(300), maps.get("one")).await.unwrap_err();
        let counted = counted.lock().clone();
        (error, counted)
    }

    #[tokio::test]
    async fn a_call_that_is_not_served_is_sent_once() {
        let busy = "HTTP/1.1 503 Busy\r\ncontent-length: 0\r\nretry-after: 0\r\n\r\n";
        let (error, counted) = get(serve(Some(busy)).await).await;
        assert_eq!(error.class, ApiClass::Unavailable);
        let request = Request { verb: "get", resource: "configmaps", code: Some(503) };
        assert_eq!(counted, [request]);
    }

    #[tokio::test]
    async fn a_mute_server_costs_one_deadline_and_is_counted() {
        let (error, counted) = get(serve(None).await).await;
        assert_eq!(error.class, ApiClass::Timeout);
        assert_eq!(counted, [Request { verb: "get", resource: "configmaps", code: None }]);
    }

    #[test]
    fn the_hidden_retry_is_off_and_watches_outlive_their_own_silence() {
        let options = Options::new(Arc::new(|_| ()));
        let config = tuned(Config::new("http://127.0.0.1".parse().unwrap()), &options);
        assert!(!config.default_retry);
        assert!(config.read_timeout > Some(Duration::from_secs(u64::from(WATCH_SECONDS) + 5)));
        assert!(config.reset_reader_on_write);
    }
}
