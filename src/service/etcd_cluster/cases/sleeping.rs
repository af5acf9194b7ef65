//! PURE. Sleep, Hibernated and Wake, and what other steps say of members nobody added: what is done when two things come together.

use super::worlds::awake;
use super::{Case, case, lost, stale};
use crate::crd::OperationKind;
use crate::service::etcd_cluster::scenarios::memberships::asleep;
use crate::service::etcd_cluster::scenarios::{healthy, recorded};
use crate::service::etcd_cluster::vocabulary::{Reason, Step};

pub(super) const ALL: &[Case] = &[
    case("a member that nobody added votes", &[Step::Sleep], || asleep().listing("other"))
        .leads(Step::Hibernated)
        .holds(&[Reason::StrangerMember, Reason::Hibernated]),
    case("the spec was changed", &[Step::Sleep], || asleep().respecified())
        .leads(Step::Hibernated)
        .holds(&[Reason::SpecChangeTooLate, Reason::Hibernated]),
    case("the pods were not told", &[Step::Sleep], || asleep().with_a_pod().untold())
        .holds(&[Reason::FallingAsleep])
        .does(&["Direct"]),
    case("neither template nor pods were told", &[Step::Sleep], || {
        asleep().with_a_pod().untold().adrift()
    })
    .holds(&[Reason::FallingAsleep]),
    case("a member reports an alarm", &[Step::Sleep], || asleep().with_a_look().alarmed())
        .holds(&[Reason::MemberAlarm, Reason::FallingAsleep])
        .does(&["Direct"]),
    case("members' data differs", &[Step::Sleep], || {
        asleep().with_a_look().with_hashes(&[1, 1, 2])
    })
    .holds(&[Reason::DataDiverges, Reason::FallingAsleep])
    .does(&["Direct"]),
    case("members' data differs", &[Step::Hibernated], || asleep().with_hashes(&[1, 1, 2]))
        .holds(&[Reason::DataDiverges, Reason::Hibernated]),
    case("a learner of ours nobody waits for", &[Step::Wake], || {
        awake().with_a_list().learning("a-4")
    })
    .holds(&[Reason::StrangerMember, Reason::WakingUp]),
    case("members' data differs", &[Step::Wake], || awake().with_hashes(&[1, 1, 2]))
        .holds(&[Reason::DataDiverges, Reason::WakingUp]),
    case("a name is taken", &[Step::Sleep], || asleep().taken())
        .leads(Step::Hibernated)
        .holds(&[Reason::ForeignObject, Reason::Hibernated]),
    case("a member answers for another cluster", &[Step::Sleep], || {
        asleep().with_a_look().answering(|look| "c2".clone_into(&mut look.cluster_id))
    })
    .holds(&[Reason::ForeignCluster, Reason::FallingAsleep])
    .does(&["Direct"]),
    case("the finalizer is missing", &[Step::Sleep], || asleep().unheld())
        .leads(Step::Hibernated)
        .does(&["AddFinalizer"]),
    case("a member that nobody added votes", &[Step::Hibernated], || asleep().listing("other"))
        .holds(&[Reason::StrangerMember, Reason::Hibernated]),
    case("the spec was changed", &[Step::Hibernated], || asleep().respecified())
        .holds(&[Reason::SpecChangeTooLate, Reason::Hibernated]),
    case("the pods were not told", &[Step::Hibernated], || asleep().with_a_pod().untold())
        .holds(&[Reason::Hibernated])
        .does(&["Direct"]),
    case("neither template nor pods were told", &[Step::Hibernated], || {
        asleep().with_a_pod().untold().adrift()
    })
    .holds(&[Reason::Hibernated]),
    case("a member reports an alarm", &[Step::Hibernated], || asleep().with_a_look().alarmed())
        .holds(&[Reason::MemberAlarm, Reason::Hibernated])
        .does(&["Direct"]),
    case("a name is taken", &[Step::Hibernated], || asleep().taken())
        .holds(&[Reason::ForeignObject, Reason::Hibernated]),
    case("a member answers for another cluster", &[Step::Hibernated], || {
        asleep().with_a_look().answering(|look| "c2".clone_into(&mut look.cluster_id))
    })
    .holds(&[Reason::ForeignCluster, Reason::Hibernated])
    .does(&["Direct"]),
    case("the finalizer is missing", &[Step::Hibernated], || asleep().unheld())
        .holds(&[Reason::Hibernated])
        .does(&["AddFinalizer"]),
    case("a member that nobody added votes", &[Step::Wake], || awake().listing("other"))
        .holds(&[Reason::StrangerMember, Reason::WakingUp]),
    case("the spec was changed", &[Step::Wake], || awake().respecified())
        .holds(&[Reason::SpecChangeTooLate, Reason::WakingUp]),
    case("the pods were not told", &[Step::Wake], || awake().with_a_pod().untold())
        .holds(&[Reason::WakingUp])
        .does(&["Direct"]),
    case("neither template nor pods were told", &[Step::Wake], || {
        awake().with_a_pod().untold().adrift()
    })
    .holds(&[Reason::WakingUp]),
    case("a member reports an alarm", &[Step::Wake], || awake().with_a_look().alarmed())
        .holds(&[Reason::MemberAlarm, Reason::WakingUp])
        .does(&["Direct"]),
    case("a name is taken", &[Step::Wake], || awake().taken())
        .holds(&[Reason::ForeignObject, Reason::WakingUp]),
    case("a member answers for another cluster", &[Step::Wake], || {
        awake().with_a_look().answering(|look| "c2".clone_into(&mut look.cluster_id))
    })
    .holds(&[Reason::ForeignCluster, Reason::WakingUp])
    .does(&["Direct"]),
    case("the finalizer is missing", &[Step::Wake], || awake().unheld())
        .holds(&[Reason::WakingUp])
        .does(&["AddFinalizer"]),
    case("a member is to be added", &[Step::Sleep], || {
        asleep().doing(OperationKind::AddMember, "a-3")
    })
    .leads(Step::Hibernated)
    .holds(&[Reason::Hibernated]),
    case("a member is to be added", &[Step::Hibernated], || {
        asleep().doing(OperationKind::AddMember, "a-3")
    })
    .holds(&[Reason::Hibernated]),
    case("a member is to be added", &[Step::Wake], || {
        awake().doing(OperationKind::AddMember, "a-3")
    })
    .holds(&[Reason::WakingUp]),
    case("a member is to be added", &[Step::Steady], || {
        healthy(3).doing(OperationKind::AddMember, "a-3")
    })
    .does(&["OperationDone"]),
    case("a member is to be taken out", &[Step::Sleep], || {
        asleep().doing(OperationKind::RemoveMember, "a-2")
    })
    .leads(Step::Hibernated)
    .holds(&[Reason::Hibernated]),
    case("a member is to be taken out", &[Step::Hibernated], || {
        asleep().doing(OperationKind::RemoveMember, "a-2")
    })
    .holds(&[Reason::Hibernated]),
    case("a member is to be taken out", &[Step::Wake], || {
        awake().doing(OperationKind::RemoveMember, "a-2")
    })
    .holds(&[Reason::WakingUp]),
    case("a member is to be replaced", &[Step::Sleep], || {
        asleep().doing(OperationKind::ReplaceMember, "a-2")
    })
    .leads(Step::Hibernated)
    .holds(&[Reason::Hibernated]),
    case("a member is to be replaced", &[Step::Hibernated], || {
        asleep().doing(OperationKind::ReplaceMember, "a-2")
    })
    .holds(&[Reason::Hibernated]),
    case("a member is to be replaced", &[Step::Wake], || {
        awake().doing(OperationKind::ReplaceMember, "a-2")
    })
    .holds(&[Reason::WakingUp]),
    case("a member is to be replaced", &[Step::Steady], || {
        healthy(3).doing(OperationKind::ReplaceMember, "a-2")
    })
    .does(&["OperationDone"]),
    case("a member's data is lost", &[Step::Sleep], || asleep().with_refusal(0, lost()))
        .holds(&[Reason::FallingAsleep])
        .does(&["Direct"]),
    case("a member's data is lost", &[Step::Hibernated], || asleep().with_refusal(0, lost()))
        .holds(&[Reason::Hibernated])
        .does(&["Direct"]),
    case("a member's data is lost", &[Step::Wake], || awake().with_refusal(0, lost()))
        .holds(&[Reason::WakingUp])
        .does(&["Direct"]),
    case("a member's data is somebody else's", &[Step::Sleep], || {
        asleep().with_refusal(0, stale())
    })
    .holds(&[Reason::FallingAsleep])
    .does(&["Direct"]),
    case("a member's data is somebody else's", &[Step::Hibernated], || {
        asleep().with_refusal(0, stale())
    })
    .holds(&[Reason::Hibernated])
    .does(&["Direct"]),
    case("a member's data is somebody else's", &[Step::Wake], || awake().with_refusal(0, stale()))
        .holds(&[Reason::WakingUp])
        .does(&["Direct"]),
    case("a stranger learns", &[Step::Steady], || healthy(3).learning("other"))
        .holds(&[Reason::StrangerMember]),
    case(
        "a learner of ours nobody waits for, and the leader cannot be reached",
        &[Step::Steady],
        || healthy(3).learning("a-4").unreached(),
    )
    .holds(&[Reason::MemberLeaving]),
    case("a learner is listed", &[Step::Sleep], || asleep().with_a_list().learning("a-4"))
        .leads(Step::Hibernated)
        .holds(&[Reason::StrangerMember, Reason::Hibernated]),
    case("a learner is listed", &[Step::Hibernated], || asleep().with_a_list().learning("a-4"))
        .holds(&[Reason::StrangerMember, Reason::Hibernated]),
    case("the members are wanted again", &[Step::Sleep], awake)
        .leads(Step::Wake)
        .holds(&[Reason::WakingUp]),
    case("none is wanted again", &[Step::Wake], asleep)
        .leads(Step::Hibernated)
        .holds(&[Reason::Hibernated]),
    case("the members had five minutes", &[Step::Wake], || awake().later(400))
        .leads(Step::QuorumLost)
        .holds(&[Reason::QuorumLost, Reason::MemberDown]),
    case("a stranger votes", &[Step::QuorumLost], || {
        healthy(3).listing("other").with_down(&[0, 1])
    })
    .holds(&[Reason::QuorumLost, Reason::MemberDown, Reason::StrangerMember]),
    case("a stranger learns", &[Step::QuorumLost], || {
        healthy(3).learning("other").with_down(&[0, 1])
    })
    .holds(&[Reason::QuorumLost, Reason::MemberDown, Reason::StrangerMember]),
    case("a stranger votes", &[Step::Seal], || healthy(3).listing("other"))
        .leads(Step::Steady)
        .does(&["CreationDone"]),
    case("a stranger votes", &[Step::Settle], || healthy(3).listing("other").with_down(&[2]))
        .holds(&[Reason::QuorumReturned, Reason::MemberDown, Reason::StrangerMember]),
    case("somebody took a member out, and the spec was changed", &[Step::Steady], || {
        healthy(3).unlisting("a-2").respecified()
    })
    .holds(&[Reason::SpecChangeTooLate, Reason::MemberDataLost]),
    case("fewer are asked for, and the spec was changed", &[Step::Steady], || {
        healthy(3).with(|seen| seen.spec.size = 1).respecified()
    })
    .holds(&[Reason::SpecChangeTooLate]),
    case("none is asked for, and the spec was changed", &[Step::Steady], || {
        healthy(3).with(|seen| seen.spec.size = 0).respecified()
    })
    .holds(&[Reason::SpecChangeTooLate]),
    case("a stranger votes, and nothing is sealed", &[Step::Seal], || recorded(3).listing("other"))
        .holds(&[Reason::Sealing, Reason::StrangerMember])
        .does(&["Keep"]),
    case("a stranger learns, and quorum is back", &[Step::Settle], || {
        healthy(3).learning("other").with_down(&[2])
    })
    .holds(&[Reason::QuorumReturned, Reason::MemberDown, Reason::StrangerMember]),
    case("a member's data is lost, and the spec was changed", &[Step::Steady], || {
        healthy(3).with_refusal(2, lost()).respecified()
    })
    .holds(&[Reason::SpecChangeTooLate, Reason::MemberDataLost, Reason::MemberDown]),
    case("more are asked for, and the spec was changed", &[Step::Steady], || {
        healthy(3).with(|seen| seen.spec.size = 5).respecified()
    })
    .holds(&[Reason::SpecChangeTooLate]),
];
