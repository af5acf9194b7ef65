//! PURE. The objects, every version of them, and the rules every write obeys whoever it is from.

use super::apply::{Owned, Owners, Part as Step, get, leaves};
use super::kind::APPS;
use super::stored::{Stored, Typed, is_deleting};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How long a pod may take to stop, unless its deletion says otherwise.
const GRACE: SignedDuration = SignedDuration::from_secs(30);

/// The field manager of everybody in the simulated world but the operators. What nobody else answers
/// for is its own, and need not be counted.
pub const WORLD: &str = "world";

/// Where an object is: kind, namespace, name.
pub type Key = (&'static str, String, String);

/// One version of everything.
pub type Objects = BTreeMap<Key, Arc<Stored>>;

/// Why a write is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}: {message}")]
pub struct Refused {
    /// The HTTP status.
    pub code: u16,
    /// The reason, in the API's own word.
    pub reason: &'static str,
    /// What is wrong.
    pub message: String,
}

/// A refusal.
pub fn refused(code: u16, reason: &'static str, message: impl Into<String>) -> Refused {
    Refused { code, reason, message: message.into() }
}

/// Who writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Everything but the status.
    Main,
    /// Only the status.
    Status,
    /// The whole object: what is inside the simulated world may do that.
    Whole,
}

/// All objects, and what they were at every version.
#[derive(Clone, Default)]
pub struct Store {
    objects: Arc<Objects>,
    /// What each version took the place of, in order: every version is one object's.
    replaced: Vec<(Key, Option<Arc<Stored>>)>,
    born: u64,
}

impl Store {
    /// The last version.
    pub fn version(&self) -> u64 {
        self.replaced.len() as u64
    }

    /// What there is.
    pub fn objects(&self) -> Arc<Objects> {
        Arc::clone(&self.objects)
    }

    /// What there was.
    pub fn at(&self, version: u64) -> Arc<Objects> {
        let mut objects = self.objects();
        let version = usize::try_from(version).unwrap_or(usize::MAX);
        for (key, before) in self.replaced.iter().skip(version).rev() {
            let objects = Arc::make_mut(&mut objects);
            match before {
                Some(before) => objects.insert(key.clone(), Arc::clone(before)),
                None => objects.remove(key),
            };
        }
        objects
    }

    /// The objects that changed after one version up to another, as they were before and as they are.
    pub fn changes(&self, from: u64, until: u64) -> impl Iterator<Item = (&Key, &Arc<Stored>)> {
        let [from, until] = [from, until].map(|at| usize::try_from(at).unwrap_or(usize::MAX));
        let changed = self.replaced.iter().take(until).skip(from);
        changed.flat_map(|(key, before)| {
            before.iter().chain(self.objects.get(key)).map(move |stored| (key, stored))
        })
    }

    /// One object.
    pub fn get(&self, key: &Key) -> Option<&Arc<Stored>> {
        self.objects.get(key)
    }

    /// Makes an object.
    pub fn create(
        &mut self,
        key: Key,
        mut value: Value,
        manager: &str,
        now: Timestamp,
    ) -> Result<Arc<Stored>, Refused> {
        if self.objects.contains_key(&key) {
            let message = format!("{} {:?} already exists", key.0, key.2);
            return Err(refused(409, "AlreadyExists", message));
        }
        self.born += 1;
        let uid = format!("00000000-0000-4000-8000-{:012}", self.born);
        let meta = value.get_mut("metadata").and_then(Value::as_object_mut);
        let Some(meta) = meta else { return Err(refused(400, "BadRequest", "no metadata")) };
        // An object that is loaded from elsewhere is the one it was.
        meta.entry("uid").or_insert_with(|| json!(uid));
        meta.insert("namespace".to_owned(), json!(key.1));
        meta.insert("creationTimestamp".to_owned(), json!(now.to_string()));
        if counts(key.0) {
            meta.insert("generation".to_owned(), json!(1));
        }
        if key.0 == "services" {
            let address = format!("10.96.0.{}", self.born % 250);
            if let Some(spec) = value.get_mut("spec").and_then(Value::as_object_mut) {
                spec.entry("clusterIP").or_insert_with(|| json!(address));
            }
        }
        if key.0 == "statefulsets" && value.get("status").is_none() {
            set(&mut value, "status", Some(json!({"replicas": 0})));
        }
        number_pods(&key, &mut value);
        tidy(&mut value);
        let owned = match manager {
            WORLD => BTreeMap::new(),
            manager => {
                let mut made = leaves(&value, |_| true);
                made.retain(|path| !is_number(&key, path));
                [(manager.to_owned(), Arc::new(made))].into()
            }
        };
        Ok(self.put(key, value, owned))
    }

