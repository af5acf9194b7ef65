//! PURE. The abstract world in the words of the real one, and back: the object, what it is made
//! into, and the member gate. Everything decided here is decided by the operator's own code.

use super::world::{Birth, Claim, Disk, Object, Pod, Refusal, Set, Stage, Status, Told};
use crate::crd::{
    Directive, EtcdCluster, EtcdClusterStatus, GateVerdict, Identity, MemberStatus, Mode,
    Operation, OperationKind, Retention,
};
use crate::resource::{Shape, names, spec_hash};
use crate::service::etcd_cluster::gate::{self, Contents, FoundIdentity};
use crate::service::etcd_cluster::{memory, shape};
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

/// The two specs a user may ask for, as real objects.
#[derive(Debug)]
pub struct Real {
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
pub fn member_id(birth: Birth, at: usize) -> String {
    format!("{}{at:x}", cluster_id(birth))
}

/// Every member of a birth, name to ID.
pub fn members(birth: Birth) -> BTreeMap<String, String> {
    (0..usize::from(birth.size)).map(|at| (member(at), member_id(birth, at))).collect()
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
        let of = |size: u8, version: &str| {
            let spec = json!({
                "size": size,
                "version": version,
                "recoveryStrategy": {
                    "maxRetries": RETRIES, "retryIntervalSeconds": RETRY, "backoffFactor": 1,
                    "bootstrapTimeoutSeconds": 300,
                },
            });
            serde_json::from_value(spec).map(|spec| EtcdCluster::new(NAME, spec))
        };
        let [one, other] = sizes;
        let clusters = [of(one, "3.6.16")?, of(other, "3.6.15")?];
        let hashes = [spec_hash(&clusters[0].spec), spec_hash(&clusters[1].spec)];
        Ok(Self { clusters, hashes })
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
        let finalizer = crate::service::etcd_cluster::FINALIZER.to_owned();
        cluster.metadata.namespace = Some("default".to_owned());
        cluster.metadata.uid = Some(uid(object.owner));
        cluster.metadata.generation = Some(i64::from(object.spec) + 1);
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
        let peopled = shape.replicas > 0;
        Set { owner: Some(object.owner), spec: object.spec, told: told(&shape), peopled }
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
            initial_cluster: names::initial_cluster(cluster, 0..u32::from(told.birth.size)),
            members: told.identity.map(members).unwrap_or_default(),
            unborn: named(told.unborn),
            cluster_id: told.identity.map(cluster_id),
        }
    }
}

/// The status as users read it, as far as the machine reads it, too.
fn status(status: &Status, version: &str) -> EtcdClusterStatus {
    let unborn = |at: usize| status.unborn & (1 << at) != 0;
    let member = |(at, (name, id)): (usize, (String, String))| MemberStatus {
        name,
        id: Some(id),
        version: (!unborn(at)).then(|| version.to_owned()),
        ..MemberStatus::default()
    };
    let operation = Operation {
        free: vec![],
        kind: status.replacing.map_or(OperationKind::Create, |_| OperationKind::ReplaceMember),
        member: status.replacing.map(|at| self::member(at.into())),
        started: Time(noon()),
        attempts: status.attempts.into(),
    };
    EtcdClusterStatus {
        step: status.step.map(|step| <&str>::from(step).to_owned()),
        step_since: status.step.map(|_| Time(step_since(status.aged))),
        incarnation: (status.incarnation > 0).then(|| status.incarnation.into()),
        cluster_id: status.identity.map(cluster_id),
        members: status
            .identity
            .map(members)
            .into_iter()
            .flatten()
            .enumerate()
            .map(member)
            .collect(),
        operation: (status.attempts > 0 || status.replacing.is_some()).then_some(operation),
        ..EtcdClusterStatus::default()
    }
}

/// What a status remembers, given what it was before.
pub fn remembered(next: &EtcdClusterStatus, before: &Status) -> Status {
    let never_ran = next.members.iter().filter(|at| at.version.is_none()).map(|at| &at.name);
    let stays = next.step_since.as_ref().map(|at| at.0) == Some(step_since(before.aged));
    let replaced = next.operation.as_ref().and_then(|operation| operation.member.as_deref());
    let replaced = replaced.and_then(|member| names::ordinal_of(member, NAME));
    let attempts = next.operation.as_ref().map_or(0, |operation| operation.attempts);
    Status {
        step: next.step.as_ref().and_then(|step| step.parse().ok()),
        aged: stays && before.aged,
        incarnation: u8::try_from(next.incarnation.unwrap_or(0)).unwrap_or(u8::MAX),
        identity: next.cluster_id.as_deref().and_then(birth_of),
        unborn: bits(never_ran),
        attempts: u8::try_from(attempts).unwrap_or(u8::MAX),
        replacing: replaced.and_then(|at| u8::try_from(at).ok()),
    }
}

fn told(shape: &Shape) -> Told {
    let small = |value: i64| u8::try_from(value).unwrap_or(u8::MAX);
    Told {
        birth: Birth {
            owner: owner_of(&shape.directive.cluster_uid),
            incarnation: small(shape.directive.incarnation),
            size: small(shape.replicas.into()),
        },
        new: shape.directive.mode == Mode::New,
        identity: shape.directive.cluster_id.as_deref().and_then(birth_of),
        unborn: bits(shape.directive.unborn.iter()),
        serving: shape.serving,
    }
}

/// What a verdict of the gate makes of a container, and whether etcd starts on an empty volume.
pub fn stage(verdict: &GateVerdict) -> (Stage, bool) {
    match verdict {
        GateVerdict::New | GateVerdict::Join => (Stage::Running, true),
        GateVerdict::Existing => (Stage::Running, false),
        GateVerdict::DataLost { .. } => (Stage::Refused(Refusal::Lost), false),
        GateVerdict::StaleData { .. } => (Stage::Refused(Refusal::Stale), false),
        GateVerdict::NoDirective { .. } | GateVerdict::Unreadable { .. } => {
            (Stage::Refused(Refusal::Undirected), false)
        }
    }
}
