//! SHELL. The API server, in process: it answers the requests of the real `kube::Client` and keeps
//! every version of every object.
//!
//! | file | what |
//! |---|---|
//! | `kind` | the kinds it knows |
//! | `stored` | one version of one object |
//! | `store` | the objects, and the rules of every write |
//! | `request` | HTTP |
//! | `apply` | server-side apply and merge patch |

mod apply;
mod kind;
mod request;
mod store;
mod stored;

pub use apply::{Owners, Part as Step};
pub use kind::APPS;
pub use store::{Key, Refused};

use super::canonical::Hashing;
use crate::service::Clock;
use http::{Request, Response};
use k8s_openapi::api::core::v1::{Pod, PodStatus};
use kube::Resource;
use kube::client::Body;
use parking_lot::{Mutex, MutexGuard};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::io;
use std::sync::Arc;
use store::{Objects, Part, Store, WORLD, Writer, refused};
use stored::{Labels, Stored};

/// An object as the simulated world handles it.
pub trait Object: Resource<DynamicType = ()> + DeserializeOwned + Send + Sync + 'static {}

impl<K: Resource<DynamicType = ()> + DeserializeOwned + Send + Sync + 'static> Object for K {}

/// A request as the server reads it: one that has no body says nothing.
///
/// # Errors
/// The body is no JSON.
pub async fn read(request: Request<Body>) -> io::Result<Request<Value>> {
    let (head, body) = request.into_parts();
    let body = body.collect_bytes().await.map_err(io::Error::other)?;
    let body = match body.as_ref() {
        [] => json!({}),
        text => serde_json::from_slice(text)?,
    };
    Ok(Request::from_parts(head, body))
}

/// The server. Clones share one world.
#[derive(Clone)]
pub struct ApiServer {
    store: Arc<Mutex<Store>>,
    clock: Arc<dyn Clock>,
}

impl ApiServer {
    /// A server without objects.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { store: Arc::default(), clock }
    }

    /// Another server that has what this one has now.
    #[must_use]
    pub fn fork(&self, clock: Arc<dyn Clock>) -> Self {
        Self { store: Arc::new(Mutex::new(self.store().clone())), clock }
    }

    /// From now on this one has what another has.
    pub fn become_like(&self, other: &Self) {
        let now = other.store().clone();
        *self.store() = now;
    }

    /// One request, answered as the real server would.
    pub fn handle(&self, request: &Request<Value>) -> Response<Vec<u8>> {
        request::answer(&mut self.store(), request, self.clock.now())
    }

    /// One object as it is.
    pub fn get<K: Object>(&self, namespace: &str, name: &str) -> Option<Arc<K>> {
        typed(self.store().get(&key::<K>(namespace, name))?)
    }

    /// All objects of a kind as they are, by namespace and name.
    pub fn list<K: Object>(&self, namespace: Option<&str>) -> Vec<Arc<K>> {
        let objects = self.store().objects();
        Snapshot { objects }.list(namespace)
    }

    /// Makes an object.
    ///
    /// # Errors
    /// There is one of that name, or its kind is not known.
    pub fn create<K: Object + Serialize>(&self, object: &K) -> Result<Arc<K>, Refused> {
        let meta = object.meta();
        let name = meta.name.clone().unwrap_or_default();
        let key = key::<K>(&meta.namespace.clone().unwrap_or_default(), &name);
        let unknown = || refused(404, "NotFound", "no such kind");
        let value = serde_json::to_value(object)
            .map_err(|why| refused(400, "BadRequest", why.to_string()))?;
        let made = self.store().create(key, value, WORLD, self.clock.now())?;
        typed(&made).ok_or_else(unknown)
    }

    /// Changes an object, status and all. Says whether anything changed.
    pub fn edit<K: Object + Serialize + Clone>(
        &self,
        namespace: &str,
        name: &str,
        change: impl FnOnce(&mut K),
    ) -> bool {
        let key = key::<K>(namespace, name);
        let mut store = self.store();
        let Some(mut object) = store.get(&key).and_then(typed::<K>).map(|at| (*at).clone()) else {
            return false;
        };
        change(&mut object);
        let before = store.version();
        let Ok(value) = serde_json::to_value(&object) else { return false };
        let by = Writer::Changes(WORLD.to_owned());
        store.update(&key, value, Part::Whole, by).is_ok() && store.version() != before
    }

    /// Brings a pod's status up to date, as its kubelet does. Says whether the pod is there.
    pub fn tell(&self, namespace: &str, name: &str, status: PodStatus) -> bool {
        let key = key::<Pod>(namespace, name);
        let mut store = self.store();
        let Some(pod) = store.get(&key).and_then(typed::<Pod>) else { return false };
        let mut pod = Pod { status: Some(status), ..(*pod).clone() };
        pod.metadata.resource_version = Some((store.version() + 1).to_string());
        store.tell(&key, Arc::new(pod), |typed| {
            let pod = typed.downcast_ref::<Pod>().map(serde_json::to_value);
            pod.and_then(Result::ok).unwrap_or_default()
        });
        true
    }

    /// Deletes an object, as anybody may. Says whether it was there.
    pub fn delete<K: Object>(&self, namespace: &str, name: &str) -> bool {
        self.store().delete(&key::<K>(namespace, name), self.clock.now()).is_ok()
    }

    /// Takes an object away whoever holds on to it: the end of a pod.
    pub fn remove<K: Object>(&self, namespace: &str, name: &str) {
        let key = key::<K>(namespace, name);
        let mut store = self.store();
        if store.get(&key).is_some() {
            store.vanish(&key);
        }
    }

    /// The last version.
    pub fn version(&self) -> u64 {
        self.store().version()
    }

    /// What watches tell of all that changed after one version up to another: which object, by kind,
    /// namespace and name, and with which labels.
    pub fn changes(&self, from: u64, until: u64) -> Vec<(Key, Arc<Labels>)> {
        let store = self.store();
        let changes = store.changes(from, until);
        changes.map(|(key, stored)| (key.clone(), Arc::clone(stored.labels()))).collect()
    }

    /// The world as it is.
    pub fn now(&self) -> Snapshot {
        Snapshot { objects: self.store().objects() }
    }

    /// The world as a watch has it that has seen everything up to a version.
    pub fn snapshot(&self, version: u64) -> Snapshot {
        Snapshot { objects: self.store().at(version) }
    }

    /// Deletes one object whose owners are all gone. Says whether there was one.
    pub fn collect_garbage(&self) -> bool {
        let mut store = self.store();
        let Some(key) = store.garbage() else { return false };
        store.delete(&key, self.clock.now()).is_ok()
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock()
    }
}

