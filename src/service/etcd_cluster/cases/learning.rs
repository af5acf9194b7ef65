//! PURE. `CatchUp`, Promote and `DropLearner`: what is done when two things come together.

use super::{Case, case, lost};
use crate::crd::OperationKind;
use crate::service::etcd_cluster::scenarios::memberships::{growing, joining};
use crate::service::etcd_cluster::vocabulary::{Reason, Step};

pub(super) const ALL: &[Case] = &[
    case("a member that nobody added votes", &[Step::CatchUp], || growing().listing("other"))
        .leads(Step::Promote)
        .holds(&[Reason::StrangerMember, Reason::LearnerPromoting]),
    case("the spec was changed", &[Step::CatchUp], || growing().respecified())
        .leads(Step::Promote)
        .holds(&[Reason::SpecChangeTooLate, Reason::LearnerPromoting]),
    case("the pods were not told", &[Step::CatchUp], || growing().untold())
        .holds(&[Reason::LearnerBehind])
        .does(&["Direct"]),
    case("neither template nor pods were told", &[Step::CatchUp], || growing().untold().adrift())
        .holds(&[Reason::LearnerBehind]),
    case("a member reports an alarm", &[Step::CatchUp], || growing().alarmed())
        .leads(Step::Promote)
        .holds(&[Reason::MemberAlarm, Reason::LearnerPromoting]),
    case("members' data differs", &[Step::CatchUp, Step::Promote], || {
        growing().with_hashes(&[1, 1, 2])
    })
    .leads(Step::DropLearner)
    .holds(&[Reason::DataDiverges, Reason::MemberLeaving])
    .does(&["RemoveMember"]),
    case("the learner got its vote after all, as the last", &[Step::DropLearner], || {
        growing().promoted().with(|seen| seen.spec.size = 4)
    })
    .leads(Step::Steady)
    .does(&["OperationDone"]),
    case("etcd warns that members' data differs", &[Step::Promote], || growing().corrupt())
        .holds(&[Reason::MemberAlarm, Reason::LearnerPromoting]),
    case("members' data differs", &[Step::DropLearner], || growing().with_hashes(&[1, 1, 2]))
        .holds(&[Reason::DataDiverges, Reason::MemberLeaving])
        .does(&["RemoveMember"]),
    case("a name is taken", &[Step::CatchUp], || growing().taken())
        .leads(Step::Promote)
        .holds(&[Reason::ForeignObject, Reason::LearnerPromoting]),
    case("a member answers for another cluster", &[Step::CatchUp], || {
        growing().answering(|look| "c2".clone_into(&mut look.cluster_id))
    })
    .leads(Step::Promote)
    .holds(&[Reason::ForeignCluster, Reason::MemberDown, Reason::LearnerPromoting]),
    case("the finalizer is missing", &[Step::CatchUp], || growing().unheld())
        .leads(Step::Promote)
        .does(&["AddFinalizer"]),
    case("a member that nobody added votes", &[Step::Promote], || growing().listing("other"))
        .holds(&[Reason::StrangerMember, Reason::LearnerPromoting]),
    case("the spec was changed", &[Step::Promote], || growing().respecified())
        .holds(&[Reason::SpecChangeTooLate, Reason::LearnerPromoting])
        .does(&["Promote"]),
    case("the pods were not told", &[Step::Promote], || growing().untold())
        .holds(&[Reason::LearnerPromoting])
        .does(&["Direct", "Promote"]),
    case("neither template nor pods were told", &[Step::Promote], || growing().untold().adrift())
        .holds(&[Reason::LearnerPromoting])
        .does(&["Promote"]),
    case("a member reports an alarm", &[Step::Promote], || growing().alarmed())
        .holds(&[Reason::MemberAlarm, Reason::LearnerPromoting])
        .does(&["Promote"]),
    case("a name is taken", &[Step::Promote], || growing().taken())
        .holds(&[Reason::ForeignObject, Reason::LearnerPromoting])
        .does(&["Promote"]),
    case("a member answers for another cluster", &[Step::Promote], || {
        growing().answering(|look| "c2".clone_into(&mut look.cluster_id))
    })
    .holds(&[
        Reason::ForeignCluster,
        Reason::MemberDown,
        Reason::OthersUnhealthy,
        Reason::LearnerPromoting,
    ]),
    case("the finalizer is missing", &[Step::Promote], || growing().unheld())
        .holds(&[Reason::LearnerPromoting])
        .does(&["AddFinalizer", "Promote"]),
    case("a member that nobody added votes", &[Step::DropLearner], || growing().listing("other"))
        .holds(&[Reason::StrangerMember, Reason::MemberLeaving]),
    case("the spec was changed", &[Step::DropLearner], || growing().respecified())
        .holds(&[Reason::SpecChangeTooLate, Reason::MemberLeaving])
        .does(&["RemoveMember"]),
    case("the pods were not told", &[Step::DropLearner], || growing().untold())
        .holds(&[Reason::MemberLeaving])
        .does(&["Direct", "RemoveMember"]),
    case("neither template nor pods were told", &[Step::DropLearner], || {
        growing().untold().adrift()
    })
    .holds(&[Reason::MemberLeaving])
    .does(&["RemoveMember"]),
    case("a member reports an alarm", &[Step::DropLearner], || growing().alarmed())
        .holds(&[Reason::MemberAlarm, Reason::MemberLeaving])
        .does(&["RemoveMember"]),
    case("a name is taken", &[Step::DropLearner], || growing().taken())
        .holds(&[Reason::ForeignObject, Reason::MemberLeaving])
        .does(&["RemoveMember"]),
    case("a member answers for another cluster", &[Step::DropLearner], || {
        growing().answering(|look| "c2".clone_into(&mut look.cluster_id))
    })
    .holds(&[Reason::ForeignCluster, Reason::MemberDown, Reason::MemberLeaving])
    .does(&["RemoveMember"]),
    case("the finalizer is missing", &[Step::DropLearner], || growing().unheld())
        .holds(&[Reason::MemberLeaving])
        .does(&["AddFinalizer", "RemoveMember"]),
    case("quorum is lost", &[Step::CatchUp, Step::Promote, Step::DropLearner], || {
        growing().with_down(&[0, 1])
    })
    .leads(Step::QuorumLost)
    .holds(&[Reason::QuorumLost, Reason::MemberDown]),
    case(
        "a member is to be taken out instead",
        &[Step::CatchUp, Step::Promote, Step::DropLearner],
        || growing().doing(OperationKind::RemoveMember, "a-2"),
    )
    .leads(Step::Steady)
    .does(&["OperationDone"]),
    case(
        "a member is to be replaced instead",
        &[Step::CatchUp, Step::Promote, Step::DropLearner],
        || growing().doing(OperationKind::ReplaceMember, "a-2"),
    )
    .leads(Step::Steady)
    .does(&["OperationDone"]),
    case("nothing is to be done", &[Step::CatchUp], || {
        growing().with(|seen| seen.memory.operation = None)
    })
    .does(&["Begun"]),
    case("a member is down", &[Step::CatchUp], || growing().with_down(&[1]))
        .leads(Step::Promote)
        .holds(&[Reason::MemberDown, Reason::LearnerPromoting]),
    case("somebody took a member out", &[Step::CatchUp, Step::Promote], || {
        growing().unlisting("a-1")
    })
    .leads(Step::DropLearner)
    .holds(&[Reason::MemberLeaving])
    .does(&["RemoveMember"]),
    case("nothing is to be done", &[Step::Promote, Step::DropLearner], || {
        growing().with(|seen| seen.memory.operation = None)
    })
    .leads(Step::CatchUp)
    .does(&["Begun"]),
    case("a member is down", &[Step::Promote], || growing().with_down(&[1])).holds(&[
        Reason::MemberDown,
        Reason::OthersUnhealthy,
        Reason::LearnerPromoting,
    ]),
    case("a member is down", &[Step::DropLearner], || growing().with_down(&[1]))
        .holds(&[Reason::MemberDown, Reason::MemberLeaving])
        .does(&["RemoveMember"]),
    case("somebody took a member out", &[Step::DropLearner], || growing().unlisting("a-1"))
        .holds(&[Reason::MemberLeaving])
        .does(&["RemoveMember"]),
    case("a stranger learns", &[Step::DropLearner], || growing().learning("other"))
        .holds(&[Reason::StrangerMember, Reason::MemberLeaving])
        .does(&["RemoveMember"]),
    case("the leader cannot be reached", &[Step::Promote], || growing().unreached())
        .holds(&[Reason::LearnerPromoting]),
    case("the leader cannot be reached", &[Step::DropLearner], || growing().unreached())
        .holds(&[Reason::MemberLeaving]),
    case("the list cannot be read any more", &[Step::Promote], || growing().unlisted())
        .holds(&[Reason::LearnerPromoting]),
    case("the member is out, and not on record", &[Step::DropLearner], joining)
        .leads(Step::Steady)
        .does(&["OperationDone"]),
    case("the learner got its vote meanwhile", &[Step::DropLearner], || growing().promoted())
        .leads(Step::CleanSlot)
        .does(&["OperationDone", "Begun"]),
    case("the learner does not come up, and is not wanted", &[Step::CatchUp], || {
        growing().with_refusal(3, lost()).with(|seen| seen.spec.size = 3)
    })
    .leads(Step::DropLearner)
    .holds(&[Reason::MemberLeaving])
    .does(&["RemoveMember"]),
    case("the learner does not come up, however often", &[Step::CatchUp], || {
        growing().with_refusal(3, lost()).with(|seen| seen.memory.attempts = 3)
    })
    .holds(&[Reason::LearnerStalled, Reason::LearnerBehind]),
    case("a member's data is lost", &[Step::Promote], || growing().with_refusal(1, lost()))
        .leads(Step::DropLearner)
        .holds(&[Reason::MemberDataLost, Reason::MemberDown, Reason::MemberLeaving])
        .does(&["RemoveMember"]),
    case(
        "the learner is not in the list any more, and the list is not the leader's",
        &[Step::Promote],
        || growing().unlisted(),
    )
    .holds(&[Reason::LearnerPromoting]),
];
