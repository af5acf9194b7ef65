//! PURE. Named observations, for diagrams and tests: begin with a service that serves, break one
//! thing.

use super::App;
use super::decide::vocabulary::Step;
use super::observe::observed::{Asked, Child, Memory, Objects, Observed, Rollout};
use crate::crd::Rollback;
use crate::service::worlds::Explored;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use strum::VariantArray;

/// The revision the spec of every scenario asks for.
pub const NEW: &str = "bbbbbbbbbbbbbbbb";
/// The one before it.
pub const OLD: &str = "aaaaaaaaaaaaaaaa";

/// A moment to count from.
fn noon() -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs(1000)
}

/// An `AppService` just applied: nothing exists.
pub fn fresh() -> Observed {
    let absent = || Child::Absent;
    Observed {
        now: noon(),
        name: "a".to_owned(),
        namespace: "default".to_owned(),
        url: "http://a.default.svc:8080".to_owned(),
        deleting: false,
        spec: Asked {
            replicas: Some(2),
            revision: NEW.to_owned(),
            target: NEW.to_owned(),
            pinned: None,
            rollback: Rollback::Manual,
            deadline_seconds: 60,
            config: true,
            ingress: true,
            paused: false,
        },
        memory: Memory::default(),
        objects: Objects {
            config_map: absent(),
            service: absent(),
            ingress: absent(),
            deployment: absent(),
        },
        rollout: None,
        failing: BTreeMap::new(),
        serving_endpoints: 0,
    }
}

/// The parts are made, and no pod serves yet.
pub fn made() -> Observed {
    let mut seen = fresh();
    seen.memory.revision = Some(NEW.to_owned());
    seen.memory.revision_since = Some(noon() - SignedDuration::from_secs(5));
    seen.memory.step_since = Some(noon() - SignedDuration::from_secs(5));
    seen.objects =
        Objects { config_map: ours(), service: ours(), ingress: ours(), deployment: ours() };
    seen.rollout =
        Some(Rollout { current: true, asked: 2, total: 2, updated: 2, ..Rollout::default() });
    seen
}

/// All pods serve.
pub fn serving() -> Observed {
    let mut seen = made();
    seen.memory.desired = Some(2);
    seen.memory.revisions = vec![NEW.to_owned()];
    seen.serving_endpoints = 2;
    seen.pods_are(|is| is.available = 2)
}

/// A service that served another revision asks for a new one; nothing is done yet.
pub fn edited() -> Observed {
    let mut seen = serving();
    seen.memory.revisions = vec![OLD.to_owned()];
    seen.memory.revision = Some(OLD.to_owned());
    seen.objects.deployment = drifted();
    seen
}

/// The new revision's first pod starts, and those of the old one serve.
pub fn rolling() -> Observed {
    let mut seen = edited();
    seen.memory.revision = Some(NEW.to_owned());
    seen.objects.deployment = ours();
    seen.pods_are(|is| (is.total, is.updated) = (3, 1))
}

/// The new revision's first pod did not come up in time.
pub fn stalled() -> Observed {
    rolling().failing().overdue()
}

/// A rollout was taken back, and the revision before it serves.
pub fn back() -> Observed {
    serving().with(|seen| {
        OLD.clone_into(&mut seen.spec.target);
        seen.memory.revision = Some(OLD.to_owned());
        seen.memory.revisions = vec![OLD.to_owned()];
    })
}

fn ours() -> Child {
    Child::Ours { uid: "uid-of-part".to_owned(), generation: Some(1), drift: None, deleting: false }
}

fn drifted() -> Child {
    let drift = Some("metadata.annotations".to_owned());
    Child::Ours { uid: "uid-of-part".to_owned(), generation: Some(1), drift, deleting: false }
}

fn foreign() -> Child {
    Child::Foreign { owner: "Deployment web".to_owned() }
}

impl Observed {
    /// Something else is as `change` makes it.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// The memory says that it stands in this step.
    #[must_use]
    pub fn in_step(self, step: Step) -> Self {
        let word: &str = step.into();
        self.with(|seen| seen.memory.step = Some(word.to_owned()))
    }

    /// The pods fare as `change` makes them, if there are any.
    #[must_use]
    pub fn pods_are(mut self, change: impl FnOnce(&mut Rollout)) -> Self {
        if let Some(rollout) = &mut self.rollout {
            change(rollout);
        }
        self
    }