    /// Writes a part of an object that is there, as `next`. Nothing happens if nothing changes.
    pub fn update(
        &mut self,
        key: &Key,
        next: Value,
        part: Part,
        by: Writer,
    ) -> Result<Arc<Stored>, Refused> {
        let Some(live) = self.objects.get(key).cloned() else { return Err(not_found(key)) };
        let mut value = next;
        match part {
            Part::Status => {
                let status = value.get_mut("status").map(Value::take);
                value = live.value().clone();
                set(&mut value, "status", status);
            }
            Part::Main => set(&mut value, "status", live.value().get("status").cloned()),
            Part::Whole => {}
        }
        keep_server_fields(&mut value, live.value());
        forbid_new_finalizers(&value, live.value())?;
        if key.0 == "statefulsets" {
            forbid_fixed(&value, live.value())?;
        }
        number_pods(key, &mut value);
        tidy(&mut value);
        let changed = changed(&value, live.value());
        let mut owned = by.owners(&live, &value, &changed);
        if key.0 == "deployments" {
            for fields in owned.values_mut() {
                Arc::make_mut(fields).retain(|path| !is_number(key, path));
            }
        }
        if changed.is_empty() && owned == live.owned {
            return Ok(live);
        }
        if counts(key.0) && changed.contains("spec") {
            let generation = live.value().pointer("/metadata/generation").and_then(Value::as_i64);
            set_meta(&mut value, "generation", json!(generation.unwrap_or(0) + 1));
        }
        if is_deleting(&value) && finalizers(&value).is_empty() && key.0 != "pods" {
            self.vanish(key);
            return Ok(Arc::new(Stored::of(value, owned)));
        }
        Ok(self.put(key.clone(), value, owned))
    }

    /// Deletes an object: at once, or by marking it where somebody still has to let go of it.
    pub fn delete(&mut self, key: &Key, now: Timestamp) -> Result<(), Refused> {
        let Some(live) = self.objects.get(key).cloned() else { return Err(not_found(key)) };
        let running = key.0 == "pods" && live.value().pointer("/spec/nodeName").is_some();
        if finalizers(live.value()).is_empty() && !running {
            self.vanish(key);
        } else if !is_deleting(live.value()) {
            let mut value = live.value().clone();
            let gone_by = if running { now + GRACE } else { now };
            set_meta(&mut value, "deletionTimestamp", json!(gone_by.to_string()));
            self.put(key.clone(), value, live.owned.clone());
        }
        Ok(())
    }

    /// Takes an object away, whoever holds on to it.
    pub fn vanish(&mut self, key: &Key) {
        let before = Arc::make_mut(&mut self.objects).remove(key);
        self.replaced.push((key.clone(), before));
    }

    /// An object none of whose owners is left, and who none of its owners are.
    pub fn garbage(&self) -> Option<Key> {
        let there: BTreeSet<&str> = self.objects.values().map(|stored| stored.uid()).collect();
        let abandoned = |stored: &Stored| {
            let mut owners = stored.owners().iter();
            !stored.owners().is_empty() && !owners.any(|owner| there.contains(owner.as_str()))
        };
        self.objects.iter().find(|(_, stored)| abandoned(stored)).map(|(key, _)| key.clone())
    }

    fn put(&mut self, key: Key, mut value: Value, owned: Owners) -> Arc<Stored> {
        set_meta(&mut value, "resourceVersion", json!((self.version() + 1).to_string()));
        let stored = Arc::new(Stored::of(value, owned));
        self.replace(key, Arc::clone(&stored));
        stored
    }

    fn replace(&mut self, key: Key, stored: Arc<Stored>) {
        let before = Arc::make_mut(&mut self.objects).insert(key.clone(), stored);
        self.replaced.push((key, before));
    }

    /// Takes over an object of which nothing but the status is another, under the next version.
    pub fn tell(&mut self, key: &Key, typed: Typed, write: fn(&Typed) -> Value) {
        let Some(live) = self.objects.get(key) else { return };
        let stored = live.told(typed, write);
        self.replace(key.clone(), Arc::new(stored));
    }
}

/// 404.
pub fn not_found(key: &Key) -> Refused {
    refused(404, "NotFound", format!("{} {:?} not found", key.0, key.2))
}

fn finalizers(value: &Value) -> &[Value] {
    let list = value.pointer("/metadata/finalizers").and_then(Value::as_array);
    list.map_or(&[], Vec::as_slice)
}

fn set(value: &mut Value, field: &str, to: Option<Value>) {
    let Some(map) = value.as_object_mut() else { return };
    match to {
        Some(to) => drop(map.insert(field.to_owned(), to)),
        None => drop(map.remove(field)),
    }
}

fn set_meta(value: &mut Value, field: &str, to: Value) {
    if let Some(meta) = value.get_mut("metadata") {
        set(meta, field, Some(to));
    }
}

/// What a writer says of these fields is not heard.
fn keep_server_fields(value: &mut Value, live: &Value) {
    let Some(meta) = value.get_mut("metadata") else { return };
    let live = live.get("metadata");
    for field in [
        "uid",
        "name",
        "namespace",
        "creationTimestamp",
        "deletionTimestamp",
        "generation",
        "resourceVersion",
    ] {
        set(meta, field, live.and_then(|live| live.get(field)).cloned());
    }
    set(meta, "managedFields", None);
}

