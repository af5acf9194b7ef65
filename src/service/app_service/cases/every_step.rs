//! PURE. What the root decides, whatever the step, and what each step goes on waiting for beside it.

use super::{Case, abounding, lacking, miscounted};
use crate::service::app_service::scenarios::{rolling, serving};
use crate::service::app_service::vocabulary::{Reason, Step};

const EVERY: &[Step] = &[
    Step::Assemble,
    Step::Start,
    Step::Serving,
    Step::Roll,
    Step::Scale,
    Step::RollBack,
    Step::Struggle,
    Step::Short,
    Step::Stalled,
    Step::RolledBack,
];

pub(super) const ALL: &[Case] = &[
    Case::of("the user holds the operator back", EVERY, || {
        serving().with(|seen| seen.spec.paused = true)
    })
    .holds(&[Reason::Paused]),
    Case::of("it is deleted", EVERY, || serving().with(|seen| seen.deleting = true))
        .holds(&[Reason::Deleting]),
    Case::of("a revision is to be held that is not kept", EVERY, || {
        serving().pinned_to("0000000000000000")
    })
    .holds(&[Reason::RevisionUnknown]),
];

macro_rules! beside {
    ($($step:ident $waits:ident),*) => {
        &[$(
            Case::of("a name is taken", &[Step::$step], || rolling().taken())
                .holds(&[Reason::ForeignObject, Reason::$waits]),
            Case::of("a part is gone", &[Step::$step], lacking)
                .holds(&[Reason::$waits])
                .does(&["Keep"]),
            Case::of("a part is not asked for any more", &[Step::$step], abounding)
                .holds(&[Reason::$waits])
                .does(&["Remove"]),
            Case::of("another number is asked for", &[Step::$step], miscounted)
                .holds(&[Reason::$waits])
                .does(&["Scale"]),
        )*]
    };
}

/// What is done in each step, and what it waits for nonetheless.
pub(super) const BESIDE: &[Case] = beside!(
    Start PodsStarting,
    Roll RollingOut,
    Scale Scaling,
    RollBack RollingBack,
    Struggle RollingOut,
    Short PodsMissing,
    Stalled ProgressDeadlineExceeded,
    RolledBack RolledBack
);
