//! PURE. How many members an eviction has to leave.

use super::shape::Shape;
use super::{labels, names};
use crate::crd::EtcdCluster;
use k8s_openapi::api::policy::v1::{PodDisruptionBudget, PodDisruptionBudgetSpec};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

/// The cluster's `PodDisruptionBudget`.
pub fn build(cluster: &EtcdCluster, shape: &Shape) -> PodDisruptionBudget {
    PodDisruptionBudget {
        metadata: labels::owned(cluster, names::cluster(cluster).to_owned()),
        spec: Some(PodDisruptionBudgetSpec {
            selector: Some(labels::label_selector(cluster)),
            min_available: Some(IntOrString::Int(members_that_stay(shape.voters))),
            // Without quorum every pod is unready: to let all of those go would take the survivors.
            unhealthy_pod_eviction_policy: Some("IfHealthyBudget".to_owned()),
            ..PodDisruptionBudgetSpec::default()
        }),
        ..PodDisruptionBudget::default()
    }
}

/// A majority of the voters; nothing where there are two or fewer.
///
/// One or two voters lose quorum with every eviction. A budget that forbids it would make each
/// drain of their node wait for ever, and protect nothing the user has not already given up by
/// choosing such a size: their data stays on its volume, and the member comes back elsewhere.
fn members_that_stay(voters: i32) -> i32 {
    if voters <= 2 { 0 } else { voters / 2 + 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evictions_leave_a_majority_or_are_free() {
        let stay: Vec<_> = (0..=9).map(members_that_stay).collect();
        assert_eq!(stay, [0, 0, 0, 2, 3, 3, 4, 4, 5, 5]);
    }
}
