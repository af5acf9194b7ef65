//! PURE. Failed: what is said while nothing is touched, and what is kept all the same.

use super::{Case, lost, stale};
use crate::service::etcd_cluster::observed::Observed;
use crate::service::etcd_cluster::scenarios::{formed, healthy, provisioned, recorded};
use crate::service::etcd_cluster::vocabulary::{Reason, Step};

/// Too few members are left.
fn down() -> Observed {
    healthy(3).with_down(&[0, 1])
}

/// No further try is allowed.
fn exhausted(seen: Observed) -> Observed {
    seen.with(|seen| seen.memory.attempts = 3)
}

/// Members run, have had their time, and agree on nobody.
fn unformed() -> Observed {
    formed(3).unlisted().with(|seen| seen.looks.clear()).later(300)
}

pub(super) const ALL: &[Case] = &[
    Case {
        about: "quorum is back, and the list of members cannot be read",
        steps: &[Step::QuorumLost],
        seen: || healthy(3).unlisted(),
        to: None,
        held: &[Reason::ListStale, Reason::QuorumLost],
        does: &[],
    },
    Case {
        about: "of too few members one lost its data",
        steps: &[Step::QuorumLost],
        seen: || healthy(3).with_down(&[0]).with_refusal(2, lost()),
        to: None,
        held: &[Reason::QuorumLost, Reason::MemberDataLost, Reason::MemberDown],
        does: &[],
    },
    Case {
        about: "of too few members one has somebody else's data",
        steps: &[Step::QuorumLost],
        seen: || healthy(3).with_down(&[0]).with_refusal(2, stale()),
        to: None,
        held: &[Reason::QuorumLost, Reason::MemberDataStale, Reason::MemberDown],
        does: &[],
    },
    Case {
        about: "too few members are left, and that one reports an alarm",
        steps: &[Step::QuorumLost],
        seen: || healthy(3).with_down(&[1, 2]).alarmed(),
        to: None,
        held: &[Reason::QuorumLost, Reason::MemberDown, Reason::MemberAlarm],
        does: &[],
    },
    Case {
        about: "too few members are left, and a name is taken",
        steps: &[Step::QuorumLost],
        seen: || down().taken(),
        to: None,
        held: &[Reason::QuorumLost, Reason::ForeignObject, Reason::MemberDown],
        does: &[],
    },
    Case {
        about: "too few members are left, and the finalizer is missing",
        steps: &[Step::QuorumLost],
        seen: || down().unheld(),
        to: None,
        held: &[Reason::QuorumLost, Reason::MemberDown],
        does: &["AddFinalizer"],
    },
    Case {
        about: "too few members are left, and a part is gone",
        steps: &[Step::QuorumLost],
        seen: || down().lacking(),
        to: None,
        held: &[Reason::QuorumLost, Reason::MemberDown],
        does: &["Keep"],
    },
    Case {
        about: "too few members are left, and the spec was changed",
        steps: &[Step::QuorumLost],
        seen: || down().respecified(),
        to: None,
        held: &[Reason::SpecChangeTooLate, Reason::QuorumLost, Reason::MemberDown],
        does: &[],
    },
    Case {
        about: "too few members are left, and nothing was sealed yet",
        steps: &[Step::QuorumLost],
        seen: || recorded(3).with_down(&[0, 1]),
        to: None,
        held: &[Reason::QuorumLost, Reason::MemberDown],
        does: &["Keep"],
    },
    Case {
        about: "too few members are left, and the pods were not told yet",
        steps: &[Step::QuorumLost],
        seen: || down().untold(),
        to: None,
        held: &[Reason::QuorumLost, Reason::MemberDown],
        does: &["Direct"],
    },
    Case {
        about: "the members formed a cluster after all",
        steps: &[Step::Bootstrap],
        seen: || formed(3),
        to: Some(Step::Seal),
        held: &[],
        does: &["Identity"],
    },
    Case {
        about: "a further try is allowed, and not due",
        steps: &[Step::Bootstrap],
        seen: unformed,
        to: None,
        held: &[Reason::RetryBackoff, Reason::RetriesExhausted],
        does: &[],
    },
    Case {
        about: "a further try is allowed, and due",
        steps: &[Step::Bootstrap],
        seen: || unformed().later(10),
        to: Some(Step::Reset),
        held: &[],
        does: &["Retried"],
    },
    Case {
        about: "no further try is allowed, and a member's data is lost",
        steps: &[Step::Bootstrap],
        seen: || exhausted(formed(3).with_refusal(2, lost())),
        to: None,
        held: &[Reason::MemberDataLost, Reason::RetriesExhausted],
        does: &[],
    },
    Case {
        about: "no further try is allowed, and a member's data is somebody else's",
        steps: &[Step::Bootstrap],
        seen: || exhausted(formed(3).with_refusal(2, stale())),
        to: None,
        held: &[Reason::MemberDataStale, Reason::RetriesExhausted],
        does: &[],
    },
    Case {
        about: "a birth failed, and a name is taken",
        steps: &[Step::Bootstrap],
        seen: || exhausted(unformed()).taken(),
        to: None,
        held: &[Reason::ForeignObject, Reason::RetriesExhausted],
        does: &[],
    },
    Case {
        about: "a birth failed, and the finalizer is missing",
        steps: &[Step::Bootstrap],
        seen: || exhausted(unformed()).unheld(),
        to: None,
        held: &[Reason::RetriesExhausted],
        does: &["AddFinalizer"],
    },
    Case {
        about: "a birth failed, and a part is gone",
        steps: &[Step::Bootstrap],
        seen: || exhausted(unformed()).lacking(),
        to: None,
        held: &[Reason::RetriesExhausted],
        does: &["Keep"],
    },
    Case {
        about: "a birth failed, and the pods were not told yet",
        steps: &[Step::Bootstrap],
        seen: || exhausted(unformed()).untold(),
        to: None,
        held: &[Reason::RetriesExhausted],
        does: &[],
    },
    Case {
        about: "a birth failed, and the spec changes",
        steps: &[Step::Bootstrap],
        seen: || provisioned(3).respecified(),
        to: Some(Step::Reset),
        held: &[],
        does: &["TriesForgotten"],
    },
    Case {
        about: "a birth failed after somebody wrote, and the spec changes",
        steps: &[Step::Bootstrap],
        seen: || formed(3).with_down(&[2]).answering(|look| look.revision = 7).respecified(),
        to: None,
        held: &[Reason::SpecChangeTooLate, Reason::RetriesExhausted],
        does: &[],
    },
];
