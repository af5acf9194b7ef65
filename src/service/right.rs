//! SHELL. What was found to be as it should.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use parking_lot::{Mutex, MutexGuard};
use std::collections::HashMap;

/// The objects that were found to be what they should, so that a turn in which nothing changed need
/// neither build nor compare them. What an object should be follows from its owner alone.
#[derive(Debug, Default)]
pub struct Right {
    found: Mutex<Generations>,
}

/// The versions of the owner and of the object.
type Versions = (String, String);

/// What was found, by the UID of the object. What is asked for moves to the young; once those are
/// too many, the old are forgotten, with those that are gone by now, and the young grow old.
#[derive(Debug, Clone, Default)]
struct Generations {
    young: HashMap<String, Versions>,
    old: HashMap<String, Versions>,
}

/// How many a generation holds: all objects of 12,500 owners. Twice as many are kept at most.
const GENERATION: usize = 50_000;

impl Clone for Right {
    fn clone(&self) -> Self {
        Self { found: Mutex::new(self.found().clone()) }
    }
}

impl Right {
    /// Whether this object of this owner is right: asked once for each version of the two.
    pub fn is(&self, owner: &ObjectMeta, object: &ObjectMeta, ask: impl FnOnce() -> bool) -> bool {
        let versions = owner.resource_version.clone().zip(object.resource_version.clone());
        let (Some(uid), Some(versions)) = (&object.uid, versions) else { return ask() };
        let known = self.found().knows(uid, &versions);
        if !known && ask() {
            self.found().keep(uid.clone(), versions);
            return true;
        }
        known
    }

    fn found(&self) -> MutexGuard<'_, Generations> {
        self.found.lock()
    }
}

impl Generations {
    fn knows(&mut self, uid: &str, versions: &Versions) -> bool {
        if let Some(kept) = self.young.get(uid) {
            return kept == versions;
        }
        let Some((uid, kept)) = self.old.remove_entry(uid) else { return false };
        let known = kept == *versions;
        self.keep(uid, kept);
        known
    }

    fn keep(&mut self, uid: String, versions: Versions) {
        if self.young.len() >= GENERATION && !self.young.contains_key(&uid) {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(uid, versions);
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

    /// Asks for four objects of each of so many owners. How many had to be compared?
    fn compared(right: &Right, owners: usize) -> usize {
        let objects = (0..4 * owners).map(|at| meta(&at.to_string(), "1"));
        let mut compared = 0;
        for object in objects {
            right.is(&meta("owner", "1"), &object, || {
                compared += 1;
                true
            });
        }
        compared
    }

    #[test]
    fn the_objects_of_ten_thousand_clusters_are_compared_once() {
        for clusters in [5_000, 10_000] {
            let right = Right::default();
            assert_eq!(compared(&right, clusters), 4 * clusters);
            for round in 0..3 {
                assert_eq!(compared(&right, clusters), 0, "{clusters}, round {round}");
            }
        }
    }

    #[test]
    fn clusters_that_came_and_went_crowd_nobody_out_and_are_forgotten() {
        let right = Right::default();
        for gone in 0..GENERATION * 3 {
            right.is(&meta("owner", "1"), &meta(&format!("gone-{gone}"), "1"), || true);
            if gone % 10_000 == 0 {
                compared(&right, 100);
            }
        }
        assert_eq!(compared(&right, 100), 0);
        let found = right.found();
        assert!(found.young.len() + found.old.len() <= 2 * GENERATION);
    }
}
