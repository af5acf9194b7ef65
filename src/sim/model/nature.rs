//! PURE. What happens by itself: Kubernetes' controllers and kubelets, etcd, time and clients.

use super::birth::{Birth, MEMBERS_MAX};
use super::law::Law;
use super::real::{self, Real};
use super::roster::Seat;
use super::still::Still;
use super::world::{Claim, Disk, Pod, Set, Slot, Stage, World};
use crate::crd::GateVerdict;

impl World {
    /// The `StatefulSet` controller makes the claims and pods that are missing, and deletes the pods
    /// that are too many.
    pub fn make_pods(&mut self) {
        let Some((set, owner)) = self.set.and_then(|set| Some((set, set.owner?))) else { return };
        for at in 0..MEMBERS_MAX {
            if at < usize::from(set.replicas) {
                self.make_pod(at, &set, owner);
            } else {
                self.stop_pod(at, &set);
            }
        }
    }

    fn make_pod(&mut self, at: usize, set: &Set, owner: u8) {
        let Some(slot) = self.slots.get(at).copied() else { return };
        // A claim on its way out keeps the pod from being made.
        if slot.pod.is_some() || slot.claim.is_some_and(|claim| claim.leaving) {
            return;
        }
        let incarnation = set.told.birth.incarnation;
        let (leaving, uid, disk) = (false, self.new_uid(at), Disk::Empty);
        let claim = slot.claim.unwrap_or(Claim { owner, incarnation, leaving, uid, disk });
        let (stage, told) = (Stage::Waiting, set.told);
        let pod = Pod { told, stage, leaving: false, born: false, orphan: false };
        if let Some(slot) = self.slot(at) {
            *slot = Slot { pod: Some(pod), claim: Some(claim) };
        }
        if claim.owner != owner {
            self.breach(Law::OthersUntouched);
        }
    }

    fn stop_pod(&mut self, at: usize, set: &Set) {
        let pod = self.slots.get(at).and_then(|slot| slot.pod);
        let Some(pod) = pod.filter(|pod| !pod.orphan && !pod.leaving) else { return };
        // Whoever sleeps is asked to.
        if set.replicas > 0 || !self.history.slept {
            self.judge_stop(at);
        }
        if let Some(slot) = self.slot(at) {
            slot.pod = Some(Pod { leaving: true, ..pod });
        }
    }

    /// The least that nobody remembers a claim of the name by.
    fn new_uid(&self, at: usize) -> u8 {
        let lagging = self.cache.as_ref().and_then(|cache| cache.object);
        let objects = self.object.iter().chain(&lagging).map(|object| object.status);
        let plans = self.leader.iter().chain(&self.ghost).filter_map(|plan| plan.write);
        let all: Vec<_> = objects.chain(plans.flat_map(|(before, next)| [before, next])).collect();
        let known = |uid| {
            let left = all.iter().filter_map(|status| *status.removed.get(at)?);
            left.filter_map(|left| left.volume).any(|volume| volume == uid)
        };
        (0..u8::MAX).find(|uid| !known(*uid)).unwrap_or(u8::MAX)
    }

    /// The garbage collector takes what nobody owns any more.
    pub fn collect(&mut self) {
        let owner = self.object.map(|object| object.owner);
        if self.services != owner {
            self.services = None;
        }
        if self.set.is_some_and(|set| set.owner.is_some() && set.owner != owner) {
            self.lose_set();
        }
        let pods = self.slots.iter_mut().filter_map(|slot| slot.pod.as_mut());
        pods.filter(|pod| pod.orphan).for_each(|pod| pod.leaving = true);
    }

    /// The kubelets let go of the pods that are told to.
    pub fn remove_pods(&mut self) {
        let mut gone = Still::NONE;
        for (at, slot) in self.slots.iter_mut().enumerate() {
            if slot.pod.is_some_and(|pod| pod.leaving) {
                slot.pod = None;
                gone = gone.and(Still::pod(at));
            }
        }
        self.touch(gone);
    }

    /// Claims that nobody uses any more go.
    pub fn remove_claims(&mut self) {
        let mut gone = Still::NONE;
        for (at, slot) in self.slots.iter_mut().enumerate() {
            if slot.pod.is_none() && slot.claim.is_some_and(|claim| claim.leaving) {
                slot.claim = None;
                gone = gone.and(Still::claim(at));
            }
        }
        self.touch(gone);
    }

