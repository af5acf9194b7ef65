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
    /// Of what kind of object, as `plural.group`; `other` for one that we do not use by ourselves.
    pub resource: &'static str,
    /// The answer's HTTP status; none if it never began.
    pub code: Option<u16>,
}

/// Who is told of every request.
pub type Count = Arc<dyn Fn(&Request) + Send + Sync>;

/// The resources that have a label of their own, in Kubernetes' own words: the plural, and the group
/// behind it if it has one. A path is not ours to trust with a metric.
pub const RESOURCES: [&str; 15] = [
    "configmaps",
    "deployments.apps",
    "endpointslices.discovery.k8s.io",
    "etcdclusters.etcd.etcd.io",
    "events.events.k8s.io",
    "ingresses.networking.k8s.io",
    "leases.coordination.k8s.io",
    "nodes",
    "persistentvolumeclaims",
    "persistentvolumes",
    "poddisruptionbudgets.policy",
    "pods",
    "services",
    "services.apps.etcd.io",
    "statefulsets.apps",
];

impl Request {
    /// Names a request by its method, its path and its query.
    pub fn of(method: &http::Method, uri: &http::Uri) -> Self {
        let segments: Vec<_> = uri.path().split('/').filter(|part| !part.is_empty()).collect();
        // First /api/v1 or /apis/GROUP/VERSION, then perhaps /namespaces/NAME, then /RESOURCE/NAME.
        let (group, below) = match segments.as_slice() {
            ["api", _, below @ ..] => ("", below),
            ["apis", group, _, below @ ..] => (*group, below),
            _ => ("", [].as_slice()),
        };
        let (resource, named) = match below {
            ["namespaces", _, resource, name @ ..] | [resource, name @ ..] => {
                (*resource, !name.is_empty())
            }
            [] => ("", false),
        };
        let watch =
            uri.query().is_some_and(|query| query.split('&').any(|part| part == "watch=true"));
        Self { verb: verb(method, named, watch), resource: label(group, resource), code: None }
    }
}

/// The label of a plural of a group.
fn label(group: &str, resource: &str) -> &'static str {
    let is = |known: &&str| match known.split_once('.') {
        Some(known) => known == (resource, group),
        None => group.is_empty() && *known == resource,
    };
    RESOURCES.into_iter().find(is).unwrap_or("other")
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
        let (apps, events) = ("/apis/apps.etcd.io/v1alpha1", "/apis/events.k8s.io/v1");
        let clusters = "etcdclusters.etcd.etcd.io";
        let table = [
            ("GET", "/api/v1/namespaces/a/pods/b".to_owned(), ("get", "pods")),
            ("GET", "/api/v1/namespaces/a/pods?limit=500".to_owned(), ("list", "pods")),
            ("GET", "/api/v1/pods?&watch=true&x=y".to_owned(), ("watch", "pods")),
            ("GET", "/api/v1/namespaces".to_owned(), ("list", "other")),
            ("GET", "/api/v1/namespaces/pods".to_owned(), ("get", "other")),
            ("POST", format!("{events}/namespaces/a/events"), ("create", "events.events.k8s.io")),
            ("PUT", format!("{etcd}/namespaces/a/etcdclusters/b"), ("update", clusters)),
            ("PATCH", format!("{etcd}/namespaces/a/etcdclusters/b/status?x"), ("patch", clusters)),
            ("GET", format!("{apps}/namespaces/a/services"), ("list", "services.apps.etcd.io")),
            ("GET", "/api/v1/namespaces/a/services".to_owned(), ("list", "services")),
            ("DELETE", "/api/v1/namespaces/a/services/b".to_owned(), ("delete", "services")),
            ("DELETE", "/api/v1/namespaces/a/pods".to_owned(), ("deletecollection", "pods")),
            ("GET", "/version".to_owned(), ("list", "other")),
            ("GET", "/apis/evil/v1/secretsauce/x".to_owned(), ("get", "other")),
            ("GET", "/apis/evil/v1/namespaces/a/pods".to_owned(), ("list", "other")),
            ("GET", "/api/v1/namespaces/a/services.apps.etcd.io".to_owned(), ("list", "other")),
            ("BREW", "/api".to_owned(), ("other", "other")),
        ];
        for (method, uri, expected) in table {
            assert_eq!(named(method, &uri), expected, "{method} {uri}");
        }
    }
}
