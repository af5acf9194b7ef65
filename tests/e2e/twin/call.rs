//! SHELL. What can be asked of a cluster. Whom it concerns follows from the cluster's state alone,
//! so that the same call means the same on both sides.

use std::fmt::{Display, Formatter, Result};
use strum::EnumIter;

/// One call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter)]
pub enum Call {
    /// A learner, under a peer URL nobody has.
    Add,
    /// A learner, under the first member's peer URL.
    AddTaken,
    /// A learner, under what is no URL.
    AddNonsense,
    /// The learner; without one, the first voter.
    Promote,
    /// A member that there is not, or no longer.
    PromoteNobody,
    /// The last voter that does not lead.
    RemoveVoter,
    /// The leader.
    RemoveLeader,
    /// The learner.
    RemoveLearner,
    /// A member that there is not, or no longer.
    RemoveNobody,
    /// To the voter after the leader; if there is none, to itself.
    MoveLeader,
    /// To the learner.
    MoveToLearner,
    /// To a member that there is not, or no longer.
    MoveToNobody,
    /// The last member gets a peer URL nobody has, where it does not listen.
    Update,
    /// The last member gets the first one's peer URL.
    UpdateTaken,
    /// The last member gets what is no URL.
    UpdateNonsense,
    /// A member that there is not, or no longer, gets a peer URL.
    UpdateNobody,
    /// The learner's process is started.
    Start,
    /// The process of the last voter that does not lead is killed.
    Kill,
}

/// Who is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter)]
pub enum Via {
    /// The leader.
    Leader,
    /// The first voter that does not lead.
    Follower,
    /// The learner.
    Learner,
}

/// One step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A call that is expected to change something. All that can be seen is looked at after it.
    Take(Call, Via),
    /// A call that is expected to change nothing.
    Try(Call, Via),
    /// So many keys are written.
    Write(usize),
    /// A member is made to lead, which begins a new term if it does not.
    Lead(usize),
    /// Processes are killed.
    Kill(&'static [usize]),
    /// Disks are wiped.
    Wipe(&'static [usize]),
    /// Processes are started again, to begin a cluster or to join one if their disks are empty.
    Again(&'static [usize], Begin),
}

/// etcd's `--initial-cluster-state`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begin {
    /// `new`
    New,
    /// `existing`
    Existing,
}

impl Display for Step {
    fn fmt(&self, to: &mut Formatter<'_>) -> Result {
        match self {
            Self::Take(call, Via::Leader) => write!(to, "{call:?}"),
            Self::Take(call, via) => write!(to, "{call:?} via {via:?}"),
            Self::Try(call, via) => write!(to, "try {call:?} via {via:?}"),
            Self::Write(keys) => write!(to, "write {keys} keys"),
            Self::Lead(node) => write!(to, "have {} lead", letter(*node)),
            Self::Kill(nodes) => write!(to, "kill {}", letters(nodes)),
            Self::Wipe(nodes) => write!(to, "wipe {}", letters(nodes)),
            Self::Again(nodes, begin) => write!(to, "start {} {begin:?}", letters(nodes)),
        }
    }
}

fn letters(nodes: &[usize]) -> String {
    nodes.iter().map(|node| letter(*node)).collect()
}

/// What a member is called: the first one `a`.
pub fn letter(node: usize) -> char {
    u8::try_from(node).map_or('?', |node| char::from(b'a'.saturating_add(node)))
}
