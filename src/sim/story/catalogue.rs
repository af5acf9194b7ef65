//! PURE. Every story.

use super::memberships::{TO_0, TO_1, TO_3};
use super::words::Deed::{
    Accept, Blind, Create, Delete, DeleteOthers, DeletePods, DeleteSet, DeleteVolumes, Edit, Fill,
    ForeignService, ForeignServiceGone, Hold, Kill, LetGo, LoseStatus, Meddle, NoRoom, OrphanSet,
    Refuse, Room, Wait, Wipe, WriteDirectly, WriteStep,
};
use super::words::When::{Led, Now, Rest, Step};
use super::words::{End, Story};

const THREE: &str = r#"{"size": 3, "storage": {"size": "1Gi"}}"#;
const ONE: &str = r#"{"size": 1, "storage": {"size": "1Gi"}}"#;
const DELETING: &str = r#"{"size": 3, "storage": {"size": "1Gi", "retention": "Delete"}}"#;
const UNPULLABLE: &str = r#"{"size": 3, "storage": {"size": "1Gi"}, "repository": "missing/etcd"}"#;
const MENDED: &str = r#"{"repository": "gcr.io/etcd-development/etcd"}"#;
const OLDER: &str = r#"{"version": "3.5.35"}"#;
const NONE: &str = r#"{"size": 0, "storage": {"size": "1Gi"}}"#;
const ONCE: &str =
    r#"{"size": 3, "storage": {"size": "1Gi"}, "recoveryStrategy": {"maxRetries": 0}}"#;
const AGAIN: &str = r#"{"recoveryStrategy": {"maxRetries": 1}}"#;
const STALE: End = End::Waits { step: "Provision", reason: "StaleVolume" };

