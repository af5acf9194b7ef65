//! SHELL. Does one step after the other to one cluster, and writes down what came of each.

use super::aim::Deed;
use super::call::{Begin, Call, Step, Via, letter};
use super::lab::{Hosts, Lab, Launch};
use super::observe::{FIRST_KEY, Roll, answered};
use anyhow::{Context, Result, ensure};
use etcd_operator::client::etcd::EtcdError;
use std::collections::BTreeMap;
use std::time::Duration;

/// How long a connection must last to count for etcd's checks, its `HealthInterval`, and a bit.
const HEALTHY: Duration = Duration::from_millis(5500);

/// One cluster, and what it answered so far.
pub struct Play<L> {
    lab: L,
    roll: Roll,
    launches: BTreeMap<usize, Launch>,
    lines: Vec<String>,
}

impl<L: Lab> Play<L> {
    /// Begins a cluster of so many members; with `healthy`, of members connected for long.
    pub async fn begin(lab: L, hosts: Hosts, size: usize, healthy: bool) -> Result<Self> {
        let (launches, lines) = (BTreeMap::new(), vec![]);
        let mut play = Self { lab, roll: Roll::of(hosts), launches, lines };
        let entries: Vec<String> =
            (0..size).map(|node| format!("{}={}", letter(node), hosts.peer_url(node))).collect();
        for node in 0..size {
            play.launch(node, hosts.peer_url(node), Begin::New, entries.join(","))?;
        }
        play.roll.settle(&mut play.lab).await?;
        let looks = play.roll.looks(&play.lab).await;
        ensure!(looks.len() == size, "{} of {size} members began", looks.len());
        play.roll.ids = looks.values().map(|status| status.member_id).collect();
        play.lead(0).await?;
        let wrote = play.lab.put(&hosts.client_url(0), FIRST_KEY).await;
        ensure!(wrote, "the first write was refused");
        if healthy {
            play.lab.pass(HEALTHY).await;
        }
        let line = play.look().await;
        play.lines.push(format!("begin with {size}: {line}"));
        Ok(play)
    }

    /// Ends it. What came of each step.
    pub async fn end(mut self) -> Vec<String> {
        self.lab.close().await;
        self.lines
    }

    /// One step.
    pub async fn step(&mut self, step: Step) -> Result<()> {
        let line = match step {
            Step::Try(call, via) => {
                let answer = self.call(call, via).await?;
                format!("{}, list {}", told(answer.as_ref()), self.roll.relisted(&self.lab).await)
            }
            Step::Take(call, via) => {
                // On a busy machine an election may come at any time. It must not show.
                if let Some(leader) = self.roll.leader {
                    self.lead(leader).await?;
                }
                let answer = self.call(call, via).await?;
                self.settle_after(call).await?;
                format!("{}, {}", told(answer.as_ref()), self.look().await)
            }
            Step::Write(keys) => self.write(keys).await?,
            Step::Lead(node) => {
                self.lead(node).await?;
                self.look().await
            }
            Step::Kill(nodes) => {
                for &node in nodes {
                    self.kill(node).await?;
                }
                self.look_later().await?
            }
            Step::Wipe(nodes) => {
                for &node in nodes {
                    self.lab.wipe(node)?;
                }
                "done".to_owned()
            }
            Step::Again(nodes, begin) => {
                for &node in nodes {
                    let launch = self.launches.get(&node).context("it was never started")?;
                    self.run(node, Launch { begin, ..launch.clone() })?;
                }
                self.look_later().await?
            }
        };
        self.lines.push(format!("{step}: {line}"));
        Ok(())
    }

    /// What a call is answered; nothing if there is nobody to ask or to concern.
    pub async fn call(&mut self, call: Call, via: Via) -> Result<Option<Result<(), EtcdError>>> {
        let (Some(deed), Some(asked)) = (self.roll.aim(call), self.roll.asked(call, via)) else {
            return Ok(None);
        };
        let (etcd, endpoint) = (self.lab.etcd(), self.roll.hosts.client_url(asked));
        let answer = match deed {
            Deed::Add(url) => {
                let added = etcd.add_learner(&endpoint, &url).await;
                added.map(|member| self.roll.ids.push(member.id))
            }
            Deed::Promote(id) => etcd.promote(&endpoint, id).await,
            Deed::Remove(id) => {
                let removed = etcd.remove(&endpoint, id).await;
                removed.inspect(|()| self.roll.removed = Some(id))
            }
            Deed::MoveLeader(id) => etcd.move_leader(&endpoint, id).await,
            Deed::Update(id, url) => etcd.update_peer_url(&endpoint, id, &url).await,
            Deed::Start(node) => Ok(self.start(node).await?),
            Deed::Kill(node) => Ok(self.kill(node).await?),
        };
        Ok(Some(answer))
    }

