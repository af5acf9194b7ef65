//! SHELL. Every request to the API server, named in bounded words and counted.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tower::Service;

/// One request, once its fate is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request {
    /// What was asked, in the API's own words: get, list, watch, create, update, patch, delete.
    pub verb: &'static str,
    /// Of what kind of object, plural; `other` for one that we do not use by ourselves.
    pub resource: &'static str,
    /// The answer's HTTP status; none if it never began.
    pub code: Option<u16>,
}

/// Who is told of every request.
pub type Count = Arc<dyn Fn(&Request) + Send + Sync>;

/// The resources that have a label of their own. A path is not ours to trust with a metric.
const RESOURCES: [&str; 20] = [
    "configmaps",
    "customresourcedefinitions",
    "endpointslices",
    "etcdbackups",
    "etcdclusters",
    "etcdrestores",
    "appservices",
    "events",
    "jobs",
    "leases",
    "namespaces",
    "nodes",
    "persistentvolumeclaims",
    "persistentvolumes",
    "poddisruptionbudgets",
    "pods",
    "secrets",
    "services",
    "statefulsets",
    "storageclasses",
];

impl Request {
    /// Names a request by its method, its path and its query.
    pub fn of(method: &http::Method, uri: &http::Uri) -> Self {
        let segments: Vec<_> = uri.path().split('/').filter(|part| !part.is_empty()).collect();
        // First /api/v1 or /apis/GROUP/VERSION, then perhaps /namespaces/NAME, then /RESOURCE/NAME.
        let below = match segments.as_slice() {
            ["api", _, below @ ..] | ["apis", _, _, below @ ..] => below,
            _ => &[],
        };
        let (resource, named) = match below {
            ["namespaces", _, resource, name @ ..] | [resource, name @ ..] => {
                (*resource, !name.is_empty())
            }
            [] => ("", false),
        };
        let watch =
            uri.query().is_some_and(|query| query.split('&').any(|part| part == "watch=true"));
        let resource = RESOURCES.into_iter().find(|known| *known == resource).unwrap_or("other");
        Self { verb: verb(method, named, watch), resource, code: None }
    }
}

fn verb(method: &http::Method, named: bool, watch: bool) -> &'static str {
    match (method.as_str(), named) {
        ("GET", _) if watch => "watch",
        ("GET", true) => "get",
        ("GET", false) => "list",
        ("POST", _) => "create",
        ("PUT", _) => "update",
        ("PATCH", _) => "patch",
        ("DELETE", true) => "delete",
        ("DELETE", false) => "deletecollection",
        _ => "other",
    }
}

/// A client's service that counts what passes through it.
#[derive(Clone)]
pub struct Counting<S> {
    inner: S,
    count: Count,
}

impl<S> Counting<S> {
    /// Counts what passes to `inner`.
    pub fn new(inner: S, count: Count) -> Self {
        Self { inner, count }
    }
}

impl<S, In, Out> Service<http::Request<In>> for Counting<S>
where
    S: Service<http::Request<In>, Response = http::Response<Out>>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: http::Request<In>) -> Self::Future {
        let named = Request::of(request.method(), request.uri());
        let mut pending = Pending { request: named, count: self.count.clone() };
        let answer = self.inner.call(request);
        Box::pin(async move {
            let answer = answer.await;
            pending.answered(answer.as_ref().ok().map(http::Response::status));
            answer
        })
    }
}

/// A request under way. It is counted when dropped, so one given up at its deadline counts too.
struct Pending {
    request: Request,
    count: Count,
}

impl Pending {
    fn answered(&mut self, status: Option<http::StatusCode>) {
        self.request.code = status.map(|status| status.as_u16());
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        (self.count)(&self.request);
    }
}

#[cfg(test)]
mod tests {
    use super::Request;

    fn named(method: &str, uri: &str) -> (&'static str, &'static str) {
        let request = Request::of(&method.parse().unwrap(), &uri.parse().unwrap());
        (request.verb, request.resource)
    }

    #[test]
    fn paths_become_bounded_words() {
        let etcd = "/apis/etcd.etcd.io/v1alpha1";
        let table = [
            ("GET", "/api/v1/namespaces/a/pods/b".to_owned(), ("get", "pods")),
            ("GET", "/api/v1/namespaces/a/pods?limit=500".to_owned(), ("list", "pods")),
            ("GET", "/api/v1/pods?&watch=true&x=y".to_owned(), ("watch", "pods")),
            ("GET", "/api/v1/namespaces".to_owned(), ("list", "namespaces")),
            ("GET", "/api/v1/namespaces/pods".to_owned(), ("get", "namespaces")),
            ("POST", "/api/v1/namespaces/a/events".to_owned(), ("create", "events")),
            ("PUT", format!("{etcd}/namespaces/a/etcdclusters/b"), ("update", "etcdclusters")),
            (
                "PATCH",
                format!("{etcd}/namespaces/a/etcdclusters/b/status?x"),
                ("patch", "etcdclusters"),
            ),
            ("DELETE", "/api/v1/namespaces/a/services/b".to_owned(), ("delete", "services")),
            ("DELETE", "/api/v1/namespaces/a/pods".to_owned(), ("deletecollection", "pods")),
            ("GET", "/version".to_owned(), ("list", "other")),
            ("GET", "/apis/evil/v1/secretsauce/x".to_owned(), ("get", "other")),
            ("BREW", "/api".to_owned(), ("other", "other")),
        ];
        for (method, uri, expected) in table {
            assert_eq!(named(method, &uri), expected, "{method} {uri}");
        }
    }
}
