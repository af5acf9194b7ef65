//! PURE. Every disk under every directive, then one test for each rule.

use super::*;
use std::collections::{BTreeMap, BTreeSet};

const MEMBER: &str = "demo-1";
const LIST: &str = "demo-0=http://demo-0.peer:2380,demo-1=http://demo-1.peer:2380";
const OTHER_LIST: &str = "demo-0=http://demo-0.peer:2380,demo-10=http://demo-1.peer:2380,demo-1=";

fn identity(cluster_uid: &str, incarnation: i64, member: &str) -> FoundIdentity {
    FoundIdentity::Written(Identity {
        cluster_uid: cluster_uid.to_owned(),
        incarnation,
        member: member.to_owned(),
    })
}

fn ours() -> FoundIdentity {
    identity("uid", 1, MEMBER)
}

fn leftovers() -> Contents {
    Contents::Leftovers("data/member".to_owned())
}

fn directive(mode: Mode) -> Directive {
    Directive {
        cluster_uid: "uid".to_owned(),
        incarnation: 1,
        mode,
        initial_cluster: LIST.to_owned(),
        members: BTreeMap::new(),
        unborn: BTreeSet::new(),
        cluster_id: None,
    }
}

/// A cluster that lives, in which this member never ran.
fn unborn() -> Directive {
    Directive {
        members: [(MEMBER.to_owned(), "8e9e05c52164694d".to_owned())].into(),
        unborn: [MEMBER.to_owned()].into(),
        cluster_id: Some("cdf818194e3a8c32".to_owned()),
        ..directive(Mode::Member)
    }
}

/// A volume with nothing on it, in a pod in which nothing ran.
fn fresh() -> Disk {
    Disk { identity: FoundIdentity::Absent, contents: Contents::Empty, born: false }
}

fn living() -> Disk {
    Disk { identity: ours(), contents: Contents::Data, born: true }
}

fn every_disk() -> Vec<Disk> {
    let identities = [
        FoundIdentity::Absent,
        FoundIdentity::Garbled("expected value".to_owned()),
        ours(),
        identity("other", 1, MEMBER),
        identity("uid", 2, MEMBER),
        identity("uid", 1, "demo-0"),
    ];
    let mut disks = Vec::new();
    for identity in identities {
        for contents in [Contents::Empty, leftovers(), Contents::Data] {
            for born in [false, true] {
                disks.push(Disk { identity: identity.clone(), contents: contents.clone(), born });
            }
        }
    }
    disks
}

fn every_directive() -> Vec<Result<Directive, DirectiveError>> {
    let mut directives = vec![
        Err(DirectiveError::Missing),
        Err(DirectiveError::Unreadable("permission denied".to_owned())),
        Err(DirectiveError::TooLong),
        Err(DirectiveError::Malformed("expected value".to_owned())),
    ];
    let recorded = BTreeMap::from([("demo-0".to_owned(), "8e9e05c52164694d".to_owned())]);
    for mode in [Mode::New, Mode::Member] {
        for initial_cluster in [LIST, OTHER_LIST, ""] {
            for members in [BTreeMap::new(), recorded.clone()] {
                for cluster_id in [None, Some("cdf818194e3a8c32".to_owned())] {
                    directives.push(Ok(Directive {
                        initial_cluster: initial_cluster.to_owned(),
                        members: members.clone(),
                        cluster_id,
                        ..directive(mode)
                    }));
                }
            }
        }
    }
    directives.push(Ok(unborn()));
    directives.push(Ok(Directive { mode: Mode::New, ..unborn() }));
    directives.push(Ok(Directive { unborn: ["demo-0".to_owned()].into(), ..unborn() }));
    directives
}

/// Every combination with its verdict.
fn every_case() -> Vec<(Disk, Result<Directive, DirectiveError>, GateVerdict)> {
    let mut cases = Vec::new();
    for disk in every_disk() {
        for directive in every_directive() {
            let verdict = decide(directive.as_ref(), MEMBER, &disk);
            cases.push((disk.clone(), directive, verdict));
        }
    }
    assert_eq!(cases.len(), 36 * 31);
    cases
}

