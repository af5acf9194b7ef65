//! PURE. Keeps the members of one cluster on different nodes, beside what the user asks for.

use super::labels;
use crate::crd::{AntiAffinity, EtcdCluster, Owner};
use k8s_openapi::api::core::v1::{
    Affinity, PodAffinityTerm, TopologySpreadConstraint, WeightedPodAffinityTerm,
};

/// A node's own name, as a topology.
const HOSTNAME: &str = "kubernetes.io/hostname";
/// The most a preference can weigh.
const WEIGHT_MAX: i32 = 100;

/// The user's affinity with the rule between members added to it.
pub(crate) fn affinity(cluster: &EtcdCluster) -> Affinity {
    let placement = &cluster.spec.pod;
    let mut affinity = placement.affinity.clone().unwrap_or_default();
    let between = affinity.pod_anti_affinity.get_or_insert_default();
    let apart = PodAffinityTerm {
        label_selector: Some(labels::label_selector(cluster)),
        topology_key: HOSTNAME.to_owned(),
        ..PodAffinityTerm::default()
    };
    match placement.anti_affinity {
        AntiAffinity::Required => between
            .required_during_scheduling_ignored_during_execution
            .get_or_insert_default()
            .push(apart),
        AntiAffinity::Preferred => between
            .preferred_during_scheduling_ignored_during_execution
            .get_or_insert_default()
            .push(WeightedPodAffinityTerm { weight: WEIGHT_MAX, pod_affinity_term: apart }),
    }
    affinity
}

/// The user's spread constraints. One that does not say what it counts counts the owner's pods: with no
/// selector at all Kubernetes would count no pods, and spread nothing.
pub(crate) fn spread(
    owner: &impl Owner,
    constraints: &[TopologySpreadConstraint],
) -> Vec<TopologySpreadConstraint> {
    let constraints = constraints.iter().cloned();
    constraints
        .map(|mut constraint| {
            constraint.label_selector.get_or_insert_with(|| labels::label_selector(owner));
            constraint
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::samples;
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

    #[test]
    fn members_never_share_a_node_unless_that_is_only_preferred() {
        let mut cluster = samples::minimal();
        let rule = affinity(&cluster).pod_anti_affinity.unwrap();
        let terms = rule.required_during_scheduling_ignored_during_execution.unwrap();
        assert_eq!(terms.len(), 1);
        assert_eq!(terms[0].topology_key, "kubernetes.io/hostname");
        assert_eq!(terms[0].label_selector, Some(labels::label_selector(&cluster)));
        assert_eq!(rule.preferred_during_scheduling_ignored_during_execution, None);

        cluster.spec.pod.anti_affinity = AntiAffinity::Preferred;
        let rule = affinity(&cluster).pod_anti_affinity.unwrap();
        assert_eq!(rule.required_during_scheduling_ignored_during_execution, None);
        let terms = rule.preferred_during_scheduling_ignored_during_execution.unwrap();
        assert_eq!(terms.iter().map(|term| term.weight).collect::<Vec<_>>(), [WEIGHT_MAX]);
    }

    #[test]
    fn a_spread_counts_the_members_unless_it_says_otherwise() {
        let mut cluster = samples::full();
        let all = cluster.spec.pod.topology_spread_constraints.clone();
        let counted = spread(&cluster, &all)[0].label_selector.clone();
        assert_eq!(counted, Some(labels::label_selector(&cluster)));
        let own = LabelSelector::default();
        cluster.spec.pod.topology_spread_constraints[0].label_selector = Some(own.clone());
        let all = cluster.spec.pod.topology_spread_constraints.clone();
        assert_eq!(spread(&cluster, &all)[0].label_selector, Some(own));
    }
}
