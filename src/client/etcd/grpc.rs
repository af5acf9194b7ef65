//! SHELL. The trait over etcd's gRPC interface.
//!
//! Every look makes its own connection to exactly one endpoint and drops it afterwards. A kept
//! connection would have to be bounded in number, watched for going stale and dropped when its
//! member moves to another address; and the client's balancer, given several endpoints, answers
//! for whichever of them it likes. A look is rare (at rest, once a minute), a connection is cheap.

use super::EtcdError;
use super::api::{
    Etcd, Hash, LIST_MAX, Member, Members, NAME_BYTES_MAX, Status, URL_BYTES_MAX, is_peer_url,
};
use super::error::ERROR_BYTES_MAX;
use crate::client::clean;
use etcd_client::{
    AlarmAction, AlarmOptions, AlarmType, Client, ConnectOptions, GetOptions, GetResponse,
    MemberAddOptions, MemberListResponse, ResponseHeader, StatusResponse,
};
use futures::FutureExt;
use futures::future::BoxFuture;
use std::future::Future;
use std::time::Duration;

/// How long a member may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// To accept a connection.
    pub connect: Duration,
    /// To answer one call, the connection included.
    pub call: Duration,
    /// To read all it has.
    pub hash: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(1),
            call: Duration::from_secs(2),
            hash: Duration::from_secs(30),
        }
    }
}

/// Real members, over the network.
#[derive(Debug, Clone, Copy, Default)]
pub struct GrpcEtcd {
    /// How long they may take.
    pub timeouts: Timeouts,
}

impl Etcd for GrpcEtcd {
    fn look<'a>(&'a self, endpoint: &'a str) -> BoxFuture<'a, Result<Status, EtcdError>> {
        async move {
            let mut client = self.connect(endpoint).await?;
            status(&self.call(client.status()).await?)
        }
        .boxed()
    }

    // etcd-client asks for a member list that each member serves from its own, perhaps old, state.
    // A linearizable read comes back only when this member has applied everything the cluster had
    // committed when the read began. What it then lists is therefore at least as new as the
    // question. The other order would prove nothing: the list could be from before the read.
    fn members<'a>(&'a self, endpoint: &'a str) -> BoxFuture<'a, Result<Members, EtcdError>> {
        async move {
            let mut client = self.connect(endpoint).await?;
            let cheapest = GetOptions::new().with_keys_only().with_count_only().with_limit(1);
            let read = self.call(client.get(vec![0], Some(cheapest))).await?;
            let list = self.call(client.member_list()).await?;
            members(&read, &list)
        }
        .boxed()
    }

    fn add_learner<'a>(
        &'a self,
        endpoint: &'a str,
        peer_url: &'a str,
    ) -> BoxFuture<'a, Result<Member, EtcdError>> {
        async move {
            let mut client = self.connect(endpoint).await?;
            let learner = MemberAddOptions::new().with_is_learner();
            let added = self.call(client.member_add([peer_url], Some(learner))).await?;
            let none = || EtcdError::Inconsistent("a member added that is not told".to_owned());
            added.member().map(member).ok_or_else(none)
        }
        .boxed()
    }

    fn promote<'a>(&'a self, endpoint: &'a str, id: u64) -> BoxFuture<'a, Result<(), EtcdError>> {
        async move {
            let mut client = self.connect(endpoint).await?;
            self.call(client.member_promote(id)).await.map(drop)
        }
        .boxed()
    }

    fn remove<'a>(&'a self, endpoint: &'a str, id: u64) -> BoxFuture<'a, Result<(), EtcdError>> {
        async move {
            let mut client = self.connect(endpoint).await?;
            self.call(client.member_remove(id)).await.map(drop)
        }
        .boxed()
    }

    fn move_leader<'a>(
        &'a self,
        endpoint: &'a str,
        to: u64,
    ) -> BoxFuture<'a, Result<(), EtcdError>> {
        async move {
            let mut client = self.connect(endpoint).await?;
            self.call(client.move_leader(to)).await.map(drop)
        }
        .boxed()
    }

    fn update_peer_url<'a>(
        &'a self,
        endpoint: &'a str,
        id: u64,
        peer_url: &'a str,
    ) -> BoxFuture<'a, Result<(), EtcdError>> {
        async move {
            // etcd does not look at it before all have agreed on it, and then nobody can run.
            if !is_peer_url(peer_url) {
                return Err(EtcdError::Rejected(clean(peer_url, URL_BYTES_MAX)));
            }
            let mut client = self.connect(endpoint).await?;
            self.call(client.member_update(id, [peer_url.to_owned()])).await.map(drop)
        }
        .boxed()
    }

    fn hash<'a>(
        &'a self,
        endpoint: &'a str,
        revision: i64,
    ) -> BoxFuture<'a, Result<Hash, EtcdError>> {
        async move {
            // The client's own time-out is for calls that read little.
            let patient = Self { timeouts: Timeouts { call: self.timeouts.hash, ..self.timeouts } };
            let mut client = patient.connect(endpoint).await?;
            let answer = patient.call(client.hash_kv(revision)).await?;
            let member_id = header(answer.header())?.member_id();
            Ok(Hash { member_id, hash: answer.hash(), compacted: answer.compact_version() })
        }
        .boxed()
    }

    fn disarm_corrupt<'a>(&'a self, endpoint: &'a str) -> BoxFuture<'a, Result<(), EtcdError>> {
        async move {
            let mut client = self.connect(endpoint).await?;
            let corrupt = AlarmType::Corrupt;
            let all = self.call(client.alarm(AlarmAction::Get, corrupt, None)).await?;
            for warned in all.alarms().iter().filter(|at| at.alarm() == corrupt) {
                let mut of = AlarmOptions::new();
                of.with_member(warned.member_id());
                self.call(client.alarm(AlarmAction::Deactivate, corrupt, Some(of))).await?;
            }
            Ok(())
        }
        .boxed()
    }
}

