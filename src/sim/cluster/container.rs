//! SHELL. One etcd container, and what its pod's status says of it.

use crate::resource::ETCD_CONTAINER;
use crate::sim::etcd::ProcessId;
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::core::v1::{
    ContainerState, ContainerStateRunning, ContainerStateTerminated, ContainerStateWaiting,
    ContainerStatus, Pod, PodCondition, PodStatus,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

/// The kubelet's first wait before it starts a container again, and its longest.
const BACKOFF: (i64, i64) = (10, 300);

/// How a container ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The exit code.
    pub code: i32,
    /// Its last words: the termination message.
    pub message: String,
}

/// The etcd container of one pod.
#[derive(Clone, Debug)]
pub struct Container {
    /// The pod's address.
    pub address: String,
    /// When the pod's init containers were done.
    pub initialized: Timestamp,
    /// etcd, while it runs.
    pub process: Option<ProcessId>,
    /// Whether the gate runs in its place, and waits to be told something.
    pub waits: bool,
    /// When it was last started.
    pub started: Option<Timestamp>,
    /// How often it was started again.
    pub restarts: i32,
    /// How it last ended.
    pub last: Option<Ended>,
    /// When it is started again, if it ended.
    pub retry_at: Option<Timestamp>,
}

impl Container {
    /// A container that has not been started.
    pub fn new(address: String, now: Timestamp) -> Self {
        Self {
            address,
            initialized: now,
            process: None,
            waits: false,
            started: None,
            restarts: 0,
            last: None,
            retry_at: None,
        }
    }

    /// Whether it should be started now.
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.process.is_none() && self.retry_at.is_none_or(|at| at <= now)
    }

    /// The container was started.
    fn runs(&mut self, now: Timestamp) {
        if !std::mem::take(&mut self.waits) {
            self.restarts += i32::from(self.started.is_some());
            (self.started, self.retry_at) = (Some(now), None);
        }
    }

    /// etcd took over.
    pub fn began(&mut self, process: ProcessId, now: Timestamp) {
        self.runs(now);
        self.process = Some(process);
    }

    /// The gate waits. Says whether it did not before.
    pub fn waited(&mut self, now: Timestamp) -> bool {
        let begins = !self.waits;
        self.runs(now);
        self.waits = true;
        begins
    }

    /// The container ended; it is started again after a while, later each time.
    pub fn ended(&mut self, how: Ended, now: Timestamp) {
        if self.process.take().is_none() {
            self.runs(now);
        }
        // A first restart comes at once.
        let wait = match self.restarts {
            0 => 0,
            count => BACKOFF.0.saturating_mul(1 << count.min(10)).min(BACKOFF.1),
        };
        (self.last, self.retry_at) = (Some(how), Some(now + SignedDuration::from_secs(wait)));
    }
}

/// The status of a pod no node has room for.
pub fn unplaceable() -> PodStatus {
    let message = "0/3 nodes are available: 3 Insufficient memory.".to_owned();
    let placed = PodCondition { message: Some(message), ..condition("PodScheduled", false, None) };
    PodStatus {
        phase: Some("Pending".to_owned()),
        conditions: Some(vec![placed]),
        ..PodStatus::default()
    }
}

/// The status of a placed pod.
pub fn describe(
    pod: &Pod,
    container: &Container,
    ready: bool,
    image_missing: bool,
    now: Timestamp,
) -> PodStatus {
    let since = |kind: &str, is: bool| {
        let before = pod.status.iter().flat_map(|status| status.conditions.iter().flatten());
        let word = if is { "True" } else { "False" };
        let same = before.into_iter().find(|at| at.type_ == kind && at.status == word);
        same.and_then(|at| at.last_transition_time.as_ref()).map_or(now, |at| at.0)
    };
    let conditions = vec![
        condition("PodScheduled", true, Some(container.initialized)),
        condition("Initialized", true, Some(container.initialized)),
        condition("Ready", ready, Some(since("Ready", ready))),
    ];
    PodStatus {
        phase: Some("Running".to_owned()),
        pod_ip: Some(container.address.clone()),
        conditions: Some(conditions),
        container_statuses: Some(vec![status_of(pod, container, ready, image_missing)]),
        ..PodStatus::default()
    }
}

fn status_of(
    pod: &Pod,
    container: &Container,
    ready: bool,
    image_missing: bool,
) -> ContainerStatus {
    let containers = pod.spec.iter().flat_map(|spec| &spec.containers);
    let image = containers.into_iter().find_map(|at| at.image.clone()).unwrap_or_default();
    let last = container.last.as_ref().map(|ended| ContainerState {
        terminated: Some(ContainerStateTerminated {
            exit_code: ended.code,
            message: Some(ended.message.clone()).filter(|text| !text.is_empty()),
            started_at: container.started.map(Time),
            ..ContainerStateTerminated::default()
        }),
        ..ContainerState::default()
    });
    let runs = container.process.is_some() || container.waits;
    let first_end = !runs && container.restarts == 0;
    let state = if image_missing {
        waits("ErrImagePull")
    } else if runs {
        running(container)
    } else if container.started.is_none() {
        waits("ContainerCreating")
    } else if first_end {
        last.clone().unwrap_or_default()
    } else {
        waits("CrashLoopBackOff")
    };
    ContainerStatus {
        name: ETCD_CONTAINER.to_owned(),
        image,
        ready,
        restart_count: container.restarts,
        last_state: last.filter(|_| !first_end),
        state: Some(state),
        ..ContainerStatus::default()
    }
}

fn running(container: &Container) -> ContainerState {
    ContainerState {
        running: Some(ContainerStateRunning { started_at: container.started.map(Time) }),
        ..ContainerState::default()
    }
}

fn waits(reason: &str) -> ContainerState {
    ContainerState {
        waiting: Some(ContainerStateWaiting {
            reason: Some(reason.to_owned()),
            message: Some("back-off".to_owned()),
        }),
        ..ContainerState::default()
    }
}

/// A container that waits for this reason.
pub fn waiting(name: &str, image: &str, reason: &str) -> ContainerStatus {
    ContainerStatus {
        name: name.to_owned(),
        image: image.to_owned(),
        state: Some(waits(reason)),
        ..ContainerStatus::default()
    }
}

fn condition(kind: &str, is: bool, since: Option<Timestamp>) -> PodCondition {
    PodCondition {
        type_: kind.to_owned(),
        status: if is { "True" } else { "False" }.to_owned(),
        last_transition_time: since.map(Time),
        ..PodCondition::default()
    }
}
