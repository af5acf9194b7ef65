//! PURE. What an operator decides: the real `settle` on the real `Observed`, and the real status.
//!
//! The machine is pure, so what is decided on a sight is decided once and looked up from then on.

use super::birth::Birth;
use super::look::Seen;
use super::observe::observe;
use super::real::{self, Real};
use super::roster::Id;
use super::world::{Object, Order, Set, Status};
use crate::engine::{resume, settle};
use crate::service::Kind;
use crate::service::etcd_cluster::Cluster;
use crate::service::etcd_cluster::decide::action::{Action, KeepPart};
use crate::service::etcd_cluster::decide::machine::EtcdClusterMachine;
use crate::service::etcd_cluster::decide::vocabulary::{Reason, Step};
use crate::service::etcd_cluster::observe::observed::Observed;
use crate::service::etcd_cluster::observe::part::Part;
use parking_lot::RwLock;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

/// What one turn decided.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// Where it began.
    pub from: Step,
    /// Where it ended.
    pub to: Step,
    /// The status as it was and as it is to be; nothing if what it remembers stays.
    pub write: Option<(Status, Status)>,
    /// What is to be done, in order.
    pub orders: Vec<Order>,
    /// Why the machine waits.
    pub held: Vec<Reason>,
    /// Whether the machine came to rest at all.
    pub settled: bool,
}

impl Decision {
    /// Whether it changes anything.
    pub fn is_idle(&self) -> bool {
        self.write.is_none() && self.orders.is_empty()
    }
}

/// A function that is evaluated once for each argument, by whichever thread comes first.
#[derive(Debug)]
pub struct Memo<K, V>(RwLock<HashMap<K, V>>);

impl<K: Hash + Eq + Clone, V: Clone> Memo<K, V> {
    fn new() -> Self {
        Self(RwLock::new(HashMap::new()))
    }

    /// The value, found or made.
    pub fn get(&self, key: &K, make: impl FnOnce() -> V) -> V {
        if let Some(value) = self.found(key) {
            return value;
        }
        let value = make();
        self.put(key.clone(), value.clone());
        value
    }

    /// The value, if it is known.
    pub fn found(&self, key: &K) -> Option<V> {
        self.0.read().get(key).cloned()
    }

    /// From now on this is the value.
    pub fn put(&self, key: K, value: V) {
        self.0.write().insert(key, value);
    }

    /// How many are known.
    pub fn count(&self) -> usize {
        self.0.read().len()
    }

    /// Every argument with its value.
    pub fn all(&self) -> Vec<(K, V)> {
        let all = self.0.read();
        all.iter().map(|(key, value)| (key.clone(), value.clone())).collect()
    }
}

impl<K: Hash + Eq + Clone, V: Clone> Default for Memo<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

/// The operator's mind: everything it decides is a function of what it sees.
#[derive(Debug)]
pub struct Mind {
    /// The world in real words.
    pub real: Real,
    turns: Memo<Seen, Arc<Decision>>,
    sets: Memo<Object, Set>,
}

impl Mind {
    /// A mind that has decided nothing yet.
    pub fn new(real: Real) -> Self {
        Self { real, turns: Memo::default(), sets: Memo::default() }
    }

    /// The `StatefulSet` there should be of an object.
    pub fn desired(&self, object: &Object) -> Set {
        self.sets.get(object, || self.real.set(object))
    }

    /// What is decided on a sight.
    pub fn decide(&self, seen: &Seen) -> Arc<Decision> {
        self.turns.get(seen, || Arc::new(self.think(seen)))
    }

    /// Every different turn so far: the step it was recorded in and what it saw, with where it
    /// led.
    pub fn decided(&self) -> Vec<(Option<String>, Observed, Step)> {
        let turns = self.turns.all().into_iter();
        turns
            .map(|(seen, decision)| {
                let cluster = self.real.cluster(&seen.object);
                let observed = observe(&self.real, &seen, &cluster, &self.desired(&seen.object));
                (observed.memory.step.clone(), observed, decision.to)
            })
            .collect()
    }

