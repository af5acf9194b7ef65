//! PURE. How a status speaks, whatever its kind: conditions that keep their time, bounded messages,
//! and the last moves.

use crate::crd::{TRANSITIONS_MAX, Transition};
use crate::engine::Moved;
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use std::str::FromStr;

/// The longest message, in bytes. An Event's note can hold no more either.
const BYTES_MAX: usize = 1024;

/// A condition's content, before it is compared with the one already there.
pub struct Said {
    /// Its type.
    pub kind: &'static str,
    /// True, False or Unknown.
    pub status: &'static str,
    /// Why, in a word.
    pub reason: String,
    /// The same in a sentence.
    pub message: String,
}

/// A condition that says what it said keeps its time.
pub fn dated(said: Said, old: &[Condition], generation: Option<i64>, now: Timestamp) -> Condition {
    let before = old.iter().find(|old| old.type_ == said.kind && old.status == said.status);
    let since = before.map_or_else(|| Time(now), |old| old.last_transition_time.clone());
    Condition {
        type_: said.kind.to_owned(),
        status: said.status.to_owned(),
        reason: said.reason,
        message: bounded(said.message),
        observed_generation: generation,
        last_transition_time: since,
    }
}

/// The conditions with Degraded saying that the operator itself failed at this object.
pub fn fault(
    old: &[Condition],
    generation: Option<i64>,
    message: &str,
    now: Timestamp,
) -> Vec<Condition> {
    let said = Said {
        kind: "Degraded",
        status: "True",
        reason: "OperatorFault".to_owned(),
        message: format!("The operator failed at this object and left it alone: {message}."),
    };
    let said = dated(said, old, generation, now);
    let others = old.iter().filter(|old| old.type_ != said.type_).cloned();
    others.chain([said.clone()]).collect()
}

/// A message cut to `BYTES_MAX`, with a sign that it was.
pub fn bounded(message: String) -> String {
    if message.len() <= BYTES_MAX {
        return message;
    }
    let fits = |end: &usize| message.is_char_boundary(*end);
    let end = (0..=BYTES_MAX - 3).rev().find(fits).unwrap_or(0);
    format!("{}...", message.get(..end).unwrap_or_default())
}

/// Adds the moves of a turn; the oldest go.
pub fn add_moves(transitions: &mut Vec<Transition>, path: &[Moved], now: Timestamp) {
    transitions.extend(path.iter().map(|moved| Transition {
        at: Time(now),
        from: moved.from.clone(),
        to: moved.to.clone(),
        reason: moved.fact.clone(),
    }));
    let surplus = transitions.len().saturating_sub(TRANSITIONS_MAX);
    transitions.drain(..surplus);
}

/// The step of a move's end, `Phase/Step`, for the messages of Events.
pub fn step_named<S: FromStr>(name: &str) -> Option<S> {
    name.rsplit('/').next()?.parse().ok()
}

/// Some things in a row, or the word for none.
pub fn listed(items: impl Iterator<Item = String>, none: &str) -> String {
    let items: Vec<String> = items.collect();
    if items.is_empty() { none.to_owned() } else { items.join(", ") }
}
