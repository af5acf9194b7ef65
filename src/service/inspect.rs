//! SHELL. What the commands ask of a kind, to tell people of its objects.

use super::Kind;
use crate::crd::Transition;
use crate::engine::Machine;
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;

/// The words of a kind's machine.
pub type ReasonOf<K> = <<K as Kind>::Machine as Machine>::Reason;
/// What a turn of a kind sees.
pub type ObservedOf<K> = <<K as Kind>::Machine as Machine>::Observed;

/// Someone who was asked for this look: a name, and why there was no answer, if there was none.
pub type Heard = (String, Option<String>);

/// The folder of what belongs to a kind: `EtcdCluster` as `etcd-cluster`.
pub fn folder<M: Machine>() -> String {
    let mut name = String::new();
    for letter in M::KIND.chars() {
        if letter.is_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.extend(letter.to_lowercase());
    }
    name
}

/// What the commands ask of a kind.
pub trait Inspect: Kind {
    /// What people call it in commands: `SHORT/NAME`.
    const SHORT: &'static str;

    /// Every edge of its machine, as `render-states` wrote them. A new kind begins with an empty
    /// file.
    const EDGES: &'static str;

    /// What a reason to wait means, and what a person can do about it.
    fn hold(reason: ReasonOf<Self>, seen: &ObservedOf<Self>) -> String;

    /// When the recorded step was entered.
    fn since(seen: &ObservedOf<Self>) -> Option<Timestamp>;

    /// The time of the look.
    fn now(seen: &ObservedOf<Self>) -> Timestamp;

    /// Whom the look asked beside the API server; nothing if the kind asks nobody.
    fn heard(seen: &ObservedOf<Self>) -> Option<Vec<Heard>>;

    /// What the conditions say.
    fn conditions(status: &Self::Status) -> &[Condition];

    /// The last moves.
    fn transitions(status: &Self::Status) -> &[Transition];
}