fn of(directive: &Directive, disk: &Disk) -> GateVerdict {
    decide(Ok(directive), MEMBER, disk)
}

fn detail(verdict: &GateVerdict) -> &str {
    match verdict {
        GateVerdict::New | GateVerdict::Join | GateVerdict::Existing => "",
        GateVerdict::DataLost { detail }
        | GateVerdict::StaleData { detail }
        | GateVerdict::NoDirective { detail }
        | GateVerdict::Unreadable { detail } => detail,
    }
}

#[test]
fn new_is_said_exactly_when_directive_volume_and_pod_agree_that_nothing_was_ever_here() {
    let newborn = Ok(directive(Mode::New));
    let mut births = 0;
    for (disk, directive, verdict) in every_case() {
        let expected = disk == fresh() && directive == newborn;
        assert_eq!(verdict == GateVerdict::New, expected, "{disk:?} {directive:?}");
        births += usize::from(expected);
    }
    assert_eq!(births, 1);
}

#[test]
fn join_is_said_exactly_where_a_member_that_never_ran_finds_nothing() {
    for (disk, directive, verdict) in every_case() {
        let expected = disk == fresh() && directive == Ok(unborn());
        assert_eq!(verdict == GateVerdict::Join, expected, "{disk:?} {directive:?}");
    }
    let joined = outcome(&GateVerdict::Join, Some(&unborn()));
    let Outcome::Start(flags) = joined else { panic!("{joined:?}") };
    assert!(flags.contains(&"--initial-cluster-state=existing".to_owned()), "{flags:?}");
}

#[test]
fn existing_is_said_exactly_where_data_has_this_members_identity() {
    for (disk, directive, verdict) in every_case() {
        let proven = match &directive {
            Ok(_) => disk.identity == ours(),
            Err(_) => matches!(&disk.identity,
                FoundIdentity::Written(identity) if identity.member == MEMBER),
        };
        let expected = proven && disk.contents == Contents::Data;
        assert_eq!(verdict == GateVerdict::Existing, expected, "{disk:?} {directive:?}");
    }
}

#[test]
fn a_refusal_says_why_in_words_that_fit_a_termination_message() {
    for (disk, directive, verdict) in every_case() {
        let refused = matches!(outcome(&verdict, directive.as_ref().ok()), Outcome::Refuse(_));
        assert_eq!(refused, !detail(&verdict).is_empty(), "{disk:?} {directive:?}");
        assert!(explain(&verdict).contains(detail(&verdict)));
    }
}

#[test]
fn what_is_not_empty_is_never_undirected_and_what_is_empty_is_never_stale() {
    for (disk, directive, verdict) in every_case() {
        let untouched = disk.contents == Contents::Empty && disk.identity == FoundIdentity::Absent;
        match verdict {
            GateVerdict::NoDirective { .. } => assert!(untouched, "{disk:?} {directive:?}"),
            GateVerdict::StaleData { .. } => assert_ne!(disk.contents, Contents::Empty),
            GateVerdict::Unreadable { .. } => panic!("the disk was read: {disk:?}"),
            _ => {}
        }
    }
}