    /// How many different turns were decided.
    pub fn turns(&self) -> usize {
        self.turns.count()
    }

    fn think(&self, seen: &Seen) -> Decision {
        let cluster = self.real.cluster(&seen.object);
        let observed = observe(&self.real, seen, &cluster, &self.desired(&seen.object));
        let from = resume::<EtcdClusterMachine>(Cluster::recorded(&cluster), &observed);
        let Ok(settled) = settle::<EtcdClusterMachine>(from, &observed) else {
            let (write, orders, held) = (None, vec![], vec![]);
            return Decision { from, to: from, write, orders, held, settled: false };
        };
        let before = seen.object.status;
        let next = Cluster::next_status(&cluster, &observed, &settled);
        let next = real::remembered(&next, &before);
        // The parts are made for the object as it is written, so with what is remembered by then.
        let written = Object { status: next, ..seen.object };
        let desired = self.desired(&written);
        let orders = settled.actions.iter().flat_map(|action| orders(action, &written, &desired));
        Decision {
            from,
            to: settled.to,
            write: (next != before).then_some((before, next)),
            orders: orders.collect(),
            held: settled.held,
            settled: true,
        }
    }
}

/// The requests an action is performed by.
fn orders(action: &Action, object: &Object, desired: &Set) -> Vec<Order> {
    let small = |ordinal: u32| u8::try_from(ordinal).unwrap_or(u8::MAX);
    let birth = object.status.identity;
    match action {
        // Whether there is anything to write is known from the object as it was read.
        Action::AddFinalizer if object.finalizer => vec![],
        Action::AddFinalizer => vec![Order::Finalizer(true)],
        Action::DropFinalizer => vec![Order::Finalizer(false)],
        Action::Keep { parts } => {
            parts.iter().filter_map(|part| keep(part, object.owner, desired)).collect()
        }
        Action::Direct { pods } => {
            pods.iter().map(|(at, _)| Order::Tell(small(*at), desired.told)).collect()
        }
        Action::AddLearner { member, .. } => birth
            .zip(real::slot(member))
            .map(|(birth, at)| Order::AddLearner(birth, at))
            .into_iter()
            .collect(),
        Action::Promote { member, id, .. } => of_member(birth, member, id, Order::Promote),
        Action::RemoveMember { member, id, .. } => of_member(birth, member, id, Order::Remove),
        // Who leads is not in the model, nor what the members' data comes to.
        Action::MoveLeader { .. } | Action::DisarmCorrupt { .. } => vec![],
        Action::DeletePods { pods } => {
            pods.iter().map(|(at, _)| Order::DeletePod(small(*at))).collect()
        }
        Action::DeleteStatefulSet { .. } => vec![Order::DeleteSet(object.owner)],
        Action::DeleteVolumes { volumes } => {
            volumes.iter().map(|(at, _)| Order::DeleteClaim(small(*at), object.owner)).collect()
        }
    }
}

/// A change of one member.
fn of_member(
    birth: Option<Birth>,
    name: &str,
    id: &str,
    order: fn(Birth, u8, Id) -> Order,
) -> Vec<Order> {
    let member = birth.zip(real::slot(name)).zip(real::id_of(id));
    member.map(|((birth, at), id)| order(birth, at, id)).into_iter().collect()
}

/// Services and disruption budget are made and lost together, so the first stands for all three.
fn keep(part: &KeepPart, owner: u8, desired: &Set) -> Option<Order> {
    match part {
        KeepPart::Create(Part::StatefulSet) => Some(Order::MakeSet(*desired)),
        KeepPart::Mend(Part::StatefulSet, ..) => Some(Order::MendSet(*desired)),
        KeepPart::Create(Part::PeerService) => Some(Order::MakeServices(owner)),
        KeepPart::Create(Part::ClientService | Part::DisruptionBudget)
        | KeepPart::Mend(Part::PeerService | Part::ClientService | Part::DisruptionBudget, ..) => {
            None
        }
    }
}
