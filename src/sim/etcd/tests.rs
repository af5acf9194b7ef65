//! SHELL. What the simulated etcd does, as the real one was seen to do it. That both still agree
//! the case `conformance-etcd` holds; these tests are quick and need no process.

use super::{Alarm, DiskId, ProcessId, ProcessState, SimEtcd, Start, StartState};
use crate::client::etcd::{Etcd, EtcdError, Member};
use crate::sim::clock::SimClock;
use futures::FutureExt;
use futures::future::BoxFuture;
use std::sync::Arc;
use std::time::Duration;

/// Nodes of one token, each with a disk. Node 0 is asked unless a test says otherwise.
struct Bench {
    etcd: SimEtcd,
    clock: SimClock,
    nodes: Vec<(DiskId, ProcessId)>,
    token: &'static str,
    version: &'static str,
}

impl Bench {
    /// A cluster of so many members, connected for long.
    fn of(size: usize) -> Self {
        let mut bench = Self::empty("token");
        let initial = initial(&(0..size).collect::<Vec<_>>());
        for node in 0..size {
            bench.start(node, StartState::New, &initial);
        }
        bench.pass(10);
        bench
    }

    fn empty(token: &'static str) -> Self {
        let clock = SimClock::default();
        let etcd = SimEtcd::new(Arc::new(clock.clone()), 1);
        Self { etcd, clock, nodes: vec![], token, version: "3.6.16" }
    }

    /// Starts a process on a node's disk, which is empty if it is the node's first.
    fn start(&mut self, node: usize, state: StartState, initial: &str) {
        let disk = self.nodes.get(node).map_or_else(|| self.etcd.new_disk(), |(disk, _)| *disk);
        let process = self.etcd.start(Start {
            address: format!("10.0.0.{node}"),
            name: format!("m{node}"),
            peer_url: url(node),
            initial_cluster_state: state,
            initial_cluster: initial.to_owned(),
            token: self.token.to_owned(),
            disk,
            version: self.version.to_owned(),
        });
        if node == self.nodes.len() {
            self.nodes.push((disk, process));
        }
        self.nodes[node] = (disk, process);
    }

    fn pass(&self, seconds: u64) {
        for _ in 0..seconds * 10 {
            self.clock.pass(Duration::from_millis(100));
            while self.etcd.tick() {}
        }
    }

    fn stop(&self, node: usize) {
        self.etcd.stop(self.nodes[node].1);
    }

    fn wipe(&self, node: usize) {
        self.etcd.wipe(self.nodes[node].0);
    }

    fn list(&self) -> Vec<Member> {
        let mut lists = (0..self.nodes.len()).map(|node| now(self.etcd.members(&at(node))));
        lists.find_map(Result::ok).unwrap().members
    }

    /// Has nodes lead, one after the other; each that does not lead already begins a term.
    fn lead(&self, nodes: &[usize]) {
        for id in nodes.iter().map(|node| self.id(*node)) {
            for asked in 0..self.nodes.len() {
                now(self.etcd.move_leader(&at(asked), id)).ok();
            }
        }
    }

    fn id(&self, node: usize) -> u64 {
        self.list().into_iter().find(|member| member.peer_urls == [url(node)]).unwrap().id
    }

    fn leader(&self) -> usize {
        let leader = now(self.etcd.look(&at(0))).unwrap().leader;
        (0..self.nodes.len()).find(|node| self.id(*node) == leader).unwrap()
    }

    fn exit(&self, node: usize) -> Option<(i32, String)> {
        match self.etcd.process(self.nodes[node].1) {
            ProcessState::Exited { code, message } => Some((code, message)),
            ProcessState::Starting | ProcessState::Running { .. } => None,
        }
    }

    fn writes(&self, node: usize) -> Result<i64, EtcdError> {
        self.etcd.put(&at(node), "key", "value")
    }
}

fn url(node: usize) -> String {
    format!("http://m{node}:2380")
}

fn at(node: usize) -> String {
    format!("http://10.0.0.{node}:2379")
}

fn initial(nodes: &[usize]) -> String {
    let entries: Vec<String> = nodes.iter().map(|node| format!("m{node}={}", url(*node))).collect();
    entries.join(",")
}

/// The simulated etcd answers at once.
fn now<T>(answer: BoxFuture<'_, Result<T, EtcdError>>) -> Result<T, EtcdError> {
    answer.now_or_never().unwrap()
}

fn words<T: std::fmt::Debug>(answer: Result<T, EtcdError>) -> String {
    answer.unwrap_err().to_string()
}

