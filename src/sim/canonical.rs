//! PURE. Whether two states are one: everything that differs from run to run and means nothing, such
//! as UIDs, versions, addresses and member IDs, becomes the number of its first appearance; times
//! become how long ago they were, or how far ahead, in steps that grow.

use super::api::{Owners, Step};
use foldhash::HashMap;
use foldhash::quality::{FixedState, FoldHasher};
use jiff::Timestamp;
use serde_json::Value;
use std::hash::{BuildHasher, Hash, Hasher};
use std::ops::Range;

/// Fields nothing is decided by.
const LEFT_OUT: [&str; 8] = [
    "resourceVersion",
    "creationTimestamp",
    "managedFields",
    "generation",
    "transitions",
    "estimatedSeconds",
    "dbSizeBytes",
    "clusterIP",
];
/// A word of so many hexadecimal digits is an ID, or a part of one.
const ID_DIGITS: usize = 11;
/// Ages and waits are told apart by these bounds, in milliseconds. The longest the machine waits for
/// lie on them; time alone proves nothing, so that finer ones make more states of the same.
const BOUNDS: [i64; 8] = [0, 300, 1_000, 5_000, 10_000, 60_000, 300_000, 530_000];

/// One object, taken apart once.
#[derive(Debug)]
pub struct Canonical(Vec<Part>);

#[derive(Debug)]
enum Part {
    /// Text that means what it says, as its hash.
    Text(u64),
    /// A name that was given in this run.
    Name(u64),
    Time(Timestamp),
}

impl Canonical {
    /// An object, and who answers for which of its fields.
    pub fn of(value: &Value, owned: &Owners) -> Self {
        let mut all = Parts::default();
        let generation = value.pointer("/metadata/generation").and_then(Value::as_i64);
        all.value(value, generation.unwrap_or(0));
        for (manager, fields) in owned {
            all.text((manager, fields.len()));
            fields.iter().flatten().for_each(|step| match step {
                Step::Field(field) => all.text(field),
                Step::Entry(keys) => all.string(keys),
            });
        }
        all.end()
    }
}

/// An object that is being taken apart.
struct Parts {
    parts: Vec<Part>,
    /// The text since the last name or time: most of an object is text, and hashed in one go.
    text: FoldHasher<'static>,
}

impl Default for Parts {
    fn default() -> Self {
        Self { parts: vec![], text: hasher() }
    }
}

impl Parts {
    fn end(mut self) -> Canonical {
        self.push(None);
        Canonical(self.parts)
    }

    fn text(&mut self, text: impl Hash) {
        text.hash(&mut self.text);
    }

    /// Ends the text before a name or a time, or at the end.
    fn push(&mut self, part: Option<Part>) {
        self.parts.push(Part::Text(std::mem::replace(&mut self.text, hasher()).finish()));
        self.parts.extend(part);
    }

    fn value(&mut self, value: &Value, generation: i64) {
        match value {
            Value::Null => self.text("null"),
            Value::Bool(is) => self.text(is),
            Value::Number(number) => self.text(number),
            Value::String(text) => self.string(text),
            Value::Array(list) => {
                self.text(list.len());
                for entry in list {
                    self.value(entry, generation);
                }
            }
            Value::Object(fields) => {
                self.text(fields.len());
                let initialized = fields.get("type").is_some_and(|at| at == "Initialized");
                for (field, value) in fields {
                    let left_out = LEFT_OUT.contains(&field.as_str())
                        || (field == "lastTransitionTime" && !initialized)
                        || (field == "revision" && value.is_number());
                    match value.as_i64().filter(|_| field == "observedGeneration") {
                        _ if left_out => {}
                        Some(observed) => self.text((field, generation - observed)),
                        None => {
                            self.text(field);
                            self.value(value, generation);
                        }
                    }
                }
            }
        }
    }

    fn string(&mut self, text: &str) {
        if let Some(time) = time_of(text) {
            return self.push(Some(Part::Time(time)));
        }
        let mut plain = 0;
        for (word, range) in words(text) {
            if let Some(name) = name_of(word) {
                self.text(text.get(plain..range.start));
                self.push(Some(Part::Name(name)));
                plain = range.end;
            }
        }
        self.text(text.get(plain..));
    }
}

/// The words that may be IDs or addresses, and where they are.
fn words(text: &str) -> impl Iterator<Item = (&str, Range<usize>)> {
    let is_part = |byte: &u8| byte.is_ascii_hexdigit() || *byte == b'.';
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = text.as_bytes().get(at..)?;
        let start = at + rest.iter().position(is_part)?;
        let rest = text.as_bytes().get(start..)?;
        at = start + rest.iter().position(|byte| !is_part(byte)).unwrap_or(rest.len());
        Some((text.get(start..at)?, start..at))
    })
}

fn time_of(text: &str) -> Option<Timestamp> {
    let is_time = text.len() >= 20 && text.starts_with("20") && text.ends_with('Z');
    is_time.then(|| text.parse().ok()).flatten()
}

