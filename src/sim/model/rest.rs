//! PURE. Where a world comes to rest when nothing goes wrong any more.
//!
//! Liveness is not left to the checker's `eventually`: that has known gaps where paths join and
//! where they close a circle, and every honest world does both. Instead every state is run forward
//! by itself: what may go wrong stops, the suspended operator is gone, the watches have caught up,
//! and then the environment, the operator and time take turns until nothing moves. So it is known
//! of every state, not only of the last, that whatever went wrong before it ends well; a circle
//! shows as a run that does not end; and because runs flow together, each is run once.

use super::birth::MEMBERS_MAX;
use super::budget::Budget;
use super::decide::{Memo, Mind};
use super::law::Law;
use super::look::{self, Sight};
use super::moves::{BY_ITSELF, Move};
use super::world::{Claim, Object, Set, Stage, Who, World};
use crate::service::etcd_cluster::decide::vocabulary::Step;

/// How many rounds a world is given to come to rest. The longest honest run, a birth that fails
/// twice and is cleared away, takes some thirty.
const ROUNDS_MAX: usize = 200;
/// How many things an operator does in one turn at most: more than it ever orders.
const ORDERS_MAX: usize = 16;

/// How it ends, as far as one can tell from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum End {
    /// The object is gone.
    Gone,
    /// The user holds it.
    Paused,
    /// It waits for a person.
    Waits,
    /// It stands in this step.
    At(Step),
    /// This law is broken there.
    Breaks(Law),
}

/// The ends that are known.
pub type Ends = Memo<World, End>;

/// Where this world ends, with what the leader is in the middle of, or without: as after a crash.
pub fn end(mind: &Mind, ends: &Ends, world: &World, crashed: bool) -> End {
    let mut calm = world.clone();
    (calm.ghost, calm.cache, calm.budget) = (None, None, Budget::NONE);
    if crashed {
        calm.leader = None;
    } else {
        finish(&mut calm, mind);
    }
    let mut passed = vec![];
    for _ in 0..ROUNDS_MAX {
        if let Some(end) = ends.found(&calm) {
            return settle(ends, passed, end);
        }
        passed.push(calm.clone());
        if !round(&mut calm, mind) {
            let end = judge(mind, &calm);
            return settle(ends, passed, end);
        }
    }
    settle(ends, passed, End::Breaks(Law::Rests))
}

/// The world this one comes to by itself, at rest.
pub fn rested(mind: &Mind, mut world: World) -> World {
    for _ in 0..ROUNDS_MAX {
        if !round(&mut world, mind) {
            break;
        }
    }
    world
}

fn settle(ends: &Ends, passed: Vec<World>, end: End) -> End {
    for world in passed {
        ends.put(world, end);
    }
    end
}

/// The environment, the operator, and where neither moves, time. Says whether anything moved.
fn round(world: &mut World, mind: &Mind) -> bool {
    let before = world.clone();
    for made in BY_ITSELF {
        world.make(made, mind);
    }
    world.make(Move::Look(Sight::Clear), mind);
    finish(world, mind);
    if *world == before {
        world.make(Move::Wait, mind);
    }
    *world != before
}

/// The leader finishes its turn.
fn finish(world: &mut World, mind: &Mind) {
    world.make(Move::Persist(Who::Leader), mind);
    for _ in 0..ORDERS_MAX {
        world.make(Move::Act(Who::Leader), mind);
    }
}

