//! PURE. Data that is not what was written: a bit that flipped, and how it shows.

use super::boot::hash;
use super::process::DiskId;
use super::raft::Op;
use super::world::{Alarm, LATE, World};
use super::{EtcdError, Hash};
use std::collections::BTreeSet;

impl World {
    /// Flips a bit in the database of the member at an address. Nothing tells, before somebody asks
    /// for the data's hash.
    pub fn flip(&mut self, address: &str) {
        let there = self.running().find(|(_, process)| process.start.address == address);
        if let Some(disk) = there.map(|(_, process)| process.start.disk) {
            let bit = 1 << (self.flipped.len() % 32);
            self.flipped.insert(disk, bit);
        }
    }

    pub fn hash(&self, endpoint: &str, revision: i64) -> Result<Hash, EtcdError> {
        let (_, process, data) = self.voter_at(endpoint)?;
        if data.revision() < revision {
            let future = "etcdserver: mvcc: required revision is a future revision";
            return Err(EtcdError::said(future));
        }
        let upto = usize::try_from(revision.saturating_sub(data.base)).unwrap_or(0);
        let puts = data.applied().filter_map(|entry| match &entry.op {
            Op::Put(key, value) => Some([key.as_str(), value.as_str()]),
            Op::Begin | Op::Publish { .. } | Op::Change(_) => None,
        });
        let all: Vec<&str> = puts.take(upto).flatten().collect();
        let sum = hash(&all) ^ self.flipped.get(&process.start.disk).copied().unwrap_or(0);
        #[allow(clippy::cast_possible_truncation, reason = "the hash's lower half")]
        Ok(Hash { member_id: data.member, hash: sum as u32, compacted: 0 })
    }

    pub fn disarm_corrupt(&mut self, endpoint: &str) -> Result<(), EtcdError> {
        let (id, _, data) = self.voter_at(endpoint)?;
        let cluster = data.cluster;
        if !self.agrees(id) {
            return Err(EtcdError::Timeout(LATE));
        }
        if let Some(alarms) = self.alarms.get_mut(&cluster) {
            alarms.retain(|(_, alarm)| *alarm != Alarm::Corrupt);
        }
        Ok(())
    }

    /// Whether the data of voters of one cluster differs.
    pub fn differs(&self) -> bool {
        let voters = self.running().filter_map(|(_, process)| {
            let data = self.data(process.start.disk)?;
            (!data.is_learner(data.member) && !self.is_out(data.cluster, data.member))
                .then_some((data.cluster, process.start.disk))
        });
        let voters: Vec<(u64, DiskId)> = voters.collect();
        let clusters: BTreeSet<u64> = voters.iter().map(|(cluster, _)| *cluster).collect();
        clusters.iter().any(|cluster| {
            let of = voters.iter().filter(|(other, _)| other == cluster);
            let flipped: BTreeSet<_> = of.map(|(_, disk)| self.flipped.get(disk)).collect();
            flipped.len() > 1
        })
    }

    /// Whether somebody running knows that a member was taken out.
    fn is_out(&self, cluster: u64, member: u64) -> bool {
        self.members_of(cluster).any(|(_, _, data)| data.has_removed(member))
    }
}
