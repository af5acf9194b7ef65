//! PURE. What a change of the membership does, each under what etcd itself asks of it.

use super::birth::Birth;
use super::effects::Refused;
use super::roster::{Id, Roster, Seat};
use super::world::{Stage, World};
use crate::service::membership::has_quorum;

impl World {
    /// The members, if enough of them run to decide about a change.
    fn deciding(&self, birth: Birth) -> Result<Roster, Refused> {
        if self.decides(birth) { Ok(self.roster(birth)) } else { Err(Refused) }
    }

    /// Somebody joins, unless somebody is there. etcd lets in one at a time.
    pub fn add_learner(&mut self, birth: Birth, at: usize) -> Result<(), Refused> {
        let mut roster = self.deciding(birth)?;
        if roster.seat(at).is_some() {
            return Ok(());
        }
        if roster.has_learner() {
            return Err(Refused);
        }
        roster.join(at);
        self.change(birth, roster);
        Ok(())
    }

    /// This very member gets its vote, if it is there without one.
    pub fn promote(&mut self, birth: Birth, at: usize, id: Id) -> Result<(), Refused> {
        let mut roster = self.deciding(birth)?;
        if let Some(seat) = roster.member(at, id) {
            roster.set(at, Some(Seat { votes: true, ..seat }));
            self.change(birth, roster);
            self.judge_quorum(birth);
        }
        Ok(())
    }

    /// This very member is taken out, if it is there. etcd lets none go without whom those that run
    /// could decide nothing. One that is out ends.
    pub fn remove_member(&mut self, birth: Birth, at: usize, id: Id) -> Result<(), Refused> {
        let mut roster = self.deciding(birth)?;
        let Some(seat) = roster.member(at, id) else { return Ok(()) };
        let others = self.voting(birth).filter(|&other| other != at).count();
        let voters = roster.voters() - usize::from(seat.votes);
        if !has_quorum(voters, others) {
            return Err(Refused);
        }
        let runs = self.runs(at) == Some(birth) && self.seat(at) == Some(seat);
        roster.set(at, None);
        self.change(birth, roster);
        let pod = self.slot(at).and_then(|slot| slot.pod.as_mut()).filter(|_| runs);
        if let Some(pod) = pod {
            pod.stage = Stage::Down;
        }
        Ok(())
    }
}
