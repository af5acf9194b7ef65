//! PURE. What the loop is told: when to look again, and what to announce.

use super::status::settled;
use super::{list, turn};
use crate::engine::{Known, Moved};
use crate::service::Kind;
use crate::service::etcd_cluster::Cluster;
use crate::service::etcd_cluster::decide::needs::lists_live;
use crate::service::etcd_cluster::decide::queries::listing::is_subject_out;
use crate::service::etcd_cluster::decide::vocabulary::{Reason, Step};
use crate::service::etcd_cluster::observe::observed::Observed;
use crate::service::etcd_cluster::worlds::bases::{formed, healthy, provisioned};
use crate::service::etcd_cluster::worlds::memberships::leaving;
use jiff::SignedDuration;
use std::time::Duration;
use strum::IntoEnumIterator;

const SOON: Duration = Duration::from_millis(250);
const LATER: Duration = Duration::from_secs(2);
const AT_REST: Duration = Duration::from_secs(60);

fn wait(to: Step, held: &[Reason], seen: &Observed) -> Duration {
    let mut settled = settled(to, vec![]);
    settled.held = held.to_vec();
    Cluster::look_again(seen, &settled)
}

#[test]
fn only_a_cluster_that_runs_and_lacks_nothing_is_left_alone_for_a_minute() {
    let rests = [Step::Steady, Step::Hibernated];
    for step in Step::iter().filter(|step| !rests.contains(step)) {
        assert!(wait(step, &[], &healthy(3)) <= LATER, "{step:?}");
    }
    assert_eq!(wait(Step::Steady, &[], &healthy(3)), AT_REST);
    assert_eq!(wait(Step::Hibernated, &[Reason::Hibernated], &healthy(3)), AT_REST);
    assert_eq!(wait(Step::Steady, &[Reason::MemberDown], &healthy(3)), LATER);
    let deleting = healthy(3).with(|seen| seen.deleting = true);
    assert_eq!(wait(Step::Steady, &[], &deleting), LATER);
}

/// Nothing has changed for so long.
fn lasting(seconds: i64) -> Observed {
    let since = |seen: &Observed| Some(seen.now - SignedDuration::from_secs(seconds));
    healthy(3).with(|seen| seen.memory.unchanged_since = since(seen))
}

#[test]
fn whatever_is_waited_for_a_day_is_looked_at_once_a_minute() {
    for step in Step::iter() {
        for reason in Reason::iter() {
            assert_eq!(wait(step, &[reason], &lasting(86_400)), AT_REST, "{step:?} {reason:?}");
        }
    }
}

#[test]
fn what_etcd_alone_can_change_is_looked_at_ever_less_and_what_is_watched_is_not() {
    for reason in [Reason::MemberDown, Reason::MemberAlarm, Reason::ForeignObject] {
        for (waited, seconds) in [(0, 2), (60, 6), (300, 30), (3600, 60)] {
            let wait = wait(Step::Steady, &[reason], &lasting(waited));
            assert_eq!(wait, Duration::from_secs(seconds), "{reason:?} for {waited} s");
        }
    }
    for reason in [Reason::Paused, Reason::SpecChangeTooLate] {
        assert_eq!(wait(Step::Steady, &[reason], &lasting(0)), AT_REST);
    }
    // What the operator is about itself is looked at quickly for as long as it usually takes.
    for step in [Step::CatchUp, Step::RemoveMember, Step::Evict] {
        assert_eq!(wait(step, &[Reason::LearnerBehind], &lasting(25)), SOON);
    }
}

#[test]
fn a_turn_that_moved_begins_to_wait_anew() {
    let mut moved = turn(Step::Steady, &lasting(86_400).with_down(&[0, 1]));
    assert_eq!((moved.to, moved.path.len()), (Step::QuorumLost, 1));
    assert_eq!(Cluster::look_again(&lasting(86_400), &moved), LATER);
    moved.path.clear();
    assert_eq!(Cluster::look_again(&lasting(86_400), &moved), AT_REST);
}

#[test]
fn where_something_is_in_doubt_pods_are_listed() {
    let steps = [Step::DropLearner, Step::RemoveMember, Step::Evict];
    for step in steps.into_iter().chain([Step::AwaitQuorum, Step::Bootstrap]) {
        assert!(
            !lists_live(false, Some(step), false) && lists_live(false, Some(step), true),
            "{step:?}"
        );
        assert!(lists_live(true, Some(step), false), "a cluster that is deleted");
    }
    let out = leaving().with(|seen| {
        let list = list(seen);
        list.voters.remove("a-2");
    });
    assert!(is_subject_out(&out) && !is_subject_out(&leaving()));
    let unknown = leaving().with(|seen| seen.members = Known::Unknown("timeout".to_owned()));
    assert!(!is_subject_out(&unknown), "a list that is not known shows nothing");
}

#[test]
fn etcd_is_asked_often_only_once_a_member_runs() {
    for step in [Step::AwaitQuorum, Step::Seal] {
        assert_eq!(wait(step, &[], &provisioned(3)), LATER);
        assert_eq!(wait(step, &[], &formed(3)), SOON);
    }
}

#[test]
fn a_move_into_trouble_is_a_warning_and_the_others_are_not() {
    let announced = |to: &str| {
        let (from, fact) = ("Running/Steady".to_owned(), "Looked".to_owned());
        Cluster::announce(&healthy(3), &Moved { from, fact, to: to.to_owned() })
    };
    for step in Step::iter() {
        let name: &str = step.into();
        let said = announced(&format!("Phase/{name}"));
        let trouble = matches!(
            step,
            Step::QuorumLost
                | Step::Bootstrap
                | Step::Corrupt
                | Step::Reset
                | Step::Evict
                | Step::DropLearner
        );
        assert_eq!(said.warning, trouble, "{step:?}");
        assert!(said.note.ends_with('.'), "{step:?} {said:?}");
    }
    let unknown = announced("Phase/Juggling");
    assert_eq!((unknown.warning, unknown.note.as_str()), (false, ""));
}
