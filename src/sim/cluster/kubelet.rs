//! SHELL. Scheduler and kubelets: a pod is placed, its volume bound, the member gate asked, and
//! etcd run on the volume's disk. Each call moves each pod by one stage.

use super::container::{Container, Ended, describe};
use super::volumes::claim_of;
use crate::crd::{DIRECTIVE_ANNOTATION, Directive, GateVerdict};
use crate::service::Clock;
use crate::service::etcd_cluster::gate::{self, Contents, Disk, FoundIdentity};
use crate::sim::api::ApiServer;
use crate::sim::clock::SimClock;
use crate::sim::etcd::{Data, DiskId, ProcessState, SimEtcd, Start, StartState};
use jiff::Timestamp;
use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Pod};
use kube::ResourceExt;
use std::collections::{BTreeMap, BTreeSet};

/// A volume: what the gate reads, and etcd's own disk.
#[derive(Clone, Debug)]
pub struct Volume {
    /// etcd's data.
    pub disk: DiskId,
    /// What stands in `identity.json`.
    pub identity: FoundIdentity,
}

/// One start of a member, as the gate decided it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GateEntry {
    /// The pod.
    pub pod: String,
    /// Its volume claim, by UID.
    pub volume: String,
    /// What the gate was told, if it could be read.
    pub directive: Option<Directive>,
    /// What it decided.
    pub verdict: GateVerdict,
}

/// All nodes.
#[derive(Clone)]
pub struct Kubelet {
    api: ApiServer,
    etcd: SimEtcd,
    clock: SimClock,
    /// By the claim's UID.
    pub(super) volumes: BTreeMap<String, Volume>,
    /// By the pod's UID.
    pub(super) containers: BTreeMap<String, Container>,
    /// Pods in which etcd was started: the gate's marker.
    pub(super) born: BTreeSet<String>,
    addresses: u32,
    /// Pods no node has room for, by name.
    pub unplaceable: BTreeSet<String>,
    /// Claims whose volume is on a node that does not answer, by UID.
    pub out_of_reach: BTreeSet<String>,
    /// Every decision of the gate, in order.
    pub starts: Vec<GateEntry>,
}

impl Kubelet {
    /// The nodes of one cluster.
    pub fn new(api: ApiServer, etcd: SimEtcd, clock: SimClock) -> Self {
        Self {
            api,
            etcd,
            clock,
            volumes: BTreeMap::new(),
            containers: BTreeMap::new(),
            born: BTreeSet::new(),
            addresses: 0,
            unplaceable: BTreeSet::new(),
            out_of_reach: BTreeSet::new(),
            starts: vec![],
        }
    }

    /// The same nodes in another cluster.
    #[must_use]
    pub fn fork(&self, api: ApiServer, etcd: SimEtcd, clock: SimClock) -> Self {
        Self { api, etcd, clock, ..self.clone() }
    }

    /// Takes over a pod that has been running for long, and the volume of its claim. Without
    /// `member` etcd does not answer on it.
    pub fn adopt(
        &mut self,
        pod: &Pod,
        claim: &PersistentVolumeClaim,
        identity: FoundIdentity,
        member: Option<(Data, bool)>,
    ) {
        let (Some(uid), Some(claim)) = (pod.uid(), claim.uid()) else { return };
        let address = pod.status.as_ref().and_then(|status| status.pod_ip.clone());
        let now = self.clock.now();
        let mut container = Container::new(address.unwrap_or_default(), now);
        let disk = self.etcd.new_disk();
        self.volumes.insert(claim, Volume { disk, identity });
        if let Some((data, leads)) = member {
            let start = etcd_start(pod, &container.address, &[], disk);
            container.began(self.etcd.load(start, data, leads), now);
            self.born.insert(uid.clone());
        }
        self.containers.insert(uid, container);
    }

    /// One stage of every pod. Says whether anything changed.
    pub fn step(&mut self) -> bool {
        let pods = self.api.list::<Pod>(None);
        let mut moved = self.forget_gone(&pods);
        for pod in &pods {
            moved |= self.advance(pod);
        }
        moved
    }

    /// Brings readiness and restarts into the pods' statuses.
    pub fn probe(&mut self) -> bool {
        let mut moved = false;
        for pod in self.api.list::<Pod>(None) {
            let uid = pod.uid().unwrap_or_default();
            let Some(container) = self.containers.get_mut(&uid) else { continue };
            if let Some(process) = container.process
                && let ProcessState::Exited { code, message } = self.etcd.process(process)
            {
                container.ended(Ended { code, message }, self.clock.now());
                moved = true;
            }
            moved |= self.tell(&pod);
        }
        moved
    }