impl GrpcEtcd {
    /// Real members that may take that long.
    pub const fn new(timeouts: Timeouts) -> Self {
        Self { timeouts }
    }

    /// A client of one endpoint. Nothing is sent yet, so a dead endpoint shows at the first call.
    async fn connect(&self, endpoint: &str) -> Result<Client, EtcdError> {
        let options = ConnectOptions::new()
            .with_connect_timeout(self.timeouts.connect)
            .with_timeout(self.timeouts.call);
        self.call(Client::connect([endpoint], Some(options))).await
    }

    /// One call within its deadline. The client's own time-out covers only the head of an answer.
    async fn call<T>(
        &self,
        call: impl Future<Output = Result<T, etcd_client::Error>> + Send,
    ) -> Result<T, EtcdError> {
        let limit = self.timeouts.call;
        match tokio::time::timeout(limit, call).await {
            Ok(answered) => answered.map_err(|error| EtcdError::of(&error, limit)),
            Err(_) => Err(EtcdError::Timeout(limit)),
        }
    }
}

fn status(answer: &StatusResponse) -> Result<Status, EtcdError> {
    let header = header(answer.header())?;
    Ok(Status {
        cluster_id: header.cluster_id(),
        member_id: header.member_id(),
        leader: answer.leader(),
        raft_term: answer.raft_term(),
        raft_index: answer.raft_index(),
        raft_applied_index: answer.raft_applied_index(),
        revision: header.revision(),
        version: clean(answer.version(), NAME_BYTES_MAX),
        db_size: answer.db_size(),
        db_size_in_use: answer.raft_used_db_size(),
        is_learner: answer.is_learner(),
        errors: cleaned(answer.errors(), ERROR_BYTES_MAX),
    })
}

/// Joins the read that proves and the list it proves.
fn members(read: &GetResponse, list: &MemberListResponse) -> Result<Members, EtcdError> {
    let (read, listed) = (header(read.header())?, header(list.header())?);
    // The client reconnects by itself. A list from another member, or from this one in an earlier
    // term, is not the list the read speaks for.
    if (read.cluster_id(), read.member_id()) != (listed.cluster_id(), listed.member_id())
        || listed.raft_term() < read.raft_term()
    {
        return Err(EtcdError::Inconsistent("two members answered as one".to_owned()));
    }
    // A cut list is a wrong list, and membership is decided on it.
    if list.members().len() > LIST_MAX {
        return Err(EtcdError::Inconsistent(format!("more than {LIST_MAX} members")));
    }
    let mut members: Vec<_> = list.members().iter().map(member).collect();
    members.sort_by_key(|member| member.id);
    Ok(Members { cluster_id: listed.cluster_id(), linearizable: true, members })
}

fn member(member: &etcd_client::Member) -> Member {
    Member {
        id: member.id(),
        name: clean(member.name(), NAME_BYTES_MAX),
        peer_urls: cleaned(member.peer_urls(), URL_BYTES_MAX),
        client_urls: cleaned(member.client_urls(), URL_BYTES_MAX),
        is_learner: member.is_learner(),
    }
}

fn header(header: Option<&ResponseHeader>) -> Result<&ResponseHeader, EtcdError> {
    header.ok_or_else(|| EtcdError::Inconsistent("an answer without a header".to_owned()))
}

fn cleaned(texts: &[String], bytes_max: usize) -> Vec<String> {
    texts.iter().take(LIST_MAX).map(|text| clean(text, bytes_max)).collect()
}
