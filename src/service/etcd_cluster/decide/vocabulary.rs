//! PURE. The machine's words: steps, facts, guards and reasons.

use crate::service::pace::reasons;
use strum::{EnumIter, EnumString, IntoStaticStr, VariantArray};

/// Where the machine stands. Each step belongs to one of the five phases.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    EnumIter,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
pub enum Step {
    /// Creating: the birth is put on record, and nothing may stand in the way.
    Provision,
    /// Creating: the first members start together.
    AwaitQuorum,
    /// Creating: the identity is recorded, and every member is told that it must have data.
    Seal,
    /// Creating: a birth that never served is cleared away for the next one.
    Reset,
    /// Running: the cluster serves, and nothing is being changed.
    Steady,
    /// Running: no member runs, because none is asked for. All volumes are kept.
    Hibernated,
    /// Scaling: the place of the member to come is cleared of what another one left.
    CleanSlot,
    /// Scaling: a member without a vote joins.
    AddLearner,
    /// Scaling: the learner catches up.
    CatchUp,
    /// Scaling: the learner gets its vote.
    Promote,
    /// Scaling: the learner is taken out again.
    DropLearner,
    /// Scaling: the member of the highest ordinal is taken out.
    RemoveMember,
    /// Scaling: pods and volumes of those taken out go.
    ReleaseSlot,
    /// Scaling: every member is stopped.
    Sleep,
    /// Scaling: the members that were stopped come back.
    Wake,
    /// Failed: too few members are left to decide anything. Nothing is touched.
    QuorumLost,
    /// Failed: the creation did not come up as often as was allowed.
    Bootstrap,
    /// Failed: the members' data differs, and no majority of them agrees. Nothing is touched.
    Corrupt,
    /// Recovering: quorum is back and has to last.
    Settle,
    /// Recovering: a member that cannot come back is taken out.
    Evict,
}

/// Something just observed; never a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, IntoStaticStr)]
pub enum Fact {
    /// The user holds the operator back.
    Paused,
    /// The user asked for the deletion.
    Deleted,
    /// The status names no identity, the `StatefulSet` does.
    MemoryLost,
    /// A member answers with another cluster's ID.
    ForeignCluster,
    /// The identity is recorded, so the birth is over whatever the step says.
    IdentityRecorded,
    /// No identity is recorded anywhere, so there is no cluster yet whatever the step says.
    IdentityMissing,
    /// No identity is recorded, and there is no `StatefulSet`.
    StatefulSetMissing,
    /// The members exist for another spec than the present one, or for another birth.
    SpecChanged,
    /// Too few members can be alive to decide anything.
    QuorumLost,
    /// Enough members answer and follow one leader.
    QuorumHeld,
    /// Nothing is being done to any member.
    NothingOpen,
    /// A member is being added.
    AdditionOpen,
    /// A member is being taken out.
    RemovalOpen,
    /// A member is being replaced.
    ReplacementOpen,
    /// Our finalizer is not on the object.
    FinalizerMissing,
    /// A name we need is somebody else's, or still taken by what is being deleted.
    NameTaken,
    /// A part is absent or not what it should be.
    PartsDrifted,
    /// A pod's directive or labels are not what they should be.
    PodsDrifted,
    /// etcd answers with a member list, and no identity is recorded yet.
    ClusterFormed,
    /// The first members will not come up: they had their time, or one refuses to start.
    BirthFailed,
    /// A member's volume is empty and should not be, or is gone for good.
    DataLost,
    /// A member's volume holds data of somebody else.
    DataStale,
    /// A member is known not to serve.
    MemberDown,
    /// The last look at a member failed, and Kubernetes finds it ready.
    MemberUnseen,
    /// Members warn that their data differs, and all hold the same by now.
    AlarmOutlived,
    /// A member reports an alarm or another error of its own, or cannot keep up.
    MemberAlarmed,
    /// etcd lists a member that is not on record and votes.
    VoterUnrecorded,
    /// etcd lists a learner that is not on record, nor being added.
    LearnerUnrecorded,
    /// etcd lists a member without a vote that is on record as one that votes.
    LearnerForgotten,
    /// etcd does not list a member that is on record and votes.
    MemberVanished,
    /// Members do not hold the same data.
    DataDiverges,
    /// etcd does not list the member something is being done to.
    MemberOut,
    /// etcd lists the member that is being added, without a vote.
    LearnerListed,
    /// etcd lists the member that is being added, with a vote.
    LearnerPromoted,
    /// The learner has all but the newest of the leader's log.
    LearnerCaughtUp,
    /// The learner will not come up by itself.
    LearnerStalled,
    /// No member is asked for.
    SleepAsked,
    /// There are more members than asked for.
    MembersSurplus,
    /// There are fewer members than asked for.
    MembersMissing,
    /// Every member answers and follows one leader.
    MembersHealthy,
    /// The world was looked at.
    Looked,
}

