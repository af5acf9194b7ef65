//! SHELL. Performs changes of the membership: the only writer of etcd.

use crate::client::Answer;
use crate::client::etcd::{Etcd, EtcdError, Member, hex};
use crate::crd::EtcdCluster;
use crate::resource::names;

/// What became of a change that failed. If the membership is not as it was decided on, nothing has
/// to be done, and the next look tells how it is.
pub fn answer(error: &EtcdError) -> Answer {
    match error {
        EtcdError::Conflict(_) => Answer::Ok,
        EtcdError::NotYet(_) => Answer::NotYet(error.to_string()),
        error if error.changed_nothing() => Answer::Rejected(error.to_string()),
        error => Answer::Unknown(error.to_string()),
    }
}

/// Gives a learner its vote, unless it is gone or has one.
pub async fn promote(
    etcd: &dyn Etcd,
    cluster: &EtcdCluster,
    (endpoint, member, id): (&str, &str, &str),
) -> Result<(), EtcdError> {
    match expected(etcd, cluster, (endpoint, member, id)).await? {
        Some(member) if member.is_learner => etcd.promote(endpoint, member.id).await,
        Some(_) | None => Ok(()),
    }
}

/// Takes a member out, unless it is gone.
pub async fn remove(
    etcd: &dyn Etcd,
    cluster: &EtcdCluster,
    (endpoint, member, id): (&str, &str, &str),
) -> Result<(), EtcdError> {
    match expected(etcd, cluster, (endpoint, member, id)).await? {
        Some(member) => etcd.remove(endpoint, member.id).await,
        None => Ok(()),
    }
}

/// Lets another member lead.
pub async fn move_leader(etcd: &dyn Etcd, (endpoint, to): (&str, &str)) -> Result<(), EtcdError> {
    let id = u64::from_str_radix(to, 16);
    let id = id.map_err(|_| EtcdError::Rejected(format!("{to} is no member ID")))?;
    etcd.move_leader(endpoint, id).await
}

/// Takes back the warning that the members' data differs.
pub async fn disarm_corrupt(
    etcd: &dyn Etcd,
    cluster: &EtcdCluster,
    endpoint: &str,
) -> Result<(), EtcdError> {
    ours(etcd, cluster, endpoint).await?;
    etcd.disarm_corrupt(endpoint).await
}

/// Adds a learner at the peer URL of the member's pod, unless somebody is there.
pub async fn add(
    etcd: &dyn Etcd,
    cluster: &EtcdCluster,
    (endpoint, member): (&str, &str),
) -> Result<(), EtcdError> {
    let url = names::member_url(cluster, member, names::PEER_PORT);
    let list = ours(etcd, cluster, endpoint).await?;
    if list.iter().any(|at| at.peer_urls.contains(&url)) {
        return Ok(());
    }
    etcd.add_learner(endpoint, &url).await.map(drop)
}

/// The member of this ID, if it is still the one of this name: both come from an earlier list.
async fn expected(
    etcd: &dyn Etcd,
    cluster: &EtcdCluster,
    (endpoint, member, id): (&str, &str, &str),
) -> Result<Option<Member>, EtcdError> {
    let url = names::member_url(cluster, member, names::PEER_PORT);
    let list = ours(etcd, cluster, endpoint).await?;
    let is_it = |at: &Member| hex(at.id) == id && at.peer_urls.contains(&url);
    Ok(list.into_iter().find(is_it))
}

/// The members of the recorded cluster. An address may by now be another cluster's.
async fn ours(
    etcd: &dyn Etcd,
    cluster: &EtcdCluster,
    endpoint: &str,
) -> Result<Vec<Member>, EtcdError> {
    let list = etcd.members(endpoint).await?;
    let recorded = cluster.status.as_ref().and_then(|status| status.cluster_id.as_deref());
    if recorded != Some(&*hex(list.cluster_id)) {
        return Err(EtcdError::Rejected(format!("{endpoint} is of another cluster")));
    }
    Ok(list.members)
}
