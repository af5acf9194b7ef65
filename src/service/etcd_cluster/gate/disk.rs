//! PURE. A member's volume, as the gate finds it.

use crate::crd::Identity;

/// What stands in `identity.json`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FoundIdentity {
    /// There is no such file.
    Absent,
    /// There is one and it cannot be understood, for this reason.
    Garbled(String),
    /// The gate once wrote this.
    Written(Identity),
}

/// What the volume holds apart from `identity.json`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Contents {
    /// Nothing, a file system's own folders aside.
    Empty,
    /// Something that etcd would not recognise as its data, such as a database without a
    /// write-ahead log: a few of the names.
    Leftovers(String),
    /// A write-ahead log, by which etcd itself tells a member that has lived.
    Data,
}

/// All the gate knows besides the directive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disk {
    /// Whose data it is.
    pub identity: FoundIdentity,
    /// Whether there is any.
    pub contents: Contents,
    /// Whether etcd was already started in this pod: the marker is in the pod's own folder, which
    /// outlives a container and a wiped volume.
    pub born: bool,
}
