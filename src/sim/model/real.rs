//! PURE. The abstract world in the words of the real one, and back: the object, what it is made
//! into, and the member gate. Everything decided here is decided by the operator's own code.

use super::birth::{Birth, MEMBERS_MAX};
use super::roster::{Each, Id, Left, Underway};
use super::world::{Claim, Disk, Object, Pod, Refusal, Set, Stage, Status, Told};
use crate::crd::{
    Directive, EtcdCluster, EtcdClusterStatus, GateVerdict, Identity, MemberStatus, Mode,
    Operation, RemovedMember, Retention,
};
use crate::resource::{Shape, names, spec_hash};
use crate::service::etcd_cluster::decide::desired::shape;
use crate::service::etcd_cluster::gate::{self, Contents, FoundIdentity};
use crate::service::etcd_cluster::observe::recorded::memory;
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// The name of every cluster.
pub const NAME: &str = "a";
/// How often a birth is begun again.
pub const RETRIES: i32 = 1;
/// How many seconds ago something happened, by age: within every limit, past the birth's five
/// minutes but not past the wait for the next try, past everything.
const AGES: [i64; 3] = [1, 305, 2000];
/// Seconds before a birth is begun again.
const RETRY: i32 = 100;

/// The two specs a user may ask for, as real objects. What differs is the size, or else the version,
/// which admission lets nobody change once the cluster is recorded.
#[derive(Debug)]
pub struct Real {
    sizes: [u8; 2],
    clusters: [EtcdCluster; 2],
    /// The hashes of the two specs.
    pub hashes: [String; 2],
}

/// The time of every turn.
pub fn noon() -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs(1_000_000)
}

/// The moment something of this age happened.
pub fn since(age: u8) -> Timestamp {
    let seconds = AGES.get(usize::from(age)).copied().unwrap_or(0);
    noon() - SignedDuration::from_secs(seconds)
}

fn step_since(aged: bool) -> Timestamp {
    since(if aged { 2 } else { 0 })
}

/// The UID of an owner.
pub fn uid(owner: u8) -> String {
    format!("uid-{owner}")
}

fn owner_of(uid: &str) -> u8 {
    uid.strip_prefix("uid-").and_then(|owner| owner.parse().ok()).unwrap_or(u8::MAX)
}

/// etcd's cluster ID, in hexadecimal.
pub fn cluster_id(birth: Birth) -> String {
    let Birth { owner, incarnation, size } = birth;
    format!("{:x}{incarnation:x}{size:x}", owner + 1)
}

fn birth_of(id: &str) -> Option<Birth> {
    let digit = |at: usize| u8::from_str_radix(id.get(at..=at)?, 16).ok();
    Some(Birth { owner: digit(0)?.checked_sub(1)?, incarnation: digit(1)?, size: digit(2)? })
}

/// A member's name.
pub fn member(at: usize) -> String {
    format!("{NAME}-{at}")
}

/// A member's ID, in hexadecimal.
pub fn member_id(birth: Birth, at: usize, id: Id) -> String {
    format!("{}{at:x}{id:x}", cluster_id(birth))
}

/// Which member an ID is of; a volume's UID ends the same way.
pub fn id_of(member_id: &str) -> Option<Id> {
    Id::from_str_radix(member_id.get(member_id.len().checked_sub(1)?..)?, 16).ok()
}

/// The members of a cluster, name to ID.
pub fn members(birth: Option<Birth>, ids: &Each<Id>) -> BTreeMap<String, String> {
    let all = ids.iter().enumerate();
    all.filter_map(|(at, id)| Some((member(at), member_id(birth?, at, (*id)?)))).collect()
}

/// The UID of a volume claim.
pub fn volume_uid(at: usize, uid: u8) -> String {
    format!("volume-{at}-{uid}")
}

/// The ordinals that a directive lets begin, or join.
pub fn ordinals(told: &Told) -> Vec<u32> {
    let all = 0..u32::try_from(MEMBERS_MAX).unwrap_or(0);
    match told.identity {
        None => all.filter(|at| *at < u32::from(told.birth.size)).collect(),
        Some(_) => all.zip(told.members).filter_map(|(at, id)| id.map(|_| at)).collect(),
    }
}

/// Which of the members is meant by a name.
pub fn slot(name: &str) -> Option<u8> {
    names::ordinal_of(name, NAME).and_then(|at| u8::try_from(at).ok())
}

