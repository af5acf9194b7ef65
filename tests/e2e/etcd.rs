//! SHELL. Asking etcd itself, beside and against what the operator says of it.

use anyhow::{Context, Result};
use etcd_client::{Client, ConnectOptions};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::timeout;

/// How long one question may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// What one member says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// In hexadecimal, as every ID here.
    pub cluster_id: String,
    /// Its own ID.
    pub member_id: String,
    /// The member it follows; "0" if there is none.
    pub leader: String,
}

/// A connection to one address. Nothing is sent yet.
pub async fn connect(url: &str) -> Result<Client> {
    let options = ConnectOptions::new().with_connect_timeout(PATIENCE).with_timeout(PATIENCE);
    within(Client::connect([url], Some(options))).await
}

/// What the member at `url` says of itself. A member answers this without a quorum, too.
pub async fn look(url: &str) -> Result<Look> {
    let mut client = connect(url).await?;
    let status = within(client.status()).await?;
    let header = status.header().context("an answer without a header")?;
    Ok(Look {
        cluster_id: hex(header.cluster_id()),
        member_id: hex(header.member_id()),
        leader: hex(status.leader()),
    })
}

/// One member of etcd's own list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Empty if it never ran.
    pub name: String,
    /// Its ID.
    pub id: String,
    /// Whether it has no vote yet.
    pub is_learner: bool,
}

/// Every member, from a linearizable list.
pub async fn members(url: &str) -> Result<Vec<Member>> {
    let mut client = connect(url).await?;
    // The list itself may be old; a linearizable read before it makes it as new as the read.
    within(client.get("a", None)).await?;
    let list = within(client.member_list()).await?;
    let member = |of: &etcd_client::Member| Member {
        name: of.name().to_owned(),
        id: hex(of.id()),
        is_learner: of.is_learner(),
    };
    Ok(list.members().iter().map(member).collect())
}

/// Member name to member ID, from a linearizable list. Members that vote.
pub async fn voters(url: &str) -> Result<BTreeMap<String, String>> {
    let voters = members(url).await?.into_iter().filter(|member| !member.is_learner);
    Ok(voters.map(|member| (member.name, member.id)).collect())
}

/// Takes a member out, as `etcdctl member remove` does.
pub async fn remove(url: &str, id: &str) -> Result<()> {
    let mut client = connect(url).await?;
    within(client.member_remove(unhex(id)?)).await.map(|_| ())
}

/// Hands leadership on. Only the leader itself can be asked.
pub async fn move_leader(leader: &str, to: &str) -> Result<()> {
    let mut client = connect(leader).await?;
    within(client.move_leader(unhex(to)?)).await.map(|_| ())
}

/// Writes one key.
pub async fn put(url: &str, key: &str, value: &str) -> Result<()> {
    let mut client = connect(url).await?;
    within(client.put(key, value, None)).await.map(|_| ())
}

/// Reads one key, linearizably.
pub async fn get(url: &str, key: &str) -> Result<Option<String>> {
    let mut client = connect(url).await?;
    let answer = within(client.get(key, None)).await?;
    answer.kvs().first().map(|kv| Ok(kv.value_str()?.to_owned())).transpose()
}

/// Drops the history before now, which has etcd compare what the members hold.
pub async fn compact(url: &str) -> Result<()> {
    let mut client = connect(url).await?;
    let now = within(client.get("a", None)).await?;
    let revision = now.header().context("an answer without a header")?.revision();
    within(client.compact(revision, None)).await.map(|_| ())
}

/// What a member's data comes to, at a revision; at its own if that is 0. Its revision with it.
pub async fn hash(url: &str, revision: i64) -> Result<(u32, i64)> {
    let mut client = connect(url).await?;
    let answer = within(client.hash_kv(revision)).await?;
    let own = answer.header().context("an answer without a header")?.revision();
    Ok((answer.hash(), own))
}

/// An ID as the operator writes it.
pub fn hex(id: u64) -> String {
    format!("{id:x}")
}

fn unhex(id: &str) -> Result<u64> {
    u64::from_str_radix(id, 16).with_context(|| format!("{id:?} is no ID"))
}

/// An answer in time, or an error.
pub async fn within<T>(call: impl Future<Output = Result<T, etcd_client::Error>>) -> Result<T> {
    Ok(timeout(PATIENCE, call).await.context("etcd did not answer in time")??)
}
