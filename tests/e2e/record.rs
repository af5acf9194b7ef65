//! SHELL. Fixtures from cases: what the operator of a case decided, as a story that tests decide again.

use crate::case::Context;
use crate::cluster::project;
use crate::tool::text;
use anyhow::{Context as _, Result, ensure};
use std::fs;

/// One fixture, and the case it comes from.
struct Story {
    /// The case.
    case: &'static str,
    /// The folder of the object's kind.
    kind: &'static str,
    /// The object's name in the case.
    object: &'static str,
    /// The fixture's name.
    file: &'static str,
    /// The step it begins in; none for one that begins with the object.
    from: Option<&'static str>,
    /// What happens.
    about: &'static str,
}

/// A story of a cluster that formed.
const fn cluster(case: &'static str, file: &'static str, about: &'static str) -> Story {
    Story { case, kind: "etcd-cluster", object: "a", file, from: Some("Steady"), about }
}

/// A story of a service.
const fn service(case: &'static str, file: &'static str, about: &'static str) -> Story {
    Story { case, kind: "app-service", object: "web", file, from: Some("Serving"), about }
}

/// Every fixture: together they show each phase and each operation.
const STORIES: &[Story] = &[
    Story { from: None, ..cluster("create", "create", "Three members are created.") },
    Story {
        from: None,
        ..cluster(
            "birth-failed",
            "birth-failed",
            "A volume is wiped before the members formed a cluster: the birth failed, and once another is \
             allowed, it is cleared away.",
        )
    },
    Story {
        from: None,
        ..cluster(
            "image-missing",
            "image-missing",
            "An image that does not exist is corrected: the birth begins again.",
        )
    },
    cluster(
        "scale",
        "scale",
        "One member becomes three and five, then three and one, and three again.",
    ),
    Story {
        from: None,
        ..cluster(
            "status-lost",
            "status-lost",
            "Status and StatefulSet of a birth are lost, and fewer members are asked for: the first form their cluster again.",
        )
    },
    cluster("hibernate", "hibernate", "All members are stopped, and come back with their data."),
    cluster("quorum-lost", "quorum-lost", "Two of three nodes lose power, and get it back."),
    cluster(
        "data-wiped",
        "data-wiped",
        "The leader's data is wiped: another member takes its place.",
    ),
    cluster(
        "bit-flipped",
        "bit-flipped",
        "A bit flips on a disk: the majority tells whose data is right.",
    ),
    cluster(
        "node-lost",
        "node-lost",
        "A node is gone with a member's volume: another member takes its place.",
    ),
    cluster(
        "paused",
        "paused",
        "What is deleted while the cluster is paused is made again afterwards.",
    ),
    Story {
        object: "drop",
        ..cluster("delete", "delete", "A cluster is deleted with its volumes.")
    },
    Story {
        from: None,
        ..service("service-create", "create", "A service with an ingress is created and deleted.")
    },
    service(
        "service-rolls",
        "rolls",
        "Files, image and number of pods change, and a revision is brought back.",
    ),
    service(
        "service-bad-image",
        "bad-image",
        "An image that cannot be had fails a rollout, another heals it, and a second one is taken back by itself.",
    ),
];

/// Writes the fixtures of a case that passed.
pub async fn stories(context: &Context) -> Result<()> {
    for story in STORIES.iter().filter(|story| story.case == context.case) {
        let about = format!("{} Recorded by the case {}.", story.about, story.case);
        let journal = context.journal(story.kind, story.object).display().to_string();
        let mut line = vec!["fixture", &about, &journal];
        line.extend(story.from.iter().flat_map(|step| ["--from", step]));
        let output = context.tool().run(&line).await?;
        ensure!(output.status.success(), "{}", text(&output));
        let path = project("fixtures/transitions").join(story.kind).join(story.file);
        let path = path.with_extension("yaml");
        fs::write(&path, output.stdout).with_context(|| format!("{}", path.display()))?;
        say!("  recorded {}", path.display());
    }
    Ok(())
}
