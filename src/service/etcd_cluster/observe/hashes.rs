//! SHELL. What the data of the voters comes to.

use super::needs::HashRequest;
use super::observed::{Observed, Sweep};
use crate::client::etcd::hex;
use crate::resource::names;
use crate::service::World;
use futures::future::join_all;
use std::collections::BTreeSet;

/// What the data of these voters comes to.
pub async fn sweep(world: &World, seen: &Observed, request: HashRequest) -> Sweep {
    let HashRequest { revision, voters } = request;
    let hash = async |at: u32, id: &String| {
        let url = names::address_url(seen.pods.get(&at)?.address.as_deref()?);
        let hash = world.etcd.hash(&url, revision).await.ok()?;
        (hex(hash.member_id) == *id).then_some((hash.hash, hash.compacted))
    };
    let answers = voters.into_iter().map(async |(at, id)| {
        let hash = hash(at, &id).await;
        (id, hash)
    });
    compared(revision, join_all(answers).await)
}

/// What the voters' answers come to: of each its member ID, and its hash with the revision it is
/// compacted at. Those that are compacted at different revisions cannot be compared.
pub fn compared(revision: i64, answers: Vec<(String, Option<(u32, i64)>)>) -> Sweep {
    let compacted: BTreeSet<i64> =
        answers.iter().filter_map(|(_, at)| Some(at.as_ref()?.1)).collect();
    let mut sweep = Sweep { revision, ..Sweep::default() };
    for (id, answer) in answers {
        match answer.filter(|_| compacted.len() == 1) {
            Some((hash, _)) => drop(sweep.hashes.insert(id, hash)),
            None => drop(sweep.unknown.insert(id)),
        }
    }
    sweep
}
