//! PURE. Which guards matter: several trails to one effect, as few and as short as they can be.

use std::collections::BTreeSet;

/// Guards with their answers, all of which have to be so.
pub(super) type Trail<G> = Vec<(G, bool)>;

/// The same condition in fewer words: trails to the same effect, of which any one suffices.
///
/// A guard is dropped from a trail if another trail covers the opposite answer, and a trail is
/// dropped if a shorter one covers it.
///
/// # Guarantees
/// The result holds exactly where one of `trails` does.
pub(super) fn simplest<G: Copy + Ord>(trails: BTreeSet<Trail<G>>) -> Vec<Trail<G>> {
    let mut trails: Vec<_> = trails.into_iter().map(asked_once).collect();
    while let Some((which, guard)) = idle(&trails) {
        if let Some(trail) = trails.get_mut(which) {
            trail.retain(|&(other, _)| other != guard);
        }
    }
    let all: BTreeSet<_> = trails.into_iter().collect();
    let covered = |trail: &Trail<G>| all.iter().any(|other| other != trail && within(other, trail));
    let needed = |trail: &&Trail<G>| !covered(trail);
    all.iter().filter(needed).cloned().collect()
}

/// A guard asked by the step and again by its phase says nothing new.
fn asked_once<G: Copy + Ord>(trail: Trail<G>) -> Trail<G> {
    let mut seen = BTreeSet::new();
    trail.into_iter().filter(|asked| seen.insert(*asked)).collect()
}

/// A trail, and a guard in it that does not matter: `X and g, or Y and not g` is `X, or Y and not
/// g` if everything in Y is in X.
fn idle<G: Copy + Ord>(trails: &[Trail<G>]) -> Option<(usize, G)> {
    let opposite = |other: &Trail<G>, trail: &Trail<G>, guard, answer: bool| {
        other.contains(&(guard, !answer))
            && other.iter().all(|asked| *asked == (guard, !answer) || trail.contains(asked))
    };
    trails.iter().enumerate().find_map(|(which, trail)| {
        let idle = |&&(guard, answer): &&(G, bool)| {
            trails.iter().any(|other| opposite(other, trail, guard, answer))
        };
        trail.iter().find(idle).map(|&(guard, _)| (which, guard))
    })
}

fn within<G: Ord>(small: &Trail<G>, large: &Trail<G>) -> bool {
    small.iter().all(|asked| large.contains(asked))
}

#[cfg(test)]
mod tests {
    use super::simplest;
    use std::collections::BTreeSet;

    fn holds(condition: &[Vec<(char, bool)>], world: u8) -> bool {
        let answer = |guard: char| world & (1 << (guard as u8 - b'a')) != 0;
        condition.iter().any(|trail| trail.iter().all(|&(guard, wanted)| answer(guard) == wanted))
    }

    /// That it is as short as it can be the committed diagrams show.
    #[test]
    fn every_condition_over_three_guards_keeps_its_meaning() {
        // Every set of worlds, spelled out: 256 conditions, each of up to eight full trails.
        for worlds in 0..=u8::MAX {
            let trail = |world: u8| {
                ['a', 'b', 'c']
                    .map(|guard| (guard, world & (1 << (guard as u8 - b'a')) != 0))
                    .to_vec()
            };
            let spelled: BTreeSet<_> =
                (0..8).filter(|world| worlds & (1 << world) != 0).map(trail).collect();
            let simple = simplest(spelled.clone());
            for world in 0..8 {
                assert_eq!(
                    holds(&simple, world),
                    worlds & (1 << world) != 0,
                    "{spelled:?} became {simple:?}"
                );
            }
        }
    }
}
