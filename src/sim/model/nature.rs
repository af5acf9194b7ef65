//! PURE. What happens by itself: Kubernetes' controllers and kubelets, etcd, time and clients.

use super::laws::Law;
use super::real::{self, Real};
use super::still::Still;
use super::world::{Birth, Claim, Disk, MEMBERS_MAX, Pod, Stage, World};
use crate::crd::GateVerdict;

impl World {
    /// The `StatefulSet` controller makes the claims and pods that are missing.
    pub fn make_pods(&mut self) {
        let Some((set, owner)) = self.set.and_then(|set| Some((set, set.owner?))) else { return };
        let size = if set.peopled { set.told.birth.size } else { 0 };
        let members = self.slots.iter_mut().take(size.into());
        let mut taken_over = false;
        for slot in members {
            // A claim on its way out keeps the pod from being made.
            if slot.pod.is_some() || slot.claim.is_some_and(|claim| claim.leaving) {
                continue;
            }
            let incarnation = set.told.birth.incarnation;
            let fresh = Claim { owner, incarnation, leaving: false, disk: Disk::Empty };
            slot.claim.get_or_insert(fresh);
            let (stage, told) = (Stage::Waiting, set.told);
            slot.pod = Some(Pod { told, stage, leaving: false, born: false, orphan: false });
            taken_over |= slot.claim.is_some_and(|claim| claim.owner != owner);
        }
        if taken_over {
            self.breach(Law::OthersUntouched);
        }
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

    /// The kubelet starts a member: the gate decides, and etcd runs or does not.
    pub fn start(&mut self, at: usize, real: &Real) {
        let slot = self.slots.get(at).copied().unwrap_or_default();
        let Some((mut pod, mut claim)) = slot.pod.zip(slot.claim) else { return };
        let placed = pod.stage != Stage::Waiting || !claim.leaving;
        if pod.leaving || pod.stage == Stage::Running || !placed {
            return;
        }
        if pod.stage == Stage::Waiting {
            self.age = 0;
        }
        let verdict = real.gate(&pod, &claim, at);
        let (stage, begins) = real::stage(&verdict);
        pod.stage = stage;
        if verdict == GateVerdict::New {
            self.judge_birth(pod.told);
        }
        if begins {
            // By the directive it has, like its flags.
            let birth = pod.told.birth;
            claim.disk = Disk::Data { birth, written: false };
        }
        pod.born |= stage == Stage::Running;
        if let Some(slot) = self.slot(at) {
            (slot.pod, slot.claim) = (Some(pod), Some(claim));
        }
        self.judge_quorum(at);
        self.catch_up(at);
    }

    /// Whoever decides together has the same data.
    fn catch_up(&mut self, at: usize) {
        let Some(birth) = self.follows(at) else { return };
        let together = (0..MEMBERS_MAX).filter(|&at| self.runs(at) == Some(birth));
        let together: Vec<usize> = together.collect();
        if together.iter().any(|&at| self.lacks(at).is_none()) {
            self.write_on(&together, birth);
        }
    }

    /// The birth a member runs, if it lacks the write a client was promised.
    pub fn lacks(&self, at: usize) -> Option<Birth> {
        let disk = self.slots.get(at)?.claim?.disk;
        self.runs(at).filter(|_| !matches!(disk, Disk::Data { written: true, .. }))
    }

    fn write_on(&mut self, members: &[usize], birth: Birth) {
        for &at in members {
            if let Some(claim) = self.slot(at).and_then(|slot| slot.claim.as_mut()) {
                claim.disk = Disk::Data { birth, written: true };
            }
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
        let together = (0..MEMBERS_MAX).filter(|&at| self.runs(at) == Some(birth));
        let together: Vec<usize> = together.collect();
        self.write_on(&together, birth);
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
