//! PURE. What a member answers whoever wants another membership: etcd's own checks, in its order
//! and in its words.

use super::answer::member;
use super::boot::hash;
use super::process::{Process, ProcessId};
use super::raft::{Change, Data, Op};
use super::world::{LATE, Rule, World};
use super::{EtcdError, Member, is_peer_url};
use crate::service::membership::quorum;
use jiff::{SignedDuration, Timestamp};

/// How long a connection must have lasted to count: etcd's `HealthInterval`.
const HEALTH: SignedDuration = SignedDuration::from_secs(5);

const UNHEALTHY: &str = "etcdserver: unhealthy cluster";
const NOT_STARTED: &str = "etcdserver: re-configuration failed due to not enough started members";
const NOT_IN_SYNC: &str =
    "etcdserver: can only promote a learner member which is in sync with leader";
const NOT_FOUND: &str = "etcdserver: member not found";

impl World {
    /// # Source
    /// etcd, `EtcdServer.AddMember` and `mayAddMember`.
    pub fn add_learner(
        &mut self,
        endpoint: &str,
        peer_url: &str,
        now: Timestamp,
    ) -> Result<Member, EtcdError> {
        let (id, process, data) = self.voter_at(endpoint)?;
        if !is_peer_url(peer_url) {
            return Err(EtcdError::said("etcdserver: given member URLs are invalid"));
        }
        let voters = data.voters().count();
        if voters != 1 && self.connected(process, data, now) < quorum(voters + 1) {
            return Err(EtcdError::said(UNHEALTHY));
        }
        let member_id = hash(&[peer_url, &now.as_second().to_string()]);
        self.change(id, Change::Add(member_id, peer_url.to_owned()))?;
        let added = self.data_of(id).and_then(|data| data.peers.get(&member_id));
        added.map(|peer| member(member_id, peer)).ok_or(EtcdError::Timeout(LATE))
    }

    /// # Source
    /// etcd, `EtcdServer.PromoteMember`: only the leader knows whether a learner is ready, so others
    /// pass the question on, and go on asking if the answer is none that they know.
    pub fn promote(&mut self, endpoint: &str, member: u64) -> Result<(), EtcdError> {
        let (id, _, _) = self.voter_at(endpoint)?;
        let leader = self.follows(id).filter(|leader| self.passes_on(id, *leader));
        let leader = leader.ok_or(EtcdError::Timeout(LATE))?;
        let data = self.data_of(leader).ok_or(EtcdError::Timeout(LATE))?;
        if !data.peers.contains_key(&member) {
            return Err(EtcdError::said(NOT_FOUND));
        }
        let match_ = self.progress.get(&(data.cluster, member)).copied().unwrap_or(0);
        // Nine tenths of the leader's log.
        if match_ * 10 < data.log.len() * 9 {
            return Err(EtcdError::said(NOT_IN_SYNC));
        }
        let (voters, started) = (data.voters().count() + 1, started(data, None) + 1);
        if started < quorum(voters) {
            let passed_on = leader != id;
            return Err(if passed_on {
                EtcdError::Timeout(LATE)
            } else {
                EtcdError::said(NOT_STARTED)
            });
        }
        self.change(leader, Change::Promote(member))
    }

    /// # Source
    /// etcd, `EtcdServer.RemoveMember` and `mayRemoveMember`.
    pub fn remove(&mut self, endpoint: &str, member: u64, now: Timestamp) -> Result<(), EtcdError> {
        let (id, process, data) = self.voter_at(endpoint)?;
        if !data.is_learner(member) {
            let left = data.voters().filter(|voter| *voter != member).count();
            if started(data, Some(member)) < quorum(left) {
                return Err(EtcdError::said(NOT_STARTED));
            }
            // One that is away is no part of the quorum there is.
            let away = member != data.member && !self.is_connected(process, data, member);
            let voters = data.voters().count();
            if !away && self.connected(process, data, now) <= quorum(voters - 1) {
                return Err(EtcdError::said(UNHEALTHY));
            }
        }
        self.change(id, Change::Remove(member))
    }

    pub fn update(&mut self, endpoint: &str, member: u64, url: &str) -> Result<(), EtcdError> {
        // The real client asks nobody.
        if !is_peer_url(url) {
            return Err(EtcdError::Rejected(url.to_owned()));
        }
        let (id, _, _) = self.voter_at(endpoint)?;
        self.change(id, Change::Update(member, url.to_owned()))
    }

    /// # Source
    /// etcd, `maintenanceServer.MoveLeader`.
    pub fn move_leader(&mut self, endpoint: &str, to: u64) -> Result<(), EtcdError> {
        let (id, _, data) = self.voter_at(endpoint)?;
        if self.rules.get(&data.cluster) != Some(&Rule::Leader(id)) {
            return Err(EtcdError::said("etcdserver: not leader"));
        }
        if !data.voters().any(|voter| voter == to) {
            return Err(EtcdError::said("etcdserver: bad leader transferee"));
        }
        if to == data.member {
            return Ok(());
        }
        let heir = self
            .members_of(data.cluster)
            .find(|(heir, _, data)| data.member == to && self.agrees(*heir))
            .map(|(heir, _, _)| heir);
        self.crown(heir.ok_or(EtcdError::Timeout(LATE))?);
        Ok(())
    }

    /// Has a change agreed upon. Whether it does anything shows only when it is applied.
    fn change(&mut self, id: ProcessId, change: Change) -> Result<(), EtcdError> {
        let leader = self.follows(id).and_then(|leader| self.data_of(leader));
        let refusal = leader.and_then(|data| data.refusal(&change));
        if !self.propose(id, Op::Change(change)) {
            return Err(EtcdError::Timeout(LATE));
        }
        refusal.map_or(Ok(()), |words| Err(EtcdError::said(words)))
    }

    /// Whether a question gets from a process to its leader: it is sent where the member list says
    /// that this is, not over the connection they have.
    fn passes_on(&self, id: ProcessId, leader: ProcessId) -> bool {
        let (Some(data), Some(to)) = (self.data_of(id), self.processes.get(&leader)) else {
            return false;
        };
        let listed = self.data_of(leader).and_then(|leader| data.peers.get(&leader.member));
        id == leader || listed.is_some_and(|peer| peer.url == to.start.peer_url)
    }

    /// How many voters a process has been connected to for long enough, itself among them.
    fn connected(&self, process: &Process, data: &Data, now: Timestamp) -> usize {
        let lasts = |other: &Process| {
            let since = process.since.max(other.since);
            now.duration_since(since) > HEALTH
        };
        let is_there = |voter: &u64| {
            *voter == data.member
                || self.members_of(data.cluster).any(|(_, other, at)| {
                    at.member == *voter
                        && self.network.joins(&process.start.address, &other.start.address)
                        && lasts(other)
                })
        };
        data.voters().filter(is_there).count()
    }

    fn is_connected(&self, process: &Process, data: &Data, member: u64) -> bool {
        self.members_of(data.cluster).any(|(_, other, at)| {
            at.member == member && self.network.joins(&process.start.address, &other.start.address)
        })
    }
}

/// How many voters have ever been started, `without` one.
fn started(data: &Data, without: Option<u64>) -> usize {
    let all = data.peers.iter().filter(|(id, peer)| !peer.learner && Some(**id) != without);
    all.filter(|(_, peer)| !peer.name.is_empty()).count()
}
