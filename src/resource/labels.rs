//! PURE. The labels that say whose an object is, and the metadata every object begins with.

use super::names;
use crate::crd::{EtcdCluster, GROUP, Owner};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta, OwnerReference};
use std::collections::BTreeMap;

pub use crate::crd::labels::*;

/// Labels or annotations.
pub type Pairs = BTreeMap<String, String>;

/// The least that picks out this owner's objects and nobody else's.
pub fn selector<O: Owner>(owner: &O) -> Pairs {
    pairs([
        (INSTANCE, names::owner(owner)),
        (MANAGED_BY, OPERATOR),
        (O::UID_LABEL, names::uid(owner)),
    ])
}

/// [`selector`] as the API writes it in a query or in `status.selector`.
pub fn selector_text(owner: &impl Owner) -> String {
    let terms: Vec<_> =
        selector(owner).into_iter().map(|(key, value)| format!("{key}={value}")).collect();
    terms.join(",")
}

/// The labels of every object of the owner.
pub fn common<O: Owner>(owner: &O) -> Pairs {
    with(selector(owner), NAME, O::RUNS)
}

/// The labels of the members' pods: the user's, and over them the operator's.
pub fn pod(cluster: &EtcdCluster, serving: bool) -> Pairs {
    let mut labels = beneath(&cluster.spec.pod.labels, common(cluster));
    if serving {
        labels.insert(SERVING.to_owned(), "true".to_owned());
    }
    labels
}

/// The user's pairs with the operator's put over them. The user's in the operator's own group are
/// left out even where the operator has none: an absent `serving` label means something too.
pub(crate) fn beneath(users: &Pairs, ours: Pairs) -> Pairs {
    let prefix = format!("{GROUP}/");
    let users = users.iter().filter(|(key, _)| !key.starts_with(&prefix));
    users.map(|(key, value)| (key.clone(), value.clone())).chain(ours).collect()
}

/// A selector's labels with one more.
pub(crate) fn with(mut labels: Pairs, key: &str, value: &str) -> Pairs {
    labels.insert(key.to_owned(), value.to_owned());
    labels
}

/// [`selector`] as most kinds write it.
pub(crate) fn label_selector(owner: &impl Owner) -> LabelSelector {
    LabelSelector { match_labels: Some(selector(owner)), ..LabelSelector::default() }
}

/// Names the owner as the controller, so that its objects go when it goes.
pub fn owner_reference<O: Owner>(owner: &O) -> OwnerReference {
    OwnerReference {
        api_version: format!("{}/{}", O::GROUP, O::API_VERSION),
        kind: O::KIND.to_owned(),
        name: names::owner(owner).to_owned(),
        uid: names::uid(owner).to_owned(),
        controller: Some(true),
        block_owner_deletion: Some(true),
    }
}

/// The metadata of an object that is owned.
pub(crate) fn owned(owner: &impl Owner, name: String) -> ObjectMeta {
    ObjectMeta {
        name: Some(name),
        namespace: Some(names::namespace(owner).to_owned()),
        labels: Some(common(owner)),
        owner_references: Some(vec![owner_reference(owner)]),
        ..ObjectMeta::default()
    }
}

fn pairs<const N: usize>(of: [(&str, &str); N]) -> Pairs {
    of.map(|(key, value)| (key.to_owned(), value.to_owned())).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::samples;

    #[test]
    fn a_users_label_never_overrides_the_operators() {
        let mut cluster = samples::minimal();
        for (key, value) in common(&cluster) {
            cluster.spec.pod.labels.insert(key, format!("not-{value}"));
        }
        cluster.spec.pod.labels.insert("team".to_owned(), "storage".to_owned());
        let labels = pod(&cluster, false);
        assert!(common(&cluster).iter().all(|(key, value)| labels.get(key) == Some(value)));
        assert_eq!(labels.get("team").map(String::as_str), Some("storage"));
    }

    #[test]
    fn a_user_cannot_make_a_pod_serve() {
        let mut cluster = samples::minimal();
        cluster.spec.pod.labels.insert(SERVING.to_owned(), "true".to_owned());
        assert_eq!(pod(&cluster, false).get(SERVING), None);
        assert_eq!(pod(&cluster, true).get(SERVING).map(String::as_str), Some("true"));
    }

    #[test]
    fn a_namesake_is_selected_by_neither_the_other() {
        let one = samples::minimal();
        let mut other = one.clone();
        other.metadata.uid = Some("another-uid".to_owned());
        assert_ne!(selector(&one), selector(&other));
        assert_eq!(
            selector_text(&other),
            "app.kubernetes.io/instance=demo,app.kubernetes.io/managed-by=etcd-operator,\
             etcd.etcd.io/cluster-uid=another-uid"
        );
    }
}
