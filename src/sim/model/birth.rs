//! PURE. Births, and how many members there are at most.

/// One birth of one cluster. etcd's cluster ID follows from it, and from nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Birth {
    /// Which `EtcdCluster` of the name, from 0: its UID.
    pub owner: u8,
    /// Which birth of it, from 1.
    pub incarnation: u8,
    /// How many members begin it.
    pub size: u8,
}

/// The most members a modelled cluster has.
pub const MEMBERS_MAX: usize = 3;
