//! PURE. The shape of the objects a cluster is made of.

use crate::crd::Directive;

/// What the operator has decided about a cluster's objects, beside what the user asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// How many pods there are to be: 0 or more, and not always `spec.size`.
    pub replicas: i32,
    /// How many members vote. The disruption budget counts these.
    pub voters: i32,
    /// What a member may do when its container starts.
    pub directive: Directive,
    /// Whether new pods may be sent clients from their first ready moment.
    pub serving: bool,
    /// The image the member gate comes from: the operator's own.
    pub operator_image: String,
}
