//! PURE. Stories of services.

use super::words::AppDeed::{
    Autoscale, Create, Delete, DeleteDeployment, DeleteOthers, DeletePod, Edit, ForeignDeployment,
    ForeignGone, ForeignService, LoseStatus, Meddle, PinOldest, WriteStep,
};
use super::words::Deed::{App, Wait};
use super::words::When::{Now, Rest, Step};
use super::words::{End, Story};

const PLAIN: &str = r#"{"image": "registry.local/web:1", "replicas": 2}"#;
const WHOLE: &str = r#"{
    "image": "registry.local/web:1", "replicas": 2,
    "configData": {"a.conf": "one"}, "ingress": {"host": "a.example.com"}}"#;
const AUTOMATIC: &str =
    r#"{"image": "registry.local/web:1", "replicas": 2, "rollback": "Automatic"}"#;
const SCALED_BY_OTHERS: &str = r#"{"image": "registry.local/web:1"}"#;
const UNPULLABLE: &str = r#"{"image": "registry.local/missing:1", "replicas": 2}"#;
const NEWER: &str = r#"{"image": "registry.local/web:2"}"#;
const MISSING: &str = r#"{"image": "registry.local/missing:1"}"#;
const CRASHING: &str = r#"{"image": "registry.local/crashing:1"}"#;
const OTHER_FILES: &str = r#"{"configData": {"a.conf": "two"}}"#;
const FOREIGN: End = End::Waits { step: "Start", reason: "ForeignObject" };

