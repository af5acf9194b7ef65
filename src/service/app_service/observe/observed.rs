//! PURE. The snapshot one turn decides on. `gather` fills it; guards and facts are read off it.

use super::part::Part;
use crate::crd::Rollback;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub use crate::service::child::{Child, KeepPart};

/// Everything one turn of an `AppService` may look at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Observed {
    /// The time of the turn.
    pub now: Timestamp,
    /// The object's name.
    pub name: String,
    /// The object's namespace.
    pub namespace: String,
    /// Where it is reached.
    pub url: String,
    /// Whether a user asked for the object's deletion.
    pub deleting: bool,
    /// What the user asks for, as far as decisions need it.
    pub spec: Asked,
    /// What the machine remembers.
    pub memory: Memory,
    /// The objects the service is made of.
    pub objects: Objects,
    /// How its pods fare, as the Deployment's status says; nothing if there is none of ours.
    pub rollout: Option<Rollout>,
    /// Pods of the revision that is to run that will not come up by themselves, and why.
    pub failing: BTreeMap<String, String>,
    /// How many addresses requests are sent to.
    pub serving_endpoints: u32,
}

/// What the user asks for, as far as decisions need it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Asked {
    /// How many pods; nothing leaves the number to others.
    pub replicas: Option<u32>,
    /// The revision of the spec itself.
    pub revision: String,
    /// The revision that is to run: the spec's own, unless it was taken back or another is held.
    pub target: String,
    /// The revision `spec.rollbackTo` holds.
    pub pinned: Option<String>,
    /// What becomes of a rollout that failed.
    pub rollback: Rollback,
    /// For how many seconds a rollout may make no progress.
    pub deadline_seconds: u32,
    /// Whether a `ConfigMap` is asked for.
    pub config: bool,
    /// Whether an Ingress is asked for.
    pub ingress: bool,
    /// Whether the user holds the operator back.
    pub paused: bool,
}

/// What the machine remembers: named status fields, never anything held in the process.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Memory {
    /// The recorded step; any word, if another version wrote it.
    pub step: Option<String>,
    /// When the recorded step was entered.
    pub step_since: Option<Timestamp>,
    /// When what the status says last changed: its step, or a condition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unchanged_since: Option<Timestamp>,
    /// The revision on record: it runs, or is being rolled out.
    pub revision: Option<String>,
    /// When that began.
    pub revision_since: Option<Timestamp>,
    /// How many pods were asked for when that was last reached, or begun to be.
    pub desired: Option<u32>,
    /// The revisions that were rolled out whole, the newest last.
    pub revisions: Vec<String>,
}

/// The objects the service is made of. All bear its name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Objects {
    /// The files of the program.
    pub config_map: Child,
    /// Its address.
    pub service: Child,
    /// The way to it from outside.
    pub ingress: Child,
    /// Its pods.
    pub deployment: Child,
}

/// How the pods fare, as the Deployment's status says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rollout {
    /// Whether the status is about the present spec of the Deployment.
    pub current: bool,
    /// How many pods are asked for.
    pub asked: u32,
    /// How many there are.
    pub total: u32,
    /// How many of them are of the present template.
    pub updated: u32,
    /// How many take requests, and did for a while.
    pub available: u32,
    /// Since when the rollout has made no progress for too long.
    pub exceeded: Option<Timestamp>,
}

impl Observed {
    /// Every object that is asked for, in the order in which they are made.
    pub fn parts(&self) -> impl Iterator<Item = (Part, &Child)> {
        self.all().into_iter().filter(|(part, _)| self.wants(*part))
    }

    /// What has to be done to them. No pod starts before every name is ours.
    pub fn parts_to_keep(&self) -> Vec<KeepPart<Part>> {
        let free = self.parts().all(|(_, child)| child.is_free());
        let may = |part, child: &Child| part != Part::Deployment || free || *child != Child::Absent;
        let keep = |(part, child): (Part, &Child)| child.to_keep(part).filter(|_| may(part, child));
        self.parts().filter_map(keep).collect()
    }

    /// The objects of ours that are not asked for, with their UIDs. Pods of another revision may
    /// still need the files.
    pub fn surplus(&self) -> Vec<(Part, String)> {
        let may_go = |part| part != Part::ConfigMap || self.is_rolled_out();
        let unwanted = self.all().into_iter().filter(|(part, _)| !self.wants(*part));
        let ours = unwanted.filter(|(part, child)| !child.is_taken() && may_go(*part));
        ours.filter_map(|(part, child)| Some((part, child.uid()?.to_owned()))).collect()
    }

    fn all(&self) -> [(Part, &Child); 4] {
        let Objects { config_map, service, ingress, deployment } = &self.objects;
        [
            (Part::ConfigMap, config_map),
            (Part::Service, service),
            (Part::Ingress, ingress),
            // Last: no pod starts before all it needs is there.
            (Part::Deployment, deployment),
        ]
    }

    fn wants(&self, part: Part) -> bool {
        match part {
            Part::ConfigMap => self.spec.config,
            Part::Ingress => self.spec.ingress,
            Part::Service | Part::Deployment => true,
        }
    }

    /// Whether there are just the pods that are asked for, all of the revision that is to run.
    pub fn is_rolled_out(&self) -> bool {
        let whole = |is: &Rollout| {
            is.current && is.updated == is.asked && is.total == is.asked && is.available >= is.asked
        };
        self.objects.deployment.is_current() && self.rollout.as_ref().is_some_and(whole)
    }

    /// How many pods are asked for, and how many of them serve.
    pub fn pods(&self) -> (u32, u32) {
        let made = self.rollout.as_ref().map(|is| (is.asked, is.available));
        made.unwrap_or_else(|| (self.spec.replicas.unwrap_or(1), 0))
    }

    /// Whether `spec.rollbackTo` names a revision that is not kept.
    pub fn is_pin_unknown(&self) -> bool {
        let known =
            |pinned| self.memory.revisions.contains(pinned) || *pinned == self.spec.revision;
        self.spec.pinned.as_ref().is_some_and(|pinned| !known(pinned))
    }

    /// Since when the rollout on record has made no progress for too long.
    ///
    /// Kubernetes goes on saying so of the last rollout when an earlier template comes back, so only
    /// what it began to say since counts, or what it still says when the time is over again.
    pub fn is_overdue(&self) -> bool {
        let (Some(since), Some(rollout)) = (self.memory.revision_since, &self.rollout) else {
            return false;
        };
        let time_over = self.now.duration_since(since) >= self.deadline();
        let told = self.objects.deployment.is_current() && rollout.current;
        told && rollout.exceeded.is_some_and(|at| at > since || time_over)
    }

    /// How long a rollout may make no progress.
    pub fn deadline(&self) -> SignedDuration {
        SignedDuration::from_secs(self.spec.deadline_seconds.into())
    }

    /// The revision that would be brought back: the last that was rolled out whole.
    pub fn last_good(&self) -> Option<&str> {
        let good = self.memory.revisions.iter().rev();
        good.map(String::as_str).find(|good| *good != self.spec.target)
    }
}
