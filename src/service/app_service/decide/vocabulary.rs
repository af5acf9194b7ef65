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
    /// Creating: nothing exists, and nothing may stand in the way.
    Assemble,
    /// Creating: the first pods start.
    Start,
    /// Running: what the spec asks for serves, and nothing is being changed.
    Serving,
    /// Updating: the pods are replaced by those of another revision.
    Roll,
    /// Updating: pods come or go.
    Scale,
    /// Updating: the last revision that was rolled out whole comes back.
    RollBack,
    /// Degraded: a new pod cannot come up; the rollout has not failed yet.
    Struggle,
    /// Degraded: fewer pods serve than are asked for, and nothing is being changed.
    Short,
    /// Failed: the rollout made no progress for as long as it may.
    Stalled,
    /// Failed: a rollout was taken back; the revision before it serves.
    RolledBack,
}

/// Something just observed; never a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, IntoStaticStr)]
pub enum Fact {
    /// The user holds the operator back.
    Paused,
    /// The user asked for the deletion.
    Deleted,
    /// `spec.rollbackTo` names a revision that is not kept.
    RevisionUnknown,
    /// A name we need is somebody else's, or still taken by what is being deleted.
    NameTaken,
    /// A part is absent or not what it should be.
    PartsDrifted,
    /// A part is there that is not asked for any more.
    PartsSurplus,
    /// The Deployment asks for another number of pods than the spec.
    NumberDrifted,
    /// Another revision is to run than the one on record.
    RevisionChanged,
    /// The Deployment has just the pods that are asked for, all of the revision on record.
    RolloutDone,
    /// Another number of pods is asked for than the one on record.
    NumberChanged,
    /// The rollout made no progress for as long as it may.
    DeadlinePassed,
    /// A pod of the revision on record will not come up by itself.
    PodsFailing,
    /// Fewer pods serve than are asked for.
    PodsMissing,
    /// `spec.rollbackTo` holds a revision.
    Pinned,
    /// The world was looked at.
    Looked,
}

/// A named predicate over the observation. Unknown never satisfies one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, IntoStaticStr)]
pub enum Guard {
    /// Nobody else has an object of a name we need.
    NamesFree,
    /// The spec says how many pods there are, and the Deployment is ours.
    NumberOurs,
    /// A revision was rolled out whole before.
    EverServed,
    /// What is to run is what the spec asks for: its own pods, or those of the revision it holds.
    SpecRuns,
    /// `spec.rollback` takes a rollout that failed back.
    RollbackAutomatic,
    /// A revision is kept that was rolled out whole, and it is not the one that failed.
    RollbackPossible,
    /// The step has lasted for as long as a rollout may make no progress.
    StepOverdue,
}

// Why the machine waits, who brings about what it waits for, and whether somebody should be woken.
reasons! {
    /// The user holds the operator back.
    Paused: Watched;
    /// The deletion is under way.
    Deleting: Progress;
    /// Somebody else has an object of a name we need.
    ForeignObject: Others degrades;
    /// `spec.rollbackTo` names a revision that is not kept.
    RevisionUnknown: Watched degrades;
    /// The first pods start.
    PodsStarting: Progress;
    /// The pods are replaced.
    RollingOut: Progress;
    /// Pods come or go.
    Scaling: Progress;
    /// The revision before comes back.
    RollingBack: Progress;
    /// A pod will not come up by itself.
    PodsFailing: Progress degrades;
    /// Fewer pods serve than are asked for.
    PodsMissing: Others degrades;
    /// The rollout made no progress for as long as it may.
    ProgressDeadlineExceeded: Others degrades;
    /// The rollout was taken back.
    RolledBack: Watched degrades;
    /// `spec.rollbackTo` holds a revision.
    Pinned: Watched;
}
