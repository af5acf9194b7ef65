//! PURE. The worlds a machine is explored in: a few steps at a time, each in those that concern it.
//!
//! What two steps have nothing to do with each other multiplies nothing: the work is the sum over
//! all scopes, and a new operation brings one of its own.

use super::Kind;
use crate::engine::Machine;
use std::iter::once;

/// A kind whose machine can be explored.
pub trait Explored: Kind {
    /// Every turn there can be, in the worlds that concern the step it begins in: the table of its edges is
    /// found in them.
    fn turns() -> impl Iterator<Item = Turn<Self::Machine>>;
}

/// A turn that begins in a step.
pub type Turn<M> = (<M as Machine>::Step, <M as Machine>::Observed);

/// Something that may be otherwise about a world.
pub type Change<O> = fn(&mut O);

/// Some steps, and the worlds that concern them.
pub struct Scope<Step: 'static, O: 'static> {
    /// The steps.
    pub steps: &'static [Step],
    /// Named scenarios.
    pub bases: &'static [fn() -> O],
    /// What may be otherwise about each of them, one thing at a time and in pairs.
    pub changes: &'static [Change<O>],
}

impl<Step: Copy, O: Clone> Scope<Step, O> {
    /// Every world, whatever the step.
    pub fn worlds(&self) -> impl Iterator<Item = O> + use<Step, O> {
        let changes = self.changes;
        self.bases.iter().flat_map(move |base| changed(base(), changes))
    }

    /// Every turn there can be: it begins in any of the steps, and `enter` makes the memory say so.
    pub fn turns(&self, enter: fn(O, Step) -> O) -> impl Iterator<Item = (Step, O)> + use<Step, O> {
        let Self { steps, bases, changes } = *self;
        let begun = steps.iter().flat_map(move |step| bases.iter().map(move |base| (*step, base)));
        begun.flat_map(move |(step, base)| {
            changed(enter(base(), step), changes).map(move |world| (step, world))
        })
    }
}

/// A world as it is, with each change, and with each two of them in their order.
fn changed<O: Clone>(world: O, changes: &'static [Change<O>]) -> impl Iterator<Item = O> {
    let alone = changes.iter().map(|one| vec![*one]);
    let pairs = changes
        .iter()
        .enumerate()
        .flat_map(|(at, one)| changes.iter().skip(at).skip(1).map(|other| vec![*one, *other]));
    once(vec![]).chain(alone).chain(pairs).map(move |all| {
        let mut world = world.clone();
        for change in all {
            change(&mut world);
        }
        world
    })
}

#[cfg(test)]
mod tests {
    use super::Scope;

    #[test]
    fn each_step_meets_each_scenario_with_no_one_and_two_changes() {
        let scope: Scope<u8, String> = Scope {
            steps: &[1, 2],
            bases: &[String::new],
            changes: &[|world| world.push('a'), |world| world.push('b'), |world| world.push('c')],
        };
        let enter = |world: String, step: u8| format!("{world}{step}");
        let worlds: Vec<_> = scope.turns(enter).map(|(_, world)| world).collect();
        let of_one = ["1", "1a", "1b", "1c", "1ab", "1ac", "1bc"];
        let of_two = ["2", "2a", "2b", "2c", "2ab", "2ac", "2bc"];
        assert_eq!(worlds, [of_one, of_two].concat());
        assert!(scope.turns(enter).all(|(step, world)| world.starts_with(&step.to_string())));
    }
}