fn forbid_new_finalizers(value: &Value, live: &Value) -> Result<(), Refused> {
    let before = finalizers(live);
    let added = finalizers(value).iter().any(|at| !before.contains(at));
    if added && is_deleting(live) {
        let message = "no new finalizers can be added if the object is being deleted";
        return Err(refused(422, "Invalid", message));
    }
    Ok(())
}

/// What of a `StatefulSet`'s spec may change.
const CHANGEABLE: [&str; 7] = [
    "replicas",
    "ordinals",
    "template",
    "updateStrategy",
    "revisionHistoryLimit",
    "persistentVolumeClaimRetentionPolicy",
    "minReadySeconds",
];

fn forbid_fixed(value: &Value, live: &Value) -> Result<(), Refused> {
    let fixed = |object: &Value| -> BTreeMap<String, Value> {
        let fields = object.get("spec").and_then(Value::as_object).into_iter().flatten();
        let fixed = fields.filter(|(field, _)| !CHANGEABLE.contains(&field.as_str()));
        fixed.map(|(field, value)| (field.clone(), value.clone())).collect()
    };
    if fixed(value) == fixed(live) {
        return Ok(());
    }
    Err(refused(
        422,
        "Invalid",
        "updates to statefulset spec for fields other than these are forbidden",
    ))
}

/// Whether a kind counts the versions of its spec.
fn counts(plural: &str) -> bool {
    matches!(
        plural,
        "etcdclusters"
            | APPS
            | "statefulsets"
            | "deployments"
            | "poddisruptionbudgets"
            | "ingresses"
    )
}

/// A Deployment that does not say how many pods there are asks for one.
fn number_pods(key: &Key, value: &mut Value) {
    if key.0 == "deployments"
        && let Some(spec) = value.get_mut("spec").and_then(Value::as_object_mut)
    {
        spec.entry("replicas").or_insert_with(|| json!(1));
    }
}

/// Whether a path leads to how many pods a Deployment asks for. The operator writes it by the way
/// and never applies it, so no apply of its takes it away.
fn is_number(key: &Key, path: &[Step]) -> bool {
    key.0 == "deployments"
        && matches!(path, [Step::Field(spec), Step::Field(number)]
            if spec == "spec" && number == "replicas")
}

/// Takes out what the API leaves out when it is empty.
fn tidy(value: &mut Value) {
    let Some(meta) = value.get_mut("metadata").and_then(Value::as_object_mut) else { return };
    let empty = |value: &Value| match value {
        Value::Object(map) => map.is_empty(),
        Value::Array(list) => list.is_empty(),
        _ => false,
    };
    for field in ["labels", "annotations", "finalizers", "ownerReferences"] {
        if meta.get(field).is_some_and(empty) {
            meta.remove(field);
        }
    }
}

/// Who writes, and how that is accounted for.
pub enum Writer {
    /// A manager that answers for what it changes.
    Changes(String),
    /// A manager that applies, and answers for all it asks for.
    Applies(String, Owned),
}

impl Writer {
    /// Who answers for what afterwards. A field that changes has one owner.
    fn owners(self, live: &Stored, value: &Value, changed: &BTreeSet<&str>) -> Owners {
        let differs = |path: &[Step]| {
            may_differ(path, changed) && get(value, path) != get(live.value(), path)
        };
        let mut owned = live.owned.clone();
        for fields in owned.values_mut() {
            if fields.iter().any(|path| differs(path)) {
                Arc::make_mut(fields).retain(|path| !differs(path));
            }
        }
        match self {
            Self::Changes(manager) if manager == WORLD => {}
            Self::Changes(manager) => {
                let mut gained = leaves(value, |field| changed.contains(field));
                gained.retain(|path| differs(path));
                if !gained.is_empty() {
                    Arc::make_mut(owned.entry(manager).or_default()).append(&mut gained);
                }
            }
            Self::Applies(manager, fields) => drop(owned.insert(manager, Arc::new(fields))),
        }
        owned.retain(|_, fields| !fields.is_empty());
        owned
    }
}

/// The fields at the top in which two versions of an object differ.
fn changed<'v>(one: &'v Value, other: &'v Value) -> BTreeSet<&'v str> {
    let all = [one, other].into_iter().filter_map(Value::as_object).flatten();
    let fields = all.map(|(field, _)| field.as_str());
    fields.filter(|&field| one.get(field) != other.get(field)).collect()
}

/// Whether a path leads into one of these fields: to look it up costs much more.
fn may_differ(path: &[Step], changed: &BTreeSet<&str>) -> bool {
    match path.first() {
        Some(Step::Field(field)) => changed.contains(field.as_str()),
        Some(Step::Entry(_)) | None => true,
    }
}
