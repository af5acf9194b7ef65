//! PURE. Every story.

use super::Deed::{
    Blind, Create, Delete, DeleteOthers, DeletePods, DeleteSet, DeleteVolumes, Edit,
    ForeignService, ForeignServiceGone, Kill, LoseStatus, Meddle, NoRoom, OrphanSet, Room, Wait,
    Wipe, WriteDirectly,
};
use super::When::{Led, Now, Rest, Step};
use super::{End, Story};

const THREE: &str = r#"{"size": 3, "storage": {"size": "1Gi"}}"#;
const ONE: &str = r#"{"size": 1, "storage": {"size": "1Gi"}}"#;
const DELETING: &str = r#"{"size": 3, "storage": {"size": "1Gi", "retention": "Delete"}}"#;
const UNPULLABLE: &str = r#"{"size": 3, "storage": {"size": "1Gi"}, "repository": "missing/etcd"}"#;
const MENDED: &str = r#"{"repository": "gcr.io/etcd-development/etcd"}"#;
const OLDER: &str = r#"{"version": "3.5.35"}"#;
const STALE: End = End::Waits { step: "Provision", reason: "StaleVolume" };
const LOST: End = End::Waits { step: "Steady", reason: "MemberDataLost" };

/// Every story.
pub const ALL: &[Story] = &[
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
        about: "One member's data is wiped: it is kept down and reported.",
        deeds: &[(Now, Create(THREE)), (Rest, Wipe(&[1]))],
        end: LOST,
    },
    Story {
        name: "quorum-wiped",
        about: "Two members' data is wiped: nothing may begin a second, empty cluster.",
        deeds: &[(Now, Create(THREE)), (Rest, Wipe(&[0, 1]))],
        end: End::Waits { step: "QuorumLost", reason: "QuorumLost" },
    },
    Story {
        name: "volume-deleted",
        about: "One member's volume and pod are deleted: the empty one that follows is kept down.",
        deeds: &[(Now, Create(THREE)), (Rest, DeleteVolumes(&[1])), (Now, DeletePods(&[1]))],
        end: LOST,
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
        name: "children-changed",
        about: "Services and budget are deleted, replicas and selector changed by hand.",
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
        name: "unseen",
        about: "The operator reaches no member any more; for clients nothing has changed.",
        deeds: &[(Now, Create(THREE)), (Rest, Blind)],
        end: End::Waits { step: "Steady", reason: "MembersUnseen" },
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
];