/// What is told of members by name, by ordinal.
fn each<T: Copy>(all: impl Iterator<Item = (String, Option<T>)>) -> Each<T> {
    let mut each = [None; MEMBERS_MAX];
    for (name, thing) in all {
        if let Some(place) = slot(&name).and_then(|at| each.get_mut(usize::from(at))) {
            *place = thing;
        }
    }
    each
}

/// The members whose bit is set, by name.
pub fn named(bits: u8) -> BTreeSet<String> {
    (0..8).filter(|at| bits & (1 << at) != 0).map(member).collect()
}

fn bits<'a>(names: impl Iterator<Item = &'a String>) -> u8 {
    let ordinals = names.filter_map(|name| names::ordinal_of(name, NAME));
    ordinals.fold(0, |all, at| all | 1_u8.checked_shl(at).unwrap_or(0))
}

impl Real {
    /// The objects of two specs that differ in size, or else in version.
    ///
    /// # Errors
    /// The spec is none.
    pub fn new(sizes: [u8; 2]) -> Result<Self, serde_json::Error> {
        let of = |version: &str| {
            let spec = json!({
                "size": sizes[0],
                "version": version,
                "recoveryStrategy": {
                    "maxRetries": RETRIES, "retryIntervalSeconds": RETRY, "backoffFactor": 1,
                    "bootstrapTimeoutSeconds": 300,
                },
            });
            serde_json::from_value(spec).map(|spec| EtcdCluster::new(NAME, spec))
        };
        let clusters = [of("3.6.16")?, of("3.6.15")?];
        let hashes = [spec_hash(&clusters[0].spec), spec_hash(&clusters[1].spec)];
        Ok(Self { sizes, clusters, hashes })
    }

    /// How many members are asked for at first.
    pub fn first_size(&self) -> u8 {
        self.sizes[0]
    }

    /// The object with the other of the two specs.
    pub fn edited(&self, object: &Object) -> Object {
        let [one, other] = self.sizes;
        if one == other {
            Object { spec: 1 - object.spec, ..*object }
        } else {
            Object { size: if object.size == one { other } else { one }, ..*object }
        }
    }

    /// The hash of a spec.
    pub fn hash(&self, spec: u8) -> &str {
        let [one, other] = &self.hashes;
        if spec == 0 { one } else { other }
    }

    /// The object as the API server has it.
    pub fn cluster(&self, object: &Object) -> EtcdCluster {
        let [one, other] = &self.clusters;
        let mut cluster = if object.spec == 0 { one.clone() } else { other.clone() };
        let finalizer = crate::crd::FINALIZER.to_owned();
        cluster.metadata.namespace = Some("default".to_owned());
        cluster.metadata.uid = Some(uid(object.owner));
        cluster.metadata.generation = Some(i64::from(object.spec) + 1);
        cluster.spec.size = object.size.into();
        cluster.metadata.finalizers = object.finalizer.then(|| vec![finalizer]);
        cluster.metadata.deletion_timestamp = object.deleting.then(|| Time(noon()));
        cluster.spec.paused = object.paused;
        cluster.spec.storage.retention =
            if object.keeps { Retention::Retain } else { Retention::Delete };
        cluster.status = (object.status != Status::default())
            .then(|| status(&object.status, &cluster.spec.version));
        cluster
    }

    /// What the `StatefulSet` of an object should be.
    pub fn set(&self, object: &Object) -> Set {
        let cluster = self.cluster(object);
        let shape = shape(&cluster, &memory(&cluster), "operator");
        let replicas = u8::try_from(shape.replicas).unwrap_or(u8::MAX);
        Set { owner: Some(object.owner), spec: object.spec, told: told(&shape), replicas }
    }

    /// What the gate says to a pod about its volume.
    pub fn gate(&self, pod: &Pod, claim: &Claim, at: usize) -> GateVerdict {
        let contents = match claim.disk {
            Disk::Empty => Contents::Empty,
            Disk::Data { .. } => Contents::Data,
        };
        let identity = match claim.disk {
            Disk::Empty => FoundIdentity::Absent,
            Disk::Data { birth, .. } => FoundIdentity::Written(Identity {
                cluster_uid: uid(birth.owner),
                incarnation: birth.incarnation.into(),
                member: member(at),
            }),
        };
        let disk = gate::Disk { identity, contents, born: pod.born };
        gate::decide(Ok(&self.directive(&pod.told)), &member(at), &disk)
    }

