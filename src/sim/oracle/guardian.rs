//! SHELL. Looks at the whole world after every turn and every round.

use super::end::{is_explained, is_healthy, is_well, serves, told, waits, waits_for_a_person};
use super::law::Law;
use super::{Watch, Writer, services};
use crate::crd::{EtcdCluster, GateVerdict, Retention};
use crate::sim::canonical::Hashing;
use crate::sim::cluster::SimCluster;
use crate::sim::story::{Deed, End, NAME, NAMESPACE};
use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Pod, Service};
use kube::ResourceExt;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The oracle of one run.
#[derive(Clone, Default)]
pub struct Guardian {
    writer: Writer,
    /// The cluster as it was after the last turn.
    judged: Option<Arc<EtcdCluster>>,
    /// Volumes that stay with data clients were promised, by UID, and the cluster they belong to.
    promised: BTreeMap<String, String>,
    /// Volumes somebody else deleted.
    excused: BTreeSet<String>,
    /// Clusters whose user wants their data deleted.
    given_up: BTreeSet<String>,
    /// How many starts of members were judged.
    starts: usize,
    /// On which volume a member began, by cluster, birth and pod.
    begun: BTreeMap<(String, i64, String), String>,
    /// Whether somebody took the status away. Births are counted anew then: one that left nothing
    /// behind may be begun again.
    forgotten: bool,
    /// Whether an operator acted that was suspended while another took over. What it had on its way
    /// may make a `StatefulSet` after its cluster is gone: it goes again, and leaves empty volumes.
    pub haunted: bool,
    /// Whether the story is one of a service.
    of_service: bool,
}

impl Guardian {
    /// Writes acknowledged so far.
    pub fn acknowledged(&self) -> usize {
        self.writer.writes()
    }

    /// Whether a disk still has what clients were promised, by what it gives back for a key.
    pub fn is_kept(&self, value: &dyn Fn(&str) -> Option<String>) -> bool {
        self.writer.is_kept(value)
    }

    /// Adds what it remembers and goes by to a state's hash.
    pub fn hash_into(&self, hashing: &mut Hashing, world: &SimCluster) {
        let claims = world.api.list::<PersistentVolumeClaim>(None);
        for claim in &claims {
            let uid = claim.uid().unwrap_or_default();
            hashing.add((self.promised.contains_key(&uid), self.excused.contains(&uid)));
        }
        for cluster in world.api.list::<EtcdCluster>(None) {
            let uid = cluster.uid().unwrap_or_default();
            hashing.add((self.given_up.contains(&uid), self.writer.has_written(&uid)));
            self.writer.served(&uid).for_each(|id| hashing.name(id));
            for ((_, birth, pod), volume) in self.begun.iter().filter(|((of, ..), _)| *of == uid) {
                let excused = self.excused.contains(volume);
                hashing.add((birth, pod, is_there(&claims, volume), excused));
            }
        }
        hashing.add(self.forgotten);
        // It excuses volumes that hold nothing and whose cluster is gone.
        let empty = |claim: &Arc<PersistentVolumeClaim>| {
            claim.uid().is_none_or(|uid| !self.promised.contains_key(&uid))
        };
        let gone = world.api.get::<EtcdCluster>(NAMESPACE, NAME).is_none();
        hashing.add(self.haunted && gone && claims.iter().any(empty));
    }

    /// What somebody else does is not held against the operator, and what a client wrote past the
    /// client Service is kept like anything else.
    pub fn excuse(&mut self, deed: Deed, world: &SimCluster) {
        self.of_service |= matches!(deed, Deed::App(_));
        self.forgotten |= deed == Deed::LoseStatus;
        if deed == Deed::WriteDirectly {
            self.writer.write_directly(world);
        }
        if let Deed::DeleteVolumes(ordinals) = deed {
            let names = ordinals.iter().map(|at| format!("data-{NAME}-{at}"));
            let claims =
                names.filter_map(|name| world.api.get::<PersistentVolumeClaim>(NAMESPACE, &name));
            self.excused.extend(claims.filter_map(|claim| claim.uid()));
        }
    }