/// Whether a world at rest is one it may rest in.
fn judge(mind: &Mind, world: &World) -> End {
    if let Some(law) = world.history.broken {
        return End::Breaks(law);
    }
    let Some(object) = world.object else {
        return if left_over(world) { End::Breaks(Law::Deleted) } else { End::Gone };
    };
    if object.paused {
        return End::Paused;
    }
    if object.deleting {
        return End::Breaks(Law::Deleted);
    }
    let step = object.status.step.unwrap_or(Step::Provision);
    let waits = waits_for_others(world, &object);
    let law = match step {
        Step::Provision | Step::AwaitQuorum | Step::Seal | Step::Reset | Step::Settle => {
            (!waits).then_some(Law::Created)
        }
        Step::Bootstrap => every_member_runs(world).then_some(Law::Created),
        Step::Steady => unfit(mind, world, &object)
            .or_else(|| (!serves(world, &object)).then_some(Law::QuorumFound))
            .or_else(|| unlike_asked(world, &object).filter(|_| !waits)),
        Step::Hibernated => (object.size > 0).then_some(Law::Sized),
        Step::CleanSlot
        | Step::AddLearner
        | Step::CatchUp
        | Step::Promote
        | Step::DropLearner
        | Step::RemoveMember
        | Step::ReleaseSlot
        | Step::Evict
        | Step::Sleep
        | Step::Wake
        | Step::Corrupt => (!waits).then_some(Law::Ended),
        Step::QuorumLost => unfit(mind, world, &object)
            .or_else(|| serves(world, &object).then_some(Law::QuorumFound)),
    };
    let silent = || step != Step::Steady && is_silent(mind, world, &object);
    let law = law.or_else(|| silent().then_some(Law::Explained));
    law.map_or(if waits { End::Waits } else { End::At(step) }, End::Breaks)
}

/// What a deletion must not leave behind.
fn left_over(world: &World) -> bool {
    let unwanted = |claim: &Claim| {
        let owner = usize::from(claim.owner);
        world.history.given_up.get(owner).copied().unwrap_or(false)
    };
    world.set.is_some_and(|set| set.owner.is_some())
        || world.services.is_some()
        || world.slots.iter().any(|slot| slot.pod.is_some())
        || world.slots.iter().filter_map(|slot| slot.claim).any(|claim| unwanted(&claim))
}

/// Whether it waits for a person: a name or a volume is somebody else's.
fn waits_for_others(world: &World, object: &Object) -> bool {
    let foreign_set = world.set.is_some_and(|set| set.owner != Some(object.owner));
    let foreign = |claim: &Claim| {
        claim.owner != object.owner || claim.incarnation != object.status.incarnation.max(1)
    };
    foreign_set || world.slots.iter().filter_map(|slot| slot.claim).any(|claim| foreign(&claim))
}

/// Whether all the members of the present birth run together.
fn every_member_runs(world: &World) -> bool {
    let Some(Set { told, .. }) = world.set else { return false };
    let size = usize::from(told.birth.size);
    size > 0 && (0..MEMBERS_MAX).filter(|&at| world.follows(at) == Some(told.birth)).count() == size
}

/// Whether a quorum of the recorded cluster runs.
fn serves(world: &World, object: &Object) -> bool {
    object.status.identity.is_some_and(|birth| world.decides(birth))
}

/// What of a recorded cluster's members is not as it is asked for, as a law.
fn unlike_asked(world: &World, object: &Object) -> Option<Law> {
    let birth = object.status.identity?;
    let roster = world.roster(birth);
    if roster.has_learner() || roster.voters() != usize::from(object.size) {
        return Some(Law::Sized);
    }
    (world.voting(birth).count() != roster.voters()).then_some(Law::Healed)
}

/// Which part of a recorded cluster is not what it should be, as a law.
fn unfit(mind: &Mind, world: &World, object: &Object) -> Option<Law> {
    let desired = mind.desired(object);
    let right = |set: &Set| {
        // Members of another spec are left as they are; so is a stranger's.
        *set == desired || set.spec != object.spec || set.owner != Some(object.owner)
    };
    let told = world.slots.iter().filter_map(|slot| slot.pod).all(|pod| pod.told == desired.told);
    // Whether etcd runs in them is another law's.
    let all = world
        .slots
        .iter()
        .take(desired.replicas.into())
        .all(|slot| slot.pod.is_some_and(|pod| pod.stage != Stage::Waiting));
    let ours = world.set.is_some_and(|set| set == desired);
    let fit = object.finalizer
        && world.services == Some(object.owner)
        && world.set.as_ref().is_some_and(right)
        && (!ours || (told && all));
    (!fit).then_some(Law::PartsRight)
}

/// Whether the machine waits without a reason.
fn is_silent(mind: &Mind, world: &World, object: &Object) -> bool {
    let seen = look::see(world, Sight::Clear, &mind.desired(object));
    seen.is_none_or(|(seen, _)| mind.decide(&seen).held.is_empty())
}