    /// When a container that ended is started again.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.containers.values().filter_map(|container| container.retry_at).min()
    }

    /// The volume of a claim.
    pub fn volume(&self, claim: &PersistentVolumeClaim) -> Option<&Volume> {
        self.volumes.get(&claim.uid()?)
    }

    /// The disk behind a claim, by its UID; also of one that is gone.
    pub fn disk_of(&self, claim: &str) -> Option<DiskId> {
        Some(self.volumes.get(claim)?.disk)
    }

    /// Takes all data off a volume, as somebody with access to the disk could.
    pub fn wipe(&mut self, claim: &PersistentVolumeClaim) {
        if let Some(volume) = claim.uid().and_then(|uid| self.volumes.get_mut(&uid)) {
            self.etcd.wipe(volume.disk);
            volume.identity = FoundIdentity::Absent;
        }
    }

    /// Kills every process of a pod and starts it again at once, as after an out-of-memory kill.
    pub fn kill(&mut self, pod: &Pod) {
        let now = self.clock.now();
        if let Some(container) = pod.uid().and_then(|uid| self.containers.get_mut(&uid)) {
            if let Some(process) = container.process {
                self.etcd.stop(process);
            }
            container.ended(Ended { code: 137, message: String::new() }, now);
        }
    }

    /// What is left of pods that vanished without us: their processes end with them.
    fn forget_gone(&mut self, pods: &[std::sync::Arc<Pod>]) -> bool {
        let there: BTreeSet<String> = pods.iter().filter_map(|pod| pod.uid()).collect();
        let gone: Vec<String> =
            self.containers.keys().filter(|uid| !there.contains(*uid)).cloned().collect();
        for uid in &gone {
            self.end(uid);
        }
        !gone.is_empty()
    }

    fn end(&mut self, uid: &str) {
        if let Some(process) = self.containers.remove(uid).and_then(|container| container.process) {
            self.etcd.stop(process);
        }
    }

    fn advance(&mut self, pod: &Pod) -> bool {
        let (namespace, name) = (pod.namespace().unwrap_or_default(), pod.name_any());
        let uid = pod.uid().unwrap_or_default();
        if pod.metadata.deletion_timestamp.is_some() {
            self.end(&uid);
            self.api.remove::<Pod>(&namespace, &name);
            return true;
        }
        let placed = pod.spec.as_ref().is_some_and(|spec| spec.node_name.is_some());
        if !placed {
            return self.place(pod, &namespace, &name);
        }
        if !self.containers.contains_key(&uid) {
            self.addresses += 1;
            let [_, high, low, last] = self.addresses.to_be_bytes();
            let container = Container::new(format!("10.{high}.{low}.{last}"), self.clock.now());
            self.containers.insert(uid, container);
            return self.tell(pod);
        }
        let now = self.clock.now();
        let due = self.containers.get(&uid).is_some_and(|container| container.is_due(now));
        due && !is_missing(pod) && self.start(pod, &uid)
    }

    /// Binds the volume and picks a node.
    fn place(&mut self, pod: &Pod, namespace: &str, name: &str) -> bool {
        let claim =
            claim_of(pod).and_then(|claim| self.api.get::<PersistentVolumeClaim>(namespace, claim));
        let uid = claim.as_ref().and_then(|claim| claim.uid()).unwrap_or_default();
        if self.unplaceable.contains(name) || self.out_of_reach.contains(&uid) {
            return self.api.edit(namespace, name, |pod: &mut Pod| {
                pod.status = Some(super::container::unplaceable());
            });
        }
        let Some(claim) = claim else { return false };
        if claim.metadata.deletion_timestamp.is_some() {
            return false;
        }
        if !self.volumes.contains_key(&uid) {
            let volume = Volume { disk: self.etcd.new_disk(), identity: FoundIdentity::Absent };
            self.volumes.insert(uid, volume);
        }
        self.api.edit(namespace, &claim.name_any(), |claim: &mut PersistentVolumeClaim| {
            claim.status.get_or_insert_default().phase = Some("Bound".to_owned());
        });
        self.api.edit(namespace, name, |pod: &mut Pod| {
            let node = format!("node-{}", name.rsplit('-').next().unwrap_or_default());
            pod.spec.get_or_insert_default().node_name = Some(node);
        })
    }

    /// Starts the container: the gate decides, and etcd runs or the gate's exit code remains.
    fn start(&mut self, pod: &Pod, uid: &str) -> bool {
        let (namespace, name) = (pod.namespace().unwrap_or_default(), pod.name_any());
        let claim = claim_of(pod)
            .and_then(|claim| self.api.get::<PersistentVolumeClaim>(&namespace, claim));
        let claim_uid = claim.and_then(|claim| claim.uid()).unwrap_or_default();
        let Some(volume) = self.volumes.get_mut(&claim_uid) else { return false };
        let text = pod.annotations().get(DIRECTIVE_ANNOTATION).map_or("", String::as_str);
        let directive = gate::parse_directive(text.as_bytes());
        let empty = !self.etcd.has_wal(volume.disk);
        let contents = if empty { Contents::Empty } else { Contents::Data };
        let disk =
            Disk { identity: volume.identity.clone(), contents, born: self.born.contains(uid) };
        let verdict = gate::decide(directive.as_ref(), &name, &disk);
        if let (GateVerdict::New | GateVerdict::Join, Ok(directive)) = (&verdict, &directive) {
            volume.identity = FoundIdentity::Written(gate::identity_of(directive, &name));
        }
        let disk = volume.disk;
        let outcome = gate::outcome(&verdict, directive.as_ref().ok());
        let Some(container) = self.containers.get_mut(uid) else { return false };
        if matches!(verdict, GateVerdict::NoDirective { .. }) {
            return container.waited(self.clock.now()) && self.tell(pod);
        }
        match outcome {
            gate::Outcome::Start(flags) => {
                self.born.insert(uid.to_owned());
                let start = etcd_start(pod, &container.address, &flags, disk);
                container.began(self.etcd.start(start), self.clock.now());
            }
            gate::Outcome::Refuse(code) => {
                let message = serde_json::to_string(&verdict).unwrap_or_default();
                container.ended(Ended { code: i32::from(code), message }, self.clock.now());
            }
        }
        self.starts.push(GateEntry {
            pod: name,
            volume: claim_uid,
            directive: directive.ok(),
            verdict,
        });
        self.tell(pod);
        true
    }

    /// Writes the pod's status, if it changed.
    fn tell(&self, pod: &Pod) -> bool {
        let uid = pod.uid().unwrap_or_default();
        let Some(container) = self.containers.get(&uid) else { return false };
        let state = container.process.map(|process| self.etcd.process(process));
        let ready = matches!(state, Some(ProcessState::Running { ready: true }));
        let status = describe(pod, container, ready, is_missing(pod), self.clock.now());
        if pod.status.as_ref() == Some(&status) {
            return false;
        }
        let (namespace, name) = (pod.namespace().unwrap_or_default(), pod.name_any());
        self.api.tell(&namespace, &name, status)
    }
}

