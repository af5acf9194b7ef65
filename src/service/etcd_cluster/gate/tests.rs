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

#[test]
fn data_starts_without_a_directive_and_under_either_mode() {
    assert_eq!(of(&directive(Mode::New), &living()), GateVerdict::Existing);
    assert_eq!(of(&directive(Mode::Member), &living()), GateVerdict::Existing);
    assert_eq!(decide(Err(&DirectiveError::Missing), MEMBER, &living()), GateVerdict::Existing);
    let malformed = DirectiveError::Malformed(String::new());
    assert_eq!(decide(Err(&malformed), MEMBER, &living()), GateVerdict::Existing);
}

#[test]
fn data_starts_though_the_list_no_longer_names_the_member() {
    let unlisted = Directive { initial_cluster: OTHER_LIST.to_owned(), ..directive(Mode::Member) };
    assert_eq!(of(&unlisted, &living()), GateVerdict::Existing);
}

#[test]
fn data_of_an_earlier_birth_is_stale_and_both_births_are_named() {
    let disk = Disk { identity: identity("uid", 0, MEMBER), ..living() };
    let verdict = of(&directive(Mode::Member), &disk);
    assert_eq!(
        verdict,
        GateVerdict::StaleData {
            detail: "the volume holds data, with the identity.json of member demo-1, cluster uid, \
                     incarnation 0; expected member demo-1, cluster uid, incarnation 1"
                .to_owned()
        }
    );
}

#[test]
fn data_of_another_member_is_stale_even_without_a_directive() {
    let disk = Disk { identity: identity("uid", 1, "demo-0"), ..living() };
    let verdict = decide(Err(&DirectiveError::Missing), MEMBER, &disk);
    assert!(matches!(verdict, GateVerdict::StaleData { .. }));
}

#[test]
fn data_without_an_identity_is_stale() {
    let disk = Disk { identity: FoundIdentity::Absent, ..living() };
    assert!(matches!(of(&directive(Mode::Member), &disk), GateVerdict::StaleData { .. }));
}

#[test]
fn an_identity_without_data_is_lost_data() {
    let disk = Disk { identity: ours(), ..fresh() };
    let verdict = of(&directive(Mode::New), &disk);
    assert!(matches!(&verdict, GateVerdict::DataLost { detail } if detail.contains("identity")));
}

#[test]
fn an_empty_volume_in_a_pod_that_ran_etcd_is_lost_data() {
    let disk = Disk { born: true, ..fresh() };
    assert!(matches!(of(&directive(Mode::New), &disk), GateVerdict::DataLost { .. }));
}

#[test]
fn an_empty_volume_of_a_living_cluster_is_lost_data() {
    assert!(matches!(of(&directive(Mode::Member), &fresh()), GateVerdict::DataLost { .. }));
}

#[test]
fn an_empty_volume_without_a_directive_waits_for_one() {
    let verdict = decide(Err(&DirectiveError::Missing), MEMBER, &fresh());
    let detail = "the directive is missing".to_owned();
    assert_eq!(verdict, GateVerdict::NoDirective { detail });
}

#[test]
fn a_directive_for_a_new_cluster_that_records_one_is_no_directive() {
    let id = Some("cdf818194e3a8c32".to_owned());
    let recorded = Directive { cluster_id: id, ..directive(Mode::New) };
    assert!(matches!(of(&recorded, &fresh()), GateVerdict::NoDirective { .. }));
}

#[test]
fn a_directive_that_does_not_list_the_member_is_no_directive() {
    let unlisted = Directive { initial_cluster: OTHER_LIST.to_owned(), ..directive(Mode::New) };
    let verdict = of(&unlisted, &fresh());
    assert!(matches!(&verdict, GateVerdict::NoDirective { detail } if detail.contains(MEMBER)));
}

#[test]
fn our_half_restored_data_is_lost_and_anothers_is_left_alone() {
    let half = Disk { identity: ours(), contents: leftovers(), born: false };
    assert!(matches!(of(&directive(Mode::Member), &half), GateVerdict::DataLost { .. }));
    let unknown = Disk { identity: FoundIdentity::Absent, ..half };
    assert!(matches!(of(&directive(Mode::New), &unknown), GateVerdict::StaleData { .. }));
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
fn etcd_gets_the_state_the_list_and_the_token() {
    let directive = directive(Mode::New);
    let list = format!("--initial-cluster={LIST}");
    let token = "--initial-cluster-token=uid-1".to_owned();
    let expected = |state: &str| {
        let state = format!("--initial-cluster-state={state}");
        Outcome::Start(vec![state, list.clone(), token.clone()])
    };
    assert_eq!(outcome(&GateVerdict::New, Some(&directive)), expected("new"));
    assert_eq!(outcome(&GateVerdict::Existing, Some(&directive)), expected("existing"));
    let undirected = Outcome::Start(vec!["--initial-cluster-state=existing".to_owned()]);
    assert_eq!(outcome(&GateVerdict::Existing, None), undirected);
}

#[test]
fn every_refusal_has_an_exit_code_of_its_own() {
    let detail = String::new;
    let refusals = [
        GateVerdict::DataLost { detail: detail() },
        GateVerdict::StaleData { detail: detail() },
        GateVerdict::NoDirective { detail: detail() },
        unreadable(&"the disk is on fire"),
    ];
    let codes = refusals.map(|verdict| outcome(&verdict, None));
    assert_eq!(codes, [65, 66, 67, 68].map(Outcome::Refuse));
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
