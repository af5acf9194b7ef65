//! PURE. The members: pods with names and volumes that stay theirs.

use super::pod_template::{self, data_volume_name};
use super::shape::Shape;
use super::{SPEC_HASH_ANNOTATION, labels, names, spec_hash};
use crate::crd::EtcdCluster;
use k8s_openapi::api::apps::v1::{
    StatefulSet, StatefulSetPersistentVolumeClaimRetentionPolicy, StatefulSetSpec,
    StatefulSetUpdateStrategy,
};
use k8s_openapi::api::core::v1::{
    PersistentVolumeClaim, PersistentVolumeClaimSpec, VolumeResourceRequirements,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

pub use super::pod_template::directive_text;

/// The cluster's `StatefulSet`.
///
/// The volumes' templates carry the incarnation and cannot be changed: to begin a cluster again
/// takes a new `StatefulSet`.
pub fn build(cluster: &EtcdCluster, shape: &Shape) -> StatefulSet {
    let mut metadata = labels::owned(cluster, names::cluster(cluster).to_owned());
    let hash = (SPEC_HASH_ANNOTATION.to_owned(), spec_hash(&cluster.spec));
    metadata.annotations = Some([hash].into());
    StatefulSet {
        metadata,
        spec: Some(StatefulSetSpec {
            replicas: Some(shape.replicas),
            service_name: Some(names::peer_service(cluster)),
            selector: labels::label_selector(cluster),
            template: pod_template::build(cluster, shape),
            volume_claim_templates: Some(vec![volume_claim(cluster, shape)]),
            // The first members need each other to begin, so none may wait for another.
            pod_management_policy: Some("Parallel".to_owned()),
            // Kubernetes knows nothing of quorum: the operator says when a pod is born again.
            update_strategy: Some(StatefulSetUpdateStrategy {
                type_: Some("OnDelete".to_owned()),
                ..StatefulSetUpdateStrategy::default()
            }),
            // Only the operator deletes data, and only what it knows to be superseded.
            persistent_volume_claim_retention_policy: Some(
                StatefulSetPersistentVolumeClaimRetentionPolicy {
                    when_deleted: Some("Retain".to_owned()),
                    when_scaled: Some("Retain".to_owned()),
                },
            ),
            revision_history_limit: Some(2),
            ..StatefulSetSpec::default()
        }),
        ..StatefulSet::default()
    }
}

/// Each member's volume. It has no owner: data outlives the objects around it.
fn volume_claim(cluster: &EtcdCluster, shape: &Shape) -> PersistentVolumeClaim {
    let storage = &cluster.spec.storage;
    let incarnation = shape.directive.incarnation.to_string();
    let size = ("storage".to_owned(), storage.size.clone());
    PersistentVolumeClaim {
        metadata: ObjectMeta {
            name: Some(data_volume_name()),
            labels: Some(labels::with(labels::common(cluster), labels::INCARNATION, &incarnation)),
            ..ObjectMeta::default()
        },
        spec: Some(PersistentVolumeClaimSpec {
            access_modes: Some(vec!["ReadWriteOnce".to_owned()]),
            storage_class_name: storage.storage_class_name.clone(),
            resources: Some(VolumeResourceRequirements {
                requests: Some([size].into()),
                ..VolumeResourceRequirements::default()
            }),
            ..PersistentVolumeClaimSpec::default()
        }),
        ..PersistentVolumeClaim::default()
    }
}
