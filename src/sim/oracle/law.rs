//! PURE. What must always be so.

use serde::Serialize;
use strum::IntoStaticStr;

/// What must always be so.
///
/// S3 is I3 and S12 here: whatever was promised to a client. S13 and S14 are no laws of their own:
/// reads fail and status writes are refused in every story, and then the others must hold. I8 and
/// I9 are checked on a real cluster; I13, S4, S7, S9, S10 and S16 speak of what the machine does
/// not do yet.
///
/// # Source
/// The invariants of the fault catalogue (I) and of the operations study (S); the names are theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, IntoStaticStr, Serialize)]
pub enum Law {
    /// I1, S1: what the operator does takes no member away from a cluster that lives.
    QuorumKept,
    /// I2, S2: one learner at most.
    OneLearner,
    /// I3: data is deleted only when nobody can need it.
    DataKept,
    /// I4, S6: one cluster ID serves under one object.
    OneCluster,
    /// I5: an acknowledged write survives.
    WritesKept,
    /// I6: what belongs to others is not touched.
    OthersUntouched,
    /// I7: once faults stop, the world comes to rest where the undisturbed story does.
    Converges,
    /// I10: what is written stays small.
    Bounded,
    /// I11: the status claims nothing that is not so.
    StatusTrue,
    /// I12: whoever waits says why.
    WaitingExplained,
    /// I14: no turn ends in a fault of ours.
    NoFault,
    /// S5: no member is told to begin a cluster that lives already.
    NewOnlyOnce,
    /// S8: a birth is recorded before its first pod starts, and births only go up.
    BirthsRise,
    /// S11: etcd is told that the members' data is the same only when it is.
    DamageTold,
    /// S15: nothing is done while paused.
    PauseHeld,
    /// A change that a watch shows is looked at within seconds, and every object within a minute.
    Prompt,
    /// While nothing happens, an object is looked at ever less often.
    Calm,
}

/// One breach of a law.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Violation {
    /// Which.
    pub law: Law,
    /// What happened, for a person to read.
    pub what: String,
}

impl std::fmt::Display for Violation {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let law: &str = self.law.into();
        write!(out, "{law}: {}", self.what)
    }
}
