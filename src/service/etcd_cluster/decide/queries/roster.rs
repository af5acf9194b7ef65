//! PURE. Who is a member by the record, by etcd's list and by the spec, and how the three differ.

use super::health::Health;
use super::listing::slot;
use crate::crd::GateVerdict;
use crate::mutants::planted;
use crate::resource::names::address_url;
use crate::service::etcd_cluster::decide::vocabulary::Step;
use crate::service::etcd_cluster::observe::observed::{
    Look, Memory, Observed, PodSeen, Removed, VolumeSeen,
};
use jiff::SignedDuration;
use std::collections::BTreeSet;

/// How many entries of the log a voter may lack before somebody should look: as many as the leader
/// keeps for those that follow slowly.
///
/// # Source
/// etcd, `DefaultSnapshotCatchUpEntries`.
const SLOW: u64 = 5000;

/// The first voter whose data is lost.
pub fn lost(seen: &Observed) -> Option<u32> {
    seen.ordinals().into_iter().find(|&at| has_lost_data(seen, at))
}

/// Whether the data of a member that does not answer is lost: its gate found none, or its volume is.
pub fn has_lost_data(seen: &Observed, at: u32) -> bool {
    let gate = seen.pods.get(&at).and_then(|pod| pod.gate.as_ref());
    let found_none = matches!(gate, Some(GateVerdict::DataLost { .. }));
    seen.look(at).is_none() && (found_none || has_lost_volume(seen, at))
}

/// Whether a member's volume is lost, and it had its time to come back. Time alone proves nothing.
fn has_lost_volume(seen: &Observed, at: u32) -> bool {
    let lost = seen.volumes.get(&at).is_some_and(|volume| volume.lost.is_some());
    (lost || planted("time-is-proof")) && seen.health(at) == Health::Down && had_its_time(seen, at)
}

/// The members that nothing runs of and that had their time to come back. Those that were stopped are
/// missed by nobody.
pub fn in_doubt(seen: &Observed) -> Vec<u32> {
    if !seen.is_sealed() || seen.deleting || is_asleep(&seen.memory) {
        return vec![];
    }
    let runs = |at: &u32| seen.pods.get(at).is_some_and(|pod| pod.address.is_some());
    seen.ordinals().into_iter().filter(|at| !runs(at) && had_its_time(seen, *at)).collect()
}

/// Whether a member has been away for as long as the user waits for one that cannot come back.
fn had_its_time(seen: &Observed, at: u32) -> bool {
    let grace = SignedDuration::from_secs(seen.spec.member_down_grace_seconds.into());
    let since = seen.memory.away.get(&seen.member_name(at));
    since.is_some_and(|&since| seen.now.duration_since(since) >= grace)
}

/// The lowest ordinal that is asked for and that no recorded member has.
pub fn missing(seen: &Observed) -> Option<u32> {
    (0..seen.spec.size).find(|&at| !seen.memory.members.contains_key(&seen.member_name(at)))
}

/// The highest ordinal of a recorded voter that is not asked for, but for the one that is going. Nobody
/// goes before there are more than are asked for: whoever is missing comes first.
pub fn surplus(seen: &Observed) -> Option<u32> {
    let going = slot(seen);
    let staying: Vec<u32> = seen.ordinals().into_iter().filter(|at| Some(*at) != going).collect();
    let size = seen.spec.size;
    let more = size > 0 && staying.len() > size as usize;
    staying.into_iter().max().filter(|last| more && *last >= size)
}

/// What the leader answered, as most of the healthy members see who leads, with its ordinal.
fn leader(seen: &Observed) -> Option<(u32, &Look)> {
    let (leader, _) = seen.leader()?;
    let mut looks = seen.looks.iter().filter_map(|(&at, look)| Some((at, look.known()?)));
    looks.find(|(_, look)| look.member_id == leader)
}

/// How many entries of the leader's log a member has not applied.
pub fn lag(seen: &Observed, of: &Look) -> Option<u64> {
    Some(leader(seen)?.1.raft_index.saturating_sub(of.raft_applied_index))
}

