//! PURE. What the search looks through: where it begins, and all that may happen.

use super::moment::Deeds;
use super::operator::fault::{Fate, Sight, fates};
use super::story::Deed::{self, Create, Delete, Edit};
use super::story::When::Now;
use strum::IntoEnumIterator;

/// A part of all there is.
#[derive(Debug, PartialEq, Eq)]
pub struct Scope {
    /// By what it is chosen.
    pub name: &'static str,
    /// What happened before, until all was at rest.
    pub before: Deeds,
    /// What is done then; whatever happens, happens from here on.
    pub deeds: Deeds,
}

const ONE: &str = r#"{"size": 1, "storage": {"size": "1Gi"}}"#;
const ONE_DELETING: &str = r#"{"size": 1, "storage": {"size": "1Gi", "retention": "Delete"}}"#;
const THREE: &str = r#"{"size": 3, "storage": {"size": "1Gi"}}"#;
const TO_0: Deed = Edit(r#"{"size": 0}"#);
const TO_1: Deed = Edit(r#"{"size": 1}"#);
const TO_3: Deed = Edit(r#"{"size": 3}"#);
const PAUSE: Deed = Edit(r#"{"paused": true}"#);
const GO_ON: Deed = Edit(r#"{"paused": false}"#);

/// What may break, and what users and others may do to one member.
const ANYTHING: &[Deed] = &[
    TO_0,
    TO_1,
    TO_3,
    PAUSE,
    GO_ON,
    Delete,
    Create(ONE_DELETING),
    Deed::LoseStatus,
    Deed::DeletePods(&[0]),
    Deed::Kill(&[0]),
    Deed::Wipe(&[0]),
    Deed::DeleteVolumes(&[0]),
    Deed::TakeOut(0),
    Deed::DeleteSet,
    Deed::OrphanSet,
    Deed::DeleteOthers,
    Deed::ForeignService,
    Deed::Refuse,
    Deed::Accept,
];

/// Every scope.
pub const ALL: &[Scope] = &[
    Scope { name: "create-one", before: &[], deeds: &[(Now, Create(ONE_DELETING))] },
    Scope { name: "create-three", before: &[], deeds: &[(Now, Create(THREE))] },
    Scope { name: "one-to-three", before: &[(Now, Create(ONE))], deeds: &[(Now, TO_3)] },
    Scope { name: "three-to-one", before: &[(Now, Create(THREE))], deeds: &[(Now, TO_1)] },
    Scope { name: "three-to-zero", before: &[(Now, Create(THREE))], deeds: &[(Now, TO_0)] },
];

/// All that may happen in a scope: what somebody does, every fate of a write, and after a crash all that
/// the next operator may see.
pub fn events() -> impl Iterator<Item = Event> {
    let fates = fates().map(|fate| Event::Fault(fate, Sight::Fresh));
    let stale = Sight::iter().filter(|sight| *sight != Sight::Fresh);
    let stale = stale.map(|sight| Event::Fault(Fate::CrashAfter, sight));
    ANYTHING.iter().copied().map(Event::Deed).chain(fates).chain(stale)
}

/// The scope of this name.
pub fn named(name: &str) -> Option<&'static Scope> {
    ALL.iter().find(|scope| scope.name == name)
}

/// Something that may happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// Somebody does something, or something breaks.
    Deed(Deed),
    /// The next write meets a fault.
    Fault(Fate, Sight),
}
