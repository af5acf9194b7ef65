//! PURE. All facts into the machine, again and again, until nothing moves.

use super::{Asked, Fired, Firing, Machine, Moved, Turn, Verdict, step};
use statig::blocking::Superstate;

/// How many moves one turn may make. The longest honest path is far shorter.
pub const PASSES_MAX: usize = 16;

/// What one turn decided.
#[derive(Debug, Clone, PartialEq)]
pub struct Settled<M: Machine> {
    /// Where the turn began.
    pub from: M::Step,
    /// Where it ended.
    pub to: M::Step,
    /// The facts it was given, most urgent first.
    pub facts: Vec<M::Fact>,
    /// The moves between, in order.
    pub path: Vec<Moved>,
    /// Every fact handed to every step on the way, with the guards asked and the verdict.
    pub fired: Vec<Fired<M>>,
    /// What is to be remembered.
    pub records: Vec<M::Record>,
    /// What is to be done, in order.
    pub actions: Vec<M::Action>,
    /// Why the machine waits where it ended, most urgent first.
    pub held: Vec<M::Reason>,
}

impl<M: Machine> Settled<M> {
    /// Every guard asked, by which fact in which step, with the answer and what it looked at.
    ///
    /// Worded only here, for those who read it: what a guard saw costs more to say than to decide.
    pub fn asked(&self, observed: &M::Observed) -> Vec<Asked> {
        self.fired.iter().flat_map(|fired| fired.asked::<M>(observed)).collect()
    }
}

/// The machine went round in circles: a fault of the machine, never of the world.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the machine still moved after {PASSES_MAX} passes: {}", path.join(" -> "))]
pub struct Unsettled {
    /// The steps it went through.
    pub path: Vec<String>,
}

/// Fires what is so into the machine, beginning in `from`, until nothing moves.
///
/// # Guarantees
/// Ends at the first pass that orders an action or a record: after that the observation no longer
/// shows the world. Makes at most [`PASSES_MAX`] passes. What a step waited for is forgotten when
/// it is left.
///
/// # Errors
/// [`Unsettled`] if the machine still moves then.
pub fn settle<M: Machine>(from: M::Step, observed: &M::Observed) -> Result<Settled<M>, Unsettled>
where
    for<'s> M::Superstate<'s>: Superstate<M>,
{
    let facts = M::derive(observed);
    let (mut to, mut path, mut fired) = (from, vec![], vec![]);
    for _ in 0..PASSES_MAX {
        let mut turn = Turn::<M>::new(observed);
        let moved = pass(to, &facts, &mut turn, &mut fired);
        if let Some((fact, next)) = moved {
            path.push(Moved::between::<M>(to, fact, next));
            // Whatever the step waited for, it was left without.
            turn.held.clear();
            to = next;
        }
        if moved.is_none() || turn.is_spent() {
            let Turn { records, actions, held, .. } = turn;
            return Ok(Settled { from, to, facts, path, fired, records, actions, held });
        }
    }
    Err(Unsettled { path: path.into_iter().map(|moved| moved.to).collect() })
}

/// Every fact once, until one moves the machine.
fn pass<M: Machine>(
    at: M::Step,
    facts: &[M::Fact],
    turn: &mut Turn<'_, M>,
    fired: &mut Vec<Fired<M>>,
) -> Option<(M::Fact, M::Step)>
where
    for<'s> M::Superstate<'s>: Superstate<M>,
{
    for &fact in facts {
        let verdict = step(at, fact, turn);
        let guards = std::mem::take(&mut turn.asked);
        fired.push(Firing { at, fact, guards, verdict });
        if let Verdict::Moved(next) = verdict {
            return Some((fact, next));
        }
    }
    None
}
