//! SHELL. What can be seen of a cluster, told in letters: IDs and addresses differ from run to run.

use super::call::letter;
use super::lab::{Hosts, Lab};
use etcd_operator::client::etcd::{EtcdClass, EtcdError, Member, Status};
use futures::future::join_all;
use futures::join;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// How often is looked whether everybody agrees.
const PACE: Duration = Duration::from_millis(100);
/// For how long: twice etcd's longest wait for an election. After it nothing moves by itself.
const PATIENCE: Duration = Duration::from_secs(4);

/// What is written before anything else: whether it is still there.
pub const FIRST_KEY: &str = "first";

/// Who is who, and what is known of them.
pub struct Roll {
    /// Where nodes are.
    pub hosts: Hosts,
    /// The members' IDs, in the order they became members; the place is the node.
    pub ids: Vec<u64>,
    /// The nodes whose processes run.
    pub running: BTreeSet<usize>,
    /// The nodes whose processes ended, and how: killed, or by themselves with a code.
    pub ended: BTreeMap<usize, String>,
    /// The members, as listed last.
    pub list: Vec<Member>,
    /// Who led when it was looked last.
    pub leader: Option<usize>,
    /// The member that was taken out last.
    pub removed: Option<u64>,
}

impl Roll {
    /// Nobody yet.
    pub fn of(hosts: Hosts) -> Self {
        let (ids, list, running, ended) = (vec![], vec![], BTreeSet::new(), BTreeMap::new());
        Self { hosts, ids, running, ended, list, leader: None, removed: None }
    }

    /// The node of a member.
    pub fn node(&self, id: u64) -> Option<usize> {
        self.ids.iter().position(|known| *known == id)
    }

    /// A member told by its letter.
    pub fn told(&self, id: u64) -> char {
        self.node(id).map_or('?', letter)
    }

    /// What each running process says of itself.
    pub async fn looks(&self, lab: &impl Lab) -> BTreeMap<usize, Status> {
        let looks = self.running.iter().map(async |&node| {
            let status = lab.etcd().look(&self.hosts.client_url(node)).await;
            Some((node, status.ok()?))
        });
        join_all(looks).await.into_iter().flatten().collect()
    }

    /// The node that leads, as the first member has it that knows of one.
    pub async fn led_by(&self, lab: &impl Lab) -> Option<usize> {
        let looks = self.looks(lab).await;
        let leader = looks.values().map(|status| status.leader).find(|leader| *leader != 0);
        leader.and_then(|id| self.node(id))
    }

    /// The member list of whoever proves one.
    pub async fn list(&self, lab: &impl Lab) -> Result<Vec<Member>, EtcdClass> {
        let asked = self
            .running
            .iter()
            .map(async |&node| lab.etcd().members(&self.hosts.client_url(node)).await);
        let mut class = EtcdClass::Unreachable;
        for answer in join_all(asked).await {
            match answer {
                Ok(members) => return Ok(members.members),
                Err(error) => class = error.class(),
            }
        }
        Err(class)
    }

    /// Takes note of the list as it is now, if anybody has one.
    pub async fn relist(&mut self, lab: &impl Lab) {
        if let Ok(list) = self.list(lab).await {
            self.list = list;
        }
    }

    /// The list told by what changed since it was taken note of; one member is asked.
    pub async fn relisted(&self, lab: &impl Lab) -> String {
        let asked = self.leader.filter(|node| self.running.contains(node));
        let Some(node) = asked.or_else(|| self.running.first().copied()) else {
            return "nobody".to_owned();
        };
        match lab.etcd().members(&self.hosts.client_url(node)).await {
            Err(error) => error.label().to_owned(),
            Ok(list) if list.members == self.list => "unchanged".to_owned(),
            Ok(list) => self.listed(&list.members),
        }
    }

