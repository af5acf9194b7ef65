//! PURE. The engine, proved on machines made for it.

mod diagram;
mod edge;
mod explain;
mod explore;
mod fixture;
mod known;
mod settle;
mod step;
pub(crate) mod toy;
mod transcript;
mod wreck;

use super::{Edge, Exploration, Machine};
use std::collections::{BTreeMap, BTreeSet};
use strum::IntoEnumIterator;

/// Holds that a machine is sound: every step is reached from the first, can come to rest and decides
/// something; no decision hides outside the named guards; and each of these answers both ways, but for
/// those `implied` by what they are asked after.
pub(crate) fn is_sound<M: Machine>(
    all: &Exploration<M>,
    (first, rest): (M::Step, M::Step),
    implied: impl IntoIterator<Item = M::Guard>,
) {
    assert_eq!(all.reachable(first), M::Step::iter().collect());
    assert_eq!(all.cannot_reach(rest), BTreeSet::new());
    assert_eq!(all.unhandled(), BTreeSet::new());
    assert_eq!(all.hidden(), Vec::<&[Edge<M>]>::new());
    let implied = implied.into_iter().map(|guard| (guard, Some(true)));
    assert_eq!(all.one_sided(), implied.collect::<BTreeMap<_, _>>());
}
