//! PURE. A machine with every fault the engine has to find.

use super::toy::words;
use crate::engine::{Machine, Turn};
use statig::Outcome::{self, Handled, Super, Transition};
use statig::prelude::state_machine;
use strum::IntoEnumIterator;

words! {
    Step { Ping, Pong, Adrift, Sunk, Forgotten, Unreached }
    Fact { Hit, Missed, Flooded, Never }
    Guard { Always, Unasked, Loud }
    Reason { Water }
}

/// Whether it goes round in circles, and a number nobody asks about by name.
pub type Observed = (bool, u32);

#[derive(Debug, Default, Clone, PartialEq)]
pub struct Wreck;

#[state_machine(
    initial = "Step::Ping",
    context_identifier = "turn",
    event_identifier = "fact",
    state(custom, name = "Step"),
    superstate(name = "Phase", derive(Debug))
)]
impl Wreck {
    /// Round in circles with `pong`.
    #[state]
    fn ping(turn: &mut Turn<'_, Self>, fact: &Fact) -> Outcome<Step> {
        match fact {
            Fact::Hit if turn.is(Guard::Always) => Transition(Step::Pong),
            Fact::Missed => Transition(Step::Adrift),
            // No world gives rise to this fact.
            Fact::Never => Transition(Step::Unreached),
            Fact::Hit | Fact::Flooded => Super,
        }
    }

    #[state]
    fn pong(turn: &mut Turn<'_, Self>, fact: &Fact) -> Outcome<Step> {
        match fact {
            Fact::Hit if turn.is(Guard::Loud) => Transition(Step::Ping),
            _ => Super,
        }
    }

    /// What it looks at has no name: the same step, fact and answers end in two places.
    #[state]
    fn adrift(turn: &mut Turn<'_, Self>, fact: &Fact) -> Outcome<Step> {
        match fact {
            Fact::Missed => turn.hold(Reason::Water),
            Fact::Flooded if turn.observed.1 > 5 => Transition(Step::Sunk),
            _ => Super,
        }
    }

    /// Nothing leads out of here. `Forgotten` and `Unreached` have no handler at all.
    #[state]
    fn sunk() -> Outcome<Step> {
        Handled
    }
}

impl Machine for Wreck {
    type Step = Step;
    type Fact = Fact;
    type Guard = Guard;
    type Reason = Reason;
    type Action = ();
    type Record = ();
    type Observed = Observed;

    const KIND: &'static str = "Wreck";

    fn phase(step: Step) -> &'static str {
        if step == Step::Sunk { "Sunk" } else { "Sea" }
    }

    fn classify(_: &Observed) -> Step {
        Step::Ping
    }

    fn derive(seen: &Observed) -> Vec<Fact> {
        vec![if seen.0 { Fact::Hit } else { Fact::Missed }, Fact::Flooded]
    }

    fn holds(guard: Guard, seen: &Observed) -> bool {
        match guard {
            Guard::Always | Guard::Unasked => true,
            Guard::Loud => seen.1 > 5,
        }
    }

    fn saw(_: Guard, seen: &Observed) -> String {
        format!("{seen:?}")
    }
}

/// Every step in every world.
pub fn turns() -> Vec<(Step, Observed)> {
    let worlds = [(false, 0), (false, 9), (true, 0), (true, 9)];
    Step::iter().flat_map(|from| worlds.map(|seen| (from, seen))).collect()
}
