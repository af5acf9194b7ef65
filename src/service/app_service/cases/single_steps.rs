//! PURE. What single steps decide.

use super::{Case, abounding, autoscaled, lessened, miscounted, respecified, respecified_unserved};
use crate::service::app_service::scenarios::{back, fresh, rolling, serving, stalled};
use crate::service::app_service::vocabulary::{Reason, Step};

const BEGUN: &[&str] = &["RevisionBegun"];
const MADE: &[&str] = &["RevisionBegun", "Keep"];
const EXCEEDED: &[Reason] = &[Reason::ProgressDeadlineExceeded];

pub(super) const ALL: &[Case] = &[
    Case::of("nothing exists", &[Step::Assemble], fresh).leads(Step::Start).does(MADE),
    Case::of("a namesake's object is still there", &[Step::Assemble], || fresh().taken())
        .holds(&[Reason::ForeignObject]),
    Case::of("another number is asked for", &[Step::Assemble], miscounted)
        .leads(Step::Start)
        .does(MADE),
    Case::of("a part is not asked for any more", &[Step::Assemble], abounding)
        .leads(Step::Start)
        .does(MADE),
    Case::of("a pod does not come up", &[Step::Assemble], || rolling().failing())
        .leads(Step::Start)
        .does(MADE),
    // The rollout under way ends.
    Case::of(
        "all pods serve",
        &[
            Step::Start,
            Step::Roll,
            Step::Scale,
            Step::RollBack,
            Step::Struggle,
            Step::Short,
            Step::Stalled,
            Step::RolledBack,
        ],
        serving,
    )
    .leads(Step::Serving)
    .does(&["RolloutDone"]),
    Case::of(
        "all pods of what was taken back serve",
        &[
            Step::Start,
            Step::Roll,
            Step::Scale,
            Step::RollBack,
            Step::Struggle,
            Step::Short,
            Step::Stalled,
        ],
        back,
    )
    .leads(Step::RolledBack)
    .does(&["RolloutDone"]),
    Case::of("what serves was taken back", &[Step::Serving], back)
        .leads(Step::RolledBack)
        .holds(&[Reason::RolledBack]),
    Case::of("what was taken back serves", &[Step::RolledBack], back).holds(&[Reason::RolledBack]),
    // The time is over.
    Case::of(
        "it made no progress",
        &[Step::Start, Step::Roll, Step::RollBack, Step::Struggle],
        || rolling().overdue(),
    )
    .leads(Step::Stalled)
    .holds(EXCEEDED),
    Case::of("nobody takes it back", &[Step::Stalled], stalled).holds(EXCEEDED),
    Case::of("it is taken back by itself", &[Step::Stalled], || stalled().automatic())
        .leads(Step::RollBack)
        .does(&["TakenBack"]),
    Case::of("there is nothing to go back to", &[Step::Stalled], || {
        stalled().automatic().with(|seen| seen.memory.revisions.clear())
    })
    .holds(EXCEEDED),
    Case::of("Kubernetes still speaks of the last rollout", &[Step::Roll], || {
        rolling().overdue().with(|seen| seen.memory.revision_since = Some(seen.now))
    })
    .holds(&[Reason::RollingOut]),
    Case::of("a rollout of before had its time", &[Step::Serving], || rolling().overdue()),
    Case::of("the number is not reached in time", &[Step::Scale], || rolling().later(100))
        .leads(Step::Short)
        .holds(&[Reason::PodsMissing]),
    // Another revision is to run.
    Case::of("the spec changes", &[Step::Start], respecified)
        .holds(&[Reason::PodsStarting])
        .does(BEGUN),
    Case::of("the spec changes", &[Step::Roll], respecified)
        .holds(&[Reason::RollingOut])
        .does(BEGUN),
    Case::of(
        "the spec changes",
        &[
            Step::Serving,
            Step::Scale,
            Step::RollBack,
            Step::Struggle,
            Step::Short,
            Step::Stalled,
            Step::RolledBack,
        ],
        respecified,
    )
    .leads(Step::Roll)
    .does(BEGUN),
    Case::of(
        "the spec changes of what never served",
        &[Step::Struggle, Step::Short, Step::Stalled, Step::RolledBack],
        respecified_unserved,
    )
    .leads(Step::Start)
    .does(BEGUN),
    // Pods come and go.
    Case::of("an autoscaler asks for more", &[Step::Serving], autoscaled)
        .leads(Step::Scale)
        .does(&["NumberBegun"]),
    Case::of("an autoscaler asks for more", &[Step::Scale], autoscaled)
        .holds(&[Reason::Scaling])
        .does(&["NumberBegun"]),
    Case::of("an autoscaler asks for more", &[Step::Short], autoscaled)
        .holds(&[Reason::PodsMissing])
        .does(&["NumberBegun"]),
    Case::of("an autoscaler asks for more", &[Step::RolledBack], autoscaled)
        .holds(&[Reason::PodsMissing, Reason::RolledBack])
        .does(&["NumberBegun"]),
    Case::of("one pod less serves", &[Step::Serving], lessened)
        .leads(Step::Short)
        .holds(&[Reason::PodsMissing]),
    Case::of("one pod less serves", &[Step::Short], lessened).holds(&[Reason::PodsMissing]),
    Case::of("one pod less serves", &[Step::Start], lessened).holds(&[Reason::PodsStarting]),
    Case::of("one pod less serves", &[Step::Roll, Step::Struggle], lessened)
        .holds(&[Reason::RollingOut]),
    Case::of("one pod less serves", &[Step::Scale], lessened).holds(&[Reason::Scaling]),
    Case::of("one pod less serves", &[Step::RollBack], lessened).holds(&[Reason::RollingBack]),
    Case::of("one pod less serves", &[Step::Stalled], lessened).holds(EXCEEDED),
    Case::of("one pod less serves", &[Step::RolledBack], lessened)
        .holds(&[Reason::PodsMissing, Reason::RolledBack]),
    // A pod does not come up.
    Case::of("a pod does not come up", &[Step::Start, Step::Roll, Step::Struggle], || {
        rolling().failing()
    })
    .leads(Step::Struggle)
    .holds(&[Reason::PodsFailing, Reason::RollingOut]),
    Case::of("a pod does not come up", &[Step::Scale, Step::Short], || rolling().failing())
        .leads(Step::Short)
        .holds(&[Reason::PodsFailing, Reason::PodsMissing]),
    Case::of("a pod does not come up", &[Step::RollBack], || rolling().failing())
        .holds(&[Reason::PodsFailing, Reason::RollingBack]),
    Case::of("a pod does not come up", &[Step::RolledBack], || rolling().failing())
        .holds(&[Reason::PodsFailing, Reason::RolledBack]),
    Case::of("a pod does not come up", &[Step::Stalled], || rolling().failing()).holds(EXCEEDED),
    Case::of("a pod that nobody needs does not come up", &[Step::Serving], || rolling().failing()),
    Case::of("a revision is held", &[Step::Serving], || {
        serving().pinned_to(crate::service::app_service::scenarios::NEW)
    })
    .holds(&[Reason::Pinned]),
];