/// Whether the pod's image cannot be had: in this world, one that says so in its name.
fn is_missing(pod: &Pod) -> bool {
    image(pod).is_some_and(|image| image.contains("missing"))
}

fn image(pod: &Pod) -> Option<&str> {
    pod.spec.as_ref()?.containers.first()?.image.as_deref()
}

fn etcd_start(pod: &Pod, address: &str, flags: &[String], disk: DiskId) -> Start {
    let flag = |name: &str| {
        let prefix = format!("--{name}=");
        flags.iter().find_map(|flag| flag.strip_prefix(&prefix)).unwrap_or_default().to_owned()
    };
    let (namespace, name) = (pod.namespace().unwrap_or_default(), pod.name_any());
    let service = pod.spec.as_ref().and_then(|spec| spec.subdomain.clone()).unwrap_or_default();
    let version = image(pod).and_then(|image| image.rsplit(":v").next()).unwrap_or_default();
    Start {
        address: address.to_owned(),
        peer_url: format!("http://{name}.{service}.{namespace}.svc:2380"),
        initial_cluster_state: match flag("initial-cluster-state").as_str() {
            "new" => StartState::New,
            _ => StartState::Existing,
        },
        initial_cluster: flag("initial-cluster"),
        token: flag("initial-cluster-token"),
        version: version.to_owned(),
        name,
        disk,
    }
}
