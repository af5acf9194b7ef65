//! PURE. The laws of the model.

use strum::{EnumIter, IntoStaticStr};

/// A law.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, IntoStaticStr)]
pub enum Law {
    /// The members of a cluster that is recorded are not stopped.
    #[strum(serialize = "S1: members of a recorded cluster are not stopped")]
    MembersKept,
    /// Nobody is taken out whose vote is needed.
    #[strum(serialize = "S1: no change costs the quorum")]
    QuorumKept,
    /// One member at a time joins or leaves.
    #[strum(serialize = "S2: one change of the membership at a time")]
    OneChange,
    /// A volume goes only if no member needs it, if it never served, or if the user gave it up.
    #[strum(serialize = "S3: a volume goes only unneeded, unserved or given up")]
    DataKept,
    /// A learner gets its vote only with all that a client was promised.
    #[strum(serialize = "S4: only who is caught up gets a vote")]
    CaughtUp,
    /// No member is told to begin a cluster that is recorded.
    #[strum(serialize = "S5: nobody is told to begin what is recorded")]
    NewOnlyOnce,
    /// One cluster serves under one object, and it is the recorded one.
    #[strum(serialize = "S6: one cluster serves, the recorded one")]
    OneCluster,
    /// No quorum forms of members that lack what a client was promised.
    #[strum(serialize = "S6: no quorum without what was promised")]
    WritesKept,
    /// Who joined and votes never starts with nothing again.
    #[strum(serialize = "S6: no voter begins anew")]
    VotesRemembered,
    /// A birth that is recorded is not begun again.
    #[strum(serialize = "S7: what is recorded is not begun again")]
    BegunOnce,
    /// A birth is on record before its first member starts, and the next has a higher number.
    #[strum(serialize = "S8: births rise, and are recorded first")]
    BirthsRise,
    /// Who is taken out is known by ID, from a list that is proven.
    #[strum(serialize = "S9: who is taken out is known by ID")]
    KnownById,
    /// What is not known is no reason to delete anything, nor to call the quorum lost.
    #[strum(serialize = "S13: the unknown destroys nothing")]
    UnknownIsNothing,
    /// Nothing is done before it is on record, and only on the object it was decided on.
    #[strum(serialize = "S14: done only as recorded")]
    RecordedFirst,
    /// Nothing is decided on a paused object.
    #[strum(serialize = "S15: nothing is done while paused")]
    PauseHeld,
    /// A recorded identity never changes.
    #[strum(serialize = "I4: the identity stays")]
    IdentityStays,
    /// What belongs to others is not touched, nor begun around.
    #[strum(serialize = "I6: others are left alone")]
    OthersUntouched,
    /// The members of one birth are of one spec.
    #[strum(serialize = "I6: members are of one spec")]
    OneSpec,
    /// A cluster runs only when no member can begin anew.
    #[strum(serialize = "I11: it runs only fenced")]
    RunsFenced,
    /// A birth is recorded only without a member that refuses to start.
    #[strum(serialize = "I11: it is recorded only whole")]
    RecordedWhole,
    /// The machine comes to rest in every turn.
    #[strum(serialize = "I14: every turn settles")]
    Settles,
    /// A creation ends in Running or Failed, or waits for a person.
    #[strum(serialize = "L1: a creation runs or fails")]
    Created,
    /// There come to be as many members as are asked for.
    #[strum(serialize = "L2: as many members as are asked for")]
    Sized,
    /// A member that is lost is replaced, as long as the others are enough.
    #[strum(serialize = "L3: who is lost is replaced")]
    Healed,
    /// A quorum that is back is found.
    #[strum(serialize = "L4: a quorum that returns is found")]
    QuorumFound,
    /// What was begun with a member ends.
    #[strum(serialize = "L5: what is begun ends")]
    Ended,
    /// A crash changes nothing about the end.
    #[strum(serialize = "L8: a crash changes no end")]
    CrashForgotten,
    /// A deletion ends, and leaves what the user wants.
    #[strum(serialize = "L10: a deletion ends")]
    Deleted,
    /// Once nothing goes wrong any more, it comes to rest.
    #[strum(serialize = "I7: it comes to rest")]
    Rests,
    /// At rest the parts are what they should be.
    #[strum(serialize = "I7: at rest the parts are right")]
    PartsRight,
    /// Whoever waits says why.
    #[strum(serialize = "I12: whoever waits says why")]
    Explained,
}

impl Law {
    /// Whether it is about where it all ends.
    pub fn is_about_the_end(self) -> bool {
        match self {
            Self::Created
            | Self::Sized
            | Self::Healed
            | Self::QuorumFound
            | Self::Ended
            | Self::CrashForgotten
            | Self::Deleted
            | Self::Rests
            | Self::PartsRight
            | Self::Explained => true,
            Self::MembersKept
            | Self::QuorumKept
            | Self::OneChange
            | Self::DataKept
            | Self::CaughtUp
            | Self::VotesRemembered
            | Self::KnownById
            | Self::NewOnlyOnce
            | Self::OneCluster
            | Self::WritesKept
            | Self::BegunOnce
            | Self::BirthsRise
            | Self::UnknownIsNothing
            | Self::RecordedFirst
            | Self::PauseHeld
            | Self::IdentityStays
            | Self::OthersUntouched
            | Self::OneSpec
            | Self::RunsFenced
            | Self::RecordedWhole
            | Self::Settles => false,
        }
    }
}