/// One version of the world.
pub struct Snapshot {
    objects: Arc<Objects>,
}

impl Snapshot {
    /// One object.
    pub fn get<K: Object>(&self, namespace: &str, name: &str) -> Option<Arc<K>> {
        typed(self.objects.get(&key::<K>(namespace, name))?)
    }

    /// Whether it has this version of an object.
    pub fn has(&self, (key, version): (&Key, &Arc<Stored>)) -> bool {
        self.objects.get(key).is_some_and(|stored| Arc::ptr_eq(stored, version))
    }

    /// Adds everything there is to a state's hash.
    pub fn hash_into(&self, hashing: &mut Hashing) {
        for (key, stored) in self.objects() {
            hashing.add(key);
            hashing.object(stored.canonical());
        }
    }

    /// Everything there is, in order.
    pub fn objects(&self) -> impl Iterator<Item = (&Key, &Arc<Stored>)> {
        self.objects.iter()
    }

    /// All objects of a kind, by namespace and name.
    pub fn list<K: Object>(&self, namespace: Option<&str>) -> Vec<Arc<K>> {
        let Some(kind) = kind::of(&K::group(&()), &K::plural(&())) else { return vec![] };
        let from: Key = (kind.key, namespace.unwrap_or_default().to_owned(), String::new());
        let inside = |key: &Key| key.0 == kind.key && namespace.is_none_or(|name| key.1 == name);
        let range = self.objects.range(from..).take_while(|(key, _)| inside(key));
        range.filter_map(|(_, stored)| typed(stored)).collect()
    }
}

fn key<K: Object>(namespace: &str, name: &str) -> Key {
    let kind = kind::of(&K::group(&()), &K::plural(&()));
    (kind.map_or("", |kind| kind.key), namespace.to_owned(), name.to_owned())
}

/// The object as its type. Made once for each version of it.
fn typed<K: Object>(stored: &Arc<Stored>) -> Option<Arc<K>> {
    if let Some(made) = stored.typed.get() {
        return Arc::clone(made).downcast().ok();
    }
    let object: Arc<K> = Arc::new(K::deserialize(stored.value()).ok()?);
    // Somebody else may have been faster, with the same.
    let _ = stored.typed.set(object.clone());
    Some(object)
}