#[test]
fn ids_follow_from_urls_and_token_alone() {
    let ids = |token: &'static str| {
        let mut bench = Bench::empty(token);
        for node in 0..2 {
            bench.start(node, StartState::New, &initial(&[0, 1]));
        }
        bench.pass(10);
        let cluster = now(bench.etcd.look(&at(0))).unwrap().cluster_id;
        (cluster, bench.id(0), bench.id(1))
    };
    let (one, same, other) = (ids("one"), ids("one"), ids("other"));
    assert_eq!(one, same);
    assert!(one.0 != other.0 && one.1 != other.1 && one.2 != other.2);
}

#[test]
fn a_learner_is_added_started_promoted_and_removed() {
    let mut bench = Bench::of(3);
    let learner = now(bench.etcd.add_learner(&at(0), &url(3))).unwrap();
    assert!(learner.is_learner && learner.name.is_empty());
    assert_eq!(
        words(now(bench.etcd.promote(&at(0), learner.id))),
        "not yet: etcdserver: can only promote a learner member which is in sync with leader"
    );
    bench.start(3, StartState::Existing, &initial(&[0, 1, 2, 3]));
    bench.pass(10);
    assert_eq!(words(bench.writes(3)), "refused: etcdserver: rpc not supported for learner");
    now(bench.etcd.promote(&at(0), learner.id)).unwrap();
    bench.pass(1);
    assert!(bench.writes(3).is_ok());
    now(bench.etcd.remove(&at(0), learner.id)).unwrap();
    bench.pass(1);
    assert_eq!(bench.exit(3).unwrap().0, 0);
    assert_eq!(bench.list().len(), 3);
    assert_eq!(
        words(now(bench.etcd.remove(&at(0), learner.id))),
        "conflict: etcdserver: member not found"
    );
}

#[test]
fn a_promotion_is_passed_on_to_where_the_leader_is_listed() {
    let bench = Bench::of(3);
    let (leader, follower) = (bench.leader(), (bench.leader() + 1) % 3);
    let promote = || words(now(bench.etcd.promote(&at(follower), 1)));
    assert_eq!(promote(), "conflict: etcdserver: member not found");
    now(bench.etcd.update_peer_url(&at(0), bench.id(leader), "http://elsewhere:2380")).unwrap();
    assert_eq!(promote(), "no answer within 2s");
}

/// Two of three lose their data and begin anew; only then the third one comes back.
fn amnesia(version: &'static str) -> Bench {
    let mut bench = Bench::of(3);
    bench.version = version;
    for _ in 0..100 {
        bench.writes(0).unwrap();
    }
    let before = now(bench.etcd.look(&at(1))).unwrap();
    for node in 0..3 {
        bench.stop(node);
    }
    for node in [1, 2] {
        bench.wipe(node);
        bench.start(node, StartState::New, &initial(&[0, 1, 2]));
    }
    bench.pass(5);
    let after = now(bench.etcd.look(&at(1))).unwrap();
    assert_eq!((before.cluster_id, before.member_id), (after.cluster_id, after.member_id));
    assert_eq!(bench.etcd.get(&at(1), "key").unwrap(), None);
    assert!(bench.writes(1).is_ok());
    // In a later term than the old one knew, so that nobody is elected who has its log.
    bench.lead(&[1, 2, 1]);
    bench.start(0, StartState::New, &initial(&[0, 1, 2]));
    bench.pass(10);
    bench
}

#[test]
fn a_majority_that_begins_anew_is_an_empty_cluster_in_the_old_ones_name() {
    let bench = amnesia("3.5.35");
    assert!(bench.writes(1).is_ok() && bench.writes(0).is_err());
    // It cannot follow, and is heard: the others list it as one that serves.
    let list = now(bench.etcd.members(&at(1))).unwrap().members;
    assert!(list.iter().all(|member| !member.client_urls.is_empty()));
}

#[test]
fn in_3_6_whoever_leads_one_that_has_more_ends() {
    let bench = amnesia("3.6.16");
    let ended = [0, 1, 2].map(|node| bench.exit(node).map(|(code, _)| code));
    assert_eq!(ended, [None, Some(2), Some(2)]);
}

#[test]
fn whoever_knows_a_later_term_unseats_the_leader() {
    let mut bench = Bench::of(3);
    // Handing over begins a term: the survivor shall know of more than the new cluster.
    bench.lead(&[1, 0, 1, 0]);
    for node in 0..3 {
        bench.stop(node);
    }
    bench.wipe(1);
    bench.wipe(2);
    for node in [1, 2] {
        bench.start(node, StartState::New, &initial(&[0, 1, 2]));
    }
    bench.pass(5);
    let before = bench.etcd.elections();
    bench.start(0, StartState::New, &initial(&[0, 1, 2]));
    bench.pass(5);
    assert!(bench.etcd.elections() > before);
}

