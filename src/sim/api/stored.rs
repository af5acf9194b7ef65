//! PURE. One version of one object.

use super::apply::Owners;
use crate::sim::canonical::Canonical;
use serde_json::Value;
use std::any::Any;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// An object as its type.
pub type Typed = Arc<dyn Any + Send + Sync>;

/// One version of one object, as JSON, its text and as its type: each is made of another when it is
/// first asked for.
#[derive(Debug)]
pub struct Stored {
    value: OnceLock<Value>,
    text: OnceLock<String>,
    /// What each manager that applies answers for.
    pub owned: Owners,
    /// The object as its type.
    pub typed: OnceLock<Typed>,
    /// How its type is written as JSON.
    write: fn(&Typed) -> Value,
    /// Whose it is, if it is not on its way out.
    owners: Arc<Vec<String>>,
    uid: Arc<str>,
    labels: Arc<Labels>,
    canonical: OnceLock<Canonical>,
}

/// The labels of an object.
pub type Labels = BTreeMap<String, String>;

impl Stored {
    /// A version as its JSON.
    pub fn of(value: Value, owned: Owners) -> Self {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let uid = value.pointer("/metadata/uid").and_then(text).unwrap_or_default();
        let owners = value.pointer("/metadata/ownerReferences").and_then(Value::as_array);
        let owners = owners.filter(|_| !is_deleting(&value)).into_iter().flatten();
        let owners = owners.filter_map(|owner| owner.get("uid").and_then(text)).collect();
        let labels = value.pointer("/metadata/labels").and_then(Value::as_object);
        let labels = labels.into_iter().flatten();
        let labels = labels.filter_map(|(label, value)| Some((label.clone(), text(value)?)));
        Self {
            labels: Arc::new(labels.collect()),
            canonical: OnceLock::new(),
            text: OnceLock::new(),
            value: value.into(),
            owned,
            typed: OnceLock::new(),
            write: |_| Value::Null,
            owners: Arc::new(owners),
            uid: uid.into(),
        }
    }

    /// The same under a type that says nothing new but its status.
    pub fn told(&self, typed: Typed, write: fn(&Typed) -> Value) -> Self {
        Self {
            value: OnceLock::new(),
            text: OnceLock::new(),
            owned: self.owned.clone(),
            typed: typed.into(),
            write,
            owners: Arc::clone(&self.owners),
            uid: Arc::clone(&self.uid),
            labels: Arc::clone(&self.labels),
            canonical: OnceLock::new(),
        }
    }

    /// Whose it is, if it is not on its way out.
    pub fn owners(&self) -> &[String] {
        &self.owners
    }

    /// The object.
    pub fn value(&self) -> &Value {
        self.value.get_or_init(|| self.typed.get().map_or(Value::Null, self.write))
    }

    /// The object in JSON.
    pub fn text(&self) -> &str {
        self.text.get_or_init(|| self.value().to_string())
    }

    /// The object without all that differs from run to run and means nothing.
    pub fn canonical(&self) -> &Canonical {
        self.canonical.get_or_init(|| Canonical::of(self.value(), &self.owned))
    }

    /// Its UID.
    pub fn uid(&self) -> &str {
        &self.uid
    }

    /// Its labels.
    pub fn labels(&self) -> &Arc<Labels> {
        &self.labels
    }
}

/// Whether an object is on its way out.
pub fn is_deleting(value: &Value) -> bool {
    value.pointer("/metadata/deletionTimestamp").is_some()
}