    /// Whether a call has anybody to ask and to concern.
    pub fn applies(&self, call: Call, via: Via) -> bool {
        self.roll.aim(call).is_some() && self.roll.asked(call, via).is_some()
    }

    /// All that can be seen now.
    pub async fn look(&mut self) -> String {
        self.roll.relist(&self.lab).await;
        self.roll.sight(&self.lab, false).await
    }

    /// The same once nothing moves any more, where somebody may have been elected.
    async fn look_later(&mut self) -> Result<String> {
        self.roll.settle(&mut self.lab).await?;
        self.roll.leader = self.roll.led_by(&self.lab).await;
        self.roll.relist(&self.lab).await;
        Ok(self.roll.sight(&self.lab, true).await)
    }

    async fn write(&self, keys: usize) -> Result<String> {
        let leader = self.roll.leader.context("nobody leads")?;
        let mut written = 0;
        for _ in 0..keys {
            let url = self.roll.hosts.client_url(leader);
            written += usize::from(self.lab.put(&url, "key").await);
        }
        Ok(format!("{written} written"))
    }

    /// Starts a node as the member it is, and waits until its connections count.
    async fn start(&mut self, node: usize) -> Result<()> {
        let entries = self.roll.list.iter().map(|member| {
            let url = member.peer_urls.first().cloned().unwrap_or_default();
            format!("{}={url}", self.roll.told(member.id))
        });
        let entries = entries.collect::<Vec<_>>().join(",");
        let url = self.roll.url(node).context("it is no member")?;
        self.launch(node, url, Begin::Existing, entries)?;
        self.roll.settle(&mut self.lab).await?;
        self.lab.pass(HEALTHY).await;
        self.roll.bury(&mut self.lab)
    }

    async fn kill(&mut self, node: usize) -> Result<()> {
        if self.roll.running.remove(&node) {
            self.lab.kill(node).await?;
            self.roll.ended.insert(node, "killed".to_owned());
        }
        Ok(())
    }

    fn launch(&mut self, node: usize, url: String, begin: Begin, entries: String) -> Result<()> {
        let launch = Launch {
            address: self.roll.hosts.address(node),
            name: letter(node).to_string(),
            peer_url: url,
            begin,
            initial_cluster: entries,
            token: "twin".to_owned(),
        };
        self.run(node, launch)
    }

    fn run(&mut self, node: usize, launch: Launch) -> Result<()> {
        self.lab.start(node, &launch)?;
        self.launches.insert(node, launch);
        self.roll.running.insert(node);
        self.roll.ended.remove(&node);
        Ok(())
    }

    /// Waits until a call has had its effect. Who is elected after a leader is gone is chance; that
    /// somebody is, is not: then the first voter shall lead.
    async fn settle_after(&mut self, call: Call) -> Result<()> {
        self.roll.settle(&mut self.lab).await?;
        if call == Call::RemoveLeader {
            self.roll.relist(&self.lab).await;
            if let Some(first) = self.roll.voters().into_iter().next() {
                self.lead(first).await?;
            }
        }
        self.roll.leader = self.roll.led_by(&self.lab).await;
        Ok(())
    }

    /// Has a member lead, if anybody can hand over to it.
    async fn lead(&mut self, node: usize) -> Result<()> {
        let leads = self.roll.led_by(&self.lab).await;
        let id = self.roll.ids.get(node).copied();
        if let (Some(leader), Some(id)) = (leads.filter(|leader| *leader != node), id) {
            let endpoint = self.roll.hosts.client_url(leader);
            self.lab.etcd().move_leader(&endpoint, id).await.ok();
            self.roll.settle(&mut self.lab).await?;
            self.roll.leader = self.roll.led_by(&self.lab).await;
        } else if leads.is_some() {
            self.roll.leader = leads;
        }
        Ok(())
    }
}

fn told(answer: Option<&Result<(), EtcdError>>) -> String {
    answer.map_or_else(|| "nobody to ask".to_owned(), answered)
}