    /// The kubelet starts a member: the gate decides, and etcd runs or does not. A learner that runs
    /// catches up.
    pub fn start(&mut self, at: usize, real: &Real) {
        let slot = self.slots.get(at).copied().unwrap_or_default();
        let Some((mut pod, mut claim)) = slot.pod.zip(slot.claim) else { return };
        let placed = pod.stage != Stage::Waiting || !claim.leaving;
        if pod.stage == Stage::Running {
            return self.catch_up(at);
        }
        if pod.leaving || !placed {
            return;
        }
        if pod.stage == Stage::Waiting {
            self.age = 0;
        }
        let verdict = real.gate(&pod, &claim, at);
        pod.stage = real::stage(&verdict);
        // By the directive it has, like its flags.
        let birth = pod.told.birth;
        let written = false;
        match verdict {
            GateVerdict::New => {
                self.judge_birth(pod.told);
                claim.disk = Disk::Data { birth, id: 0, written };
            }
            // The others tell it who it is, as far as any of them runs.
            GateVerdict::Join => match self.admitted(birth, at) {
                Some(seat) => {
                    self.judge_joining(birth, seat);
                    claim.disk = Disk::Data { birth, id: seat.id, written };
                }
                None => pod.stage = Stage::Down,
            },
            // One that was taken out ends.
            GateVerdict::Existing if self.seat(at).is_none() => pod.stage = Stage::Down,
            GateVerdict::Existing
            | GateVerdict::DataLost { .. }
            | GateVerdict::StaleData { .. }
            | GateVerdict::NoDirective { .. }
            | GateVerdict::Unreadable { .. } => {}
        }
        pod.born |= pod.stage == Stage::Running;
        if let Some(slot) = self.slot(at) {
            (slot.pod, slot.claim) = (Some(pod), Some(claim));
        }
        if let Some(birth) = self.runs(at) {
            self.judge_quorum(birth);
        }
        if self.seat(at).is_some_and(|seat| seat.votes) {
            self.catch_up(at);
        }
    }

    /// The place that a member is given that has nothing.
    fn admitted(&self, birth: Birth, at: usize) -> Option<Seat> {
        let peers = (0..MEMBERS_MAX).any(|peer| peer != at && self.runs(peer) == Some(birth));
        self.roster(birth).seat(at).filter(|_| peers)
    }

    /// Whoever decides together has the same data.
    fn catch_up(&mut self, at: usize) {
        let Some(birth) = self.follows(at) else { return };
        let together: Vec<usize> = self.voting(birth).chain([at]).collect();
        if together.iter().any(|&at| self.lacks(at).is_none()) {
            for at in together {
                self.write_on(at);
            }
        }
    }

    /// The birth a member runs, if it lacks the write a client was promised.
    pub fn lacks(&self, at: usize) -> Option<Birth> {
        let disk = self.slots.get(at)?.claim?.disk;
        self.runs(at).filter(|_| !matches!(disk, Disk::Data { written: true, .. }))
    }

    fn write_on(&mut self, at: usize) {
        let claim = self.slot(at).and_then(|slot| slot.claim.as_mut());
        if let Some(Claim { disk: Disk::Data { written, .. }, .. }) = claim {
            *written = true;
        }
    }

    /// A client writes through the Service, where that leads to a member.
    pub fn write(&mut self) {
        let Some(owner) = self.services else { return };
        let sent = |at: usize| {
            let pod = self.slots.get(at).and_then(|slot| slot.pod);
            pod.is_some_and(|pod| pod.told.serving && pod.told.birth.owner == owner)
        };
        let Some((at, birth)) =
            (0..MEMBERS_MAX).filter(|&at| sent(at)).find_map(|at| Some((at, self.follows(at)?)))
        else {
            return;
        };
        self.judge_service(at);
        // A learner may be behind.
        let together: Vec<usize> = self.voting(birth).collect();
        for at in together {
            self.write_on(at);
        }
        if let Some(promised) = self.history.promised.get_mut(usize::from(birth.owner)) {
            *promised = Some(birth);
        }
    }

    /// Minutes pass in which nothing else does.
    pub fn wait(&mut self) {
        let started = |pod: &Pod| pod.stage != Stage::Waiting;
        let pods = || self.slots.iter().filter_map(|slot| slot.pod);
        // Without a pod there is nothing whose age could matter.
        if pods().next().is_none() {
            self.age = 0;
        } else if pods().any(|pod| started(&pod)) || self.age == 0 {
            self.age = (self.age + 1).min(2);
        }
        if let Some(object) = &mut self.object
            && object.status.step.is_some()
        {
            object.status.aged = true;
        }
    }
}
