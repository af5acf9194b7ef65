//! PURE. Corrupt: what is done beside waiting for a person, and what ends it.

use super::{Case, case, lost, stale};
use crate::service::etcd_cluster::observed::Observed;
use crate::service::etcd_cluster::scenarios::healthy;
use crate::service::etcd_cluster::vocabulary::{Reason, Step};

/// No two members hold the same data.
fn at_odds() -> Observed {
    healthy(3).with_hashes(&[1, 2, 3])
}

const CORRUPT: &[Step] = &[Step::Corrupt];

pub(super) const ALL: &[Case] = &[
    case("no two members hold the same data", CORRUPT, at_odds).holds(&[Reason::DataDiverges]),
    case("etcd warns of it", CORRUPT, || at_odds().corrupt()).holds(&[Reason::DataDiverges]),
    case("nobody could be asked", CORRUPT, || healthy(3)).holds(&[Reason::DataDiverges]),
    case("a majority holds the same data", CORRUPT, || healthy(3).with_hashes(&[1, 2, 1]))
        .leads(Step::Evict)
        .does(&["Begun"]),
    case("all hold the same data", CORRUPT, || healthy(3).with_hashes(&[1, 1, 1]))
        .leads(Step::Steady),
    case("somebody took a member out", CORRUPT, || at_odds().unlisting("a-1"))
        .leads(Step::Evict)
        .does(&["Begun"]),
    case("quorum is lost", CORRUPT, || at_odds().with_down(&[0, 1]))
        .leads(Step::QuorumLost)
        .holds(&[Reason::QuorumLost, Reason::MemberDown, Reason::DataDiverges]),
    case("a member is down", CORRUPT, || at_odds().with_down(&[2]))
        .holds(&[Reason::MemberDown, Reason::DataDiverges]),
    case("a member was not seen", CORRUPT, || at_odds().with_unseen(&[2]))
        .holds(&[Reason::MemberUnseen, Reason::DataDiverges]),
    case("a member's data is lost", CORRUPT, || at_odds().with_refusal(2, lost())).holds(&[
        Reason::MemberDataLost,
        Reason::MemberDown,
        Reason::DataDiverges,
    ]),
    case("a member's data is somebody else's", CORRUPT, || at_odds().with_refusal(2, stale()))
        .holds(&[Reason::MemberDataStale, Reason::MemberDown, Reason::DataDiverges]),
    case("a member answers for another cluster", CORRUPT, || {
        at_odds().answering(|look| "c2".clone_into(&mut look.cluster_id))
    })
    .holds(&[Reason::ForeignCluster, Reason::MemberDown, Reason::DataDiverges]),
    case("the spec was changed", CORRUPT, || at_odds().respecified())
        .holds(&[Reason::SpecChangeTooLate, Reason::DataDiverges]),
    case("a name is taken", CORRUPT, || at_odds().taken())
        .holds(&[Reason::ForeignObject, Reason::DataDiverges]),
    case("a part is gone", CORRUPT, || at_odds().lacking())
        .holds(&[Reason::DataDiverges])
        .does(&["Keep"]),
    case("the finalizer is missing", CORRUPT, || at_odds().unheld())
        .holds(&[Reason::DataDiverges])
        .does(&["AddFinalizer"]),
    case("the pods were not told", CORRUPT, || at_odds().untold())
        .holds(&[Reason::DataDiverges])
        .does(&["Direct"]),
    case("neither template nor pods were told", CORRUPT, || at_odds().untold().adrift())
        .holds(&[Reason::DataDiverges]),
    case("a member that nobody added votes", CORRUPT, || at_odds().listing("other"))
        .holds(&[Reason::StrangerMember, Reason::DataDiverges]),
    case("a stranger learns", CORRUPT, || at_odds().learning("other"))
        .holds(&[Reason::StrangerMember, Reason::DataDiverges]),
];
