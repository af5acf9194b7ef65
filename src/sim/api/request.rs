//! PURE. HTTP requests, read and answered as the API server does.

use super::apply::{Applied, apply, merge_patch};
use super::kind::{self, Kind};
use super::store::{Key, Part, Refused, Store, Writer, not_found, refused};
use super::stored::{Labels, Stored};
use crate::crd::{AppService, EtcdCluster};
use http::{Method, Request, Response, StatusCode};
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a request is about.
struct Target {
    kind: Kind,
    namespace: String,
    /// None for a whole list.
    name: Option<String>,
    part: Part,
    query: BTreeMap<String, String>,
}

impl Target {
    /// Who writes.
    fn manager(&self) -> String {
        self.query.get("fieldManager").cloned().unwrap_or_else(|| "unknown".to_owned())
    }
}

/// Answers one request.
pub fn answer(store: &mut Store, request: &Request<Value>, now: Timestamp) -> Response<Vec<u8>> {
    let (code, text) = match respond(store, request, now) {
        Ok((code, text)) => (code, text),
        Err(refused) => (refused.code, status(&refused).to_string()),
    };
    let mut response = Response::new(text.into_bytes());
    *response.status_mut() =
        StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response
}

fn status(refused: &Refused) -> Value {
    json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": refused.message, "reason": refused.reason, "code": refused.code,
    })
}

/// The HTTP status and the body, in JSON.
fn respond(
    store: &mut Store,
    request: &Request<Value>,
    now: Timestamp,
) -> Result<(u16, String), Refused> {
    let body = request.body();
    // Events are taken and forgotten.
    if request.uri().path().contains("/events") {
        return Ok((201, body.to_string()));
    }
    let target = target(request)?;
    let key = |name: &str| (target.kind.key, target.namespace.clone(), name.to_owned());
    let text = |stored: Arc<Stored>| stored.text().to_owned();
    match (request.method(), &target.name) {
        (&Method::GET, Some(name)) => {
            let key = key(name);
            let stored = store.get(&key).ok_or_else(|| not_found(&key))?;
            Ok((200, stored.text().to_owned()))
        }
        (&Method::GET, None) => Ok((200, list(store, &target))),
        (&Method::POST, None) => {
            let value = complete(target.kind, body.clone())?;
            let name = name_of(&value);
            let made = store.create(key(&name), without_status(value), &target.manager(), now)?;
            Ok((201, text(made)))
        }
        (&Method::PUT, Some(name)) => {
            let (key, value) = (key(name), complete(target.kind, body.clone())?);
            expect(store, &key, &value)?;
            let by = Writer::Changes(target.manager());
            Ok((200, text(store.update(&key, value, target.part, by)?)))
        }
        (&Method::PATCH, Some(name)) => {
            let kind = request.headers().get(http::header::CONTENT_TYPE);
            let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
            let (code, patched) = patch(store, &target, &key(name), (kind, body), now)?;
            Ok((code, text(patched)))
        }
        (&Method::DELETE, Some(name)) => Ok((200, delete(store, &key(name), body, now)?)),
        _ => Err(refused(405, "MethodNotAllowed", "the server does not allow this method")),
    }
}

fn target(request: &Request<Value>) -> Result<Target, Refused> {
    let unknown = || refused(404, "NotFound", "the server could not find the requested resource");
    let segments: Vec<&str> =
        request.uri().path().split('/').filter(|part| !part.is_empty()).collect();
    let (group, rest) = match segments.as_slice() {
        ["api", _, rest @ ..] => ("", rest),
        ["apis", group, _, rest @ ..] => (*group, rest),
        _ => return Err(unknown()),
    };
    let (namespace, rest) = match rest {
        ["namespaces", namespace, rest @ ..] if !rest.is_empty() => (*namespace, rest),
        rest => ("", rest),
    };
    let (plural, name, part) = match rest {
        [plural] => (*plural, None, Part::Main),
        [plural, name] => (*plural, Some(*name), Part::Main),
        [plural, name, "status"] => (*plural, Some(*name), Part::Status),
        _ => return Err(unknown()),
    };
    let kind = kind::of(group, plural).ok_or_else(unknown)?;
    let part = if kind.status { part } else { Part::Whole };
    let pairs = request.uri().query().unwrap_or_default().split('&');
    let query = pairs.filter_map(|pair| pair.split_once('='));
    Ok(Target {
        kind,
        namespace: namespace.to_owned(),
        name: name.map(str::to_owned),
        part,
        query: query.map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
    })
}

fn list(store: &Store, target: &Target) -> String {
    let objects = store.objects();
    let inside = |key: &Key| {
        key.0 == target.kind.key && (target.namespace.is_empty() || key.1 == target.namespace)
    };
    let selector = target.query.get("labelSelector").cloned().unwrap_or_default();
    let selector = selector.replace("%2F", "/").replace("%3D", "=").replace("%2C", ",");
    let selected = |labels: &Labels| {
        let mut terms = selector.split(',').filter_map(|term| term.split_once('='));
        terms.all(|(label, wanted)| labels.get(label).is_some_and(|value| value == wanted))
    };
    let items: Vec<&str> = objects
        .iter()
        .filter(|(key, stored)| inside(key) && selected(stored.labels()))
        .map(|(_, stored)| stored.text())
        .collect();
    format!(
        r#"{{"kind":"List","apiVersion":"v1","metadata":{{"resourceVersion":"{}"}},"items":[{}]}}"#,
        store.version(),
        items.join(",")
    )
}

