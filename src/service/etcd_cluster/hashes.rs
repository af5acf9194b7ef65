//! PURE. Whether the members hold the same data: what their hashes, taken at one revision, say.
//!
//! A hash that differs is proof that somebody's data is not what was written, never of whose. That
//! takes a majority of all voters that hold the same.

use super::observed::{Look, Observed};
use crate::mutants::planted;
use crate::service::membership::has_quorum;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// How far apart sweeps of a cluster at rest are, in seconds.
const EVERY: i64 = 600;
/// How long each is due, in seconds: a cluster at rest is looked at once in that time.
const DUE: i64 = 66;
/// Databases larger than this are not swept at rest, in bytes: it reads all there is.
const ROUTINE_BYTES_MAX: i64 = 4 << 30;

/// Whether it is time for the sweep of a cluster at rest. Clusters take turns, by UID.
pub fn is_due(now: Timestamp, uid: &str, largest: i64) -> bool {
    let turn = uid.bytes().fold(0_i64, |sum, byte| (sum * 31 + i64::from(byte)) % EVERY);
    largest <= ROUTINE_BYTES_MAX && (now.as_second() + turn).rem_euclid(EVERY) < DUE
}

/// The hash of each voter that was asked, by ordinal.
pub fn known(seen: &Observed) -> BTreeMap<u32, u32> {
    let Some(sweep) = &seen.sweep else { return BTreeMap::new() };
    let hash = |at: u32| {
        let id = seen.memory.members.get(&seen.member_name(at))?;
        Some((at, *sweep.hashes.get(id)?))
    };
    seen.ordinals().into_iter().filter_map(hash).collect()
}

/// Whether voters are known not to hold the same data: by their hashes, or by what one that etcd
/// does not let start found itself.
pub fn diverge(seen: &Observed) -> bool {
    distinct(seen).len() > 1 || unlike_peers(seen).next().is_some()
}

/// Whether every voter is known to hold the same data.
pub fn agree(seen: &Observed) -> bool {
    let known = known(seen);
    !known.is_empty() && known.len() == seen.ordinals().len() && distinct(seen).len() == 1
}

/// The highest voter whose data is not what a majority of all voters holds.
///
/// One that could not be asked, because etcd found its data unlike its peers', is outvoted only by
/// peers that are all alike: it cannot be told which of them it differs from.
pub fn outvoted(seen: &Observed) -> Option<u32> {
    let known = known(seen);
    let holders = |hash: u32| known.values().filter(|&&other| other == hash).count();
    let voters = seen.ordinals().len();
    let majority = known.values().copied().find(|&hash| has_quorum(voters, holders(hash)));
    let leader = || known.iter().find(|(at, _)| seen.look(**at).is_some_and(Look::leads));
    let leaders = leader().map(|(_, hash)| *hash).filter(|_| planted("leader-is-right"));
    let held = leaders.or(majority)?;
    let other = known.iter().rev().find(|(_, hash)| **hash != held).map(|(&at, _)| at);
    other.or_else(|| unlike_peers(seen).last())
}

fn distinct(seen: &Observed) -> BTreeSet<u32> {
    known(seen).into_values().collect()
}

/// The voters that do not answer, because etcd found their data unlike their peers'.
fn unlike_peers(seen: &Observed) -> impl Iterator<Item = u32> {
    let refused = |at: &u32| seen.pods.get(at).is_some_and(|pod| pod.inconsistent);
    seen.ordinals().into_iter().filter(move |at| seen.look(*at).is_none() && refused(at))
}
