//! PURE. What an operator sees of the abstract world, as `gather` looks at it: what is in the
//! watches, what is read live because of what the watches show, and what the members answer.

use super::birth::{Birth, MEMBERS_MAX};
use super::roster::{Each, Seat};
use super::still::Still;
use super::world::{Object, Pod, Set, Slot, Stage, Told, World};
use crate::mutants::planted;
use crate::service::etcd_cluster::decide::needs::lists_live;
use crate::service::etcd_cluster::decide::vocabulary::Step;

/// How well an operator sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sight {
    /// Whatever is there.
    Clear,
    /// No member answers it.
    Deaf,
    /// The API server answers no read.
    Blind,
}

/// What looking for an object gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Found<T> {
    /// It is not there.
    Absent,
    /// It is there.
    There(T),
    /// The read failed.
    Unknown,
}

/// What a member answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Heard {
    /// It has no address to be asked at.
    NoAddress,
    /// Nothing.
    Silence,
    /// It runs, and follows no leader.
    Leaderless(Speaker),
    /// It follows a leader.
    Follows(Speaker),
}

/// What a member says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Speaker {
    /// Its cluster.
    pub birth: Birth,
    /// Which member it is, and whether it votes.
    pub seat: Seat,
    /// Whether anything was ever written, as far as it knows.
    pub written: bool,
}

/// A pod as it is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PodSeen {
    /// What it is told.
    pub told: Told,
    /// How far its container is.
    pub stage: Stage,
    /// Whether it is being deleted.
    pub leaving: bool,
    /// Whether the kubelet finds it ready.
    pub ready: bool,
    /// What its member answered.
    pub heard: Heard,
}

/// A volume claim as it is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClaimSeen {
    /// For which `EtcdCluster` it was made.
    pub owner: u8,
    /// For which birth.
    pub incarnation: u8,
    /// Whether it is being deleted.
    pub leaving: bool,
    /// Its UID.
    pub uid: u8,
}

/// All that one turn decides on. Equal sights make equal decisions, so each is decided once.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Seen {
    /// The object.
    pub object: Object,
    /// The `StatefulSet`.
    pub set: Found<Set>,
    /// Whose the Services are.
    pub services: Found<u8>,
    /// The pods.
    pub pods: Each<PodSeen>,
    /// The volume claims.
    pub claims: Each<ClaimSeen>,
    /// The members, as the first that follows a leader lists them.
    pub list: Option<(Birth, Each<Seat>)>,
    /// Whether both were listed live.
    pub counted: bool,
    /// How many addresses clients are sent to.
    pub endpoints: u8,
    /// How long ago the last container first started.
    pub age: u8,
}

/// The watches: they show the world, or what it was when they fell behind.
struct Watches<'a> {
    set: Option<Set>,
    services: Option<u8>,
    slots: &'a [Slot; MEMBERS_MAX],
    ready: u8,
    still: Still,
}

fn watches(world: &World) -> Watches<'_> {
    match world.cache.as_deref() {
        None => Watches {
            set: world.set,
            services: world.services,
            slots: &world.slots,
            ready: world.ready(),
            still: Still::ALL,
        },
        Some(cache) => Watches {
            set: cache.set,
            services: cache.services,
            slots: &cache.slots,
            ready: cache.ready,
            still: cache.still,
        },
    }
}

/// The object as the leader's watch has it, and whether it still is so.
pub fn object(world: &World) -> Option<(Object, Still)> {
    let lagging = world.cache.as_deref().and_then(|cache| Some((cache.object?, cache.still)));
    let (object, still) = lagging.or_else(|| world.object.map(|object| (object, Still::ALL)))?;
    Some((object, still.only(Still::OBJECT)))
}