/// A named predicate over the observation. Unknown never satisfies one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, IntoStaticStr)]
pub enum Guard {
    /// `spec.size` asks for at least one member.
    SizeAboveZero,
    /// Nobody else has an object of a name we need.
    NamesFree,
    /// No volume of a name we need holds data of another cluster or birth.
    VolumesClean,
    /// Which birth it is is on record, or neither volume nor `StatefulSet` says otherwise.
    BirthKnown,
    /// No volume was there before this birth, or none of them is left.
    VolumesNew,
    /// Every member asked for has its volume.
    VolumesWhole,
    /// It is on record that there were volumes before this birth.
    Resumed,
    /// No client is sent to a member.
    NobodyServed,
    /// The identity was never recorded, nothing was there before the birth, no client was ever let in,
    /// and no member holds a write.
    NeverServed,
    /// `spec.recoveryStrategy.maxRetries` allows one more try.
    RetriesLeft,
    /// The wait before the next try is over.
    RetryDue,
    /// etcd's list names exactly the members asked for.
    EveryMemberListed,
    /// Every member that answers belongs to the cluster the list is of.
    OneCluster,
    /// Every member answers and follows one leader.
    EveryMemberHealthy,
    /// Enough members answer and follow one leader.
    Quorum,
    /// Template and pods carry the recorded identity: no member can start anew.
    Fenced,
    /// Stragglers had five minutes.
    StragglersAwaited,
    /// Quorum lasted ten seconds.
    QuorumLasted,
    /// The member list was read behind a linearizable read, and is of the recorded cluster.
    ListFresh,
    /// The gate of a member that does not answer keeps etcd from its volume, and no member lived before
    /// this birth.
    MemberRefuses,
    /// Every member's etcd has been started.
    MembersStarted,
    /// No pod waits for a node, its volume or its image.
    NothingPending,
    /// The `StatefulSet` is there and ours.
    StatefulSetOurs,
    /// No `StatefulSet` of ours is left.
    StatefulSetGone,
    /// Pods and volumes were listed live.
    Counted,
    /// No pod is left.
    PodsGone,
    /// A pod that stays has no `StatefulSet` any more.
    OrphansLeft,
    /// Every such pod is asked for.
    OrphansWanted,
    /// No volume of this cluster is left.
    VolumesGone,
    /// No volume of this cluster is left, or all are on their way out.
    VolumesLeaving,
    /// `spec.storage.retention` keeps the volumes.
    VolumesRetained,
    /// Our finalizer is on the object.
    Finalizer,
    /// The template carries the recorded identity.
    TemplateFenced,
    /// The members were made from the present spec, or are not made yet.
    SpecCurrent,
    /// The template names a recorded identity.
    TemplateNamesIdentity,
    /// The list names just the members on record.
    ListExact,
    /// The members' data is not known to differ, or known to be the same in spite of a warning.
    DataAgrees,
    /// Every member is known to hold the same data.
    HashesEqual,
    /// A majority of all members holds the same data, and another one does not.
    HashMajority,
    /// The member something is being done to is on record.
    MemberRecorded,
    /// etcd lists the member something is being done to.
    SubjectListed,
    /// Every voter that etcd lists is on record, or being added.
    VotersKnown,
    /// It is known where the leader is reached.
    LeaderReached,
    /// The learner nobody waits for is at the peer URL of one of our pods.
    StrayOurs,
    /// The learner was seen to run, and that is on record: it never begins with nothing again.
    LearnerBorn,
    /// The step was on record before this look.
    StepOnRecord,
    /// `spec.size` asks for the member something is being done to.
    SlotWanted,
    /// A volume in the place of the member to come is of this cluster and birth.
    SlotOurs,
    /// The pod of the member to come runs up to its gate, and its name leads there.
    SlotReached,
    /// Nothing of a member that was taken out is left in the place of the one to come.
    SlotClean,
    /// What is left there is on its way out.
    SlotLeaving,
    /// No volume was made for a member that did not come.
    NothingUnused,
    /// The learner may be taken out and added once more.
    RecyclesLeft,
    /// Every member but the one to go is healthy, and they are a quorum without it.
    OthersHealthy,
    /// The member to go leads.
    VictimLeads,
    /// The member to go answers and follows a leader, and its data is not known to be damaged.
    VictimHealthy,
    /// The member to go can not come back: its data is lost, or is not what the majority holds.
    VictimLost,
    /// Yet another member is to come.
    MoreMissing,
    /// Yet another member is to go.
    MoreSurplus,
    /// No pod is left of those taken out.
    SurplusGone,
    /// No volume is left of those taken out.
    RemovedGone,
    /// All volumes that are left of those taken out are on their way out.
    RemovedLeaving,
}

