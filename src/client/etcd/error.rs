//! SHELL. The one place where an error of the etcd client becomes a class of ours.

use crate::client::clean;
use std::time::Duration;
use strum::{EnumDiscriminants, EnumIter, IntoStaticStr};

/// Why a member gave no usable answer.
///
/// Each message is cleaned and at most [`ERROR_BYTES_MAX`] bytes long.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, EnumDiscriminants)]
#[strum_discriminants(name(EtcdClass), doc = "An [`EtcdError`] without its details.")]
#[strum_discriminants(derive(PartialOrd, Ord, Hash, EnumIter, IntoStaticStr))]
#[strum_discriminants(strum(serialize_all = "snake_case"))]
pub enum EtcdError {
    /// Nobody there, or nobody who speaks gRPC. Says nothing about the member's data.
    #[error("unreachable: {0}")]
    Unreachable(String),
    /// Nothing came back in time: hung, cut off, or waiting for a quorum.
    #[error("no answer within {0:?}")]
    Timeout(Duration),
    /// The member answered that the cluster cannot agree on anything now.
    #[error("no quorum: {0}")]
    NoLeader(String),
    /// The member answered that we may not ask. It is not unhealthy for that.
    #[error("denied: {0}")]
    Denied(String),
    /// The member answered that the membership is not as the call supposes: what was to be done may
    /// be done already. Look again.
    #[error("conflict: {0}")]
    Conflict(String),
    /// The member answered that this must not be done yet: too few voters are connected, or a learner
    /// is behind. The same call may succeed later.
    #[error("not yet: {0}")]
    NotYet(String),
    /// The member answered, and refused.
    #[error("refused: {0}")]
    Rejected(String),
    /// What came back contradicts itself.
    #[error("inconsistent answer: {0}")]
    Inconsistent(String),
}

impl EtcdError {
    /// The kind of failure.
    pub fn class(&self) -> EtcdClass {
        self.into()
    }

    /// The kind of failure as a word, for metrics.
    pub fn label(&self) -> &'static str {
        self.class().into()
    }

    /// Whether a call that was to change something is known to have changed nothing.
    pub fn changed_nothing(&self) -> bool {
        match self {
            Self::Denied(_) | Self::Conflict(_) | Self::NotYet(_) | Self::Rejected(_) => true,
            Self::Unreachable(_) | Self::Timeout(_) | Self::NoLeader(_) | Self::Inconsistent(_) => {
                false
            }
        }
    }

    /// Sorts what a member answers in etcd's own words, such as `etcdserver: no leader`.
    pub fn said(message: &str) -> Self {
        Self::of_status(code::FAILED_PRECONDITION, message, Duration::ZERO)
    }

    /// Sorts an error of the client, whose call was given `limit`.
    pub(super) fn of(error: &etcd_client::Error, limit: Duration) -> Self {
        use etcd_client::Error as Client;
        match error {
            Client::GRpcStatus(status) => {
                Self::of_status(status.code().into(), status.message(), limit)
            }
            Client::InvalidUri(_) | Client::InvalidArgs(_) => Self::Rejected(told(error)),
            _ => Self::Unreachable(told(error)),
        }
    }

    /// Sorts a gRPC status. The message decides before the code: etcd says `Unavailable` both for
    /// a member that is away and for one that answers and must not do what it was asked.
    fn of_status(code: i32, message: &str, limit: Duration) -> Self {
        let said = clean(message, ERROR_BYTES_MAX);
        let says = |part: &str| message.contains(part);
        if says("request timed out") || says("Timeout expired") {
            return Self::Timeout(limit);
        }
        if says("no leader") || says("leader changed") {
            return Self::NoLeader(said);
        }
        if NOT_YET.iter().any(|part| says(part)) {
            return Self::NotYet(said);
        }
        if CONFLICT.iter().any(|part| says(part)) {
            return Self::Conflict(said);
        }
        if says("user name is empty") || says("invalid auth token") {
            return Self::Denied(said);
        }
        match code {
            code::DEADLINE_EXCEEDED => Self::Timeout(limit),
            code::PERMISSION_DENIED | code::UNAUTHENTICATED => Self::Denied(said),
            // Every error of etcd's own begins with its name; without it, the way there failed.
            _ if message.starts_with("etcdserver: ") => Self::Rejected(said),
            code::CANCELLED | code::UNKNOWN | code::INTERNAL | code::UNAVAILABLE => {
                Self::Unreachable(said)
            }
            _ => Self::Rejected(said),
        }
    }
}

