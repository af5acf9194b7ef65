//! PURE. The turns that are asked for, as kube's scheduler keeps them: one for each object, and the
//! earliest counts.

use crate::controller::caches::owner_of;
use crate::crd::{AppService, EtcdCluster, Owner, labels};
use crate::sim::api::APPS;
use crate::sim::pace::AGAIN;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// The kinds of objects that have turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// `EtcdCluster`
    Cluster,
    /// `AppService`
    App,
}

/// An object that has turns: of which kind, in which namespace, under which name.
pub type Named = (Subject, String, String);

/// The kinds of children that are watched.
const WATCHED: [&str; 9] = [
    "statefulsets",
    "services",
    "poddisruptionbudgets",
    "pods",
    "persistentvolumeclaims",
    "endpointslices",
    "deployments",
    "configmaps",
    "ingresses",
];

impl Subject {
    /// The kind whose objects have this key in the API.
    pub fn of(key: &str) -> Option<Self> {
        match key {
            "etcdclusters" => Some(Self::Cluster),
            APPS => Some(Self::App),
            _ => None,
        }
    }

    /// The label of its children.
    pub fn label(self) -> &'static str {
        match self {
            Self::Cluster => EtcdCluster::UID_LABEL,
            Self::App => AppService::UID_LABEL,
        }
    }
}

/// Whether an object of this kind with these labels is watched as a child.
pub fn is_watched(kind: &str, all: &BTreeMap<String, String>) -> bool {
    WATCHED.contains(&kind)
        && all.get(labels::MANAGED_BY).is_some_and(|manager| manager == labels::OPERATOR)
}

/// Who is woken by a change of a child.
pub fn owner(
    (kind, namespace): (&str, &str),
    all: &BTreeMap<String, String>,
) -> impl Iterator<Item = Named> {
    let subjects = [Subject::Cluster, Subject::App].into_iter();
    let watched = is_watched(kind, all);
    subjects.filter(move |_| watched).filter_map(move |subject| {
        let owner = owner_of(subject.label(), all)?;
        Some((subject, namespace.to_owned(), owner.to_owned()))
    })
}

/// The turns one operator process is asked for.
#[derive(Debug, Clone, Default)]
pub struct Queue {
    due: BTreeMap<Named, Timestamp>,
}

impl Queue {
    /// Asks for a turn.
    pub fn ask(&mut self, object: Named, at: Timestamp) {
        let due = self.due.entry(object).or_insert(at);
        *due = at.min(*due);
    }

    /// Those whose time has come; they are not due any more.
    pub fn take(&mut self, now: Timestamp) -> Vec<Named> {
        let due: Vec<Named> = self
            .due
            .iter()
            .filter(|(_, at)| **at <= now)
            .map(|(object, _)| object.clone())
            .collect();
        self.due.retain(|_, at| *at > now);
        due
    }

    /// When the next turn comes.
    pub fn next(&self) -> Option<Timestamp> {
        self.due.values().min().copied()
    }

    /// When the next turn of an object comes.
    pub fn due(&self, object: &Named) -> Option<Timestamp> {
        self.due.get(object).copied()
    }

    /// Who is asked for, and whether too late: whenever else a turn comes, nothing comes of it.
    pub fn asked(&self, now: Timestamp) -> BTreeMap<&Named, bool> {
        self.due.iter().map(|(object, at)| (object, *at > now + AGAIN)).collect()
    }
}
