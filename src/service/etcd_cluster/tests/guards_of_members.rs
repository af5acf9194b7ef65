//! PURE. Each guard about members that come and go both ways, and what it says it looked at.

use super::cases::{Case, in_step};
use super::{list, look};
use crate::service::etcd_cluster::decide::vocabulary::Guard;
use crate::service::etcd_cluster::observe::observed::Observed;
use crate::service::etcd_cluster::worlds::bases::healthy;
use crate::service::etcd_cluster::worlds::memberships::{
    growing, joining, leaving, outvoted, refilling, removed,
};

pub(super) fn of_a_member(guard: Guard) -> Option<(Case, Case)> {
    let unborn = || growing().with(|seen| seen.memory.unborn = ["a-3".to_owned()].into());
    Some(match guard {
        Guard::ListExact => {
            let learner = "asked for a-0, a-1, a-2";
            ((healthy(3), learner), (growing(), "a-3 as a learner"))
        }
        Guard::MemberRecorded => {
            ((growing(), "a-3 is listed as a learner"), (joining(), "a-3 is not listed"))
        }
        Guard::LearnerBorn => ((growing(), "raft index 90"), (unborn(), "never seen to run")),
        Guard::StepOnRecord => (
            (in_step("Promote", 1), "in Promote for 1 s"),
            (in_step("CatchUp", 1), "in CatchUp for 1 s"),
        ),
        Guard::OthersHealthy => (
            (leaving().with_down(&[2]), "2 of 3 follow one leader; a-2 is listed with a vote"),
            (leaving().with_down(&[1]), "2 of 3 follow one leader; a-2 is listed with a vote"),
        ),
        Guard::VictimLeads => {
            let led = |by: &str| {
                leaving()
                    .with(|seen| (0..3).for_each(|at| look(seen, at).leader = Some(by.to_owned())))
            };
            (
                (led("m2"), "a-2 is listed with a vote, leads"),
                (led("m1"), "a-2 is listed with a vote, answers"),
            )
        }
        Guard::VictimHealthy => (
            (leaving(), "answers at raft index 100, the members' hashes were not asked for"),
            (outvoted(), "answers at raft index 100, at revision 7"),
        ),
        Guard::VictimLost => (
            (outvoted(), "a-1 has hash 00000001, a-2 has hash 00000002"),
            (leaving().with_down(&[2]).with_hashes(&[1, 1]), "does not answer"),
        ),
        Guard::LeaderReached => {
            let lost = healthy(3).with(|seen| seen.pods.get_mut(&0).unwrap().address = None);
            ((healthy(3), "http://10.0.0.0:2379"), (lost, "no address of the leader"))
        }
        Guard::SubjectListed => {
            ((leaving(), "a-2 is listed with a vote"), (joining(), "a-3 is not listed"))
        }
        Guard::VotersKnown => {
            let stranger = healthy(3)
                .with(|seen| drop(list(seen).voters.insert("b-0".to_owned(), "x".to_owned())));
            ((healthy(3), "listed a-0, a-1, a-2"), (stranger, "b-0"))
        }
        Guard::StrayOurs => {
            let stray = |name: &str| {
                let name = name.to_owned();
                healthy(3).with(|seen| drop(list(seen).learners.insert("x".to_owned(), name)))
            };
            ((stray("a-4"), "a-4 as a learner"), (stray("b-4"), "b-4 as a learner"))
        }
        Guard::RecyclesLeft => {
            let spent = |times| growing().with(|seen| seen.memory.attempts = times);
            ((spent(2), "2 of 3 used"), (spent(3), "3 of 3 used"))
        }
        _ => return None,
    })
}

pub(super) fn of_the_data(guard: Guard) -> Option<(Case, Case)> {
    Some(match guard {
        Guard::HashesEqual => (
            (healthy(3).with_hashes(&[1, 1, 1]), "at revision 7 a-0 has hash 00000001"),
            (healthy(3).with_hashes(&[1, 1]), "a-1 has hash 00000001"),
        ),
        Guard::HashMajority => (
            (healthy(3).with_hashes(&[2, 1, 1]), "a-0 has hash 00000002"),
            (healthy(3).with_hashes(&[1, 2]), "a-1 has hash 00000002"),
        ),
        Guard::DataAgrees => {
            let corrupt = healthy(3).with(|seen| look(seen, 1).errors.push("CORRUPT".to_owned()));
            ((healthy(3), "no member reports"), (corrupt, "a-1 reports CORRUPT"))
        }
        _ => return None,
    })
}

pub(super) fn of_a_slot(guard: Guard) -> Option<(Case, Case)> {
    let sized = |seen: Observed, size| seen.with(|seen| seen.spec.size = size);
    let refilled = refilling;
    Some(match guard {
        Guard::SlotWanted => {
            ((sized(joining(), 4), "spec.size 4, a-3"), (sized(joining(), 3), "spec.size 3, a-3"))
        }
        Guard::SlotOurs => {
            let stale =
                refilled().with(|seen| seen.volumes.get_mut(&2).unwrap().incarnation = Some(2));
            ((refilled(), "data-a-2 volume-2"), (stale, "data-a-2 volume-2"))
        }
        Guard::SlotReached => {
            let unnamed = joining().with(|seen| seen.pods.get_mut(&3).unwrap().named = false);
            (
                (joining(), "pod a-3 is there"),
                (unnamed, "the name a-3 does not lead to its pod yet"),
            )
        }
        Guard::SlotClean => {
            let fresh = refilled()
                .with(|seen| "volume-9".clone_into(&mut seen.volumes.get_mut(&2).unwrap().uid));
            (
                (fresh, "data-a-2 volume-9, left behind was volume-2"),
                (refilled(), "data-a-2 volume-2, left behind was volume-2"),
            )
        }
        Guard::SlotLeaving => {
            let leaving = refilled().with(|seen| {
                seen.volumes.get_mut(&2).unwrap().deleting = true;
                seen.pods.get_mut(&2).unwrap().deleting = true;
            });
            ((leaving, "data-a-2 on its way out"), (refilled(), "data-a-2 volume-2"))
        }
        Guard::NothingUnused => {
            let unused = sized(joining(), 3).with(|seen| {
                seen.memory.operation.as_mut().unwrap().free = ["a-3".to_owned()].into();
            });
            ((joining(), "none"), (unused, "data-a-3"))
        }
        Guard::RemovedLeaving => {
            let kept = removed().with(|seen| seen.volumes.get_mut(&2).unwrap().deleting = true);
            let leaving = kept.clone().with(|seen| seen.pods.get_mut(&2).unwrap().deleting = true);
            (
                (leaving, "data-a-2 on its way out, listed live"),
                (kept, "data-a-2 on its way out, kept by its pod"),
            )
        }
        Guard::MoreMissing => (
            (sized(joining(), 5), "spec.size 5, 3 vote"),
            (sized(joining(), 3), "spec.size 3, 3 vote"),
        ),
        Guard::MoreSurplus => (
            (sized(leaving(), 1), "spec.size 1, 3 vote"),
            (sized(leaving(), 2), "spec.size 2, 3 vote"),
        ),
        Guard::SurplusGone => {
            let gone = removed().with(|seen| drop(seen.pods.remove(&2)));
            ((gone, "2 pods, listed live"), (removed(), "3 pods, listed live"))
        }
        Guard::RemovedGone => {
            let gone = removed().with(|seen| drop(seen.volumes.remove(&2)));
            ((gone, "none left, listed live"), (removed(), "data-a-2, kept by its pod"))
        }
        _ => return None,
    })
}