pub(super) const ALL: &[Story] = &[
    Story {
        name: "service",
        about: "A service of two pods is created.",
        deeds: &[(Now, App(Create(PLAIN)))],
        end: End::Healthy,
    },
    Story {
        name: "service-whole",
        about: "A service with files and an ingress is created.",
        deeds: &[(Now, App(Create(WHOLE)))],
        end: End::Healthy,
    },
    Story {
        name: "service-image",
        about: "The image is changed: the pods are replaced.",
        deeds: &[(Now, App(Create(PLAIN))), (Rest, App(Edit(NEWER)))],
        end: End::Healthy,
    },
    Story {
        name: "service-files",
        about: "A file is changed, then there are none: the pods are replaced both times.",
        deeds: &[
            (Now, App(Create(WHOLE))),
            (Rest, App(Edit(OTHER_FILES))),
            (Rest, App(Edit(r#"{"configData": null}"#))),
        ],
        end: End::Healthy,
    },
    Story {
        name: "service-image-missing",
        about: "An image cannot be pulled, until the time is over; another heals it.",
        deeds: &[
            (Now, App(Create(PLAIN))),
            (Rest, App(Edit(MISSING))),
            (Step("Stalled"), App(Edit(NEWER))),
        ],
        end: End::Healthy,
    },
    Story {
        name: "service-stalled",
        about: "A new image crashes, and nobody does anything: the pods from before serve.",
        deeds: &[(Now, App(Create(PLAIN))), (Rest, App(Edit(CRASHING)))],
        end: End::Waits { step: "Stalled", reason: "ProgressDeadlineExceeded" },
    },
    Story {
        name: "service-never-up",
        about: "The first image cannot be pulled until the time is over; another heals it.",
        deeds: &[(Now, App(Create(UNPULLABLE))), (Rest, App(Edit(NEWER)))],
        end: End::Healthy,
    },
    Story {
        name: "service-edited-twice",
        about: "The image is changed again while the pods are replaced.",
        deeds: &[
            (Now, App(Create(PLAIN))),
            (Rest, App(Edit(MISSING))),
            (Step("Roll"), App(Edit(NEWER))),
        ],
        end: End::Healthy,
    },
    Story {
        name: "service-taken-back",
        about: "A new image cannot be pulled, and is taken back by itself; another is rolled out.",
        deeds: &[
            (Now, App(Create(AUTOMATIC))),
            (Rest, App(Edit(MISSING))),
            (Step("RolledBack"), Wait(60)),
            (Rest, App(Edit(NEWER))),
        ],
        end: End::Healthy,
    },
    Story {
        name: "service-taken-back-stays",
        about: "A rollout is taken back by itself, and nobody does anything.",
        deeds: &[(Now, App(Create(AUTOMATIC))), (Rest, App(Edit(MISSING)))],
        end: End::Waits { step: "RolledBack", reason: "RolledBack" },
    },
    Story {
        name: "service-brought-back",
        about: "A revision is brought back on request, held, and let go.",
        deeds: &[
            (Now, App(Create(WHOLE))),
            (
                Rest,
                App(Edit(r#"{"image": "registry.local/web:2", "configData": {"b.conf": "two"}}"#)),
            ),
            (Rest, App(PinOldest)),
            (Rest, App(Edit(r#"{"rollbackTo": null}"#))),
        ],
        end: End::Healthy,
    },
    Story {
        name: "service-held",
        about: "A rollout that failed is taken back on request.",
        deeds: &[(Now, App(Create(PLAIN))), (Rest, App(Edit(MISSING))), (Rest, App(PinOldest))],
        end: End::Waits { step: "Serving", reason: "Pinned" },
    },
    Story {
        name: "service-revision-unknown",
        about: "A revision is asked for that is not kept: nothing is changed.",
        deeds: &[
            (Now, App(Create(PLAIN))),
            (Rest, App(Edit(r#"{"rollbackTo": "0000000000000000"}"#))),
        ],
        end: End::Waits { step: "Serving", reason: "RevisionUnknown" },
    },
    Story {
        name: "service-scaled",
        about: "The number of pods grows, shrinks, becomes none, and some again.",
        deeds: &[
            (Now, App(Create(PLAIN))),
            (Rest, App(Edit(r#"{"replicas": 5}"#))),
            (Rest, App(Edit(r#"{"replicas": 1}"#))),
            (Rest, App(Edit(r#"{"replicas": 0}"#))),
            (Rest, App(Edit(r#"{"replicas": 2}"#))),
        ],
        end: End::Healthy,
    },
    Story {
        name: "service-autoscaled",
        about: "The number of pods is left to an autoscaler, through a change of the image.",
        deeds: &[
            (Now, App(Create(SCALED_BY_OTHERS))),
            (Rest, App(Autoscale(4))),
            (Rest, App(Edit(NEWER))),
            (Rest, App(Autoscale(2))),
        ],
        end: End::Healthy,
    },
    Story {
        name: "service-left-to-others",
        about: "The number of pods is no longer said: it stays, until an autoscaler changes it.",
        deeds: &[
            (Now, App(Create(PLAIN))),
            (Rest, App(Edit(r#"{"replicas": null}"#))),
            (Rest, App(Edit(NEWER))),
            (Rest, App(Autoscale(3))),
        ],
        end: End::Healthy,
    },
    Story {
        name: "service-ingress",
        about: "An ingress is asked for, changed, and taken away.",
        deeds: &[
            (Now, App(Create(PLAIN))),
            (Rest, App(Edit(r#"{"ingress": {"host": "a.example.com", "tlsSecret": "a"}}"#))),
            (Rest, App(Edit(r#"{"ingress": {"host": "b.example.com"}}"#))),
            (Rest, App(Edit(r#"{"ingress": null}"#))),
        ],
        end: End::Healthy,
    },
    Story {
        name: "service-meddled",
        about: "All that is ours is changed by hand, and mended.",
        deeds: &[(Now, App(Create(WHOLE))), (Rest, App(Meddle))],
        end: End::Healthy,
    },
    Story {
        name: "service-parts-deleted",
        about: "Address, ingress and files are deleted, then the Deployment, then a pod.",
        deeds: &[
            (Now, App(Create(WHOLE))),
            (Rest, App(DeleteOthers)),
            (Rest, App(DeleteDeployment)),
            (Rest, App(DeletePod)),
        ],
        end: End::Healthy,
    },
    Story {
        name: "service-foreign-stays",
        about: "A Deployment of somebody else has our name: it is not touched, and a condition says why.",
        deeds: &[(Now, App(ForeignDeployment)), (Now, App(Create(WHOLE)))],
        end: FOREIGN,
    },
    Story {
        name: "service-foreign",
        about: "A Service of somebody else has our name; it is not touched, and goes away.",
        deeds: &[(Now, App(ForeignService)), (Now, App(Create(WHOLE))), (Rest, App(ForeignGone))],
        end: End::Healthy,
    },
    Story {
        name: "service-name-taken",
        about: "The address is deleted, and somebody else takes its name.",
        deeds: &[(Now, App(Create(PLAIN))), (Rest, App(DeleteOthers)), (Now, App(ForeignService))],
        end: End::Waits { step: "Serving", reason: "ForeignObject" },
    },
    Story {
        name: "service-paused",
        about: "While it is paused the image is changed and an object deleted; it is mended afterwards.",
        deeds: &[
            (Now, App(Create(WHOLE))),
            (Rest, App(Edit(r#"{"paused": true}"#))),
            (Rest, App(Edit(NEWER))),
            (Now, App(DeleteOthers)),
            (Rest, App(Edit(r#"{"paused": false}"#))),
        ],
        end: End::Healthy,
    },
    Story {
        name: "service-status-lost",
        about: "The status is taken away, and again while the pods are replaced.",
        deeds: &[
            (Now, App(Create(WHOLE))),
            (Rest, App(LoseStatus)),
            (Rest, App(Edit(NEWER))),
            (Step("Roll"), App(LoseStatus)),
        ],
        end: End::Healthy,
    },
    Story {
        name: "service-step-overwritten",
        about: "Somebody writes steps into the status of a service that serves.",
        deeds: &[
            (Now, App(Create(WHOLE))),
            (Rest, App(WriteStep("Assemble"))),
            (Rest, App(WriteStep("Stalled"))),
            (Rest, App(WriteStep("RollBack"))),
            (Rest, App(WriteStep("Short"))),
            (Rest, App(WriteStep("nonsense"))),
        ],
        end: End::Healthy,
    },
    Story {
        name: "service-deleted",
        about: "A service is deleted, and all its objects with it.",
        deeds: &[(Now, App(Create(WHOLE))), (Rest, App(Delete))],
        end: End::Gone { volumes: false },
    },
    Story {
        name: "service-deleted-early",
        about: "A service is deleted while its first pods start.",
        deeds: &[(Now, App(Create(WHOLE))), (Step("Start"), App(Delete))],
        end: End::Gone { volumes: false },
    },
    Story {
        name: "service-again",
        about: "A service is deleted and made again at once, under the same name.",
        deeds: &[(Now, App(Create(WHOLE))), (Rest, App(Delete)), (Now, App(Create(WHOLE)))],
        end: End::Healthy,
    },
];