/// What etcd says of a change of the membership that it may allow later.
///
/// # Source
/// etcd, `api/v3rpc/rpctypes/error.go`, as are those of [`CONFLICT`].
const NOT_YET: [&str; 3] = [
    "unhealthy cluster",
    "re-configuration failed due to not enough started members",
    "can only promote a learner member which is in sync with leader",
];

/// What etcd says of one that was decided on another membership, or asked of another than the leader.
const CONFLICT: [&str; 7] = [
    "member not found",
    "member ID already exist",
    "Peer URLs already exists",
    "can only promote a learner member",
    "too many learner members in cluster",
    "bad leader transferee",
    "not leader",
];

/// The gRPC status codes that matter here, as the protocol numbers them.
///
/// # Source
/// gRPC, "Status codes and their use in gRPC".
mod code {
    pub const CANCELLED: i32 = 1;
    pub const UNKNOWN: i32 = 2;
    pub const DEADLINE_EXCEEDED: i32 = 4;
    pub const PERMISSION_DENIED: i32 = 7;
    pub const FAILED_PRECONDITION: i32 = 9;
    pub const INTERNAL: i32 = 13;
    pub const UNAVAILABLE: i32 = 14;
    pub const UNAUTHENTICATED: i32 = 16;
}

fn told(error: &etcd_client::Error) -> String {
    clean(&error.to_string(), ERROR_BYTES_MAX)
}

/// The longest error a member reports about itself that is kept, in bytes.
pub const ERROR_BYTES_MAX: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_decides_before_the_code() {
        let limit = Duration::from_secs(2);
        let table = [
            (14, "tcp connect error", EtcdClass::Unreachable),
            (14, "etcdserver: no leader", EtcdClass::NoLeader),
            (14, "etcdserver: leader changed", EtcdClass::NoLeader),
            (9, "etcdserver: not leader", EtcdClass::Conflict),
            (14, "etcdserver: request timed out", EtcdClass::Timeout),
            (1, "Timeout expired", EtcdClass::Timeout),
            (4, "deadline", EtcdClass::Timeout),
            (14, "etcdserver: unhealthy cluster", EtcdClass::NotYet),
            (9, "etcdserver: can only promote a learner member", EtcdClass::Conflict),
            (
                9,
                "etcdserver: can only promote a learner member which is in sync with leader",
                EtcdClass::NotYet,
            ),
            (5, "etcdserver: member not found", EtcdClass::Conflict),
            (9, "etcdserver: Peer URLs already exists", EtcdClass::Conflict),
            (
                9,
                "etcdserver: re-configuration failed due to not enough started members",
                EtcdClass::NotYet,
            ),
            (14, "etcdserver: rpc not supported for learner", EtcdClass::Rejected),
            (9, "etcdserver: too many learner members in cluster", EtcdClass::Conflict),
            (3, "etcdserver: given member URLs are invalid", EtcdClass::Rejected),
            (3, "etcdserver: user name is empty", EtcdClass::Denied),
            (7, "etcdserver: permission denied", EtcdClass::Denied),
            (16, "etcdserver: invalid auth token", EtcdClass::Denied),
            (12, "unknown service", EtcdClass::Rejected),
            (13, "h2 protocol error", EtcdClass::Unreachable),
        ];
        for (code, message, class) in table {
            let error = EtcdError::of_status(code, message, limit);
            assert_eq!(error.class(), class, "{code} {message}");
        }
    }

    #[test]
    fn a_refusal_is_definite_and_silence_is_not() {
        let why = String::new;
        let open = [
            EtcdError::Unreachable(why()),
            EtcdError::Timeout(Duration::ZERO),
            EtcdError::NoLeader(why()),
            EtcdError::Inconsistent(why()),
        ];
        assert!(open.iter().all(|error| !error.changed_nothing()));
        assert!(EtcdError::said("etcdserver: member not found").changed_nothing());
        assert!(EtcdError::said("etcdserver: unhealthy cluster").changed_nothing());
        assert!(EtcdError::said("etcdserver: permission denied").changed_nothing());
    }

    #[test]
    fn a_hostile_message_is_cut_and_cleaned() {
        let error = EtcdError::of_status(14, &"\n\u{1b}x".repeat(4000), Duration::ZERO);
        let EtcdError::Unreachable(said) = error else { panic!("{error:?}") };
        assert_eq!((said.len(), said.contains('\n')), (ERROR_BYTES_MAX, false));
    }
}
