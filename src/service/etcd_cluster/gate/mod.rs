//! PURE. The member gate's decision: whether etcd may start on the volume it is given, and how.
//!
//! etcd's cluster and member IDs follow from the peer URLs and the token alone. A quorum of wiped
//! members that starts as `new` is therefore a second cluster under the first one's IDs, empty and
//! healthy to look at, and it locks out the members that still hold the data. So `new` is said only
//! when the directive, the volume and the pod all agree that nothing was ever here; data that
//! proves itself starts without anybody's leave; everything else is refused and nothing is deleted.

mod command;
mod directive;
mod disk;
#[cfg(test)]
mod tests;
mod words;

pub use command::*;
pub use directive::{DIRECTIVE_BYTES_MAX, DirectiveError, parse_directive};
pub use disk::{Contents, Disk, FoundIdentity};
pub use words::{explain, unreadable};

use crate::crd::{Directive, GateVerdict, Identity, Mode};
use crate::mutants::planted;

/// To whom `identity.json` says the volume belongs.
enum Owner {
    Nobody,
    Us,
    Another,
}

/// Decides whether etcd may start as `member` on `disk`.
///
/// # Guarantees
/// - `Existing` only where there is data whose identity is this member's. It needs no directive: the
///   data proves itself, so a member restarts while the operator is away.
/// - `New` only where the directive says so and records no cluster, the volume holds nothing,
///   and etcd never ran in this pod.
/// - `Join` only where the directive records a cluster and names the member as one that never ran,
///   the volume holds nothing, and etcd never ran in this pod.
/// - Every other combination is refused.
pub fn decide(
    directive: Result<&Directive, &DirectiveError>,
    member: &str,
    disk: &Disk,
) -> GateVerdict {
    let found = words::found(disk);
    let expected = words::expected(directive.ok(), member);
    match (&disk.contents, owner(&disk.identity, directive.ok(), member)) {
        (Contents::Data, Owner::Us) => GateVerdict::Existing,
        // Our own remains are lost data; anybody else's may be worth something to them.
        (Contents::Leftovers(_), Owner::Us) => words::lost(&found, words::HALF),
        (Contents::Data | Contents::Leftovers(_), Owner::Nobody | Owner::Another) => {
            words::stale(&found, &expected)
        }

        // The identity is written before etcd first starts, so this volume is not a fresh one.
        (Contents::Empty, Owner::Us | Owner::Another) => words::lost(&found, words::IDENTITY_ONLY),
        (Contents::Empty, Owner::Nobody) => begin(directive, member, disk.born),
    }
}

/// Decides about a volume with nothing on it.
fn begin(directive: Result<&Directive, &DirectiveError>, member: &str, born: bool) -> GateVerdict {
    let directive = match directive {
        Ok(directive) => directive,
        Err(error) => return words::undirected(error),
    };
    if !directive::lists(&directive.initial_cluster, member) {
        return words::undirected(&words::not_listed(member, &directive.initial_cluster));
    }
    if planted("gate-says-new") {
        return GateVerdict::New;
    }
    let recorded = directive.cluster_id.is_some() || !directive.members.is_empty();
    match (directive.mode, recorded, born) {
        // etcd itself admits it only through a peer, so this can never begin a second cluster.
        (Mode::Member, true, false) if directive.unborn.contains(member) => GateVerdict::Join,
        (Mode::Member, _, _) => words::lost("the volume is empty", words::LIVES),
        (Mode::New, true, _) => words::undirected(&words::CONTRADICTION),
        (Mode::New, false, true) => words::lost("the volume is empty", words::BORN),
        (Mode::New, false, false) => GateVerdict::New,
    }
}

/// Without a directive an identity is held against the member's name alone.
fn owner(found: &FoundIdentity, directive: Option<&Directive>, member: &str) -> Owner {
    let identity = match found {
        FoundIdentity::Absent => return Owner::Nobody,
        FoundIdentity::Garbled(_) => return Owner::Another,
        FoundIdentity::Written(identity) => identity,
    };
    let same_cluster = directive.is_none_or(|directive| {
        (&directive.cluster_uid, directive.incarnation)
            == (&identity.cluster_uid, identity.incarnation)
    });
    if same_cluster && identity.member == member { Owner::Us } else { Owner::Another }
}

/// What is written beside a member's data before etcd first starts.
pub fn identity_of(directive: &Directive, member: &str) -> Identity {
    Identity {
        cluster_uid: directive.cluster_uid.clone(),
        incarnation: directive.incarnation,
        member: member.to_owned(),
    }
}
