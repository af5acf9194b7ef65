//! PURE. What the root decides, whatever the step.

use super::Case;
use crate::crd::Retention;
use crate::service::etcd_cluster::observed::Observed;
use crate::service::etcd_cluster::scenarios::{healthy, without_set};
use crate::service::etcd_cluster::vocabulary::{Reason, Step};
use strum::VariantArray;

const EVERY: &[Step] = Step::VARIANTS;

/// A user wants it gone, and its volumes with it.
fn unwanted() -> Observed {
    healthy(3).with(|seen| (seen.deleting, seen.spec.retention) = (true, Retention::Delete))
}

/// The same, when the `StatefulSet` is gone by now.
fn stopped() -> Observed {
    unwanted().with(without_set)
}

pub(super) const ALL: &[Case] = &[
    Case {
        about: "the user holds the operator back",
        steps: EVERY,
        seen: || healthy(3).with(|seen| seen.spec.paused = true),
        to: None,
        held: &[Reason::Paused],
        does: &[],
    },
    Case {
        about: "it is deleted and its volumes stay",
        steps: EVERY,
        seen: || healthy(3).with(|seen| seen.deleting = true),
        to: None,
        held: &[],
        does: &["DropFinalizer"],
    },
    Case {
        about: "it is deleted and our finalizer is off",
        steps: EVERY,
        seen: || unwanted().unheld(),
        to: None,
        held: &[Reason::Deleting],
        does: &[],
    },
    Case {
        about: "it is deleted with its volumes and its members run",
        steps: EVERY,
        seen: unwanted,
        to: None,
        held: &[Reason::Deleting],
        does: &["DeleteStatefulSet"],
    },
    Case {
        about: "it is deleted with its volumes and the StatefulSet cannot be read",
        steps: EVERY,
        seen: || unwanted().unread(),
        to: None,
        held: &[Reason::Deleting],
        does: &[],
    },
    Case {
        about: "it is deleted with its volumes and the StatefulSet is gone",
        steps: EVERY,
        seen: stopped,
        to: None,
        held: &[Reason::Deleting],
        does: &["DeleteVolumes"],
    },
    Case {
        about: "it is deleted with its volumes and they are on their way out",
        steps: EVERY,
        seen: || stopped().with(|seen| seen.volumes.values_mut().for_each(|at| at.deleting = true)),
        to: None,
        held: &[],
        does: &["DropFinalizer"],
    },
    Case {
        about: "the status is lost and the template is not",
        steps: EVERY,
        seen: || {
            healthy(3).with(|seen| {
                (seen.memory.cluster_id, seen.memory.members) = (None, [].into());
            })
        },
        to: None,
        held: &[],
        does: &["Identity"],
    },
];
