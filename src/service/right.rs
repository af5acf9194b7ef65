//! SHELL. What was found to be as it should.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The objects that were found to be what they should, so that a turn in which nothing changed need
/// neither build nor compare them. What an object should be follows from its owner alone.
#[derive(Default)]
pub struct Right {
    /// By the UID of the object.
    found: Mutex<HashMap<String, Versions>>,
}

/// The versions of the owner and of the object.
type Versions = (String, String);

/// If there are more, all are forgotten, and with them those that are gone by now.
const KEPT_MAX: usize = 10_000;

impl Right {
    /// Whether this object of this owner is right: asked once for each version of the two.
    pub fn is(&self, owner: &ObjectMeta, object: &ObjectMeta, ask: impl FnOnce() -> bool) -> bool {
        let versions = owner.resource_version.clone().zip(object.resource_version.clone());
        let (Some(uid), Some(versions)) = (&object.uid, versions) else { return ask() };
        let known = self.found().get(uid) == Some(&versions);
        if !known && ask() {
            let mut found = self.found();
            if found.len() >= KEPT_MAX {
                found.clear();
            }
            found.insert(uid.clone(), versions);
            return true;
        }
        known
    }

    fn found(&self) -> MutexGuard<'_, HashMap<String, Versions>> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meta(uid: &str, version: &str) -> ObjectMeta {
        ObjectMeta {
            uid: Some(uid.to_owned()),
            resource_version: Some(version.to_owned()),
            ..ObjectMeta::default()
        }
    }

    #[test]
    fn what_is_right_is_asked_again_once_either_changed() {
        let right = Right::default();
        let (owner, object) = (meta("owner", "1"), meta("object", "5"));
        assert!(right.is(&owner, &object, || true));
        assert!(right.is(&owner, &object, || panic!("it is known")));
        for (owner, object) in [
            (meta("owner", "2"), meta("object", "5")),
            (meta("owner", "1"), meta("object", "6")),
            (meta("owner", "1"), meta("another", "5")),
        ] {
            assert!(!right.is(&owner, &object, || false), "{owner:?} {object:?}");
        }
    }

    #[test]
    fn what_is_wrong_or_has_no_version_is_asked_every_time() {
        let right = Right::default();
        let (owner, object) = (meta("owner", "1"), meta("object", "5"));
        assert!(!right.is(&owner, &object, || false));
        assert!(right.is(&owner, &object, || true));
        let unversioned = ObjectMeta { resource_version: None, ..meta("object", "") };
        assert!(right.is(&owner, &unversioned, || true));
        assert!(!right.is(&owner, &unversioned, || false));
    }

    #[test]
    fn no_more_than_so_many_are_kept() {
        let right = Right::default();
        for at in 0..=KEPT_MAX {
            assert!(right.is(&meta("owner", "1"), &meta(&at.to_string(), "1"), || true));
        }
        assert_eq!(right.found().len(), 1);
    }
}
