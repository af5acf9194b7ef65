//! PURE. etcd's membership in the abstract world, and what the operator remembers of it.

use super::birth::{Birth, MEMBERS_MAX};
use crate::crd::OperationKind;

/// Of each ordinal, something or nothing.
pub type Each<T> = [Option<T>; MEMBERS_MAX];

/// Which of the members that ever were one is, as etcd's member ID tells them apart: all who began
/// the cluster are 0, whoever joined later is counted through.
pub type Id = u8;

/// A member as etcd lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Seat {
    /// Which.
    pub id: Id,
    /// Whether it votes.
    pub votes: bool,
}

/// The members of one cluster, by ordinal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Roster {
    /// Who there is.
    pub seats: Each<Seat>,
    /// How many ever joined.
    joined: u8,
    /// Whether the last who joined ever ran.
    ran: bool,
}

impl Roster {
    /// Those who begin a cluster.
    pub fn founded(birth: Birth) -> Self {
        let seat = |at| (at < usize::from(birth.size)).then_some(Seat { id: 0, votes: true });
        Self { seats: std::array::from_fn(seat), joined: 0, ran: false }
    }

    /// Who has this place.
    pub fn seat(&self, at: usize) -> Option<Seat> {
        self.seats.get(at).copied().flatten()
    }

    /// This very member, if it is one.
    pub fn member(&self, at: usize, id: Id) -> Option<Seat> {
        self.seat(at).filter(|seat| seat.id == id)
    }

    /// How many vote.
    pub fn voters(&self) -> usize {
        self.seats.iter().flatten().filter(|seat| seat.votes).count()
    }

    /// Whether there is one without a vote.
    pub fn has_learner(&self) -> bool {
        self.seats.iter().flatten().any(|seat| !seat.votes)
    }

    /// Somebody joins, without a vote.
    pub fn join(&mut self, at: usize) {
        self.joined += 1;
        self.ran = false;
        self.set(at, Some(Seat { id: self.joined, votes: false }));
    }

    /// A place is given, or taken.
    pub fn set(&mut self, at: usize, seat: Option<Seat>) {
        if let Some(place) = self.seats.get_mut(at) {
            *place = seat;
        }
    }

    /// A member starts with nothing. Says whether it votes and has forgotten what it had; the first
    /// members are the birth's matter.
    pub fn begins(&mut self, seat: Seat) -> bool {
        let joined = seat.id > 0;
        let again = joined && (seat.id < self.joined || self.ran);
        self.ran |= joined && seat.id == self.joined;
        seat.votes && again
    }
}

/// What is being done to a member, as the status has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Underway {
    /// What.
    pub kind: OperationKind,
    /// To whom, by ordinal; to nobody during a creation.
    pub member: Option<u8>,
    /// Members in whose places nothing was, one bit each.
    pub free: u8,
}

/// A member that was taken out, as the status has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Left {
    /// Which; none if it never joined.
    pub id: Option<Id>,
    /// The volume claim it had.
    pub volume: Option<u8>,
}
