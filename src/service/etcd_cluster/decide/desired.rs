//! PURE. What the parts should be: a function of the spec and of what the machine remembers.
//!
//! The machine decides when a part may be touched, never what it should look like. So a part that
//! is right stays right whatever the step, and one that drifted is mended in any.

use super::action::KeepPart;
use super::queries::birth::is_spec_current;
use super::queries::roster::is_asleep;
use super::vocabulary::Step;
use crate::crd::{Directive, EtcdCluster, Mode, OperationKind};
use crate::mutants::planted;
use crate::resource::{Shape, names};
use crate::service::etcd_cluster::observe::observed::{Birth, Child, Memory, Observed, PodSeen};
use crate::service::etcd_cluster::observe::part::Part;
use jiff::SignedDuration;
use std::collections::BTreeSet;

/// How long after its grace period a pod of the last `StatefulSet` is still waited for.
const OVERDUE: SignedDuration = SignedDuration::from_secs(30);

impl Observed {
    /// What has to be done to the parts. What belongs to somebody else, is being deleted or could
    /// not be read is left alone; so are members made from another spec.
    pub fn parts_to_keep(&self) -> Vec<KeepPart> {
        let current = |part| part != Part::StatefulSet || is_spec_current(self);
        // A new `StatefulSet` cannot make a pod while the last one's is still on its way out: it
        // would run into the name, and back off for minutes. A pod that is long overdue, on a node
        // that is gone, keeps nobody waiting.
        let overdue =
            |pod: &PodSeen| pod.gone_by.is_some_and(|at| self.now.duration_since(at) > OVERDUE);
        let leaves = |pod: &PodSeen| pod.owned && !overdue(pod);
        let free = |part| part != Part::StatefulSet || !self.pods.values().any(leaves);
        let may = |part, child: &Child| match child {
            Child::Absent => free(part),
            Child::Ours { .. } | Child::Unknown(_) | Child::Foreign { .. } => current(part),
        };
        let keep = |(part, child): (Part, &Child)| child.to_keep(part).filter(|_| may(part, child));
        self.objects.all().into_iter().filter_map(keep).collect()
    }
}

/// The shape of the cluster's parts.
pub fn shape(cluster: &EtcdCluster, memory: &Memory, image: &str) -> Shape {
    let sealed = memory.cluster_id.is_some();
    let told = sealed && !planted("mode-new-forever");
    // What is left of a cluster whose status was lost proves itself; whoever has nothing lost it.
    let begins = !told && (memory.birth != Birth::Resumed || planted("resumed-as-new"));
    let name = names::cluster(cluster);
    let members = memory.members.keys().filter_map(|member| names::ordinal_of(member, name));
    let ordinals: BTreeSet<u32> =
        if sealed { members.collect() } else { (0..memory.replicas).collect() };
    let last = ordinals.last().copied();
    let runs = if is_asleep(memory) { None } else { last.max(ahead(cluster, memory, last)) };
    let replicas = runs.map_or(0, |last| last + 1);
    Shape {
        replicas: i32::try_from(replicas).unwrap_or(0),
        voters: i32::try_from(memory.replicas).unwrap_or(0),
        serving: sealed || planted("serving-from-the-start"),
        operator_image: image.to_owned(),
        directive: Directive {
            cluster_uid: names::uid(cluster).to_owned(),
            incarnation: memory.incarnation,
            mode: if begins { Mode::New } else { Mode::Member },
            initial_cluster: names::initial_cluster(cluster, ordinals),
            members: if told { memory.members.clone() } else { [].into() },
            unborn: memory.unborn.clone(),
            cluster_id: memory.cluster_id.clone().filter(|_| told),
        },
    }
}

/// The last member whose pod may start before it is asked to join, while members are being added: it
/// waits at its gate, for nothing is said of it yet. Only where nothing was seen to be, for data
/// would prove itself; and whose place was cleaned.
fn ahead(cluster: &EtcdCluster, memory: &Memory, last: Option<u32>) -> Option<u32> {
    let joins = memory.operation.as_ref().filter(|at| at.kind == OperationKind::AddMember)?;
    let size = u32::try_from(cluster.spec.size).unwrap_or(0);
    let cleaned = memory.step.as_deref() == Some(Step::AddLearner.into());
    let subject = names::ordinal_of(&joins.member, names::cluster(cluster));
    let subject = subject.filter(|&at| cleaned && at < size);
    let is_free = |at: &u32| joins.free.contains(&names::pod(cluster, *at));
    let next = last.max(subject).map_or(0, |last| last + 1);
    (next..size).take_while(is_free).last().or(subject)
}

/// What the `StatefulSet` is first made as. The next turn mends it under its UID and generation: a
/// request that was long on its way begins nothing in place of what the cluster has become.
///
/// So a birth gets its members by the mending. Members that live are another matter: a
/// `StatefulSet` that asks for none of them deletes them all.
pub fn as_made(shape: &Shape) -> Shape {
    let lives = shape.directive.mode == Mode::Member && !planted("made-without-members");
    let directive = Directive { unborn: [].into(), ..shape.directive.clone() };
    let replicas = if lives { shape.replicas } else { 0 };
    Shape { replicas, directive, ..shape.clone() }
}