    /// A status just written claims nothing that is not so.
    pub fn after_turn(&mut self, world: &SimCluster, watch: &Watch) {
        let Some(cluster) = world.api.get::<EtcdCluster>(NAMESPACE, NAME) else { return };
        let judged = self.judged.replace(Arc::clone(&cluster));
        // What somebody else changes makes no claim.
        if judged.is_some_and(|judged| judged.status == cluster.status) {
            return;
        }
        let status = cluster.status.iter().flat_map(|status| &status.conditions);
        let claimed = status.into_iter().any(|at| at.type_ == "Available" && at.status == "True");
        if claimed && !serves(world) {
            watch.breach(Law::StatusTrue, "Available is True, and no write is taken".to_owned());
        }
    }

    /// What holds at any time.
    pub fn after_round(&mut self, world: &SimCluster, watch: &Watch) {
        self.writer.write(world, watch);
        self.volumes(world, watch);
        self.births(world, watch);
        if world.etcd.learners() > 1 {
            watch.breach(Law::OneLearner, format!("{} learners", world.etcd.learners()));
        }
    }

    /// How a story must end.
    pub fn at_the_end(&self, world: &SimCluster, watch: &Watch, end: End) {
        if self.of_service {
            return services::at_the_end(world, watch, end);
        }
        self.writer.check(world, watch);
        let cluster = world.api.get::<EtcdCluster>(NAMESPACE, NAME);
        let wrong = match (end, &cluster) {
            (End::Gone { volumes }, None) => self.left_over(world, volumes),
            (End::Gone { .. }, Some(_)) => Some("the object is still there".to_owned()),
            (End::Explained, None) => self.unwanted(world),
            (_, None) => Some("the object is gone".to_owned()),
            (End::Healthy, Some(cluster)) => {
                (!is_well(world, cluster)).then(|| format!("not healthy: {}", told(cluster)))
            }
            (End::Explained, Some(cluster)) => (!is_well(world, cluster)
                && !waits_for_a_person(cluster))
            .then(|| format!("waits for nobody: {}", told(cluster))),
            (End::Waits { step, reason }, Some(cluster)) => {
                (!waits(cluster, step, reason)).then(|| format!("does not wait: {}", told(cluster)))
            }
        };
        if let Some(what) = wrong {
            watch.breach(Law::Converges, what);
        }
        if let Some(cluster) =
            cluster.filter(|cluster| !is_healthy(cluster) && !is_explained(cluster))
        {
            watch.breach(Law::WaitingExplained, told(&cluster));
        }
    }

    /// Data that clients were promised is not deleted.
    fn volumes(&mut self, world: &SimCluster, watch: &Watch) {
        for cluster in world.api.list::<EtcdCluster>(None) {
            let delete = cluster.spec.storage.retention == Retention::Delete;
            if delete && cluster.metadata.deletion_timestamp.is_some() {
                self.given_up.extend(cluster.uid());
            }
        }
        let claims = world.api.list::<PersistentVolumeClaim>(None);
        let staying = |uid: &String| {
            let same = |claim: &&Arc<PersistentVolumeClaim>| claim.uid().as_ref() == Some(uid);
            claims
                .iter()
                .find(same)
                .is_some_and(|claim| claim.metadata.deletion_timestamp.is_none())
        };
        // Judged once, when it goes: who is a member later says nothing of then.
        let (excused, given_up) = (&self.excused, &self.given_up);
        self.promised.retain(|uid, cluster| {
            let stays = staying(uid);
            let needed = || !excused.contains(uid) && !given_up.contains(cluster);
            if !stays && needed() && !is_superseded(world, uid) {
                watch.breach(Law::DataKept, format!("volume {uid} was deleted"));
            }
            stays
        });
        for claim in &claims {
            let cluster = claim.labels().get(crate::crd::labels::CLUSTER_UID);
            let written = cluster.filter(|cluster| self.writer.has_written(cluster));
            if let (Some(cluster), Some(uid)) = (written, claim.uid())
                && claim.metadata.deletion_timestamp.is_none()
            {
                self.promised.entry(uid).or_insert_with(|| cluster.clone());
            }
        }
    }

