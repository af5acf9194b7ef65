//! PURE. What a member answers a client.

use super::process::{Process, ProcessId};
use super::raft::{Data, Op, Peer};
use super::world::{Alarm, LATE, World};
use super::{EtcdError, Member, Members, Status};
use std::collections::{BTreeMap, BTreeSet};

/// What a database without keys takes, in bytes.
const EMPTY_BYTES: i64 = 20480;
/// What etcd says to whoever asks a learner for more than its status.
const LEARNER: &str = "etcdserver: rpc not supported for learner";

/// One cluster, seen from outside: what an oracle holds the operator's belief against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sight {
    /// The member that leads it, if one does.
    pub leader: Option<u64>,
    /// Who votes, as the leader has it, or else the member with the newest log that runs.
    pub voters: BTreeSet<u64>,
    /// Who does not vote yet.
    pub learners: BTreeSet<u64>,
    /// Whether it ever acknowledged a write.
    pub wrote: bool,
    /// Each of its disks, whether or not anything runs on it: whose it is, and its revision.
    pub disks: BTreeMap<super::DiskId, (u64, i64)>,
}

impl World {
    /// Whether the operators reach anybody.
    pub fn seen(&self) -> Result<(), EtcdError> {
        if self.blind { Err(EtcdError::Timeout(LATE)) } else { Ok(()) }
    }

    /// The process behind a client URL, if it answers at all.
    pub fn at(&self, endpoint: &str) -> Result<(ProcessId, &Process, &Data), EtcdError> {
        let host = endpoint.strip_prefix("http://").unwrap_or(endpoint);
        let address = host.rsplit_once(':').map_or(host, |(address, _)| address);
        let there = self.running().find(|(_, process)| process.start.address == address);
        let reached = there.filter(|_| self.network.serves(address));
        let (id, process) =
            reached.ok_or_else(|| EtcdError::Unreachable("tcp connect error".to_owned()))?;
        // It accepts connections before it serves, and lets them wait.
        let data = self.data(process.start.disk).filter(|_| process.serves);
        Ok((id, process, data.ok_or(EtcdError::Timeout(LATE))?))
    }

    /// The same, if it serves all that a voter does.
    pub fn voter_at(&self, endpoint: &str) -> Result<(ProcessId, &Process, &Data), EtcdError> {
        let (id, process, data) = self.at(endpoint)?;
        if data.is_learner(data.member) {
            return Err(EtcdError::said(LEARNER));
        }
        Ok((id, process, data))
    }

    pub fn look(&mut self, endpoint: &str) -> Result<Status, EtcdError> {
        let (id, process, _) = self.at(endpoint)?;
        // One that was taken out does not find itself in its own list.
        if process.ends.is_some() {
            self.end(id, 2, "failed to find local ID in cluster members".to_owned());
        }
        let (id, process, data) = self.at(endpoint)?;
        let leader = self.follows(id).and_then(|leader| self.data_of(leader));
        // A learner asks nobody for votes, and so goes on with whom it has.
        let is_learner = data.is_learner(data.member);
        let kept = process.led_by.filter(|_| is_learner);
        let leader = leader.map(|data| data.member).or(kept);
        let mut errors =
            if leader.is_some() { vec![] } else { vec!["etcdserver: no leader".to_owned()] };
        let alarms = self.alarms.get(&data.cluster).into_iter().flatten();
        errors.extend(alarms.map(|(member, alarm)| {
            let kind = match alarm {
                Alarm::NoSpace => "NOSPACE",
                Alarm::Corrupt => "CORRUPT",
            };
            format!("memberID:{member} alarm:{kind} ")
        }));
        let bytes = self.sizes.get(&process.start.disk).copied().unwrap_or(EMPTY_BYTES);
        Ok(Status {
            cluster_id: data.cluster,
            member_id: data.member,
            leader: leader.unwrap_or(0),
            raft_term: data.term,
            raft_index: data.commit as u64,
            raft_applied_index: data.commit as u64,
            revision: data.revision(),
            version: process.start.version.clone(),
            db_size: bytes,
            db_size_in_use: bytes,
            is_learner,
            errors,
        })
    }