/// Every story.
pub const BIRTHS: &[Story] = &[
    Story {
        name: "create",
        about: "Three members are created.",
        deeds: &[(Now, Create(THREE))],
        end: End::Healthy,
    },
    Story {
        name: "create-one",
        about: "A cluster of one member is created.",
        deeds: &[(Now, Create(ONE))],
        end: End::Healthy,
    },
    Story {
        name: "delete",
        about: "A cluster is deleted and its volumes are kept.",
        deeds: &[(Now, Create(THREE)), (Rest, Delete)],
        end: End::Gone { volumes: true },
    },
    Story {
        name: "delete-with-data",
        about: "A cluster is deleted together with its volumes.",
        deeds: &[(Now, Create(DELETING)), (Rest, Delete)],
        end: End::Gone { volumes: false },
    },
    Story {
        name: "delete-unborn",
        about: "A cluster is deleted while its members start.",
        deeds: &[(Now, Create(DELETING)), (Step("AwaitQuorum"), Delete)],
        end: End::Gone { volumes: false },
    },
    Story {
        name: "namesake",
        about: "A deleted cluster's volumes are in the way of a new one of the same name.",
        deeds: &[(Now, Create(THREE)), (Rest, Delete), (Rest, Create(THREE))],
        end: STALE,
    },
    Story {
        name: "namesake-clean",
        about: "A cluster is deleted with its volumes, and created again under the same name.",
        deeds: &[(Now, Create(DELETING)), (Rest, Delete), (Rest, Create(DELETING))],
        end: End::Healthy,
    },
    Story {
        name: "image-missing",
        about: "The image cannot be pulled; the spec is mended and the birth begins again.",
        deeds: &[(Now, Create(UNPULLABLE)), (Rest, Edit(MENDED))],
        end: End::Healthy,
    },
    Story {
        name: "spec-changed-at-birth",
        about: "The version is changed while the members start: the birth begins again.",
        deeds: &[(Now, Create(THREE)), (Step("AwaitQuorum"), Edit(OLDER))],
        end: End::Healthy,
    },
    Story {
        name: "written-at-birth",
        about: "A client writes past the Service before the identity is recorded; then the spec changes.",
        deeds: &[
            (Now, NoRoom(&[2])),
            (Now, Create(THREE)),
            (Led, WriteDirectly),
            (Now, Edit(OLDER)),
        ],
        end: End::Waits { step: "AwaitQuorum", reason: "SpecChangeTooLate" },
    },
    Story {
        name: "straggler",
        about: "One member finds no node for ten minutes, and joins a cluster that serves.",
        deeds: &[(Now, NoRoom(&[2])), (Now, Create(THREE)), (Rest, Wait(600)), (Rest, Room)],
        end: End::Healthy,
    },
    Story {
        name: "wiped-at-birth",
        about: "A volume is wiped before the members formed a cluster: the birth is tried again.",
        deeds: &[(Now, NoRoom(&[1, 2])), (Now, Create(THREE)), (Rest, Wipe(&[0])), (Rest, Room)],
        end: End::Healthy,
    },
    Story {
        name: "pods-deleted",
        about: "All pods are deleted at once: quorum is lost, and returns with the data.",
        deeds: &[(Now, Create(THREE)), (Rest, DeletePods(&[0, 1, 2]))],
        end: End::Healthy,
    },
    Story {
        name: "members-killed",
        about: "Two members are killed, then the third.",
        deeds: &[(Now, Create(THREE)), (Rest, Kill(&[0, 1])), (Rest, Kill(&[2]))],
        end: End::Healthy,
    },
    Story {
        name: "data-wiped",
        about: "One member's data is wiped: another takes its place.",
        deeds: &[(Now, Create(THREE)), (Rest, Wipe(&[1]))],
        end: End::Healthy,
    },
    Story {
        name: "quorum-wiped",
        about: "Two members' data is wiped: nothing may begin a second, empty cluster.",
        deeds: &[(Now, Create(THREE)), (Rest, Wipe(&[0, 1]))],
        end: End::Waits { step: "QuorumLost", reason: "QuorumLost" },
    },
    Story {
        name: "volume-deleted",
        about: "One member's volume and pod are deleted: another takes its place.",
        deeds: &[(Now, Create(THREE)), (Rest, DeleteVolumes(&[1])), (Now, DeletePods(&[1]))],
        end: End::Healthy,
    },
    Story {
        name: "set-deleted",
        about: "The StatefulSet is deleted with its pods: made again, never begun again.",
        deeds: &[(Now, Create(THREE)), (Rest, DeleteSet)],
        end: End::Healthy,
    },
    Story {
        name: "set-orphaned",
        about: "The StatefulSet is deleted and its pods stay.",
        deeds: &[(Now, Create(THREE)), (Rest, OrphanSet)],
        end: End::Healthy,
    },
    Story {
        name: "orphaned-at-reset",
        about: "A birth is begun again, and somebody deletes its StatefulSet and leaves the pods.",
        deeds: &[(Now, Create(ONE)), (Led, Edit(OLDER)), (Step("Reset"), OrphanSet)],
        end: End::Healthy,
    },
    Story {
        name: "delete-orphaned",
        about: "The StatefulSet is deleted and its pods stay, and then the cluster is deleted.",
        deeds: &[(Now, Create(ONE)), (Rest, OrphanSet), (Now, Delete)],
        end: End::Gone { volumes: true },
    },
    Story {
        name: "children-changed",
        about: "Services and budget are deleted, StatefulSet, selector and finalizer changed by hand.",
        deeds: &[(Now, Create(THREE)), (Rest, DeleteOthers), (Rest, Meddle)],
        end: End::Healthy,
    },
    Story {
        name: "status-lost",
        about: "The status is taken away: the identity is taken from the template again.",
        deeds: &[(Now, Create(THREE)), (Rest, LoseStatus)],
        end: End::Healthy,
    },
    Story {
        name: "status-lost-at-birth",
        about: "The status is taken away while the identity is being sealed.",
        deeds: &[(Now, Create(THREE)), (Step("Seal"), LoseStatus)],
        end: End::Healthy,
    },
    Story {
        name: "status-lost-at-reset",
        about: "The status is taken away once nothing of a birth is left: births are counted anew.",
        deeds: &[
            (Now, Create(ONE)),
            (Led, Edit(OLDER)),
            // Nothing comes of it: it tells the second Provision from the first.
            (Step("Reset"), Room),
            (Step("Provision"), LoseStatus),
        ],
        end: End::Healthy,
    },
    Story {
        name: "status-and-set-lost",
        about: "Status and StatefulSet are lost, and then fewer members are asked for: no data goes.",
        deeds: &[
            (Now, Create(THREE)),
            (Rest, DeleteSet),
            (Now, LoseStatus),
            (Step("AwaitQuorum"), Edit(TO_1)),
            (Rest, Edit(TO_3)),
        ],
        end: End::Healthy,
    },
    Story {
        name: "all-lost-and-fewer",
        about: "Status, StatefulSet and the size are lost at once; the members wait until it is set back.",
        deeds: &[
            (Now, Create(THREE)),
            (Rest, DeleteSet),
            (Now, LoseStatus),
            (Now, Edit(TO_1)),
            (Rest, Edit(TO_3)),
        ],
        end: End::Healthy,
    },
    Story {
        name: "all-lost-and-a-volume",
        about: "Status, StatefulSet and a volume are lost: nobody is started who would begin anew.",
        deeds: &[
            (Now, Create(THREE)),
            (Rest, Edit(TO_0)),
            (Rest, DeleteSet),
            (Now, LoseStatus),
            (Now, DeleteVolumes(&[1])),
            (Now, Edit(TO_3)),
        ],
        end: End::Waits { step: "Provision", reason: "VolumeMissing" },
    },
    Story {
        name: "all-lost-and-the-data",
        about: "Status, StatefulSet and the only member's data are lost: no other cluster begins.",
        deeds: &[(Now, Create(ONE)), (Rest, LoseStatus), (Now, DeleteSet), (Now, Wipe(&[0]))],
        end: End::Waits { step: "Bootstrap", reason: "MemberDataLost" },
    },
    Story {
        name: "all-lost-and-one-wiped",
        about: "Status, StatefulSet and one member's data are lost: the others go on, and it is replaced.",
        deeds: &[(Now, Create(THREE)), (Rest, LoseStatus), (Now, DeleteSet), (Now, Wipe(&[1]))],
        end: End::Healthy,
    },
    Story {
        name: "all-lost-while-growing",
        about: "Status and StatefulSet are lost while a member is to join: it begins no other cluster.",
        deeds: &[
            (Now, Create(ONE)),
            (Rest, Edit(TO_3)),
            (Step("AddLearner"), LoseStatus),
            (Now, DeleteSet),
            (Rest, Edit(TO_1)),
            (Rest, Edit(TO_3)),
        ],
        end: End::Healthy,
    },
    Story {
        name: "status-lost-and-orphans",
        about: "Status and StatefulSet are lost and the pods stay: they go on serving.",
        deeds: &[(Now, Create(THREE)), (Rest, LoseStatus), (Now, OrphanSet)],
        end: End::Healthy,
    },
    Story {
        name: "status-lost-and-fewer",
        about: "Status and StatefulSet are lost, the pods stay, and fewer are asked for: none is stopped.",
        deeds: &[
            (Now, Create(THREE)),
            (Rest, LoseStatus),
            (Now, OrphanSet),
            (Now, Edit(TO_1)),
            (Rest, Edit(TO_3)),
        ],
        end: End::Healthy,
    },
    Story {
        name: "status-lost-at-second-birth",
        about: "The status is taken away while the members of a second birth start.",
        deeds: &[
            (Now, Create(THREE)),
            (Led, Edit(OLDER)),
            // Nothing comes of it: it tells the second birth from the first.
            (Step("Reset"), Room),
            (Step("AwaitQuorum"), LoseStatus),
        ],
        end: End::Healthy,
    },
    Story {
        name: "paused",
        about: "While the object is paused a Service is deleted; it is mended afterwards.",
        deeds: &[
            (Now, Create(THREE)),
            (Rest, Edit(r#"{"paused": true}"#)),
            (Rest, DeleteOthers),
            (Rest, Edit(r#"{"paused": false}"#)),
        ],
        end: End::Healthy,
    },
    Story {
        name: "api-refuses",
        about: "The API server refuses every write for minutes; once it does not, Services are made again.",
        deeds: &[(Now, Create(THREE)), (Rest, Refuse), (Now, DeleteOthers), (Rest, Accept)],
        end: End::Healthy,
    },
    Story {
        name: "unseen",
        about: "The operator reaches no member any more; for clients nothing has changed.",
        deeds: &[(Now, Create(THREE)), (Rest, Blind)],
        end: End::Waits { step: "Steady", reason: "MembersUnseen" },
    },
    Story {
        name: "no-space",
        about: "A member's database is full: nothing is written any more, and the status says so.",
        deeds: &[(Now, Create(THREE)), (Rest, Fill)],
        end: End::Waits { step: "Steady", reason: "MemberAlarm" },
    },
    Story {
        name: "foreign-service-stays",
        about: "A Service of somebody else has our name: nothing is made, and a condition says why.",
        deeds: &[(Now, ForeignService), (Now, Create(THREE))],
        end: End::Waits { step: "Provision", reason: "ForeignObject" },
    },
    Story {
        name: "foreign-service",
        about: "A Service of somebody else has our name; it is not touched, and goes away.",
        deeds: &[(Now, ForeignService), (Now, Create(THREE)), (Rest, ForeignServiceGone)],
        end: End::Healthy,
    },
    Story {
        name: "size-zero",
        about: "No member is asked for, and nothing is made; then three are.",
        deeds: &[(Now, Create(NONE)), (Rest, Edit(r#"{"size": 3}"#))],
        end: End::Healthy,
    },
    Story {
        name: "retries-exhausted",
        about: "A volume is wiped before the members formed a cluster, and no further try is allowed; then one is.",
        deeds: &[
            (Now, NoRoom(&[1, 2])),
            (Now, Create(ONCE)),
            (Rest, Wipe(&[0])),
            (Now, Room),
            (Rest, Edit(AGAIN)),
        ],
        end: End::Healthy,
    },
    Story {
        name: "respec-after-failure",
        about: "A birth failed for good; another spec begins it again.",
        deeds: &[
            (Now, NoRoom(&[1, 2])),
            (Now, Create(ONCE)),
            (Rest, Wipe(&[0])),
            (Now, Room),
            (Rest, Edit(OLDER)),
        ],
        end: End::Healthy,
    },
    Story {
        name: "failed-after-write",
        about: "A client writes past the Service, then a birth fails: what was written is never cleared away.",
        deeds: &[
            (Now, NoRoom(&[2])),
            (Now, Create(THREE)),
            (Led, WriteDirectly),
            (Now, Wipe(&[0])),
            (Now, Room),
        ],
        end: End::Waits { step: "Bootstrap", reason: "MemberDataLost" },
    },
    Story {
        name: "quorum-lost-again",
        about: "Members are killed while the identity is sealed, and again while a lost quorum returns.",
        deeds: &[
            (Now, Create(THREE)),
            (Step("Seal"), Kill(&[0, 1])),
            (Rest, DeletePods(&[0, 1, 2])),
            (Step("Settle"), Kill(&[0, 1])),
        ],
        end: End::Healthy,
    },
    Story {
        name: "delete-lost",
        about: "A cluster that lost quorum for good is deleted together with its volumes.",
        deeds: &[(Now, Create(DELETING)), (Rest, Wipe(&[0, 1])), (Rest, Delete)],
        end: End::Gone { volumes: false },
    },
    Story {
        name: "delete-held",
        about: "A deleted cluster stays for a finalizer of somebody else: it is left alone.",
        deeds: &[(Now, Create(THREE)), (Rest, Hold), (Now, Delete), (Rest, LetGo)],
        end: End::Gone { volumes: true },
    },
    Story {
        name: "respec-too-late",
        about: "The version is changed past admission while the cluster runs: nothing is touched.",
        deeds: &[(Now, Create(THREE)), (Rest, Edit(OLDER))],
        end: End::Waits { step: "Steady", reason: "SpecChangeTooLate" },
    },
    Story {
        name: "name-taken",
        about: "The client Service is deleted, and somebody else takes its name.",
        deeds: &[(Now, Create(THREE)), (Rest, DeleteOthers), (Now, ForeignService)],
        end: End::Waits { step: "Steady", reason: "ForeignObject" },
    },
    Story {
        name: "status-lost-after-retry",
        about: "The status of a second birth is taken away: its members are still those of the second.",
        deeds: &[
            (Now, Create(UNPULLABLE)),
            (Rest, Edit(MENDED)),
            (Rest, LoseStatus),
            (Rest, Kill(&[0, 1, 2])),
        ],
        end: End::Healthy,
    },
    Story {
        name: "step-overwritten",
        about: "Somebody writes a step of a birth into the status of a cluster that runs.",
        deeds: &[
            (Now, Create(THREE)),
            (Rest, WriteStep("Provision")),
            (Rest, WriteStep("AwaitQuorum")),
            (Rest, WriteStep("Reset")),
            (Rest, WriteStep("Bootstrap")),
        ],
        end: End::Healthy,
    },
    Story {
        name: "step-overwritten-at-birth",
        about: "Somebody writes steps of a cluster that runs into the status of one that is not born.",
        deeds: &[
            (Now, ForeignService),
            (Now, Create(THREE)),
            (Rest, WriteStep("Seal")),
            (Rest, WriteStep("Steady")),
            (Rest, WriteStep("QuorumLost")),
            (Rest, WriteStep("Settle")),
            (Now, NoRoom(&[1, 2])),
            (Now, ForeignServiceGone),
            (Rest, WriteStep("Seal")),
            (Rest, WriteStep("Steady")),
            (Rest, WriteStep("QuorumLost")),
            (Rest, WriteStep("Settle")),
            (Rest, Room),
        ],
        end: End::Healthy,
    },
];