#[test]
fn a_wiped_member_cannot_come_back_under_its_old_id() {
    let mut bench = Bench::of(3);
    let lost = (bench.leader() + 1) % 3;
    bench.writes(lost).unwrap();
    bench.stop(lost);
    bench.wipe(lost);
    bench.start(lost, StartState::New, &initial(&[0, 1, 2]));
    bench.pass(1);
    let (code, message) = bench.exit(lost).unwrap();
    assert!(code == 1 && message.ends_with("has already been bootstrapped"), "{message}");
    bench.start(lost, StartState::Existing, &initial(&[0, 1, 2]));
    bench.pass(1);
    let (code, message) = bench.exit(lost).unwrap();
    assert!(code == 2 && message.starts_with("tocommit("), "{code} {message}");
}

#[test]
fn a_removed_member_ends_and_its_data_never_comes_back() {
    let mut bench = Bench::of(3);
    let gone = 2;
    now(bench.etcd.remove(&at(0), bench.id(gone))).unwrap();
    bench.pass(3);
    assert_eq!(bench.exit(gone).unwrap().0, 0);
    bench.start(gone, StartState::Existing, &initial(&[0, 1, 2]));
    bench.pass(3);
    assert_eq!(bench.exit(gone).unwrap().0, 0);
    // Not even when a member of its URL is asked for again: that one has another ID.
    now(bench.etcd.add_learner(&at(0), &url(gone))).unwrap();
    bench.start(gone, StartState::Existing, &initial(&[0, 1, 2]));
    bench.pass(3);
    assert_eq!(bench.exit(gone).unwrap().0, 0);
    bench.wipe(gone);
    bench.start(gone, StartState::Existing, &initial(&[0, 1, 2]));
    bench.pass(3);
    assert_eq!(bench.exit(gone), None);
}

/// etcd panics at the question what it is, for it does not find itself in its own list.
#[test]
fn a_removed_member_that_nobody_refuses_goes_on_for_a_second_or_until_it_is_looked_at() {
    for looked_at in [false, true] {
        let bench = Bench::of(2);
        let (leader, left) = (bench.leader(), (bench.leader() + 1) % 2);
        let elsewhere = "http://elsewhere:2380";
        now(bench.etcd.update_peer_url(&at(0), bench.id(left), elsewhere)).unwrap();
        now(bench.etcd.remove(&at(left), bench.id(leader))).unwrap();
        bench.etcd.tick();
        assert_eq!(bench.exit(leader), None);
        if looked_at {
            assert!(now(bench.etcd.look(&at(leader))).is_err());
        }
        bench.pass(2);
        assert_eq!(bench.exit(leader).unwrap().0, if looked_at { 2 } else { 0 });
    }
}

#[test]
fn a_learner_names_its_leader_for_as_long_as_nobody_else_leads() {
    let mut bench = Bench::of(1);
    let leader = bench.id(0);
    now(bench.etcd.add_learner(&at(0), &url(1))).unwrap();
    bench.start(1, StartState::Existing, &initial(&[0, 1]));
    bench.pass(2);
    bench.stop(0);
    bench.pass(10);
    assert_eq!(now(bench.etcd.look(&at(1))).unwrap().leader, leader);
}

#[test]
fn an_alarm_refuses_writes_and_changes_of_the_membership_go_on() {
    let bench = Bench::of(3);
    bench.etcd.alarm("10.0.0.1", Alarm::NoSpace, true);
    assert_eq!(words(bench.writes(0)), "refused: etcdserver: mvcc: database space exceeded");
    bench.etcd.alarm("10.0.0.2", Alarm::Corrupt, true);
    assert_eq!(words(bench.writes(0)), "refused: etcdserver: corrupt cluster");
    assert!(now(bench.etcd.add_learner(&at(0), &url(3))).is_ok());
    bench.etcd.alarm("10.0.0.2", Alarm::Corrupt, false);
    bench.etcd.alarm("10.0.0.1", Alarm::NoSpace, false);
    assert!(bench.writes(0).is_ok());
}

#[test]
fn a_change_waits_until_enough_voters_have_been_connected_for_five_seconds() {
    let mut bench = Bench::empty("token");
    for node in 0..3 {
        bench.start(node, StartState::New, &initial(&[0, 1, 2]));
    }
    bench.pass(4);
    let unhealthy = "not yet: etcdserver: unhealthy cluster";
    assert_eq!(words(now(bench.etcd.add_learner(&at(0), &url(3)))), unhealthy);
    assert_eq!(words(now(bench.etcd.remove(&at(0), bench.id(2)))), unhealthy);
    bench.pass(3);
    assert!(now(bench.etcd.add_learner(&at(0), &url(3))).is_ok());
    bench.stop(2);
    bench.pass(1);
    // One that is away may go; the others may not, nor may anybody come.
    assert_eq!(words(now(bench.etcd.remove(&at(0), bench.id(1)))), unhealthy);
    assert!(now(bench.etcd.remove(&at(0), bench.id(2))).is_ok());
}
