//! PURE. `RemoveMember`, Evict and `ReleaseSlot`: what is done when two things come together.

use super::worlds::losing_of_five;
use super::{Case, case, lost, stale};
use crate::crd::OperationKind;
use crate::service::etcd_cluster::scenarios::healthy;
use crate::service::etcd_cluster::scenarios::memberships::{leaving, losing, outvoted, removed};
use crate::service::etcd_cluster::vocabulary::{Reason, Step};

pub(super) const ALL: &[Case] = &[
    case("a member that nobody added votes", &[Step::RemoveMember], || leaving().listing("other"))
        .holds(&[Reason::StrangerMember, Reason::MemberLeaving]),
    case("the spec was changed", &[Step::RemoveMember], || leaving().respecified())
        .holds(&[Reason::SpecChangeTooLate, Reason::MemberLeaving])
        .does(&["RemoveMember"]),
    case("the pods were not told", &[Step::RemoveMember], || leaving().untold())
        .holds(&[Reason::MemberLeaving])
        .does(&["Direct", "RemoveMember"]),
    case("neither template nor pods were told", &[Step::RemoveMember], || {
        leaving().untold().adrift()
    })
    .holds(&[Reason::MemberLeaving])
    .does(&["RemoveMember"]),
    case("a member reports an alarm", &[Step::RemoveMember], || leaving().alarmed())
        .holds(&[Reason::MemberAlarm, Reason::MemberLeaving])
        .does(&["RemoveMember"]),
    case("a name is taken", &[Step::RemoveMember], || leaving().taken())
        .holds(&[Reason::ForeignObject, Reason::MemberLeaving])
        .does(&["RemoveMember"]),
    case("a member answers for another cluster", &[Step::RemoveMember], || {
        leaving().answering(|look| "c2".clone_into(&mut look.cluster_id))
    })
    .holds(&[Reason::ForeignCluster, Reason::MemberDown, Reason::OthersUnhealthy]),
    case("the finalizer is missing", &[Step::RemoveMember], || leaving().unheld())
        .holds(&[Reason::MemberLeaving])
        .does(&["AddFinalizer", "RemoveMember"]),
    case("a member that nobody added votes", &[Step::Evict], || losing().listing("other")).holds(
        &[
            Reason::MemberDataLost,
            Reason::MemberDown,
            Reason::StrangerMember,
            Reason::MemberLeaving,
        ],
    ),
    case("the spec was changed", &[Step::Evict], || losing().respecified())
        .holds(&[
            Reason::SpecChangeTooLate,
            Reason::MemberDataLost,
            Reason::MemberDown,
            Reason::MemberLeaving,
        ])
        .does(&["RemoveMember"]),
    case("the pods were not told", &[Step::Evict], || losing().untold())
        .holds(&[Reason::MemberDataLost, Reason::MemberDown, Reason::MemberLeaving])
        .does(&["Direct", "RemoveMember"]),
    case("neither template nor pods were told", &[Step::Evict], || losing().untold().adrift())
        .holds(&[Reason::MemberDataLost, Reason::MemberDown, Reason::MemberLeaving])
        .does(&["RemoveMember"]),
    case("a member reports an alarm", &[Step::Evict], || losing().alarmed())
        .holds(&[
            Reason::MemberDataLost,
            Reason::MemberDown,
            Reason::MemberAlarm,
            Reason::MemberLeaving,
        ])
        .does(&["RemoveMember"]),
    case("a name is taken", &[Step::Evict], || losing().taken())
        .holds(&[
            Reason::ForeignObject,
            Reason::MemberDataLost,
            Reason::MemberDown,
            Reason::MemberLeaving,
        ])
        .does(&["RemoveMember"]),
    case("a member answers for another cluster", &[Step::Evict], || {
        losing().answering(|look| "c2".clone_into(&mut look.cluster_id))
    })
    .leads(Step::QuorumLost)
    .holds(&[
        Reason::ForeignCluster,
        Reason::QuorumLost,
        Reason::MemberDataLost,
        Reason::MemberDown,
    ]),
    case("the finalizer is missing", &[Step::Evict], || losing().unheld())
        .holds(&[Reason::MemberDataLost, Reason::MemberDown, Reason::MemberLeaving])
        .does(&["AddFinalizer", "RemoveMember"]),
    case("a learner that nobody waits for", &[Step::ReleaseSlot], || removed().learning("a-4"))
        .holds(&[Reason::StrangerMember, Reason::SlotReleasing]),
    case("a member that nobody added votes", &[Step::ReleaseSlot], || removed().listing("other"))
        .holds(&[Reason::StrangerMember, Reason::SlotReleasing]),
    case("the spec was changed", &[Step::ReleaseSlot], || removed().respecified())
        .holds(&[Reason::SpecChangeTooLate, Reason::SlotReleasing]),
    case("the pods were not told", &[Step::ReleaseSlot], || removed().untold())
        .holds(&[Reason::SlotReleasing])
        .does(&["Direct"]),
    case("neither template nor pods were told", &[Step::ReleaseSlot], || {
        removed().untold().adrift()
    })
    .holds(&[Reason::SlotReleasing]),
    case("a member reports an alarm", &[Step::ReleaseSlot], || removed().alarmed())
        .holds(&[Reason::MemberAlarm, Reason::SlotReleasing]),
    case("members' data differs", &[Step::ReleaseSlot], || removed().with_hashes(&[1, 2]))
        .holds(&[Reason::DataDiverges, Reason::SlotReleasing]),
    case("a name is taken", &[Step::ReleaseSlot], || removed().taken())
        .holds(&[Reason::ForeignObject, Reason::SlotReleasing]),
    case("a member answers for another cluster", &[Step::ReleaseSlot], || {
        removed().answering(|look| "c2".clone_into(&mut look.cluster_id))
    })
    .leads(Step::QuorumLost)
    .holds(&[Reason::ForeignCluster, Reason::QuorumLost, Reason::MemberDown]),
    case("the finalizer is missing", &[Step::ReleaseSlot], || removed().unheld())
        .holds(&[Reason::SlotReleasing])
        .does(&["AddFinalizer"]),
    case("quorum is lost", &[Step::RemoveMember], || leaving().with_down(&[0, 1]))
        .leads(Step::QuorumLost)
        .holds(&[Reason::QuorumLost, Reason::MemberDown]),
    case("quorum is lost", &[Step::Evict], || losing().with_down(&[0, 1]))
        .leads(Step::QuorumLost)
        .holds(&[Reason::QuorumLost, Reason::MemberDataLost, Reason::MemberDown]),
    case("quorum is lost", &[Step::ReleaseSlot], || removed().with_down(&[0, 1]))
        .leads(Step::QuorumLost)
        .holds(&[Reason::QuorumLost, Reason::MemberDown]),
    case("a member is to be added", &[Step::RemoveMember], || {
        leaving().doing(OperationKind::AddMember, "a-3")
    })
    .leads(Step::Steady)
    .does(&["OperationDone"]),
    case("a member is to be added", &[Step::Evict], || {
        losing().doing(OperationKind::AddMember, "a-3")
    })
    .leads(Step::Steady)
    .does(&["OperationDone"]),
    case("a member is to be added", &[Step::ReleaseSlot], || {
        removed().doing(OperationKind::AddMember, "a-3")
    })
    .leads(Step::Steady)
    .does(&["OperationDone"]),
    case("a member is to be taken out", &[Step::Evict], || {
        losing().doing(OperationKind::RemoveMember, "a-2")
    })
    .leads(Step::Steady)
    .does(&["OperationDone"]),
    case("a member is to be taken out", &[Step::ReleaseSlot], || {
        removed().doing(OperationKind::RemoveMember, "a-2")
    })
    .leads(Step::Steady)
    .does(&["OperationDone"]),
    case("a member is to be replaced", &[Step::RemoveMember], || {
        leaving().doing(OperationKind::ReplaceMember, "a-2")
    })
    .leads(Step::Steady)
    .does(&["OperationDone"]),
    case("a member is to be replaced", &[Step::ReleaseSlot], || {
        removed().doing(OperationKind::ReplaceMember, "a-2")
    })
    .leads(Step::Steady)
    .does(&["OperationDone"]),
    case("a member's data is lost", &[Step::ReleaseSlot], || removed().with_refusal(0, lost()))
        .leads(Step::QuorumLost)
        .holds(&[Reason::QuorumLost, Reason::MemberDataLost, Reason::MemberDown]),
    case("a member's data is lost", &[Step::RemoveMember], || leaving().with_refusal(1, lost()))
        .leads(Step::Steady)
        .does(&["OperationDone"]),
    case("somebody took the others out", &[Step::RemoveMember], || {
        leaving().unlisting("a-0").unlisting("a-1")
    })
    .leads(Step::Steady)
    .does(&["OperationDone"]),
    case("the data of who is to go is lost", &[Step::RemoveMember], || {
        leaving().with_refusal(2, lost())
    })
    .holds(&[Reason::MemberDataLost, Reason::MemberDown, Reason::MemberLeaving])
    .does(&["RemoveMember"]),
    case("a member's data is somebody else's", &[Step::ReleaseSlot], || {
        removed().with_refusal(0, stale())
    })
    .leads(Step::QuorumLost)
    .holds(&[Reason::QuorumLost, Reason::MemberDataStale, Reason::MemberDown]),
    case("a stranger learns", &[Step::Evict], || losing().learning("other"))
        .holds(&[
            Reason::MemberDataLost,
            Reason::MemberDown,
            Reason::StrangerMember,
            Reason::MemberLeaving,
        ])
        .does(&["RemoveMember"]),
    case("a stranger learns", &[Step::RemoveMember], || leaving().learning("other"))
        .holds(&[Reason::StrangerMember, Reason::MemberLeaving])
        .does(&["RemoveMember"]),
    case("the data of the members differs", &[Step::RemoveMember], || leaving().corrupt())
        .holds(&[Reason::MemberAlarm]),
    case("the leader cannot be reached", &[Step::RemoveMember], || leaving().unreached())
        .holds(&[Reason::MemberLeaving]),
    case("members' hashes differ", &[Step::RemoveMember], || leaving().with_hashes(&[1, 2, 1]))
        .leads(Step::Steady)
        .does(&["OperationDone"]),
    case("the damaged member leads", &[Step::Evict], || outvoted().led_by("m2"))
        .holds(&[Reason::DataDiverges, Reason::LeaderMoving])
        .does(&["MoveLeader"]),
    case("the damaged member leads, and cannot be reached", &[Step::Evict], || {
        outvoted().led_by("m2").unreached()
    })
    .holds(&[Reason::DataDiverges, Reason::LeaderMoving]),
    case("the damaged member leads, and a stranger votes", &[Step::Evict], || {
        outvoted().led_by("m2").listing("other")
    })
    .holds(&[Reason::StrangerMember, Reason::DataDiverges, Reason::LeaderMoving]),
    case("a member is damaged", &[Step::Evict], outvoted)
        .holds(&[Reason::DataDiverges, Reason::MemberLeaving])
        .does(&["RemoveMember"]),
    case("the damaged member's data is the others' by now", &[Step::Evict], || {
        outvoted().with_hashes(&[1, 1, 1])
    })
    .leads(Step::Steady)
    .does(&["OperationDone"]),
    case("the leader, who is to go, cannot be reached", &[Step::RemoveMember], || {
        leaving().led_by("m2").unreached()
    })
    .holds(&[Reason::LeaderMoving]),
    case("the leader cannot be reached", &[Step::Evict], || losing().unreached()).holds(&[
        Reason::MemberDataLost,
        Reason::MemberDown,
        Reason::MemberLeaving,
    ]),
    case("the member is gone from the list in the same look", &[Step::Evict], || {
        losing().unlisted()
    })
    .holds(&[Reason::MemberDataLost, Reason::MemberDown, Reason::ListStale]),
    case("another member is down, too", &[Step::Evict], losing_of_five).holds(&[
        Reason::MemberDataLost,
        Reason::MemberDown,
        Reason::OthersUnhealthy,
    ]),
    case("the member is not on record", &[Step::Evict], || {
        losing().unlisting("a-2").with(|seen| drop(seen.memory.members.remove("a-2")))
    })
    .leads(Step::Steady)
    .does(&["OperationDone"]),
    case("the member is out, and nothing was counted", &[Step::Evict], || {
        losing().unlisting("a-2").uncounted()
    })
    .holds(&[Reason::MemberLeaving]),
    case("the member is out, and not on record", &[Step::RemoveMember], || {
        leaving().unlisting("a-2").with(|seen| drop(seen.memory.members.remove("a-2")))
    })
    .leads(Step::Steady)
    .does(&["OperationDone"]),
    case("another's data is somebody else's", &[Step::ReleaseSlot], || {
        healthy(3).with_refusal(2, stale())
    })
    .leads(Step::Steady)
    .holds(&[Reason::MemberDataStale, Reason::MemberDown]),
    case("the leader is to go, and a stranger votes", &[Step::RemoveMember], || {
        leaving().led_by("m2").listing("other")
    })
    .holds(&[Reason::StrangerMember, Reason::LeaderMoving]),
];
