//! PURE. Creating: what is swallowed while members start, and what a birth does beside it.

use super::{Case, lost, stale};
use crate::engine::Known;
use crate::service::etcd_cluster::scenarios::{formed, fresh, provisioned, recorded};
use crate::service::etcd_cluster::vocabulary::{Reason, Step};

const BEGINS: &[&str] = &["CreationBegun", "AddFinalizer", "Keep"];

pub(super) const ALL: &[Case] = &[
    Case {
        about: "nothing was counted live yet",
        steps: &[Step::Provision],
        seen: || fresh(3).with(|seen| seen.counted = false),
        to: None,
        held: &[],
        does: &[],
    },
    Case {
        about: "pods of this birth are there and were not told yet",
        steps: &[Step::Provision],
        seen: || provisioned(3).untold(),
        to: Some(Step::AwaitQuorum),
        held: &[],
        does: BEGINS,
    },
    Case {
        about: "members of another spec are there",
        steps: &[Step::Provision],
        seen: || provisioned(3).respecified(),
        to: Some(Step::AwaitQuorum),
        held: &[],
        does: BEGINS,
    },
    Case {
        about: "a member's data is lost",
        steps: &[Step::Provision],
        seen: || formed(3).with_refusal(2, lost()),
        to: Some(Step::AwaitQuorum),
        held: &[],
        does: BEGINS,
    },
    Case {
        about: "a member's data is somebody else's",
        steps: &[Step::Provision],
        seen: || formed(3).with_refusal(2, stale()),
        to: Some(Step::AwaitQuorum),
        held: &[],
        does: BEGINS,
    },
    Case {
        about: "a member's data is somebody else's, and a further try is not due",
        steps: &[Step::AwaitQuorum],
        seen: || formed(3).with_refusal(2, stale()),
        to: None,
        held: &[Reason::RetryBackoff, Reason::QuorumForming],
        does: &[],
    },
    Case {
        about: "the list misses a member",
        steps: &[Step::AwaitQuorum],
        seen: || {
            formed(3).with(|seen| {
                if let Known::Known(list) = &mut seen.members {
                    list.voters.pop_first();
                }
            })
        },
        to: None,
        held: &[Reason::MembersMismatch, Reason::QuorumForming],
        does: &[],
    },
    Case {
        about: "a member answers for another cluster than the list's",
        steps: &[Step::AwaitQuorum],
        seen: || formed(3).answering(|look| "c2".clone_into(&mut look.cluster_id)),
        to: None,
        held: &[Reason::ForeignCluster, Reason::QuorumForming],
        does: &[],
    },
    Case {
        about: "a name is taken while members start",
        steps: &[Step::AwaitQuorum],
        seen: || provisioned(3).taken(),
        to: None,
        held: &[Reason::ForeignObject, Reason::MembersStarting],
        does: &[],
    },
    Case {
        about: "a member's data is lost while it is being sealed",
        steps: &[Step::Seal],
        seen: || recorded(3).with_refusal(2, lost()),
        to: None,
        held: &[Reason::Sealing, Reason::MemberDataLost, Reason::MembersStarting],
        does: &["Keep"],
    },
    Case {
        about: "a member's data is somebody else's while it is being sealed",
        steps: &[Step::Seal],
        seen: || recorded(3).with_refusal(2, stale()),
        to: None,
        held: &[Reason::Sealing, Reason::MembersStarting],
        does: &["Keep"],
    },
    Case {
        about: "a member reports an alarm while it is being sealed",
        steps: &[Step::Seal],
        seen: || recorded(3).alarmed(),
        to: None,
        held: &[Reason::Sealing, Reason::MemberAlarm],
        does: &["Keep"],
    },
    Case {
        about: "a name is taken while it is being sealed",
        steps: &[Step::Seal],
        seen: || recorded(3).taken(),
        to: None,
        held: &[Reason::Sealing, Reason::ForeignObject],
        does: &["Keep"],
    },
    Case {
        about: "the finalizer is missing while it is being sealed",
        steps: &[Step::Seal],
        seen: || recorded(3).unheld(),
        to: None,
        held: &[Reason::Sealing],
        does: &["AddFinalizer", "Keep"],
    },
    Case {
        about: "the spec changes while it is being sealed",
        steps: &[Step::Seal],
        seen: || recorded(3).respecified(),
        to: None,
        held: &[Reason::SpecChangeTooLate, Reason::Sealing],
        does: &[],
    },
    Case {
        about: "quorum is lost just after the record",
        steps: &[Step::Seal],
        seen: || recorded(3).with_down(&[0, 1]),
        to: None,
        held: &[Reason::QuorumForming, Reason::MembersStarting],
        does: &["Keep"],
    },
    Case {
        about: "a member's data is somebody else's while the birth is cleared away",
        steps: &[Step::Reset],
        seen: || formed(3).with_refusal(2, stale()),
        to: None,
        held: &[Reason::ClearingLastTry],
        does: &["DeleteStatefulSet"],
    },
    Case {
        about: "the finalizer is missing while the birth is cleared away",
        steps: &[Step::Reset],
        seen: || provisioned(3).unheld(),
        to: None,
        held: &[Reason::ClearingLastTry],
        does: &["AddFinalizer", "DeleteStatefulSet"],
    },
    Case {
        about: "a name is taken while the birth is cleared away",
        steps: &[Step::Reset],
        seen: || provisioned(3).taken(),
        to: None,
        held: &[Reason::ClearingLastTry],
        does: &["DeleteStatefulSet"],
    },
    Case {
        about: "whose StatefulSet it is cannot be read while the birth is cleared away",
        steps: &[Step::Reset],
        seen: || provisioned(3).unread(),
        to: None,
        held: &[Reason::ClearingLastTry],
        does: &[],
    },
    Case {
        about: "somebody wrote before the birth was cleared away: it goes on",
        steps: &[Step::Reset],
        seen: || formed(3).answering(|look| look.revision = 7),
        to: Some(Step::Seal),
        held: &[],
        does: &["Identity"],
    },
];