// Why the machine waits, who brings about what it waits for, and whether somebody should be woken.
reasons! {
    /// The user holds the operator back.
    Paused: Watched;
    /// The deletion is under way.
    Deleting: Progress;
    /// `spec.size` is 0 and nothing was created yet.
    SizeIsZero: Watched;
    /// Somebody else has an object of a name we need.
    ForeignObject: Others degrades;
    /// A volume of a name we need holds somebody else's data.
    StaleVolume: Others degrades;
    /// The status was lost, and not every member asked for has its volume.
    VolumeMissing: Others degrades;
    /// Members are starting.
    MembersStarting: Progress;
    /// A member's pod cannot be placed, or waits for its volume or image.
    MemberPending: Others degrades;
    /// Members run and have not agreed on a leader yet.
    QuorumForming: Progress;
    /// The members there are are not just those asked for.
    MembersMismatch: Others degrades;
    /// Members are being told the identity.
    Sealing: Progress;
    /// The spec changed after clients may have written.
    SpecChangeTooLate: Watched degrades;
    /// The next try is not due yet.
    RetryBackoff: Progress degrades;
    /// The last try is used up.
    RetriesExhausted: Watched degrades;
    /// The last birth is being cleared away.
    ClearingLastTry: Progress;
    /// Too few members are left to decide anything.
    QuorumLost: Others degrades;
    /// Quorum is back and has to last.
    QuorumReturned: Progress;
    /// The member list could not be read behind a linearizable read.
    ListStale: Others;
    /// A member answers with another cluster's ID.
    ForeignCluster: Others degrades;
    /// A member's volume is empty and should not be.
    MemberDataLost: Others degrades;
    /// A member's volume holds data of somebody else.
    MemberDataStale: Others degrades;
    /// A member is known not to serve.
    MemberDown: Others degrades;
    /// The last look at a member failed.
    MemberUnseen: Others degrades;
    /// Members do not hold the same data.
    DataDiverges: Others degrades;
    /// A member reports an alarm, or cannot keep up.
    MemberAlarm: Others degrades;
    /// etcd lists a member that is not on record.
    StrangerMember: Others degrades;
    /// The other members must be healthy before one comes or goes.
    OthersUnhealthy: Others;
    /// What a member left that was taken out is going.
    SlotReleasing: Progress;
    /// A member without a vote joins.
    LearnerJoining: Progress;
    /// The learner is not caught up yet.
    LearnerBehind: Progress;
    /// The learner will not come up, as often as was tried.
    LearnerStalled: Others degrades;
    /// The learner gets its vote.
    LearnerPromoting: Progress;
    /// Another member is to lead before the leader goes.
    LeaderMoving: Progress;
    /// A member is being taken out.
    MemberLeaving: Progress;
    /// Every member is being stopped.
    FallingAsleep: Progress;
    /// No member runs, because none is asked for.
    Hibernated: Watched;
    /// The members that were stopped come back.
    WakingUp: Progress;
}