    /// Takes note of processes that ended. Whether one that was taken out and is started again ends
    /// well is chance: it stops while it begins to listen, and may find that it cannot.
    pub fn bury(&mut self, lab: &mut impl Lab) -> anyhow::Result<()> {
        for node in self.running.clone() {
            if let Some(code) = lab.ended(node)? {
                let id = self.ids.get(node);
                let taken_out = id.is_some_and(|id| !self.list.iter().any(|at| at.id == *id));
                let told =
                    if taken_out && code < 2 { "0 or 1".to_owned() } else { code.to_string() };
                self.running.remove(&node);
                self.ended.insert(node, told);
            }
        }
        Ok(())
    }

    /// Waits until every process that runs is a member, follows the same leader and has applied the
    /// same; or until it is clear that this will not be.
    pub async fn settle(&mut self, lab: &mut impl Lab) -> anyhow::Result<()> {
        let end = lab.now() + PATIENCE;
        while lab.now() < end {
            lab.pass(PACE).await;
            self.bury(lab)?;
            let looks = self.looks(lab).await;
            if self.agree(&looks, lab).await {
                break;
            }
        }
        Ok(())
    }

    async fn agree(&self, looks: &BTreeMap<usize, Status>, lab: &impl Lab) -> bool {
        let states: BTreeSet<_> =
            looks.values().map(|status| (status.leader, status.raft_applied_index)).collect();
        let all_agree = looks.len() == self.running.len() && states.len() == 1;
        let led = states.iter().all(|(leader, _)| *leader != 0);
        if !all_agree || !led {
            return false;
        }
        let Ok(list) = self.list(lab).await else { return false };
        let is_member = |status: &Status| list.iter().any(|member| member.id == status.member_id);
        looks.values().all(is_member)
    }

    /// All that can be seen. Who was elected is chance; that somebody was, is not.
    pub async fn sight(&self, lab: &impl Lab, elected: bool) -> String {
        let (list, leader, serve, keep) = join!(
            self.list(lab),
            self.led_by(lab),
            self.who(async |url| lab.put(&url, "key").await),
            self.who(async |url| lab.get(&url, FIRST_KEY).await),
        );
        let list = list.map_or_else(|class| format!("{class:?}"), |list| self.listed(&list));
        let leader = match leader {
            None => "nobody".to_owned(),
            Some(_) if elected => "somebody".to_owned(),
            Some(node) => letter(node).to_string(),
        };
        let ended = self.ended.iter().map(|(&node, code)| format!(" {}={code}", letter(node)));
        let ended: String = ended.collect();
        format!("list {list}, leader {leader}, serve {serve}, keep {keep}, ended{ended}")
    }

    /// The running nodes of which something is so.
    async fn who(&self, is: impl AsyncFn(String) -> bool) -> String {
        let asked = self
            .running
            .iter()
            .map(async |&node| is(self.hosts.client_url(node)).await.then(|| letter(node)));
        join_all(asked).await.into_iter().flatten().collect()
    }

    /// A member list, by node.
    pub fn listed(&self, list: &[Member]) -> String {
        let mut lines: Vec<String> = list
            .iter()
            .map(|member| {
                let urls: Vec<String> =
                    member.peer_urls.iter().map(|url| self.hosts.told(url)).collect();
                let learner = if member.is_learner { " learner" } else { "" };
                let clients: Vec<String> =
                    member.client_urls.iter().map(|url| self.hosts.told(url)).collect();
                format!(
                    "{}({:?} at {} for {}{learner})",
                    self.told(member.id),
                    member.name,
                    urls.join(","),
                    clients.join(",")
                )
            })
            .collect();
        lines.sort();
        lines.join(" ")
    }
}

/// An answer, without what is chance in it: how a connection failed, and how long it took.
pub fn answered(answer: &Result<(), EtcdError>) -> String {
    match answer {
        Ok(()) => "ok".to_owned(),
        Err(error) => match error.class() {
            EtcdClass::Unreachable | EtcdClass::Timeout | EtcdClass::Inconsistent => {
                error.label().to_owned()
            }
            EtcdClass::NoLeader
            | EtcdClass::Denied
            | EtcdClass::Conflict
            | EtcdClass::NotYet
            | EtcdClass::Rejected => error.to_string(),
        },
    }
}