    fn left_over(&self, world: &SimCluster, volumes: bool) -> Option<String> {
        let pods = world.api.list::<Pod>(None).len();
        let services = world.api.list::<Service>(None).len();
        let claims = world.api.list::<PersistentVolumeClaim>(None);
        let empty = |claim: &&Arc<PersistentVolumeClaim>| {
            self.haunted && claim.uid().is_none_or(|uid| !self.promised.contains_key(&uid))
        };
        let claims = claims.iter().filter(|claim| !empty(claim)).count();
        let wrong = pods + services > 0 || (claims > 0) != volumes;
        wrong
            .then(|| format!("left over: {pods} pods, {services} services, {claims} volume claims"))
    }

    /// Volumes whose user wants them deleted, and whatever else of a cluster is of no use without it.
    fn unwanted(&self, world: &SimCluster) -> Option<String> {
        let claims = world.api.list::<PersistentVolumeClaim>(None);
        let cluster = |claim: &PersistentVolumeClaim| {
            claim.labels().get(crate::crd::labels::CLUSTER_UID).cloned()
        };
        let given_up = |claim: &Arc<PersistentVolumeClaim>| {
            cluster(claim).is_some_and(|uid| self.given_up.contains(&uid))
        };
        self.left_over(world, claims.iter().any(|claim| !given_up(claim)))
            .or_else(|| claims.iter().any(given_up).then(|| "volumes are left over".to_owned()))
    }

    /// A birth is on record before its first member starts.
    fn births(&mut self, world: &SimCluster, watch: &Watch) {
        let starts = world.kubelet.starts.iter().skip(self.starts);
        for start in starts.filter(|start| start.verdict == GateVerdict::New) {
            let Some(directive) = &start.directive else { continue };
            let all = world.api.list::<EtcdCluster>(None);
            let uid = Some(&directive.cluster_uid);
            let cluster = all.iter().find(|cluster| cluster.uid().as_ref() == uid);
            let Some(cluster) = cluster else { continue };
            let of = (directive.cluster_uid.clone(), directive.incarnation, start.pod.clone());
            let claims = world.api.list::<PersistentVolumeClaim>(None);
            let same = |birth: &(String, i64, String)| (&birth.0, birth.1) == (&of.0, of.1);
            let left = |(birth, volume): (_, &String)| same(birth) && is_there(&claims, volume);
            if self.forgotten && !self.begun.iter().any(left) {
                self.begun.retain(|birth, _| !same(birth));
            }
            let recorded = cluster.status.as_ref();
            let volume = self.begun.entry(of).or_insert_with(|| start.volume.clone());
            // Nobody was promised anything yet.
            if !self.writer.has_written(&directive.cluster_uid) && self.excused.contains(volume) {
                volume.clone_from(&start.volume);
            }
            if *volume != start.volume {
                let what = format!("{} began birth {} twice", start.pod, directive.incarnation);
                watch.breach(Law::BirthsRise, what);
            }
            // Until the birth is on record again, those go on that were made before.
            let goes_on = recorded
                .is_none_or(|status| status.operation.is_none() && status.cluster_id.is_none());
            let recorded = recorded.and_then(|status| status.incarnation);
            if self.forgotten && goes_on {
                continue;
            }
            if recorded.is_none_or(|recorded| recorded < directive.incarnation) {
                let what = format!("{} began birth {}", start.pod, directive.incarnation);
                watch.breach(Law::BirthsRise, format!("{what}, recorded is {recorded:?}"));
            }
        }
        self.starts = world.kubelet.starts.len();
    }
}

fn is_there(claims: &[Arc<PersistentVolumeClaim>], uid: &String) -> bool {
    claims.iter().any(|claim| claim.uid().as_ref() == Some(uid))
}

/// Whether what is on a volume can never be of use again: its member was taken out, or it holds
/// nothing, as one that no pod ever had.
fn is_superseded(world: &SimCluster, volume: &str) -> bool {
    let Some(disk) = world.kubelet.disk_of(volume) else { return true };
    let all = world.etcd.clusters();
    let of = all.values().find_map(|sight| Some((sight, sight.disks.get(&disk)?.0)));
    of.is_none_or(|(sight, member)| {
        !sight.voters.is_empty()
            && !sight.voters.contains(&member)
            && !sight.learners.contains(&member)
    })
}
