//! SHELL. What the operator wrote, from the audit log of the local cluster's API server.

use crate::operator::{NAMESPACE, USER};
use anyhow::{Context, Result};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Seek, SeekFrom};
use std::path::{Path, PathBuf};

const WRITES: [&str; 5] = ["create", "update", "patch", "delete", "deletecollection"];

/// The log from one moment on.
pub struct Audit {
    path: PathBuf,
    from: u64,
}

/// What was written: verb and resource, and how often.
pub type Writes = BTreeMap<String, u32>;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    verb: String,
    user: User,
    object_ref: Option<Object>,
    response_status: Option<Response>,
}

#[derive(Deserialize)]
struct Response {
    code: Option<u16>,
}

#[derive(Deserialize)]
struct User {
    username: String,
}

#[derive(Deserialize, Default)]
struct Object {
    resource: Option<String>,
    subresource: Option<String>,
    namespace: Option<String>,
    name: Option<String>,
}

impl Audit {
    /// From now on.
    pub fn begin(state: &Path) -> Result<Self> {
        let path = state.join("audit.log");
        let from = path.metadata().context("failed to find the audit log")?.len();
        Ok(Self { path, from })
    }

    /// Every write of the operator since then, the lease aside. With a namespace: only there.
    pub fn writes(&self, namespace: Option<&str>) -> Result<Writes> {
        let account = format!("system:serviceaccount:{NAMESPACE}:etcd-operator");
        let mut found = Writes::new();
        self.each(|entry| {
            let object = entry.object_ref.unwrap_or_default();
            let by_operator = entry.user.username == USER || entry.user.username == account;
            let resource = object.resource.unwrap_or_default();
            let is_here = namespace.is_none() || object.namespace.as_deref() == namespace;
            if by_operator && is_here && resource != "leases" && WRITES.contains(&&*entry.verb) {
                let sub = object.subresource.map(|sub| format!("/{sub}")).unwrap_or_default();
                *found.entry(format!("{} {resource}{sub}", entry.verb)).or_default() += 1;
            }
        })?;
        Ok(found)
    }

    /// Every request of the operator about a namespace since then, reads and all. The lease is left aside,
    /// and watches, which are open all the time. A change that came too late is told as a `conflict`:
    /// the watch had not shown yet what was written last.
    pub fn requests(&self, namespace: &str) -> Result<Writes> {
        let mut found = Writes::new();
        self.each(|entry| {
            let object = entry.object_ref.unwrap_or_default();
            let is_here = object.namespace.as_deref() == Some(namespace);
            let resource = object.resource.unwrap_or_default();
            let is_ours = entry.user.username == USER && is_here;
            if is_ours && resource != "leases" && entry.verb != "watch" {
                let late = entry.response_status.is_some_and(|said| said.code == Some(409));
                let verb = if late { "conflict" } else { &*entry.verb };
                *found.entry(format!("{verb} {resource}")).or_default() += 1;
            }
        })?;
        Ok(found)
    }

    /// The names of what anybody deleted of one resource in a namespace since then.
    pub fn deleted(&self, namespace: &str, of: &str) -> Result<Vec<String>> {
        let mut names = vec![];
        self.each(|entry| {
            let object = entry.object_ref.unwrap_or_default();
            let here = object.namespace.as_deref() == Some(namespace);
            if here && object.resource.as_deref() == Some(of) && entry.verb.starts_with("delete") {
                names.push(object.name.unwrap_or_else(|| "(collection)".to_owned()));
            }
        })?;
        Ok(names)
    }

    fn each(&self, mut tell: impl FnMut(Entry)) -> Result<()> {
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(self.from))?;
        for line in BufReader::new(file).lines() {
            // The last line may be half written.
            if let Ok(entry) = serde_json::from_str(&line?) {
                tell(entry);
            }
        }
        Ok(())
    }
}

/// How many writes there were.
pub fn total(writes: &Writes) -> u32 {
    writes.values().sum()
}
