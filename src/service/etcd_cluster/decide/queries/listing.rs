//! PURE. etcd's member list, what it says of those on record, and the member something is being done to.

use crate::service::etcd_cluster::observe::observed::{Members, Observed};

/// Where etcd lists a member, with its ID in hexadecimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place<'a> {
    /// It votes.
    Voter(&'a str),
    /// It has no vote.
    Learner(&'a str),
    /// It is not there.
    Nowhere,
}

/// etcd's list, if it is proven and of the recorded cluster.
pub fn list(seen: &Observed) -> Option<&Members> {
    seen.members.known().filter(|_| is_list_fresh(seen))
}

/// Where the list has a member; none if there is no list.
pub fn place<'a>(seen: &'a Observed, member: &str) -> Option<Place<'a>> {
    let list = list(seen)?;
    let learner = list.learners.iter().find(|(_, name)| *name == member);
    Some(match (list.voters.get(member), learner) {
        (Some(id), _) => Place::Voter(id),
        (None, Some((id, _))) => Place::Learner(id),
        (None, None) => Place::Nowhere,
    })
}

/// The member something is being done to, and where the list has it. One of its name and another ID
/// is another member.
pub fn subject(seen: &Observed) -> Option<(&str, Option<Place<'_>>)> {
    let member = seen.memory.operation.as_ref()?.member.as_str();
    let known = seen.memory.members.get(member);
    let same = |id: &str| known.is_none_or(|known| known == id);
    let place = place(seen, member).map(|place| match place {
        Place::Voter(id) | Place::Learner(id) if !same(id) => Place::Nowhere,
        Place::Voter(_) | Place::Learner(_) | Place::Nowhere => place,
    });
    Some((member, place))
}

/// Name and ID of the member something is being done to, if the list has it.
pub fn listed(seen: &Observed) -> Option<(&str, &str)> {
    match subject(seen)? {
        (member, Some(Place::Voter(id) | Place::Learner(id))) => Some((member, id)),
        (_, Some(Place::Nowhere) | None) => None,
    }
}

/// Whether the member something is being done to is on record.
pub fn is_recorded(seen: &Observed) -> bool {
    subject(seen).is_some_and(|(member, _)| seen.memory.members.contains_key(member))
}

/// Whether the list does not have the member something is being done to.
pub fn is_subject_out(seen: &Observed) -> bool {
    subject(seen).is_some_and(|(_, place)| place == Some(Place::Nowhere))
}

/// Its ordinal.
pub fn slot(seen: &Observed) -> Option<u32> {
    seen.ordinal_of(subject(seen)?.0)
}

/// Whether a member of the list is on record, or being added.
fn is_accounted_for(seen: &Observed, name: &String, id: &String) -> bool {
    let awaited = subject(seen).map(|(member, _)| member);
    seen.memory.members.get(name) == Some(id) || Some(name.as_str()) == awaited
}

/// The learners of the list that are neither on record nor being added: ID and name.
fn strays(seen: &Observed) -> impl Iterator<Item = (&String, &String)> {
    let learners = list(seen).into_iter().flat_map(|list| &list.learners);
    learners.filter(|(id, name)| !is_accounted_for(seen, name, id))
}

/// A stray learner of ours. Somebody else's is theirs to take out.
pub fn stray(seen: &Observed) -> Option<(&str, &str)> {
    let (id, name) = strays(seen).next()?;
    seen.ordinal_of(name).map(|_| (name.as_str(), id.as_str()))
}

/// Whether the list has a learner that is neither on record nor being added.
pub fn has_unrecorded_learner(seen: &Observed) -> bool {
    strays(seen).next().is_some()
}

/// Whether the list has a voter that is neither on record nor being added.
pub fn has_unrecorded_voter(seen: &Observed) -> bool {
    let mut voters = list(seen).into_iter().flat_map(|list| &list.voters);
    voters.any(|(name, id)| !is_accounted_for(seen, name, id))
}

/// The first recorded voter that the list has without a vote: that it joins was forgotten.
pub fn forgotten(seen: &Observed) -> Option<u32> {
    let list = list(seen)?;
    let learns = seen.memory.voters().find(|(name, id)| list.learners.get(*id) == Some(name));
    seen.ordinal_of(learns?.0)
}

/// Whether the list has no member of this ID.
pub fn is_out(seen: &Observed, name: &str, id: &String) -> bool {
    let has = |list: &Members| {
        list.voters.get(name) == Some(id) || list.learners.get(id).is_some_and(|at| at == name)
    };
    list(seen).is_some_and(|list| !has(list))
}

/// The recorded learner, if the list has it with a vote.
pub fn promoted(seen: &Observed) -> Option<&str> {
    let name = seen.memory.learner()?;
    (list(seen)?.voters.get(name) == seen.memory.members.get(name)).then_some(name)
}

/// Who else may vote than these, as long as etcd's list does not tell: what is being done to a member
/// may be done.
pub fn otherwise(seen: &Observed, voters: &[u32]) -> Option<Vec<u32>> {
    let slot = slot(seen).filter(|_| list(seen).is_none() && is_recorded(seen))?;
    let others = voters.iter().copied().filter(|at| *at != slot);
    let joins = (!voters.contains(&slot)).then_some(slot);
    Some(others.chain(joins).collect())
}

/// The first recorded voter that the list does not have.
pub fn vanished(seen: &Observed) -> Option<u32> {
    let gone = seen.memory.voters().find(|(name, id)| is_out(seen, name, id));
    seen.ordinal_of(gone?.0)
}

/// Whether the list was read behind a linearizable read, and is of the recorded cluster.
pub fn is_list_fresh(seen: &Observed) -> bool {
    seen.members.is_known_and(|list| {
        seen.memory.cluster_id.as_ref().is_none_or(|id| *id == list.cluster_id)
    })
}
