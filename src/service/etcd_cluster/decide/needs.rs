//! PURE. What is looked at in a turn, and how long an answer is waited for.

use super::queries::birth::spec_changed;
use super::queries::listing::is_subject_out;
use super::queries::{self, roster};
use super::vocabulary::Step;
use crate::service::etcd_cluster::observe::needs::{HashRequest, Needs};
use crate::service::etcd_cluster::observe::observed::{Memory, Observed};
use std::time::Duration;
/// Whether pods and volumes are listed live: where something is made, cleared away or deleted because
/// they are not there, and where every member must have been told. Where a member is out of etcd they are
/// listed for what it leaves behind, and where a creation is of another spec for who has served by
/// now: both are in `doubt`. Elsewhere the watches do.
pub fn lists_live(deleting: bool, step: Option<Step>, doubt: bool) -> bool {
    deleting
        || match step {
            None
            | Some(
                Step::Provision
                | Step::Reset
                | Step::Seal
                | Step::Settle
                | Step::CleanSlot
                | Step::ReleaseSlot
                | Step::Sleep,
            ) => true,
            Some(
                Step::AwaitQuorum
                | Step::Bootstrap
                | Step::DropLearner
                | Step::RemoveMember
                | Step::Evict,
            ) => doubt,
            Some(
                Step::Steady
                | Step::Hibernated
                | Step::AddLearner
                | Step::CatchUp
                | Step::Promote
                | Step::Wake
                | Step::QuorumLost
                | Step::Corrupt,
            ) => false,
        }
}

/// How long a starting member is waited for. It accepts connections before it can answer, and
/// the turn that would record the cluster must not wait for the slowest.
const STARTING: Duration = Duration::from_millis(300);

/// How long a member of a recorded cluster is waited for, once for each call.
const RECORDED: Duration = Duration::from_secs(2);

/// The answers to what reading the world asks.
pub const NEEDS: Needs = Needs { live, patience, hashes, in_doubt: roster::in_doubt };

fn live(seen: &Observed) -> bool {
    let step = seen.memory.step.as_deref().and_then(|step| step.parse().ok());
    lists_live(seen.deleting, step, spec_changed(seen) || is_subject_out(seen))
}

/// Once members are on record, nobody else is asked: who is still to join says nothing yet, and who was taken
/// out takes long to say nothing.
fn patience(memory: &Memory, member: &str) -> Option<Duration> {
    let is_sealed = memory.cluster_id.is_some();
    let is_asked = !is_sealed || memory.members.contains_key(member);
    let starts = !is_sealed || memory.learner() == Some(member);
    is_asked.then_some(if starts { STARTING } else { RECORDED })
}

fn hashes(seen: &Observed) -> Option<HashRequest> {
    if !queries::hashes::is_due(seen) {
        return None;
    }
    let voters = queries::hashes::voters(seen);
    let voters: Vec<_> = voters.map(|(at, look)| (at, look.member_id.clone())).collect();
    let revision = queries::hashes::voters(seen).map(|(_, look)| look.revision).min()?;
    Some(HashRequest { revision, voters })
}
