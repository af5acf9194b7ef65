//! PURE. What the loop is told: when to look again, and what to announce.

use super::status::{cluster, running, settled};
use super::turn;
use crate::engine::Moved;
use crate::service::Kind;
use crate::service::etcd_cluster::Cluster;
use crate::service::etcd_cluster::observed::Observed;
use crate::service::etcd_cluster::scenarios::{formed, healthy, provisioned};
use crate::service::etcd_cluster::vocabulary::{Reason, Step};
use std::time::Duration;
use strum::IntoEnumIterator;

const SOON: Duration = Duration::from_millis(250);
const LATER: Duration = Duration::from_secs(2);
const AT_REST: Duration = Duration::from_secs(60);
const AT_ODDS: Duration = Duration::from_secs(10);

fn wait(to: Step, held: &[Reason], seen: &Observed) -> Duration {
    let mut settled = settled(to, vec![]);
    settled.held = held.to_vec();
    Cluster::look_again(seen, &settled)
}

#[test]
fn only_a_cluster_that_runs_and_lacks_nothing_is_left_alone_for_a_minute() {
    let rests = [Step::Steady, Step::Hibernated];
    let odd = wait(Step::Corrupt, &[Reason::DataDiverges], &healthy(3));
    assert_eq!(odd, AT_ODDS, "each look reads all the members have");
    for step in Step::iter().filter(|step| !rests.contains(step) && *step != Step::Corrupt) {
        assert!(wait(step, &[], &healthy(3)) <= LATER, "{step:?}");
    }
    assert_eq!(wait(Step::Steady, &[], &healthy(3)), AT_REST);
    assert_eq!(wait(Step::Hibernated, &[Reason::Hibernated], &healthy(3)), AT_REST);
    assert_eq!(wait(Step::Steady, &[Reason::MemberDown], &healthy(3)), LATER);
    let deleting = healthy(3).with(|seen| seen.deleting = true);
    assert_eq!(wait(Step::Steady, &[], &deleting), LATER);
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

#[test]
fn a_lost_quorum_is_announced_with_the_members_that_are_down() {
    let seen = healthy(3).with_down(&[0, 2]);
    let lost = turn(Step::Steady, &seen);
    let said = Cluster::announce(&seen, &lost.path[0]);
    assert!(said.warning && said.note.contains("a-0: unreachable. a-2: unreachable."), "{said:?}");
}

#[test]
fn the_loop_reads_the_step_and_the_status_off_the_object_and_writes_the_next() {
    let (new, old) = (cluster(3), running());
    assert_eq!((Cluster::recorded(&new), Cluster::status(&new)), (None, None));
    assert_eq!(Cluster::recorded(&old), Some("Steady"));
    assert_eq!(Cluster::status(&old), old.status.as_ref());
    let steady = turn(Step::Steady, &healthy(3));
    assert_eq!(Some(Cluster::next_status(&old, &healthy(3), &steady)), old.status);
}
