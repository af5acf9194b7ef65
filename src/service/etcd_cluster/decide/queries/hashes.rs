//! PURE. Whether the members hold the same data: what their hashes, taken at one revision, say.
//!
//! A hash that differs is proof that somebody's data is not what was written, never of whose. That
//! takes a majority of all voters that hold the same.

use crate::engine::Known;
use crate::mutants::planted;
use crate::service::etcd_cluster::decide::vocabulary::Step;
use crate::service::etcd_cluster::observe::observed::{Look, Observed, Sweep};
use crate::service::membership::has_quorum;
use jiff::SignedDuration;
use std::collections::{BTreeMap, BTreeSet};

/// How far apart the checks of a cluster are of which nothing is suspected, in seconds: a day.
const ROUTINE: i64 = 86_400;
/// How late in its day a cluster may be checked for the first time, in seconds: longer than it is
/// left alone at rest, and short, so that a new operator does not check all of them at once.
const FIRST: i64 = 600;
/// How far apart checks on the same grounds are.
const APART: SignedDuration = SignedDuration::from_mins(10);
/// How far apart they are while something is suspected and a voter could not be compared.
const UNCOMPARED: SignedDuration = SignedDuration::from_mins(1);
/// Databases larger than this are not checked without a suspicion, in bytes: it reads all there is.
const ROUTINE_BYTES_MAX: i64 = 4 << 30;

/// Whether the voters are to be asked for their hashes now. They read all they have for it.
///
/// # Guarantees
/// The last check is remembered in the status. It is not made again for ten minutes, whoever asks,
/// unless etcd began to warn since, or a voter answers that was not asked.
pub fn is_due(seen: &Observed) -> bool {
    let answering = voters(seen).count();
    if !seen.is_sealed() || answering == 0 {
        return false;
    }
    let since = seen.memory.hash_check.as_ref().map(|last| seen.now.duration_since(last.at));
    match (&seen.memory.hash_check, since) {
        (Some(last), Some(since)) if is_suspected(seen) => {
            let asked = |id| last.sweep.hashes.contains_key(id) || last.sweep.unknown.contains(id);
            let news = !last.suspected || voters(seen).any(|(_, look)| !asked(&look.member_id));
            let apart = if last.sweep.unknown.is_empty() { APART } else { UNCOMPARED };
            news || since >= apart
        }
        (_, since) => is_suspected(seen) || is_routine_due(seen, answering, since),
    }
}

/// Whether it is time for the daily check. Clusters take turns, by UID; who did not answer is waited
/// for.
fn is_routine_due(seen: &Observed, answering: usize, since: Option<SignedDuration>) -> bool {
    let turn = seen.uid.bytes().fold(0, |sum, byte| (sum * 31 + i64::from(byte)) % ROUTINE);
    let late = (seen.now.as_second() + turn).rem_euclid(ROUTINE);
    let due = match since {
        None => late < FIRST,
        Some(since) => since.as_secs() > late,
    };
    let largest = voters(seen).map(|(_, look)| look.db_size_bytes).max().unwrap_or(0);
    due && answering == seen.ordinals().len()
        && largest <= ROUTINE_BYTES_MAX
        && seen.memory.step.as_deref() == Some(Step::Steady.into())
}

/// Whether the members' data may differ: etcd warns of it, or does not let a member start for it, or
/// the hashes say so.
pub fn is_suspected(seen: &Observed) -> bool {
    voters(seen).any(|(_, look)| look.warns_of_corruption())
        || seen.pods.values().any(|pod| pod.inconsistent)
        || diverge(seen)
}

/// The voters that answer and follow a leader, by ordinal.
pub fn voters(seen: &Observed) -> impl Iterator<Item = (u32, &Look)> {
    let looks = seen.looks.iter().filter_map(|(&at, look)| Some((at, Known::known(look)?)));
    looks.filter(|(_, look)| look.leader.is_some() && !look.learner)
}

/// What the voters' data comes to: as they answered now, or when they were last asked.
pub fn latest(seen: &Observed) -> Option<&Sweep> {
    let last = seen.memory.hash_check.as_ref();
    seen.sweep.as_ref().or_else(|| last.map(|last| &last.sweep))
}

/// The hash of each voter that was asked, by ordinal.
pub fn known(seen: &Observed) -> BTreeMap<u32, u32> {
    let Some(sweep) = latest(seen) else { return BTreeMap::new() };
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
