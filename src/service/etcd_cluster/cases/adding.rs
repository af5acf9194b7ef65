//! PURE. `CleanSlot` and `AddLearner`: what is done when two things come together.

use super::{Case, case};
use crate::crd::OperationKind;
use crate::service::etcd_cluster::observed::Observed;
use crate::service::etcd_cluster::scenarios::memberships::{joining, refilling};
use crate::service::etcd_cluster::scenarios::{formed, fresh};
use crate::service::etcd_cluster::vocabulary::{Reason, Step};

/// The member to come is not wanted any more, and its volume is there.
fn unwanted() -> Observed {
    joining().with(|seen| {
        seen.spec.size = 3;
        if let Some(operation) = &mut seen.memory.operation {
            operation.free = ["a-3".to_owned()].into();
        }
    })
}

pub(super) const ALL: &[Case] = &[
    case("a member that nobody added votes", &[Step::CleanSlot], || joining().listing("other"))
        .leads(Step::AddLearner)
        .does(&["SlotCleaned"]),
    case("the spec was changed", &[Step::CleanSlot], || joining().respecified())
        .leads(Step::AddLearner)
        .does(&["SlotCleaned"]),
    case("the pods were not told", &[Step::CleanSlot], || joining().untold())
        .leads(Step::AddLearner)
        .does(&["SlotCleaned", "Direct"]),
    case("neither template nor pods were told", &[Step::CleanSlot], || joining().untold().adrift())
        .leads(Step::AddLearner)
        .does(&["SlotCleaned"]),
    case("nothing was ever recorded", &Step::OF_MEMBERS, || formed(3))
        .leads(Step::Seal)
        .does(&["Identity"]),
    case("nothing was ever made", &Step::OF_MEMBERS, || fresh(3))
        .leads(Step::Provision)
        .holds(&[Reason::MembersStarting])
        .does(&["CreationBegun", "AddFinalizer", "Keep"]),
    case("a member reports an alarm", &[Step::CleanSlot], || joining().alarmed())
        .leads(Step::AddLearner)
        .does(&["SlotCleaned"]),
    case("members' data differs", &[Step::CleanSlot, Step::AddLearner], || {
        joining().with_hashes(&[1, 1, 2])
    })
    .leads(Step::Steady)
    .does(&["OperationDone"]),
    case("a name is taken", &[Step::CleanSlot], || joining().taken())
        .leads(Step::AddLearner)
        .does(&["SlotCleaned"]),
    case("a member answers for another cluster", &[Step::CleanSlot], || {
        joining().answering(|look| "c2".clone_into(&mut look.cluster_id))
    })
    .leads(Step::AddLearner)
    .does(&["SlotCleaned"]),
    case("the finalizer is missing", &[Step::CleanSlot], || joining().unheld())
        .leads(Step::AddLearner)
        .does(&["SlotCleaned", "AddFinalizer"]),
    case("a member that nobody added votes", &[Step::AddLearner], || joining().listing("other"))
        .holds(&[Reason::StrangerMember, Reason::LearnerJoining]),
    case("the spec was changed", &[Step::AddLearner], || joining().respecified())
        .holds(&[Reason::SpecChangeTooLate, Reason::LearnerJoining])
        .does(&["AddLearner"]),
    case("the pods were not told", &[Step::AddLearner], || joining().untold())
        .holds(&[Reason::LearnerJoining])
        .does(&["Direct", "AddLearner"]),
    case("neither template nor pods were told", &[Step::AddLearner], || {
        joining().untold().adrift()
    })
    .holds(&[Reason::LearnerJoining])
    .does(&["AddLearner"]),
    case("a member reports an alarm", &[Step::AddLearner], || joining().alarmed())
        .holds(&[Reason::MemberAlarm, Reason::LearnerJoining])
        .does(&["AddLearner"]),
    case("a name is taken", &[Step::AddLearner], || joining().taken())
        .holds(&[Reason::ForeignObject, Reason::LearnerJoining])
        .does(&["AddLearner"]),
    case("a member answers for another cluster", &[Step::AddLearner], || {
        joining().answering(|look| "c2".clone_into(&mut look.cluster_id))
    })
    .holds(&[Reason::ForeignCluster, Reason::MemberDown, Reason::OthersUnhealthy]),
    case("the finalizer is missing", &[Step::AddLearner], || joining().unheld())
        .holds(&[Reason::LearnerJoining])
        .does(&["AddFinalizer", "AddLearner"]),
    case("quorum is lost", &[Step::CleanSlot, Step::AddLearner], || joining().with_down(&[0, 1]))
        .leads(Step::QuorumLost)
        .holds(&[Reason::QuorumLost, Reason::MemberDown]),
    case("a member is to be taken out instead", &[Step::CleanSlot, Step::AddLearner], || {
        joining().doing(OperationKind::RemoveMember, "a-2")
    })
    .leads(Step::Steady)
    .does(&["OperationDone"]),
    case("a member is to be replaced instead", &[Step::CleanSlot, Step::AddLearner], || {
        joining().doing(OperationKind::ReplaceMember, "a-2")
    })
    .leads(Step::Steady)
    .does(&["OperationDone"]),
    case("nothing is to be done", &[Step::CleanSlot], || {
        joining().with(|seen| seen.memory.operation = None)
    })
    .does(&["Begun"]),
    case("a member is down", &[Step::CleanSlot], || joining().with_down(&[1]))
        .leads(Step::AddLearner)
        .does(&["SlotCleaned"]),
    case("somebody took a member out", &[Step::CleanSlot, Step::AddLearner], || {
        joining().unlisting("a-1")
    })
    .leads(Step::Steady)
    .does(&["OperationDone"]),
    case("nothing is to be done", &[Step::AddLearner], || {
        joining().with(|seen| seen.memory.operation = None)
    })
    .leads(Step::CleanSlot)
    .does(&["Begun"]),
    case("a member is down", &[Step::AddLearner], || joining().with_down(&[1]))
        .holds(&[Reason::MemberDown, Reason::OthersUnhealthy]),
    case("a stranger learns", &[Step::AddLearner], || joining().learning("other"))
        .holds(&[Reason::StrangerMember, Reason::LearnerJoining]),
    case(
        "a learner of ours nobody waits for, and the leader cannot be reached",
        &[Step::AddLearner],
        || joining().learning("a-4").unreached(),
    )
    .holds(&[Reason::MemberLeaving, Reason::LearnerJoining]),
    case("the member is not wanted any more", &[Step::CleanSlot, Step::AddLearner], || {
        joining().with(|seen| seen.spec.size = 3)
    })
    .leads(Step::Steady)
    .does(&["OperationDone"]),
    case(
        "the member is not wanted any more, and its volume was made",
        &[Step::CleanSlot, Step::AddLearner],
        unwanted,
    )
    .leads(Step::ReleaseSlot)
    .does(&["Unused", "OperationDone"]),
    case("nobody joined, and a volume was made", &[Step::DropLearner], unwanted)
        .leads(Step::ReleaseSlot)
        .does(&["Unused", "OperationDone"]),
    case("a learner of ours nobody waits for", &[Step::AddLearner], || joining().learning("a-4"))
        .holds(&[Reason::MemberLeaving, Reason::LearnerJoining])
        .does(&["RemoveMember"]),
    case("its pod is not there yet", &[Step::AddLearner], || {
        joining().with(|seen| drop(seen.pods.remove(&3)))
    })
    .holds(&[Reason::LearnerJoining]),
    case("the volume there is another's", &[Step::CleanSlot], || {
        refilling().with(|seen| seen.volumes.values_mut().for_each(|at| at.cluster_uid = None))
    })
    .holds(&[Reason::StaleVolume]),
    case("the data of the members differs", &[Step::AddLearner], || joining().corrupt())
        .holds(&[Reason::MemberAlarm]),
    case("the leader cannot be reached", &[Step::AddLearner], || joining().unreached())
        .holds(&[Reason::LearnerJoining]),
    case("a learner of ours nobody waits for, and a stranger votes", &[Step::AddLearner], || {
        joining().learning("a-4").listing("other")
    })
    .holds(&[Reason::StrangerMember, Reason::MemberLeaving, Reason::LearnerJoining]),
    case("a learner of ours nobody waits for", &[Step::CleanSlot], || joining().learning("a-4"))
        .leads(Step::AddLearner)
        .does(&["SlotCleaned"]),
];
