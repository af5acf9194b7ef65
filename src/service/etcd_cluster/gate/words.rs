//! PURE. The gate's verdicts in words. Every detail is bounded: a container's termination message
//! ends at 4096 bytes, and a line cut short could not be parsed.

use super::disk::{Contents, Disk, FoundIdentity};
use crate::crd::{Directive, GateVerdict};
use std::fmt::Display;

/// The longest detail, in characters. JSON may need six bytes for one.
const DETAIL_CHARS_MAX: usize = 600;

pub(super) const HALF: &str = "etcd's write-ahead log is missing, so the rest is of no use to it";
pub(super) const IDENTITY_ONLY: &str = "the identity is written before etcd first starts, so the data is gone or its first start \
     was cut short";
pub(super) const LIVES: &str = "the directive says that the cluster lives already";
pub(super) const BORN: &str = "etcd was already started in this pod";
pub(super) const CONTRADICTION: &str =
    "the directive asks for a new cluster and also records one that lives";

pub(super) fn lost(found: &str, why: &str) -> GateVerdict {
    GateVerdict::DataLost { detail: short(&format!("{found}: {why}")) }
}

pub(super) fn stale(found: &str, expected: &str) -> GateVerdict {
    GateVerdict::StaleData { detail: short(&format!("{found}; expected {expected}")) }
}

pub(super) fn undirected(why: &impl Display) -> GateVerdict {
    GateVerdict::NoDirective { detail: short(&why.to_string()) }
}

/// [`GateVerdict::Unreadable`] with a detail that fits a termination message.
pub fn unreadable(why: &impl Display) -> GateVerdict {
    GateVerdict::Unreadable { detail: short(&why.to_string()) }
}

pub(super) fn not_listed(member: &str, initial_cluster: &str) -> String {
    format!("the directive gives {member} no peer URL, it lists: {initial_cluster}")
}

/// What the volume holds.
pub(super) fn found(disk: &Disk) -> String {
    let contents = match &disk.contents {
        Contents::Empty => "the volume holds no data".to_owned(),
        Contents::Leftovers(names) => format!("the volume holds {names} and no write-ahead log"),
        Contents::Data => "the volume holds data".to_owned(),
    };
    let identity = match &disk.identity {
        FoundIdentity::Absent => "without identity.json".to_owned(),
        FoundIdentity::Garbled(why) => format!("with an identity.json that is damaged ({why})"),
        FoundIdentity::Written(identity) => format!(
            "with the identity.json of member {}, cluster {}, incarnation {}",
            identity.member, identity.cluster_uid, identity.incarnation
        ),
    };
    format!("{contents}, {identity}")
}

/// Whose volume it should be.
pub(super) fn expected(directive: Option<&Directive>, member: &str) -> String {
    match directive {
        Some(directive) => format!(
            "member {member}, cluster {}, incarnation {}",
            directive.cluster_uid, directive.incarnation
        ),
        None => format!("member {member}"),
    }
}

/// The verdict for a person: what is, why, and what to do. Goes to the container's log.
pub fn explain(verdict: &GateVerdict) -> String {
    match verdict {
        GateVerdict::New => "etcd starts on an empty volume to begin the cluster.".to_owned(),
        GateVerdict::Join => "etcd starts on an empty volume and joins the cluster.".to_owned(),
        GateVerdict::Existing => "etcd starts on the data it finds.".to_owned(),
        GateVerdict::DataLost { detail } => format!(
            "etcd is not started, because this member's data is lost: {detail}. An empty member \
             must not vote under its old name: it has to be replaced, or its volume brought back."
        ),
        GateVerdict::StaleData { detail } => format!(
            "etcd is not started, because the volume is another's: {detail}. Nothing was touched. \
             Give the member the right volume, or a fresh one if nobody needs this data."
        ),
        GateVerdict::NoDirective { detail } => format!(
            "etcd is not started, because nothing says what to do with an empty volume: {detail}. \
             The operator writes the directive; see that it runs and what it reports."
        ),
        GateVerdict::Unreadable { detail } => format!(
            "etcd is not started, because the volume cannot be used: {detail}. Nothing was lost \
             by this; mend the volume or its permissions and the member starts by itself."
        ),
    }
}

/// `text` cut to [`DETAIL_CHARS_MAX`], with a sign that it was.
fn short(text: &str) -> String {
    match text.char_indices().nth(DETAIL_CHARS_MAX) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