fn patch(
    store: &mut Store,
    target: &Target,
    key: &Key,
    (kind, patch): (&str, &Value),
    now: Timestamp,
) -> Result<(u16, Arc<Stored>), Refused> {
    if kind.starts_with("application/apply-patch") {
        return apply_patch(store, target, key, patch, now);
    }
    if !kind.starts_with("application/merge-patch") {
        return Err(refused(415, "UnsupportedMediaType", "only merge and apply patches"));
    }
    let live = store.get(key).ok_or_else(|| not_found(key))?.value().clone();
    expect(store, key, patch)?;
    let mut next = live;
    merge_patch(&mut next, patch);
    let next = complete(target.kind, next)?;
    Ok((200, store.update(key, next, target.part, Writer::Changes(target.manager()))?))
}

fn apply_patch(
    store: &mut Store,
    target: &Target,
    key: &Key,
    applied: &Value,
    now: Timestamp,
) -> Result<(u16, Arc<Stored>), Refused> {
    if name_of(applied) != key.2 {
        let message = "the name of the object does not match the name on the URL";
        return Err(refused(400, "BadRequest", message));
    }
    let manager = target.manager();
    let force = target.query.get("force").is_some_and(|force| force == "true");
    let Some(live) = store.get(key).cloned() else {
        if let Some(uid) = applied.pointer("/metadata/uid").and_then(Value::as_str) {
            let message = format!(
                "uid mismatch: the provided object specified uid {uid}, and no existing object was found"
            );
            return Err(refused(409, "Conflict", message));
        }
        let made = complete(target.kind, without_status(applied.clone()))?;
        return Ok((201, store.create(key.clone(), made, &manager, now)?));
    };
    expect(store, key, applied)?;
    let owned = live.owned.get(&manager).cloned().unwrap_or_default();
    let others = live.owned.iter().filter(|(name, _)| **name != manager);
    let others = others.flat_map(|(_, fields)| fields.iter().cloned()).collect();
    match apply(live.value(), applied, (&owned, &others), force) {
        Applied::Conflicts(fields) => {
            let message = format!("Apply failed with {} conflicts", fields.len());
            Err(refused(409, "Conflict", message))
        }
        Applied::Merged(value, fields) => {
            let value = complete(target.kind, value)?;
            Ok((200, store.update(key, value, target.part, Writer::Applies(manager, fields))?))
        }
    }
}

/// Checks what a write expects to find.
fn expect(store: &Store, key: &Key, said: &Value) -> Result<(), Refused> {
    let live = store.get(key).ok_or_else(|| not_found(key))?;
    let there = |field: &str| live.value().pointer(field).and_then(Value::as_str);
    let asked = |field: &str| said.pointer(field).and_then(Value::as_str);
    if let Some(uid) = asked("/metadata/uid")
        && there("/metadata/uid") != Some(uid)
    {
        return Err(refused(422, "Invalid", "metadata.uid: Invalid value: field is immutable"));
    }
    if let Some(version) = asked("/metadata/resourceVersion")
        && there("/metadata/resourceVersion") != Some(version)
    {
        let message = format!(
            "Operation cannot be fulfilled on {} {:?}: the object has been modified",
            key.0, key.2
        );
        return Err(refused(409, "Conflict", message));
    }
    Ok(())
}

fn delete(
    store: &mut Store,
    key: &Key,
    options: &Value,
    now: Timestamp,
) -> Result<String, Refused> {
    let live = store.get(key).ok_or_else(|| not_found(key))?;
    for field in ["uid", "resourceVersion"] {
        let wanted = options.pointer(&format!("/preconditions/{field}"));
        let there = live.value().pointer(&format!("/metadata/{field}"));
        if wanted.is_some_and(|wanted| there != Some(wanted)) {
            let message = format!("Precondition failed: {field} in precondition does not match");
            return Err(refused(409, "Conflict", message));
        }
    }
    store.delete(key, now)?;
    let done = json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"});
    Ok(store.get(key).map_or(done, |left| left.value().clone()).to_string())
}

/// The object with the defaults of its definition.
fn complete(kind: Kind, value: Value) -> Result<Value, Refused> {
    match kind.key {
        "etcdclusters" => through::<EtcdCluster>(value),
        kind::APPS => through::<AppService>(value),
        _ => Ok(value),
    }
}

fn through<K: DeserializeOwned + Serialize>(value: Value) -> Result<Value, Refused> {
    let invalid = |why: serde_json::Error| refused(422, "Invalid", why.to_string());
    let typed: K = serde_json::from_value(value).map_err(invalid)?;
    serde_json::to_value(typed).map_err(invalid)
}

fn name_of(value: &Value) -> String {
    value.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn without_status(mut value: Value) -> Value {
    if let Some(map) = value.as_object_mut() {
        map.remove("status");
    }
    value
}
