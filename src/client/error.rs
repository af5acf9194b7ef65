//! SHELL. The one place where an error of the Kubernetes client becomes a class of ours.

use super::clean;
use kube::core::Status;
use serde::{Deserialize, Serialize};
use std::error::Error;
use std::io;
use std::time::Duration;
use strum::{EnumIter, IntoStaticStr};

/// The longest message kept of an error, in bytes.
pub const MESSAGE_BYTES_MAX: usize = 1024;

/// What the failure of a request to the API server means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum ApiClass {
    /// There is no such object, or no such kind.
    NotFound,
    /// The name is taken.
    AlreadyExists,
    /// The object is not the one the request was decided on: read it again.
    Conflict,
    /// We may not: credentials, RBAC, quota or an admission policy.
    Forbidden,
    /// Too many requests; this one was not begun.
    Throttled,
    /// The API server cannot be reached, or says that it cannot serve.
    Unavailable,
    /// No answer in time, from the server or from what is behind it.
    Timeout,
    /// The request is wrong, and stays wrong however often it is sent.
    Invalid,
    /// The namespace is being deleted: nothing can be created in it any more.
    Terminating,
    /// The server failed, or its answer cannot be read.
    Internal,
}

/// A failed request to the API server.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {message}", self.label())]
pub struct ApiError {
    /// What it means.
    pub class: ApiClass,
    /// What the server, or the way to it, said. Cleaned, at most [`MESSAGE_BYTES_MAX`] bytes.
    pub message: String,
}

impl ApiError {
    /// An error of a class, with a message from anywhere.
    pub fn new(class: ApiClass, message: &str) -> Self {
        Self { class, message: clean(message, MESSAGE_BYTES_MAX) }
    }

    /// No answer within `limit`.
    pub fn late(limit: Duration) -> Self {
        Self::new(ApiClass::Timeout, &format!("no answer within {limit:?}"))
    }

    /// The class as a word, for metrics.
    pub fn label(&self) -> &'static str {
        self.class.into()
    }
}

impl From<kube::Error> for ApiError {
    fn from(error: kube::Error) -> Self {
        use kube::Error as Kube;
        match &error {
            Kube::Api(status) => Self::new(class_of(status), &status.message),
            // Neither was ever sent.
            Kube::BuildRequest(_) => Self::new(ApiClass::Invalid, &told(&error)),
            Kube::Auth(_) => Self::new(ApiClass::Forbidden, &told(&error)),
            Kube::HyperError(_) | Kube::Service(_) | Kube::ReadEvents(_) => {
                let late = is_timeout(&error);
                let class = if late { ApiClass::Timeout } else { ApiClass::Unavailable };
                Self::new(class, &told(&error))
            }
            _ => Self::new(ApiClass::Internal, &told(&error)),
        }
    }
}

/// What became of a request that changes something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "camelCase")]
#[strum(serialize_all = "snake_case")]
pub enum Answer {
    /// Done.
    Ok,
    /// Refused for now: nothing changed, and the same may be allowed a moment later.
    NotYet(String),
    /// Refused: nothing changed, for this reason.
    Rejected(String),
    /// It may have been done and may not. It is never repeated blindly: look first.
    Unknown(String),
}

/// Whether a failed request is known to have changed nothing.
pub fn answer(error: &ApiError) -> Answer {
    match error.class {
        ApiClass::NotFound
        | ApiClass::AlreadyExists
        | ApiClass::Conflict
        | ApiClass::Forbidden
        | ApiClass::Throttled
        | ApiClass::Invalid
        | ApiClass::Terminating => Answer::Rejected(error.to_string()),
        ApiClass::Unavailable | ApiClass::Timeout | ApiClass::Internal => {
            Answer::Unknown(error.to_string())
        }
    }
}

fn class_of(status: &Status) -> ApiClass {
    // The reason says more than the code: two 409 differ, and a time-out may come as a 500.
    match (status.reason.as_str(), status.code) {
        _ if is_terminating(status) => ApiClass::Terminating,
        ("AlreadyExists", _) => ApiClass::AlreadyExists,
        ("Timeout" | "ServerTimeout", _) | (_, 408 | 504) => ApiClass::Timeout,
        (_, 404) => ApiClass::NotFound,
        // Gone (410) is about a resourceVersion that is too old: read again, as for a conflict.
        (_, 409 | 410 | 412) => ApiClass::Conflict,
        (_, 401 | 403) => ApiClass::Forbidden,
        (_, 429) => ApiClass::Throttled,
        (_, 502 | 503) => ApiClass::Unavailable,
        (_, 400..=499) => ApiClass::Invalid,
        _ => ApiClass::Internal,
    }
}