    fn directive(&self, told: &Told) -> Directive {
        let [cluster, _] = &self.clusters;
        Directive {
            cluster_uid: uid(told.birth.owner),
            incarnation: told.birth.incarnation.into(),
            mode: if told.new { Mode::New } else { Mode::Member },
            initial_cluster: names::initial_cluster(cluster, ordinals(told)),
            members: members(told.identity, &told.members),
            unborn: named(told.unborn),
            cluster_id: told.identity.map(cluster_id),
        }
    }
}

/// The status as users read it, as far as the machine reads it, too.
fn status(status: &Status, version: &str) -> EtcdClusterStatus {
    let member = |(name, id): (String, String)| MemberStatus {
        version: (bits([&name].into_iter()) & status.unborn == 0).then(|| version.to_owned()),
        name,
        id: Some(id),
        ..MemberStatus::default()
    };
    let removed = |(at, left): (usize, &Option<Left>)| {
        let left = (*left)?;
        Some(RemovedMember {
            name: self::member(at),
            id: left.id.zip(status.identity).map(|(id, birth)| member_id(birth, at, id)),
            volume_uid: left.volume.map(|uid| volume_uid(at, uid)),
        })
    };
    let operation = |at: Underway| Operation {
        free: named(at.free).into_iter().collect(),
        kind: at.kind,
        member: at.member.map(|at| self::member(at.into())),
        started: Time(noon()),
        attempts: status.attempts.into(),
    };
    EtcdClusterStatus {
        step: status.step.map(|step| <&str>::from(step).to_owned()),
        step_since: status.step.map(|_| Time(step_since(status.aged))),
        incarnation: (status.incarnation > 0).then(|| status.incarnation.into()),
        cluster_id: status.identity.map(cluster_id),
        members: members(status.identity, &status.members).into_iter().map(member).collect(),
        removed_members: status.removed.iter().enumerate().filter_map(removed).collect(),
        operation: status.operation.map(operation),
        ..EtcdClusterStatus::default()
    }
}

/// What a status remembers, given what it was before.
pub fn remembered(next: &EtcdClusterStatus, before: &Status) -> Status {
    let never_ran = next.members.iter().filter(|at| at.version.is_none()).map(|at| &at.name);
    let stays = next.step_since.as_ref().map(|at| at.0) == Some(step_since(before.aged));
    let members = next.members.iter().map(|at| (at.name.clone(), at.id.as_deref().and_then(id_of)));
    let left = |at: &RemovedMember| Left {
        id: at.id.as_deref().and_then(id_of),
        volume: at.volume_uid.as_deref().and_then(id_of),
    };
    let operation = |at: &Operation| Underway {
        kind: at.kind,
        member: at.member.as_deref().and_then(slot),
        free: bits(at.free.iter()),
    };
    let attempts = next.operation.as_ref().map_or(0, |operation| operation.attempts);
    Status {
        step: next.step.as_ref().and_then(|step| step.parse().ok()),
        aged: stays && before.aged,
        incarnation: u8::try_from(next.incarnation.unwrap_or(0)).unwrap_or(u8::MAX),
        identity: next.cluster_id.as_deref().and_then(birth_of),
        members: each(members),
        unborn: bits(never_ran),
        attempts: u8::try_from(attempts).unwrap_or(u8::MAX),
        operation: next.operation.as_ref().map(operation),
        removed: each(next.removed_members.iter().map(|at| (at.name.clone(), Some(left(at))))),
    }
}

fn told(shape: &Shape) -> Told {
    let small = |value: i64| u8::try_from(value).unwrap_or(u8::MAX);
    let identity = shape.directive.cluster_id.as_deref().and_then(birth_of);
    let members = shape.directive.members.iter().map(|(name, id)| (name.clone(), id_of(id)));
    Told {
        birth: Birth {
            owner: owner_of(&shape.directive.cluster_uid),
            incarnation: small(shape.directive.incarnation),
            size: identity.map_or_else(|| small(shape.replicas.into()), |birth| birth.size),
        },
        new: shape.directive.mode == Mode::New,
        identity,
        members: each(members),
        unborn: bits(shape.directive.unborn.iter()),
        serving: shape.serving,
    }
}

/// What a verdict of the gate makes of a container.
pub fn stage(verdict: &GateVerdict) -> Stage {
    match verdict {
        GateVerdict::New | GateVerdict::Join | GateVerdict::Existing => Stage::Running,
        GateVerdict::DataLost { .. } => Stage::Refused(Refusal::Lost),
        GateVerdict::StaleData { .. } => Stage::Refused(Refusal::Stale),
        GateVerdict::NoDirective { .. } | GateVerdict::Unreadable { .. } => {
            Stage::Refused(Refusal::Undirected)
        }
    }
}