    /// A pod does not come up.
    #[must_use]
    pub fn failing(self) -> Self {
        let why = "its image registry.local/missing:1 cannot be pulled".to_owned();
        self.with(|seen| drop(seen.failing.insert("a-1".to_owned(), why)))
    }

    /// The rollout made no progress for as long as it may.
    #[must_use]
    pub fn overdue(self) -> Self {
        let now = noon();
        self.later(70).pods_are(|is| is.exceeded = Some(now + SignedDuration::from_secs(60)))
    }

    /// The time is later by so many seconds.
    #[must_use]
    pub fn later(self, seconds: i64) -> Self {
        self.with(|seen| seen.now += SignedDuration::from_secs(seconds))
    }

    /// Somebody else has an object of our name.
    #[must_use]
    pub fn taken(self) -> Self {
        self.with(|seen| seen.objects.service = foreign())
    }

    /// `spec.rollbackTo` holds this revision.
    #[must_use]
    pub fn pinned_to(self, revision: &str) -> Self {
        self.with(|seen| seen.spec.pinned = Some(revision.to_owned()))
    }

    /// What failed is taken back by itself.
    #[must_use]
    pub fn automatic(self) -> Self {
        self.with(|seen| seen.spec.rollback = Rollback::Automatic)
    }
}

type Scope = crate::service::worlds::Scope<Step, Observed>;

/// What each step is explored in: what every step shares, then each phase.
const SCOPES: [Scope; 3] = [
    Scope {
        steps: Step::VARIANTS,
        bases: &[fresh, rolling, stalled],
        changes: &[
            |seen| seen.spec.paused = true,
            |seen| seen.deleting = true,
            |seen| *seen = seen.clone().pinned_to("0000000000000000"),
            |seen| *seen = seen.clone().taken(),
            |seen| seen.objects.service = Child::Unknown("timeout".to_owned()),
            |seen| seen.objects.ingress = Child::Absent,
            |seen| seen.objects.deployment = drifted(),
            |seen| (seen.objects.deployment, seen.rollout) = (Child::Absent, None),
            |seen| seen.spec.ingress = false,
            |seen| seen.spec.config = false,
            |seen| seen.spec.replicas = Some(3),
            |seen| seen.spec.replicas = None,
            |seen| seen.memory.revision = None,
        ],
    },
    Scope {
        steps: &[Step::Assemble, Step::Start],
        bases: &[fresh, made, serving, back],
        changes: &[
            |seen| *seen = seen.clone().taken(),
            |seen| OLD.clone_into(&mut seen.spec.target),
            |seen| *seen = seen.clone().pods_are(|is| is.available = 1),
            |seen| *seen = seen.clone().failing(),
            |seen| *seen = seen.clone().overdue(),
        ],
    },
    Scope {
        steps: &[
            Step::Serving,
            Step::Roll,
            Step::Scale,
            Step::RollBack,
            Step::Struggle,
            Step::Short,
            Step::Stalled,
            Step::RolledBack,
        ],
        bases: &[serving, edited, rolling, stalled, back],
        changes: &[
            |seen| *seen = seen.clone().pinned_to(NEW),
            |seen| seen.spec.replicas = None,
            |seen| *seen = seen.clone().pods_are(|is| is.asked = 4),
            |seen| *seen = seen.clone().pods_are(|is| is.available = 1),
            |seen| *seen = seen.clone().pods_are(|is| is.current = false),
            |seen| OLD.clone_into(&mut seen.spec.target),
            |seen| seen.memory.revisions.clear(),
            |seen| *seen = seen.clone().failing(),
            |seen| *seen = seen.clone().overdue(),
            |seen| *seen = seen.clone().automatic(),
            |seen| seen.memory.step_since = None,
            |seen| seen.now += SignedDuration::from_secs(100),
        ],
    },
];

/// Every turn there can be in the worlds that concern the step it begins in: they give every guard
/// both its answers, in every combination two things going wrong at once can bring about.
pub fn turns() -> impl Iterator<Item = (Step, Observed)> {
    SCOPES.into_iter().flat_map(|scope| scope.turns(Observed::in_step))
}

/// Every world that concerns some step.
pub fn worlds() -> impl Iterator<Item = Observed> {
    SCOPES.into_iter().flat_map(|scope| scope.worlds())
}

impl Explored for App {
    fn turns() -> impl Iterator<Item = (Step, Observed)> {
        turns()
    }
}
