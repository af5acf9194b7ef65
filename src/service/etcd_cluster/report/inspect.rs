//! PURE. What the commands tell people of an `EtcdCluster`.

use super::messages;
use crate::crd::{EtcdClusterStatus, Transition};
use crate::service::etcd_cluster::Cluster;
use crate::service::etcd_cluster::decide::vocabulary::Reason;
use crate::service::etcd_cluster::observe::observed::Observed;
use crate::service::inspect::{Heard, Inspect};
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;

impl Inspect for Cluster {
    const SHORT: &'static str = "etcdc";
    const EDGES: &'static str = include_str!("../../../../state-diagrams/etcd-cluster.edges");

    fn hold(reason: Reason, seen: &Observed) -> String {
        messages::hold(reason, seen)
    }

    fn since(seen: &Observed) -> Option<Timestamp> {
        seen.memory.step_since
    }

    fn now(seen: &Observed) -> Timestamp {
        seen.now
    }

    fn heard(seen: &Observed) -> Option<Vec<Heard>> {
        let heard = seen.looks.iter();
        let heard =
            heard.map(|(&at, look)| (seen.member_name(at), look.unknown().map(str::to_owned)));
        Some(heard.collect())
    }

    fn conditions(status: &EtcdClusterStatus) -> &[Condition] {
        &status.conditions
    }

    fn transitions(status: &EtcdClusterStatus) -> &[Transition] {
        &status.transitions
    }
}
