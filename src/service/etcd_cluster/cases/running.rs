//! PURE. Running and Recovering: what is said of a cluster that serves, and what is done beside it.

use super::{Case, case, lost, stale};
use crate::service::etcd_cluster::observed::Observed;
use crate::service::etcd_cluster::scenarios::{healthy, recorded};
use crate::service::etcd_cluster::vocabulary::{Reason, Step};

/// Quorum is back, and one member is not.
fn returned() -> Observed {
    healthy(3).with_down(&[2])
}

/// A member answers for another cluster.
fn foreign() -> Observed {
    healthy(3).answering(|look| "c2".clone_into(&mut look.cluster_id))
}

pub(super) const ALL: &[Case] = &[
    Case {
        about: "a member answers for another cluster",
        steps: &[Step::Steady],
        seen: foreign,
        to: None,
        held: &[Reason::ForeignCluster, Reason::MemberDown],
        does: &[],
    },
    Case {
        about: "a member answers for another cluster, and the birth is over",
        steps: &[Step::Provision, Step::AwaitQuorum, Step::Seal, Step::Reset, Step::Bootstrap],
        seen: foreign,
        to: Some(Step::Steady),
        held: &[],
        does: &["CreationDone"],
    },
    Case {
        about: "a member answers for another cluster, and quorum is back",
        steps: &[Step::QuorumLost, Step::Settle],
        seen: foreign,
        to: Some(Step::Settle),
        held: &[Reason::ForeignCluster, Reason::QuorumReturned, Reason::MemberDown],
        does: &[],
    },
    Case {
        about: "a member's data is somebody else's",
        steps: &[Step::Steady],
        seen: || healthy(3).with_refusal(2, stale()),
        to: None,
        held: &[Reason::MemberDataStale, Reason::MemberDown],
        does: &[],
    },
    Case {
        about: "a member reports an alarm",
        steps: &[Step::Steady],
        seen: || healthy(3).alarmed(),
        to: None,
        held: &[Reason::MemberAlarm],
        does: &[],
    },
    case("a learner of ours nobody waits for, and a stranger votes", &[Step::Steady], || {
        healthy(3).learning("a-4").listing("other")
    })
    .holds(&[Reason::StrangerMember, Reason::MemberLeaving]),
    case("a member's data is damaged", &[Step::Steady], || healthy(3).with_hashes(&[1, 1, 2]))
        .leads(Step::Evict)
        .does(&["Begun"]),
    case("a member's data is damaged, and the spec was changed", &[Step::Steady], || {
        healthy(3).with_hashes(&[1, 1, 2]).respecified()
    })
    .holds(&[Reason::SpecChangeTooLate, Reason::DataDiverges]),
    case("a member's data is damaged, and there is no list", &[Step::Steady], || {
        healthy(3).with_hashes(&[1, 1, 2]).unlisted()
    })
    .holds(&[Reason::DataDiverges]),
    case("no two members hold the same data", &[Step::Steady], || {
        healthy(3).with_hashes(&[1, 2, 3])
    })
    .leads(Step::Corrupt)
    .holds(&[Reason::DataDiverges]),
    case("all members hold the same data again, and etcd warns", &[Step::Steady], || {
        healthy(3).corrupt().with_hashes(&[1, 1, 1])
    })
    .holds(&[Reason::MemberAlarm])
    .does(&["DisarmCorrupt"]),
    case("the same, and the leader cannot be reached", &[Step::Steady], || {
        healthy(3).corrupt().with_hashes(&[1, 1, 1]).unreached()
    })
    .holds(&[Reason::MemberAlarm]),
    Case {
        about: "the finalizer is missing",
        steps: &[Step::Steady],
        seen: || healthy(3).unheld(),
        to: None,
        held: &[],
        does: &["AddFinalizer"],
    },
    Case {
        about: "quorum lasted, and one member is still away",
        steps: &[Step::Settle],
        seen: || returned().later(5),
        to: Some(Step::Steady),
        held: &[],
        does: &["CreationDone"],
    },
    Case {
        about: "quorum is lost again",
        steps: &[Step::Settle],
        seen: || healthy(3).with_down(&[0, 1]),
        to: Some(Step::QuorumLost),
        held: &[Reason::QuorumLost, Reason::MemberDown],
        does: &[],
    },
    Case {
        about: "quorum is back, and a member's data is lost",
        steps: &[Step::Settle],
        seen: || healthy(3).with_refusal(2, lost()),
        to: None,
        held: &[Reason::QuorumReturned, Reason::MemberDataLost, Reason::MemberDown],
        does: &[],
    },
    Case {
        about: "quorum is back, and a member's data is somebody else's",
        steps: &[Step::Settle],
        seen: || healthy(3).with_refusal(2, stale()),
        to: None,
        held: &[Reason::QuorumReturned, Reason::MemberDataStale, Reason::MemberDown],
        does: &[],
    },
    Case {
        about: "quorum is back, and a member reports an alarm",
        steps: &[Step::Settle],
        seen: || returned().alarmed(),
        to: None,
        held: &[Reason::QuorumReturned, Reason::MemberDown, Reason::MemberAlarm],
        does: &[],
    },
    Case {
        about: "quorum is back, and the data of members differs",
        steps: &[Step::Settle],
        seen: || returned().with_hashes(&[1, 2]),
        to: None,
        held: &[Reason::QuorumReturned, Reason::MemberDown, Reason::DataDiverges],
        does: &[],
    },
    Case {
        about: "quorum is back, and a member cannot be seen",
        steps: &[Step::Settle],
        seen: || healthy(3).with_unseen(&[2]),
        to: None,
        held: &[Reason::QuorumReturned, Reason::MemberUnseen],
        does: &[],
    },
    Case {
        about: "quorum is back, and a name is taken",
        steps: &[Step::Settle],
        seen: || returned().taken(),
        to: None,
        held: &[Reason::QuorumReturned, Reason::ForeignObject, Reason::MemberDown],
        does: &[],
    },
    Case {
        about: "quorum is back, and the finalizer is missing",
        steps: &[Step::Settle],
        seen: || returned().unheld(),
        to: None,
        held: &[Reason::QuorumReturned, Reason::MemberDown],
        does: &["AddFinalizer"],
    },
    Case {
        about: "quorum is back, and a part is gone",
        steps: &[Step::Settle],
        seen: || returned().lacking(),
        to: None,
        held: &[Reason::QuorumReturned, Reason::MemberDown],
        does: &["Keep"],
    },
    Case {
        about: "quorum is back, and the spec was changed",
        steps: &[Step::Settle],
        seen: || returned().respecified(),
        to: None,
        held: &[Reason::SpecChangeTooLate, Reason::QuorumReturned, Reason::MemberDown],
        does: &[],
    },
    Case {
        about: "quorum is back, and nothing was sealed yet",
        steps: &[Step::Settle],
        seen: || recorded(3).with_down(&[2]),
        to: None,
        held: &[Reason::Sealing, Reason::MemberDown, Reason::QuorumReturned],
        does: &["Keep"],
    },
    Case {
        about: "quorum is back, and the pods were not told yet",
        steps: &[Step::Settle],
        seen: || returned().untold(),
        to: None,
        held: &[Reason::Sealing, Reason::MemberDown, Reason::QuorumReturned],
        does: &["Direct"],
    },
];
