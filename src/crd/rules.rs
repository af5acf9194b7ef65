//! PURE. The rules a person's edit has to keep and the API server enforces, as CEL.
//!
//! A rule that concerns one field stands beside that field. Here are the rules of the whole
//! object: what its name may be, and what may change once the cluster lives.

use kube::core::{Message, Reason, Rule};

/// Why what the members run with stands.
pub(super) const NO_ROLLING: &str = "this version of the operator does not restart members with \
     new settings; create another EtcdCluster with the settings you need";
/// Why the volumes' size stands.
pub(super) const NO_RESIZING: &str = "this version of the operator does not resize volumes; \
     create another EtcdCluster with the storage you need";
/// Why the volumes' class stands.
pub(super) const NO_MOVING: &str = "data is not moved between storage classes; create another \
     EtcdCluster with the class you need";

/// A repository: perhaps a registry with its port, then a path. No tag, no digest, no white space.
pub(super) const IS_REPOSITORY: &str = "self.matches('^([a-zA-Z0-9][-a-zA-Z0-9.]*(:[0-9]{1,5})?/)?\
     [a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*$')";

/// No request is larger than its limit; Kubernetes would refuse every pod. The names are listed
/// because a comparison of all of them would cost more than the API server allows a rule.
pub(super) const REQUESTS_KEEP_LIMITS: &str = "!has(self.requests) || !has(self.limits) || \
     ['cpu', 'memory', 'ephemeral-storage'].all(name, \
     !(name in self.requests) || !(name in self.limits) || \
     !quantity(string(self.requests[name])).isGreaterThan(quantity(string(self.limits[name]))))";

/// No label is one that the operator or Kubernetes sets itself.
pub(super) const LABELS_ARE_FREE: &str = "self.all(key, \
     !key.startsWith('etcd.etcd.io/') && !key.startsWith('app.kubernetes.io/') && \
     !key.startsWith('apps.kubernetes.io/') && !key.startsWith('statefulset.kubernetes.io/') && \
     key != 'controller-revision-hash')";

/// No annotation is one that the operator sets itself.
pub(super) const ANNOTATIONS_ARE_FREE: &str = "self.all(key, !key.startsWith('etcd.etcd.io/'))";

/// No label of a service's pods is one that the operator or Kubernetes sets itself.
pub(super) const APP_LABELS_ARE_FREE: &str = "self.all(key, \
     !key.startsWith('apps.etcd.io/') && !key.startsWith('etcd.etcd.io/') && \
     !key.startsWith('app.kubernetes.io/') && key != 'pod-template-hash')";

/// No annotation of a service's objects is one that the operator sets itself.
pub(super) const APP_ANNOTATIONS_ARE_FREE: &str = "self.all(key, !key.startsWith('apps.etcd.io/'))";

/// The name of a `PriorityClass`.
pub(super) const IS_PRIORITY_CLASS: &str = "self.matches('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$')";
/// What another name is told.
pub(super) const PRIORITY_CLASS_MESSAGE: &str =
    "must be the name of a PriorityClass, as `kubectl get priorityclass` shows it";

/// Every key is one that Kubernetes accepts; it would refuse the whole `StatefulSet` otherwise.
pub(super) const KEYS_ARE_WELL_FORMED: &str = "self.all(key, key.matches(\
     '^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$'))";
/// What a key that Kubernetes does not accept is told.
pub(super) const KEYS_MESSAGE: &str = "each key must be a name of at most 63 letters, digits, '-', \
     '_' and '.' that begins and ends with a letter or digit, perhaps after a DNS name and a '/'";

/// The longest name of which everything derived can still be made.
///
/// # Source
/// Kubernetes labels a `StatefulSet`'s pods with its name, a dash and a hash of 10 characters, and
/// a label's value has at most 63.
pub const NAME_LENGTH_MAX: usize = 52;

/// The names and labels made from the cluster's name must fit.
pub(super) fn name_fits() -> Rule {
    Rule::new(format!("self.metadata.name.size() <= {NAME_LENGTH_MAX}")).message(Message::Message(
        format!(
            "metadata.name must be at most {NAME_LENGTH_MAX} characters long: Kubernetes puts it, \
             with 11 more, into a label of the pods, and a label holds 63"
        ),
    ))
}

/// A service's pods are named after it, and so are their hosts.
pub(super) fn name_fits_a_service() -> Rule {
    Rule::new("self.metadata.name.size() <= 46").message(
        "metadata.name must be at most 46 characters long: Kubernetes names the pods after it, \
         with 17 more, and a host's name holds 63",
    )
}

/// The members' and the Services' names are made from the cluster's name, and must be DNS labels.
pub(super) fn name_is_a_label() -> Rule {
    Rule::new("self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')").message(
        "metadata.name must begin with a lower-case letter, hold only lower-case letters, \
             digits and '-', and end with a letter or digit: the Services' DNS names are made \
             from it",
    )
}

/// The recorded cluster ID is what keeps a second cluster from being born on the first one's name.
pub(super) fn identity_stays() -> Rule {
    Rule::new(
        "!has(oldSelf.status) || !has(oldSelf.status.clusterID) || (has(self.status) && \
         has(self.status.clusterID) && self.status.clusterID == oldSelf.status.clusterID)",
    )
    .message(
        "cannot be changed or removed once it is recorded: it is what keeps members from \
         beginning a second, empty cluster",
    )
    .reason(Reason::FieldValueForbidden)
    .field_path(".status.clusterID")
}

/// `field` of the spec may not change once the cluster's identity is recorded. Until then a
/// creation is simply begun again with what the spec says.
pub(super) fn frozen(field: &str, why: &str) -> Rule {
    frozen_if(field, &format!("self.spec.{field} == oldSelf.spec.{field}"), why)
}

/// The same for `name` of `parent`, which may be absent.
pub(super) fn frozen_optional(parent: &str, name: &str, why: &str) -> Rule {
    let (new, old) = (format!("self.spec.{parent}"), format!("oldSelf.spec.{parent}"));
    let same = format!(
        "(has({new}.{name}) ? has({old}.{name}) && {new}.{name} == {old}.{name} : \
         !has({old}.{name}))"
    );
    frozen_if(&format!("{parent}.{name}"), &same, why)
}

fn frozen_if(field: &str, same: &str, why: &str) -> Rule {
    Rule::new(format!("!has(oldSelf.status) || !has(oldSelf.status.clusterID) || {same}"))
        .message(Message::Message(format!("cannot be changed once the cluster has formed: {why}")))
        .reason(Reason::FieldValueForbidden)
        .field_path(format!(".spec.{field}"))
}
