//! PURE. Stories of members that come, go and are replaced.

use super::words::Deed::{
    Corrupt, Create, Crown, Delete, DeletePods, DeleteVolumes, Edit, Kill, LoseStatus, NoRoom,
    NodeDown, NodeGone, Room, TakeOut, Wipe, WriteStep,
};
use super::words::When::{Now, Rest, Step};
use super::words::{End, Story};

const ONE: &str = r#"{"size": 1, "storage": {"size": "1Gi"}}"#;
const THREE: &str = r#"{"size": 3, "storage": {"size": "1Gi"}}"#;
const FIVE: &str = r#"{"size": 5, "storage": {"size": "1Gi"}}"#;
const FIVE_DELETING: &str = r#"{"size": 5, "storage": {"size": "1Gi", "retention": "Delete"}}"#;
const THREE_DELETING: &str = r#"{"size": 3, "storage": {"size": "1Gi", "retention": "Delete"}}"#;
pub(super) const TO_0: &str = r#"{"size": 0}"#;
pub(super) const TO_1: &str = r#"{"size": 1}"#;
pub(super) const TO_3: &str = r#"{"size": 3}"#;
/// An even size is refused at admission; here it spares a member that would tell nothing new.
const TO_4: &str = r#"{"size": 4}"#;

/// Those stories.
pub const ALL: &[Story] = &[
    Story {
        name: "grow",
        about: "One member becomes three, one learner at a time.",
        deeds: &[(Now, Create(ONE)), (Rest, Edit(TO_3))],
        end: End::Healthy,
    },
    Story {
        name: "shrink",
        about: "Three members become one; the leader is among those that go.",
        deeds: &[(Now, Create(THREE)), (Rest, Crown(2)), (Now, Edit(TO_1))],
        end: End::Healthy,
    },
    Story {
        name: "shrink-with-data",
        about: "Five members become three, and the volumes of two are deleted.",
        deeds: &[(Now, Create(FIVE_DELETING)), (Rest, Edit(TO_3))],
        end: End::Healthy,
    },
    Story {
        name: "regrow",
        about: "A member's place is used again: what the last one left there goes first.",
        deeds: &[(Now, Create(THREE)), (Rest, Edit(TO_1)), (Rest, Edit(TO_3))],
        end: End::Healthy,
    },
    Story {
        name: "flapping",
        about: "The size asked for changes while members come and go.",
        deeds: &[
            (Now, Create(THREE)),
            (Rest, Edit(TO_4)),
            (Step("CatchUp"), Edit(TO_3)),
            (Step("DropLearner"), Edit(TO_4)),
            (Step("Promote"), Edit(TO_1)),
            (Step("RemoveMember"), Edit(TO_3)),
        ],
        end: End::Healthy,
    },
    Story {
        name: "unwanted",
        about: "No node has room for a member to come: etcd is asked for nothing, and nobody wants it any more.",
        deeds: &[(Now, Create(THREE)), (Now, NoRoom(&[3])), (Rest, Edit(TO_4)), (Rest, Edit(TO_3))],
        end: End::Healthy,
    },
    Story {
        name: "learner-wiped",
        about: "A learner's data is wiped before it votes: it is added once more.",
        deeds: &[(Now, Create(THREE)), (Rest, Edit(TO_4)), (Step("Promote"), Wipe(&[3]))],
        end: End::Healthy,
    },
    Story {
        name: "repair-before-shrink",
        about: "A member is away when another is to go: it is waited for.",
        deeds: &[
            (Now, Create(THREE)),
            (Rest, NoRoom(&[1])),
            (Now, DeletePods(&[1])),
            (Step("Steady"), Edit(TO_1)),
            (Rest, Room),
        ],
        end: End::Healthy,
    },
    Story {
        name: "wiped-while-growing",
        about: "A member's data is lost while another joins: one after the other.",
        deeds: &[
            (Now, Create(THREE)),
            (Rest, Edit(TO_4)),
            (Step("CatchUp"), Wipe(&[1])),
            (Now, Edit(TO_3)),
        ],
        end: End::Healthy,
    },
    Story {
        name: "wiped-while-shrinking",
        about: "A member's data is lost while another is to go: it is taken out first.",
        deeds: &[(Now, Create(THREE)), (Rest, Edit(TO_1)), (Step("RemoveMember"), Wipe(&[1]))],
        end: End::Healthy,
    },
    Story {
        name: "unwanted-in-between",
        about: "A member in between others is to be replaced, and nobody wants it any more.",
        deeds: &[
            (Now, Create(THREE_DELETING)),
            (Rest, TakeOut(1)),
            (Step("AddLearner"), Edit(TO_1)),
        ],
        end: End::Healthy,
    },
    Story {
        name: "taken-out",
        about: "Somebody takes a member out by hand: another takes its place.",
        deeds: &[(Now, Create(THREE)), (Rest, TakeOut(1))],
        end: End::Healthy,
    },
    Story {
        name: "node-down",
        about: "A node is down with a member's volume: it may come back, and is waited for.",
        deeds: &[(Now, Create(THREE)), (Rest, NodeDown(1))],
        end: End::Waits { step: "Steady", reason: "MemberDown" },
    },
    Story {
        name: "node-gone",
        about: "A node is gone for good with a member's volume: another takes its place.",
        deeds: &[(Now, Create(THREE)), (Rest, NodeDown(1)), (Rest, NodeGone(1))],
        end: End::Healthy,
    },
    Story {
        name: "bit-flipped",
        about: "The data of the member that leads is damaged: the majority tells, and it is replaced.",
        deeds: &[(Now, Create(THREE)), (Rest, Crown(2)), (Now, Corrupt(&[2]))],
        end: End::Healthy,
    },
    Story {
        name: "bits-flipped",
        about: "No two members hold the same data: a person has to tell whose is right.",
        deeds: &[(Now, Create(THREE)), (Rest, Corrupt(&[1, 2]))],
        end: End::Waits { step: "Corrupt", reason: "DataDiverges" },
    },
    Story {
        name: "bits-flipped-and-decided",
        about: "No two members hold the same data, and somebody takes two of them out.",
        deeds: &[
            (Now, Create(THREE)),
            (Rest, Corrupt(&[1, 2])),
            (Rest, TakeOut(1)),
            (Rest, TakeOut(2)),
        ],
        end: End::Healthy,
    },
    Story {
        name: "quorum-lost-while-growing",
        about: "Quorum is lost and returns while a member joins.",
        deeds: &[(Now, Create(THREE)), (Rest, Edit(TO_4)), (Step("CatchUp"), Kill(&[0, 1, 2]))],
        end: End::Healthy,
    },
    Story {
        name: "status-lost-while-growing",
        about: "The status is taken away while a member joins.",
        deeds: &[(Now, Create(ONE)), (Rest, Edit(TO_3)), (Step("CatchUp"), LoseStatus)],
        end: End::Healthy,
    },
    Story {
        name: "hibernate",
        about: "All members are stopped, and come back with their data.",
        deeds: &[(Now, Create(THREE)), (Rest, Edit(TO_0)), (Rest, Edit(TO_4))],
        end: End::Healthy,
    },
    Story {
        name: "asleep",
        about: "All members are stopped and stay so; somebody deletes a pod's volume.",
        deeds: &[
            (Now, Create(THREE)),
            (Rest, Edit(TO_0)),
            (Rest, DeleteVolumes(&[1])),
            (Rest, Edit(TO_3)),
        ],
        end: End::Healthy,
    },
    Story {
        name: "woken-without-first",
        about: "A member is being replaced when all are stopped; it is the only one asked for then.",
        deeds: &[
            (Now, Create(THREE)),
            (Rest, Wipe(&[0])),
            (Step("CleanSlot"), Edit(TO_0)),
            (Rest, Edit(TO_1)),
        ],
        end: End::Healthy,
    },
    Story {
        name: "deleted-asleep",
        about: "A cluster whose members are stopped is deleted.",
        deeds: &[(Now, Create(FIVE)), (Rest, Edit(TO_0)), (Rest, Delete)],
        end: End::Gone { volumes: true },
    },
    Story {
        name: "steps-of-scaling-overwritten",
        about: "Somebody writes steps of members that come and go into the status of one that rests.",
        deeds: &[
            (Now, Create(ONE)),
            (Rest, WriteStep("CatchUp")),
            (Rest, WriteStep("RemoveMember")),
            (Rest, WriteStep("Evict")),
            (Rest, WriteStep("ReleaseSlot")),
            (Rest, WriteStep("Hibernated")),
        ],
        end: End::Healthy,
    },
];