/// Disk, directive, and the verdict with words of its detail.
#[test]
fn what_lies_on_a_disk_under_which_directive_comes_to_which_verdict() {
    let missing = || Err(DirectiveError::Missing);
    let (new, member) = (|| Ok(directive(Mode::New)), || Ok(directive(Mode::Member)));
    let unlisted =
        |mode| Ok(Directive { initial_cluster: OTHER_LIST.to_owned(), ..directive(mode) });
    let recorded =
        Directive { cluster_id: Some("cdf818194e3a8c32".to_owned()), ..directive(Mode::New) };
    let data_of = |identity| Disk { identity, ..living() };
    let half = |identity| Disk { identity, contents: leftovers(), born: false };
    let both_births = "the volume holds data, with the identity.json of member demo-1, cluster uid, \
                       incarnation 0; expected member demo-1, cluster uid, incarnation 1";
    let table = [
        // Data starts, also where the list no longer names the member.
        (living(), new(), "Existing", ""),
        (living(), member(), "Existing", ""),
        (living(), missing(), "Existing", ""),
        (living(), Err(DirectiveError::Malformed(String::new())), "Existing", ""),
        (living(), unlisted(Mode::Member), "Existing", ""),
        // Data of an earlier birth, of another member, of nobody.
        (data_of(identity("uid", 0, MEMBER)), member(), "StaleData", both_births),
        (data_of(identity("uid", 1, "demo-0")), missing(), "StaleData", ""),
        (data_of(FoundIdentity::Absent), member(), "StaleData", ""),
        // Nothing, where something was.
        (Disk { identity: ours(), ..fresh() }, new(), "DataLost", "identity"),
        (Disk { born: true, ..fresh() }, new(), "DataLost", ""),
        (fresh(), member(), "DataLost", ""),
        // Half restored: ours is lost, another's is left alone.
        (half(ours()), member(), "DataLost", ""),
        (half(FoundIdentity::Absent), new(), "StaleData", ""),
        // Nothing, and nobody says that it may begin.
        (fresh(), missing(), "NoDirective", "the directive is missing"),
        (fresh(), Ok(recorded), "NoDirective", ""),
        (fresh(), unlisted(Mode::New), "NoDirective", MEMBER),
    ];
    for (disk, directive, gate, words) in table {
        let verdict = decide(directive.as_ref(), MEMBER, &disk);
        let written = serde_json::to_value(&verdict).unwrap();
        assert_eq!(written["gate"], gate, "{disk:?} {directive:?}");
        assert!(detail(&verdict).contains(words), "{verdict:?}");
    }
}

#[test]
fn a_long_detail_is_cut_so_that_the_verdict_stays_one_readable_line() {
    let initial_cluster = "\u{1}".repeat(100_000);
    let verdict = of(&Directive { initial_cluster, ..directive(Mode::New) }, &fresh());
    let line = serde_json::to_string(&verdict).unwrap();
    assert!(line.len() < 4096, "{}", line.len());
    assert_eq!(serde_json::from_str::<GateVerdict>(&line).unwrap(), verdict);
}

#[test]
fn flags_that_would_overrule_the_gate_are_known() {
    for flag in [
        "--data-dir=/x",
        "-data-dir",
        "--wal-dir=/x",
        "--config-file=/x",
        "--initial-cluster-state=new",
        "--initial-cluster=a=b",
        "--discovery-srv=x",
        "--force-new-cluster",
    ] {
        assert!(is_reserved(flag), "{flag}");
    }
    for flag in ["--name=data-dir", "data-dir", "--initial-advertise-peer-urls=http://x", "-"] {
        assert!(!is_reserved(flag), "{flag}");
    }
}

#[test]
fn only_a_whole_and_harmless_text_is_a_directive() {
    let good = serde_json::to_string(&directive(Mode::New)).unwrap();
    assert_eq!(parse_directive(good.as_bytes()), Ok(directive(Mode::New)));
    assert_eq!(parse_directive(b" \n"), Err(DirectiveError::Missing));
    let long = vec![b' '; 65_537];
    assert_eq!(parse_directive(&[b"{".as_slice(), &long].concat()), Err(DirectiveError::TooLong));
    for bad in [
        good.replace("uid\"", "\""),
        good.replace("\"New\"", "\"Restore\""),
        good.replace("demo-0=", "demo\\u0000="),
        good.chars().take(20).collect(),
        "\u{fffd}".to_owned(),
    ] {
        let parsed = parse_directive(bad.as_bytes());
        assert!(matches!(parsed, Err(DirectiveError::Malformed(_))), "{bad}: {parsed:?}");
    }
}