/// What a word names, if it is an ID or an address of a pod.
fn name_of(word: &str) -> Option<u64> {
    if word.starts_with("10.") && word.split('.').count() == 4 {
        return Some(hash_of(word));
    }
    let is_id = word.len() >= ID_DIGITS && !word.contains('.');
    is_id.then(|| u64::from_str_radix(word, 16).unwrap_or_else(|_| hash_of(word)))
}

/// One that gives the same in every process.
fn hasher() -> FoldHasher<'static> {
    FixedState::default().build_hasher()
}

fn hash_of(value: impl Hash) -> u64 {
    FixedState::default().hash_one(value)
}

/// The hash of one state in the making.
pub struct Hashing {
    now: Timestamp,
    names: HashMap<u64, usize>,
    hasher: FoldHasher<'static>,
}

impl Hashing {
    /// Of the state at this time.
    pub fn at(now: Timestamp) -> Self {
        Self { now, names: HashMap::default(), hasher: hasher() }
    }

    /// Something that means what it says.
    pub fn add(&mut self, value: impl Hash) {
        value.hash(&mut self.hasher);
    }

    /// Something that is called so in this run.
    pub fn name(&mut self, name: u64) {
        let next = self.names.len();
        self.names.entry(name).or_insert(next).hash(&mut self.hasher);
    }

    /// The same, where its name is a text: a UID, an address, or an ID in hexadecimal.
    pub fn named(&mut self, text: &str) {
        let last = text.rsplit('-').next().unwrap_or_default();
        self.name(name_of(last).unwrap_or_else(|| hash_of(text)));
    }

    /// A text in which names stand.
    pub fn words(&mut self, text: &str) {
        let mut all = Parts::default();
        all.string(text);
        self.object(&all.end());
    }

    /// A moment.
    pub fn time(&mut self, time: Option<Timestamp>) {
        let since = time.map(|time| self.now.as_millisecond() - time.as_millisecond());
        let step = since.map(|ms| {
            let step = BOUNDS.partition_point(|bound| *bound < ms.abs());
            if ms < 0 {
                -1 - i64::try_from(step).unwrap_or(0)
            } else {
                i64::try_from(step).unwrap_or(0)
            }
        });
        self.add(step);
    }

    /// An object.
    pub fn object(&mut self, object: &Canonical) {
        for part in &object.0 {
            match part {
                Part::Text(text) => self.add(text),
                Part::Name(name) => self.name(*name),
                Part::Time(time) => self.time(Some(*time)),
            }
        }
    }

    /// The hash of all that was added.
    pub fn end(self) -> u64 {
        self.hasher.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::collections::BTreeMap;

    fn hash(now: &str, objects: &[Value]) -> u64 {
        let mut hashing = Hashing::at(now.parse().unwrap());
        for object in objects {
            hashing.object(&Canonical::of(object, &BTreeMap::new()));
        }
        hashing.end()
    }

    const NOON: &str = "2026-01-01T12:00:00Z";

    #[test]
    fn names_and_versions_of_a_run_make_no_difference() {
        let object = |uid: &str, ip: &str, version: &str| {
            json!({"metadata": {"uid": format!("00000000-0000-4000-8000-{uid}"), "resourceVersion": version},
                   "status": {"podIP": ip, "url": format!("http://{ip}:2379")}})
        };
        let one = object("000000000001", "10.0.0.1", "4");
        assert_eq!(
            hash(NOON, std::slice::from_ref(&one)),
            hash(NOON, &[object("000000000007", "10.0.0.9", "8")])
        );
        let owned = |uid: &str| json!({"owner": uid});
        let mine = [one.clone(), owned("00000000-0000-4000-8000-000000000001")];
        let anothers = [one, owned("00000000-0000-4000-8000-000000000002")];
        assert_ne!(hash(NOON, &mine), hash(NOON, &anothers));
    }

    #[test]
    fn times_count_by_how_long_ago_they_were() {
        let at = |time: &str| [json!({"deletionTimestamp": time})];
        let soon = hash(NOON, &at("2026-01-01T12:00:30Z"));
        assert_eq!(soon, hash("2026-01-01T13:00:00Z", &at("2026-01-01T13:00:30Z")));
        assert_ne!(soon, hash(NOON, &at("2026-01-01T11:59:30Z")));
        assert_ne!(soon, hash(NOON, &at("2026-01-01T12:05:00Z")));
    }

    #[test]
    fn words_and_numbers_mean_what_they_say() {
        let step = |step: &str, size: i64| hash(NOON, &[json!({"step": step, "size": size})]);
        assert_eq!(step("Steady", 3), step("Steady", 3));
        assert_ne!(step("Steady", 3), step("Steady", 5));
        assert_ne!(step("Steady", 3), step("Seal", 3));
    }

    #[test]
    fn a_generation_counts_by_how_far_it_is_observed() {
        let status = |generation: i64, observed: i64| {
            hash(
                NOON,
                &[
                    json!({"metadata": {"generation": generation}, "status": {"observedGeneration": observed}}),
                ],
            )
        };
        assert_eq!(status(1, 1), status(7, 7));
        assert_ne!(status(2, 1), status(2, 2));
    }
}
