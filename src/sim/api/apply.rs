//! PURE. Server-side apply and merge patch over JSON.

use super::kind::{self, List};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// One step of the way to a field.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// A field of an object.
    Field(String),
    /// An entry of a list, by its keys in JSON.
    Entry(String),
}

/// The way to a field.
pub type Path = Vec<Part>;

/// What one manager answers for.
pub type Owned = BTreeSet<Path>;

/// Fields the server fills in, which nobody owns.
const SERVERS: [&str; 7] = [
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "managedFields",
    "name",
    "namespace",
];

/// The leaves of an object in these of its fields: every value that is neither an object nor a list
/// merged by entry.
pub fn leaves(object: &Value, within: impl Fn(&str) -> bool) -> Owned {
    let mut found = Owned::new();
    for (field, value) in object.as_object().into_iter().flatten() {
        if !["apiVersion", "kind"].contains(&field.as_str()) && within(field) {
            collect(value, &mut vec![Part::Field(field.clone())], &mut found);
        }
    }
    found.retain(|path| {
        !matches!(path.as_slice(), [Part::Field(top), Part::Field(field)]
                if top == "metadata" && SERVERS.contains(&field.as_str()))
    });
    found
}

fn collect(value: &Value, path: &mut Path, found: &mut Owned) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (field, value) in map {
                path.push(Part::Field(field.clone()));
                collect(value, path, found);
                path.pop();
            }
        }
        Value::Array(list) if !list.is_empty() && keyed(path) != List::Atomic => {
            for entry in list {
                path.push(Part::Entry(key(entry, keyed(path))));
                collect(entry, path, found);
                path.pop();
            }
        }
        _ => {
            found.insert(path.clone());
        }
    }
}

fn keyed(path: &[Part]) -> List {
    match path.last() {
        Some(Part::Field(field)) => kind::list(field),
        Some(Part::Entry(_)) | None => List::Atomic,
    }
}

fn key(entry: &Value, list: List) -> String {
    match list {
        List::ByKeys(keys) => {
            let all =
                keys.iter().filter_map(|&key| Some((key.to_owned(), entry.get(key)?.clone())));
            Value::Object(all.collect()).to_string()
        }
        List::Set | List::Atomic => entry.to_string(),
    }
}

/// Whether an entry has this key. Most have another, which shows before it is written out.
fn has_key(entry: &Value, list: List, wanted: &str) -> bool {
    let first = match list {
        List::ByKeys(keys) => keys.first().and_then(|first| entry.get(first)?.as_str()),
        List::Set | List::Atomic => entry.as_str(),
    };
    let may = |first: &str| wanted.contains(first) || first.contains(['"', '\\']);
    first.is_none_or(may) && key(entry, list) == wanted
}

/// The value there, if there is one.
pub fn get<'v>(object: &'v Value, path: &[Part]) -> Option<&'v Value> {
    let Some((last, before)) = path.split_last() else { return Some(object) };
    let parent = get(object, before)?;
    match last {
        Part::Field(field) => parent.get(field),
        Part::Entry(wanted) => {
            parent.as_array()?.iter().find(|entry| has_key(entry, keyed(before), wanted))
        }
    }
}

/// Takes away the value there, and the entry or object it was the last of.
fn remove(object: &mut Value, path: &[Part]) {
    let Some((first, rest)) = path.split_first() else { return };
    let (Value::Object(map), Part::Field(field)) = (object, first) else { return };
    if rest.is_empty() {
        map.remove(field);
        return;
    }
    match map.get_mut(field) {
        Some(Value::Array(list)) => remove_entry(list, kind::list(field), rest),
        Some(value) => remove(value, rest),
        None => {}
    }
}

fn remove_entry(list: &mut Vec<Value>, how: List, path: &[Part]) {
    let Some((Part::Entry(wanted), rest)) = path.split_first() else { return };
    let Some(at) = list.iter().position(|entry| has_key(entry, how, wanted)) else { return };
    let keys_only = |entry: &Value| match how {
        List::ByKeys(keys) => entry
            .as_object()
            .is_some_and(|map| map.keys().all(|field| keys.contains(&field.as_str()))),
        List::Set | List::Atomic => true,
    };
    if let Some(entry) = list.get_mut(at) {
        let is_key = matches!(rest, [Part::Field(field)]
            if matches!(how, List::ByKeys(keys) if keys.contains(&field.as_str())));
        if !is_key {
            remove(entry, rest);
        }
        if keys_only(entry) {
            list.remove(at);
        }
    }
}

/// Merges what is applied into what is there.
fn merge(there: &mut Value, applied: &Value, path: &mut Path) {
    match (there, applied) {
        (Value::Object(there), Value::Object(applied)) => {
            for (field, value) in applied {
                path.push(Part::Field(field.clone()));
                match there.get_mut(field) {
                    Some(there) => merge(there, value, path),
                    None => drop(there.insert(field.clone(), value.clone())),
                }
                path.pop();
            }
        }
        (Value::Array(there), Value::Array(applied)) if keyed(path) != List::Atomic => {
            let how = keyed(path);
            for value in applied {
                let wanted = key(value, how);
                path.push(Part::Entry(wanted.clone()));
                match there.iter_mut().find(|entry| has_key(entry, how, &wanted)) {
                    Some(there) => merge(there, value, path),
                    None => there.push(value.clone()),
                }
                path.pop();
            }
        }
        (there, applied) => *there = applied.clone(),
    }
}

/// What an apply came to.
#[derive(Debug, Clone, PartialEq)]
pub enum Applied {
    /// The object as it is to be, and what the manager answers for now.
    Merged(Value, Owned),
    /// Fields that others answer for and that would change.
    Conflicts(Vec<Path>),
}

/// Applies `applied` to `live`, of which the manager answers for `owned` and others for `others`;
/// for the rest the world answers.
pub fn apply(
    live: &Value,
    applied: &Value,
    (owned, others): (&Owned, &Owned),
    force: bool,
) -> Applied {
    let asked = leaves(applied, |_| true);
    let changes =
        |path: &Path| get(live, path).is_some_and(|there| Some(there) != get(applied, path));
    let anothers = |path: &Path| others.contains(path) || !owned.contains(path);
    let conflicts: Vec<Path> =
        asked.iter().filter(|path| anothers(path) && changes(path)).cloned().collect();
    if !conflicts.is_empty() && !force {
        return Applied::Conflicts(conflicts);
    }
    let mut merged = live.clone();
    merge(&mut merged, applied, &mut vec![]);
    // What nobody asks for any more goes.
    for gone in owned.difference(&asked).filter(|path| !others.contains(*path)) {
        remove(&mut merged, gone);
    }
    Applied::Merged(merged, asked)
}

/// JSON merge patch: objects are merged, null takes away, everything else is replaced.
///
/// # Source
/// RFC 7396.
pub fn merge_patch(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(target) = target else { return };
    for (field, value) in patch {
        if value.is_null() {
            target.remove(field);
        } else {
            merge_patch(target.entry(field.clone()).or_insert(Value::Null), value);
        }
    }
}

/// What each manager answers for.
pub type Owners = BTreeMap<String, Arc<Owned>>;