fn is_terminating(status: &Status) -> bool {
    let causes = status.details.iter().flat_map(|details| &details.causes);
    status.code == 403 && causes.into_iter().any(|cause| cause.reason == "NamespaceTerminating")
}

/// The error and all that is below it, in one line.
fn told(error: &(dyn Error + 'static)) -> String {
    let causes: Vec<_> = chain(error).map(ToString::to_string).collect();
    causes.join(": ")
}

fn is_timeout(error: &(dyn Error + 'static)) -> bool {
    chain(error)
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|cause| cause.kind() == io::ErrorKind::TimedOut)
}

/// An error and its causes. Bounded, because a cause may be anybody's code.
fn chain<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&cause| cause.source()).take(8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use kube::core::response::{StatusCause, StatusDetails};
    use strum::IntoEnumIterator;

    fn api(code: u16, reason: &str) -> ApiError {
        kube::Error::Api(Status::failure("said so", reason).with_code(code).boxed()).into()
    }

    #[test]
    fn every_code_has_its_class() {
        let table = [
            (400, "BadRequest", ApiClass::Invalid),
            (401, "Unauthorized", ApiClass::Forbidden),
            (403, "Forbidden", ApiClass::Forbidden),
            (404, "NotFound", ApiClass::NotFound),
            (405, "MethodNotAllowed", ApiClass::Invalid),
            (408, "", ApiClass::Timeout),
            (409, "AlreadyExists", ApiClass::AlreadyExists),
            (409, "Conflict", ApiClass::Conflict),
            (410, "Expired", ApiClass::Conflict),
            (413, "RequestEntityTooLarge", ApiClass::Invalid),
            (422, "Invalid", ApiClass::Invalid),
            (429, "TooManyRequests", ApiClass::Throttled),
            (500, "InternalError", ApiClass::Internal),
            (500, "ServerTimeout", ApiClass::Timeout),
            (502, "", ApiClass::Unavailable),
            (503, "ServiceUnavailable", ApiClass::Unavailable),
            (504, "Timeout", ApiClass::Timeout),
            (0, "", ApiClass::Internal),
            (302, "", ApiClass::Internal),
        ];
        for (code, reason, class) in table {
            assert_eq!(api(code, reason).class, class, "{code} {reason}");
        }
    }

    #[test]
    fn a_terminating_namespace_is_told_from_missing_rights() {
        let cause = StatusCause {
            reason: "NamespaceTerminating".into(),
            message: String::new(),
            field: "metadata.namespace".into(),
        };
        let details = StatusDetails {
            name: String::new(),
            group: String::new(),
            kind: String::new(),
            uid: String::new(),
            causes: vec![cause],
            retry_after_seconds: 0,
        };
        let status = Status::failure("no", "Forbidden").with_code(403).with_details(details);
        let error = ApiError::from(kube::Error::Api(status.boxed()));
        assert_eq!(error.class, ApiClass::Terminating);
    }

    #[test]
    fn a_refusal_is_definite_and_silence_is_not() {
        for class in ApiClass::iter() {
            let open = [ApiClass::Unavailable, ApiClass::Timeout, ApiClass::Internal];
            let error = ApiError::new(class, "why");
            let text = error.to_string();
            let expected =
                if open.contains(&class) { Answer::Unknown(text) } else { Answer::Rejected(text) };
            assert_eq!(answer(&error), expected);
        }
    }

    #[test]
    fn a_lost_connection_or_an_unreadable_answer_may_have_done_it() {
        let lost = |kind| kube::Error::Service(Box::new(io::Error::from(kind)));
        let unreadable = serde_json::from_str::<u8>("x").unwrap_err();
        for (error, class) in [
            (lost(io::ErrorKind::ConnectionReset), ApiClass::Unavailable),
            (lost(io::ErrorKind::TimedOut), ApiClass::Timeout),
            (kube::Error::SerdeError(unreadable), ApiClass::Internal),
        ] {
            let error = ApiError::from(error);
            assert_eq!(error.class, class);
            assert!(matches!(answer(&error), Answer::Unknown(_)));
        }
    }
}
