//! PURE. The states that runs were in, so that no two go on from the same.

use parking_lot::{Mutex, MutexGuard};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// States by their hash, and who was there.
#[derive(Debug, Default)]
pub struct Visited(Mutex<HashMap<u64, Visit>>);

/// A run that comes to a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Visit {
    /// Its place in the order of all runs.
    pub run: usize,
    /// How much may still happen in it.
    pub left: usize,
}

impl Visited {
    /// Whether an earlier run was here with as much ahead: this one would go on as that did. One that
    /// comes back to where it was itself goes on, for it has to come to rest.
    pub fn is_known(&self, state: u64, visit: Visit) -> bool {
        match self.all().entry(state) {
            Entry::Vacant(entry) => {
                entry.insert(visit);
                false
            }
            Entry::Occupied(mut entry) => {
                let known = entry.get().run < visit.run && entry.get().left >= visit.left;
                if !known && entry.get().left <= visit.left {
                    entry.insert(visit);
                }
                known
            }
        }
    }

    /// How many states.
    pub fn len(&self) -> usize {
        self.all().len()
    }

    fn all(&self) -> MutexGuard<'_, HashMap<u64, Visit>> {
        self.0.lock()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_ends_only_where_an_earlier_one_was_with_as_much_ahead() {
        let visited = Visited::default();
        let is_known = |run, left| visited.is_known(7, Visit { run, left });
        assert!(!is_known(2, 1));
        assert!(!is_known(2, 1), "its own state");
        assert!(!is_known(1, 1), "a later one's");
        assert!(is_known(2, 1));
        assert!(is_known(2, 0));
        assert!(!is_known(3, 2), "more may happen now");
        assert!(is_known(4, 2));
        assert_eq!(visited.len(), 1);
    }
}
