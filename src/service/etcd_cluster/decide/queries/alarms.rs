//! PURE. What members report of themselves.

use crate::service::etcd_cluster::observe::observed::{Look, Observed};

/// The members that report that the members' data differs.
pub fn corrupt(seen: &Observed) -> impl Iterator<Item = u32> {
    let warns = |at: &u32| seen.look(*at).is_some_and(Look::warns_of_corruption);
    seen.ordinals().into_iter().filter(warns)
}

/// Whether a member warns of what keeps all of them from taking writes.
pub fn refuses_writes(seen: &Observed) -> bool {
    reporting(seen, |error| error.contains("alarm:")).next().is_some()
}

/// The members that report such an error of their own.
pub fn reporting(seen: &Observed, is_such: impl Fn(&str) -> bool) -> impl Iterator<Item = u32> {
    seen.ordinals().into_iter().filter(move |&at| {
        seen.look(at).is_some_and(|look| look.errors.iter().any(|error| is_such(error)))
    })
}