    pub fn members(&self, endpoint: &str) -> Result<Members, EtcdError> {
        let (id, _, data) = self.voter_at(endpoint)?;
        if !self.agrees(id) {
            return Err(EtcdError::Timeout(LATE));
        }
        let members = data.peers.iter().map(|(&id, peer)| member(id, peer)).collect();
        Ok(Members { cluster_id: data.cluster, linearizable: true, members })
    }

    pub fn put(&mut self, endpoint: &str, key: &str, value: &str) -> Result<i64, EtcdError> {
        let (id, process, data) = self.voter_at(endpoint)?;
        let (cluster, disk) = (data.cluster, process.start.disk);
        // Of two alarms, the greater one is told.
        let alarms = self.alarms.get(&cluster).into_iter().flatten();
        match alarms.map(|(_, alarm)| alarm).max() {
            Some(Alarm::Corrupt) => return Err(EtcdError::said("etcdserver: corrupt cluster")),
            Some(Alarm::NoSpace) => {
                return Err(EtcdError::said("etcdserver: mvcc: database space exceeded"));
            }
            None => {}
        }
        if !self.propose(id, Op::Put(key.to_owned(), value.to_owned())) {
            return Err(EtcdError::Timeout(LATE));
        }
        self.wrote.insert(cluster);
        Ok(self.data(disk).map_or(0, Data::revision))
    }

    pub fn get(&self, endpoint: &str, key: &str) -> Result<Option<String>, EtcdError> {
        let (id, _, data) = self.voter_at(endpoint)?;
        if !self.agrees(id) {
            return Err(EtcdError::Timeout(LATE));
        }
        Ok(data.value(key).map(str::to_owned))
    }

    /// Raises an alarm of the member at an address, or takes it back.
    pub fn alarm(&mut self, address: &str, alarm: Alarm, on: bool) {
        let there = self.running().find(|(_, process)| process.start.address == address);
        let data = there.and_then(|(id, _)| self.data_of(id));
        let Some((cluster, member)) = data.map(|data| (data.cluster, data.member)) else { return };
        let alarms = self.alarms.entry(cluster).or_default();
        if on {
            alarms.insert((member, alarm));
        } else {
            alarms.remove(&(member, alarm));
        }
    }

    /// All clusters there are, by ID.
    pub fn clusters(&self) -> BTreeMap<u64, Sight> {
        let ids: BTreeSet<u64> = self.disks.values().flatten().map(|data| data.cluster).collect();
        ids.into_iter().map(|id| (id, self.sight(id))).collect()
    }

    fn sight(&self, cluster: u64) -> Sight {
        let members: Vec<_> = self.members_of(cluster).collect();
        let leader = members.iter().find_map(|(id, _, _)| self.follows(*id));
        let leader = leader.and_then(|id| self.data_of(id));
        let newest = members.iter().map(|(_, _, data)| *data).max_by_key(|data| data.newness());
        let peers = leader.or(newest).map(|data| &data.peers);
        let who = |learner: bool| {
            let all = peers.into_iter().flatten();
            all.filter(|(_, peer)| peer.learner == learner).map(|(&id, _)| id).collect()
        };
        let disks = self.disks.iter().filter_map(|(&disk, data)| Some((disk, data.as_ref()?)));
        Sight {
            leader: leader.map(|data| data.member),
            voters: who(false),
            learners: who(true),
            wrote: self.wrote.contains(&cluster),
            disks: disks
                .filter(|(_, data)| data.cluster == cluster)
                .map(|(disk, data)| (disk, (data.member, data.revision())))
                .collect(),
        }
    }
}

pub(super) fn member(id: u64, peer: &Peer) -> Member {
    let urls = |url: &String| if url.is_empty() { vec![] } else { vec![url.clone()] };
    Member {
        id,
        name: peer.name.clone(),
        peer_urls: urls(&peer.url),
        client_urls: urls(&peer.client_url),
        is_learner: peer.learner,
    }
}