/// What the leader sees, and what of it still is so. `desired` is the `StatefulSet` there should be.
pub fn see(world: &World, sight: Sight, desired: &Set) -> Option<(Seen, Still)> {
    let (object, mut still) = object(world)?;
    let watches = watches(world);
    let (set, bits) = found_set(world, &watches, sight, desired);
    still = still.and(bits);
    let services = found_services(world, &watches, sight, object.owner);
    // Once a member is out, what it leaves behind is listed: that is the look that decides.
    let doubt = match object.status.step {
        Some(Step::AwaitQuorum | Step::Bootstrap) => {
            matches!(set, Found::There(set) if is_made_for_another(set, &object, desired))
        }
        _ => true,
    };
    let counts = lists_live(object.deleting, object.status.step, doubt);
    let believed = counts && planted("cache-is-truth");
    let counted = counts && sight != Sight::Blind && !believed;
    let mut pods = [None; MEMBERS_MAX];
    let mut claims = [None; MEMBERS_MAX];
    for (at, (pod, claim)) in pods.iter_mut().zip(&mut claims).enumerate() {
        let live = world.slots.get(at).copied().unwrap_or_default();
        let shown = watches.slots.get(at).copied().unwrap_or_default();
        let own = |pod: &Pod| pod.told.birth.owner == object.owner;
        let kept = shown
            .pod
            .filter(own)
            .filter(|pod| !counted && (pod.told == desired.told || sight == Sight::Blind));
        // A pod that is not told what it should be is read live, if the watches show one at all.
        let reread = counted || shown.pod.is_some_and(|pod| own(&pod));
        let (found, bit, ready) = match kept {
            Some(pod) => (Some(pod), watches.still, watches.ready & (1 << at) != 0),
            None if reread => (live.pod.filter(own), Still::ALL, world.follows(at).is_some()),
            None => (None, Still::ALL, false),
        };
        let same = bit.has(Still::pod(at));
        *pod = found.map(|pod| PodSeen {
            told: pod.told,
            stage: pod.stage,
            leaving: pod.leaving,
            ready,
            heard: heard(world, sight, at, &pod, same),
        });
        let (found, bit) =
            if counted { (live.claim, Still::ALL) } else { (shown.claim, watches.still) };
        *claim = found.map(|claim| ClaimSeen {
            owner: claim.owner,
            incarnation: claim.incarnation,
            leaving: claim.leaving,
            uid: claim.uid,
        });
        let own = Still::pod(at).only(if same { Still::ALL } else { Still::NONE });
        still = still.and(own).and(bit.only(Still::claim(at)));
    }
    let endpoints = endpoints(&watches, object.owner);
    let (counted, age) = (counted || believed, world.age);
    let list = list(world, &pods);
    let seen = Seen { object, set, services, pods, claims, list, counted, endpoints, age };
    Some((seen, still))
}

/// Whether the members were made for another spec or, while they are being born, for another birth.
fn is_made_for_another(set: Set, object: &Object, desired: &Set) -> bool {
    let recorded = object.status.identity.is_some() || set.told.identity.is_some();
    let ours = set.owner == Some(object.owner);
    ours && (set.spec != object.spec || (!recorded && set.told.birth != desired.told.birth))
}

/// The list of the first member that can prove it.
fn list(world: &World, pods: &Each<PodSeen>) -> Option<(Birth, Each<Seat>)> {
    let birth = pods.iter().flatten().find_map(|pod| match pod.heard {
        Heard::Follows(Speaker { birth, .. }) => Some(birth),
        Heard::NoAddress | Heard::Silence | Heard::Leaderless(_) => None,
    })?;
    Some((birth, world.roster(birth).seats))
}

/// A part is believed from the watches where it is what it should be, and read live elsewhere.
fn found_set(
    world: &World,
    watches: &Watches<'_>,
    sight: Sight,
    desired: &Set,
) -> (Found<Set>, Still) {
    let bits = Still::SET.and(Still::GENERATION);
    match watches.set {
        Some(set) if set == *desired => (Found::There(set), watches.still.only(bits)),
        None if planted("cache-is-truth") => (Found::Absent, bits),
        _ if sight == Sight::Blind => (Found::Unknown, bits),
        _ => (world.set.map_or(Found::Absent, Found::There), bits),
    }
}

fn found_services(world: &World, watches: &Watches<'_>, sight: Sight, owner: u8) -> Found<u8> {
    match watches.services {
        Some(shown) if shown == owner => Found::There(shown),
        None if planted("cache-is-truth") => Found::Absent,
        _ if sight == Sight::Blind => Found::Unknown,
        _ => world.services.map_or(Found::Absent, Found::There),
    }
}

/// A member is asked at the address of the pod that was seen: another pod has another.
fn heard(world: &World, sight: Sight, at: usize, pod: &Pod, same: bool) -> Heard {
    if pod.stage == Stage::Waiting {
        return Heard::NoAddress;
    }
    let runs = world.runs(at).filter(|_| same && sight != Sight::Deaf);
    let Some((birth, seat)) = runs.zip(world.seat(at)) else { return Heard::Silence };
    let speaker = Speaker { birth, seat, written: world.lacks(at).is_none() };
    if world.decides(birth) { Heard::Follows(speaker) } else { Heard::Leaderless(speaker) }
}

fn endpoints(watches: &Watches<'_>, owner: u8) -> u8 {
    let serves = |at: usize, slot: &Slot| {
        watches.services == Some(owner)
            && watches.ready & (1 << at) != 0
            && slot.pod.is_some_and(|pod| pod.told.serving && pod.told.birth.owner == owner)
    };
    let serving = watches.slots.iter().enumerate().filter(|(at, slot)| serves(*at, slot));
    u8::try_from(serving.count()).unwrap_or(u8::MAX)
}