/// Whether a voter that answers is far behind the leader.
pub fn is_slow(seen: &Observed, at: u32) -> bool {
    let voter = seen.look(at).filter(|look| !look.learner);
    voter.and_then(|look| lag(seen, look)).is_some_and(|lag| lag > SLOW)
}

/// Whom to ask for a change: the leader.
pub fn endpoint(seen: &Observed) -> Option<String> {
    let address = seen.pods.get(&leader(seen)?.0)?.address.as_deref()?;
    Some(address_url(address))
}

/// Who leads best after the member that is to go: the healthy voter with the most of the log.
pub fn heir(seen: &Observed) -> Option<&str> {
    let going = slot(seen);
    let healthy = seen.in_health(Health::Healthy).into_iter().filter(|at| Some(*at) != going);
    let looks = healthy.filter_map(|at| seen.look(at));
    looks.max_by_key(|look| look.raft_applied_index).map(|look| look.member_id.as_str())
}

/// The volumes that those taken out left behind. Whoever is on record again needs its volume.
pub fn left_behind(seen: &Observed) -> impl Iterator<Item = (u32, &VolumeSeen)> {
    let away = |(name, _): &(&String, &Removed)| !seen.memory.members.contains_key(*name);
    seen.memory.removed.iter().filter(away).filter_map(|(name, removed)| {
        let at = seen.ordinal_of(name)?;
        let volume = seen.volumes.get(&at)?;
        (removed.volume.as_ref() == Some(&volume.uid)).then_some((at, volume))
    })
}

/// The pods that keep those volumes.
pub fn left_pods(seen: &Observed) -> impl Iterator<Item = (u32, &PodSeen)> {
    left_behind(seen).filter_map(|(at, _)| Some((at, seen.pods.get(&at)?)))
}

/// The volumes that were made for members that were to come and did not.
pub fn unused(seen: &Observed) -> impl Iterator<Item = (u32, &VolumeSeen)> {
    let free = seen.memory.operation.iter().flat_map(|at| &at.free);
    let free = free.filter(|name| !seen.memory.members.contains_key(*name));
    let free = free.filter_map(|name| seen.ordinal_of(name)).filter(|&at| at >= seen.spec.size);
    free.filter_map(|at| Some((at, seen.volumes.get(&at)?)))
}

/// The members to come in whose places nothing is that stays, and those of whom that was said before.
/// Where a claim is on its way out Kubernetes makes no pod until it is gone; and what was left in the
/// place of who comes now is gone, whatever is there by now.
pub fn free(seen: &Observed) -> BTreeSet<String> {
    let Some(slot) = slot(seen) else { return BTreeSet::new() };
    let before = seen.memory.operation.iter().flat_map(|at| at.free.iter().cloned());
    let follows = |at: u32| at == slot && seen.memory.removed.contains_key(&seen.member_name(at));
    let stays = |at: &u32| seen.volumes.get(at).is_some_and(|volume| !volume.deleting);
    let is_free = |at: &u32| follows(*at) || !stays(at);
    let now = (slot..seen.spec.size).filter(is_free).map(|at| seen.member_name(at));
    now.chain(before).collect()
}

/// The volumes that others left in the places of the member to come and of those after it.
pub fn left_in_slots(seen: &Observed) -> impl Iterator<Item = (u32, &VolumeSeen)> {
    let slot = slot(seen);
    left_behind(seen)
        .filter(move |(at, _)| slot.is_some_and(|slot| (slot..seen.spec.size).contains(at)))
}

/// The ordinals of all recorded members, the learner among them.
pub fn recorded(seen: &Observed) -> BTreeSet<u32> {
    seen.memory.members.keys().filter_map(|name| seen.ordinal_of(name)).collect()
}

/// How many entries of the log a learner may lack to get its vote.
pub const BEHIND_MAX: u64 = 1000;

/// Whether no member is to run.
pub fn is_asleep(memory: &Memory) -> bool {
    let step = memory.step.as_deref().and_then(|step| step.parse().ok());
    memory.cluster_id.is_some() && matches!(step, Some(Step::Sleep | Step::Hibernated))
}
