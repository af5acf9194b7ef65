//! PURE. Mistakes planted on purpose, by name, and only in tests: whoever checks the operator has to
//! catch every one. In the program itself [`planted`] is always false.
//!
//! Most of them were really made, in this operator or in another; `design` calls them by their bug.

/// A mistake, and what it does.
pub type Mutant = (&'static str, &'static str);

/// Every mistake.
pub const ALL: &[Mutant] = &[
    ("NeverServed is true", "any birth may be cleared away, whoever was served by it"),
    ("VolumesNew is true", "volumes that are older than the status are taken for empty"),
    ("VolumesWhole is true", "a member that lost its volume with the status begins anew"),
    ("Fenced is true", "a cluster runs before its members know that they must have data"),
    ("MemberRefuses is false", "a birth is recorded with a member that never starts"),
    ("NamesFree is true", "a cluster is begun around a stranger's objects"),
    ("VolumesClean is true", "a namesake's volumes are taken over"),
    ("VolumesRetained is false", "volumes are deleted that were to be kept"),
    ("SpecCurrent is true", "members of another spec are mended into the present one"),
    ("Paused never", "a paused cluster is changed"),
    ("Deleted never", "a deletion is not seen"),
    ("FinalizerMissing never", "a finalizer whose write failed is never written"),
    ("PartsDrifted never", "what is deleted or changed by hand stays so"),
    ("PodsDrifted never", "pods are not told the recorded identity"),
    ("delete-without-uid", "a late deletion meets a namesake's objects"),
    ("update-without-expectation", "a late change goes over a newer one"),
    ("create-by-apply", "a late creation goes over what it has become"),
    ("status-after-actions", "actions run before they are on record"),
    ("status-without-version", "a decision on an old object is written onto a new one"),
    ("proof-skipped", "a decision without a status write is not held against the live object"),
    ("cache-is-truth", "what a watch does not show is taken for absent"),
    ("unknown-is-down", "a member that did not answer counts as dead"),
    ("gate-says-new", "an empty volume always begins a cluster"),
    ("mode-new-forever", "the directive still says new after the identity is recorded"),
    ("serving-from-the-start", "clients reach members before the identity is recorded"),
    ("resumed-as-new", "a member that lost its data with the status begins another cluster"),
    ("birth-not-counted", "a birth begun again has the same token as the last"),
    ("made-without-members", "a StatefulSet made again takes the members that live away"),
    ("OrphansLeft is false", "pods whose StatefulSet is gone are never cleared away"),
    ("OthersHealthy is true", "a member is taken out while another is away"),
    ("LearnerBorn is true", "a learner gets its vote while it may still begin with nothing"),
    ("caught-up-at-once", "a learner gets its vote before it has what a client was promised"),
    ("SlotClean is true", "a member joins on the volume of one that was taken out"),
    ("MemberOut never", "a member that is out is not seen to be"),
    ("LearnerListed never", "a learner whose answer was lost is not seen"),
    ("DataLost never", "a member whose data is lost is never replaced"),
    ("MemberVanished never", "a member that somebody took out is never replaced"),
    ("DataDiverges never", "a member whose data is damaged goes on voting"),
    ("AlarmOutlived never", "etcd refuses writes long after its data is mended"),
    (
        "time-is-proof",
        "a member that is away for long is replaced, whether or not it can come back",
    ),
    ("leader-is-right", "whose data differs from the leader's is taken for damaged"),
    ("disarm-first", "etcd is told that the data is the same before it is"),
    ("wake-forgotten", "a change of what an object owns brings no turn"),
    ("requeue-forgotten", "an object that waits for what no watch shows is looked at in an hour"),
    ("backoff-runaway", "an object whose turns fail for long is never looked at again"),
    ("selector-drift-ignored", "an entry in a selector cuts off all clients for good"),
];

#[cfg(test)]
mod chosen {
    use std::cell::Cell;

    thread_local! {
        static CHOSEN: Cell<Option<&'static str>> = const { Cell::new(None) };
    }

    /// Plants one mistake in this thread, or none.
    pub fn plant(name: Option<&'static str>) {
        CHOSEN.set(name);
    }

    /// What is planted in this thread.
    pub fn chosen() -> Option<&'static str> {
        CHOSEN.get()
    }
}

#[cfg(test)]
pub use chosen::{chosen, plant};

/// Plants nothing, outside tests.
#[cfg(not(test))]
pub const fn plant(_: Option<&'static str>) {}

/// What is planted in this thread: nothing, outside tests.
#[cfg(not(test))]
pub const fn chosen() -> Option<&'static str> {
    None
}

/// Whether this mistake is planted.
#[cfg(test)]
pub fn planted(name: &str) -> bool {
    chosen() == Some(name)
}

/// Whether this mistake is planted: never, outside tests.
#[cfg(not(test))]
#[inline]
pub const fn planted(_: &str) -> bool {
    false
}

/// A guard's answer, or the opposite, if just that lie about it is planted.
#[cfg(test)]
pub fn told(guard: &str, answer: bool) -> bool {
    match chosen().and_then(|name| name.strip_prefix(guard)) {
        Some(" is true") => true,
        Some(" is false") => false,
        _ => answer,
    }
}

/// A guard's answer.
#[cfg(not(test))]
#[inline]
pub const fn told(_: &str, answer: bool) -> bool {
    answer
}

/// Whether a fact is kept from the machine.
#[cfg(test)]
pub fn hidden(fact: &str) -> bool {
    chosen().and_then(|name| name.strip_prefix(fact)) == Some(" never")
}

/// Whether a fact is kept from the machine: never, outside tests.
#[cfg(not(test))]
#[inline]
pub const fn hidden(_: &str) -> bool {
    false
}

#[cfg(test)]
mod tests;
