//! PURE. A sound machine of two phases and four steps: a pump that lifts water while it is wanted.

use crate::engine::{Machine, Turn};
use serde::{Deserialize, Serialize};
use statig::Outcome::{self, Handled, Super, Transition};
use statig::prelude::state_machine;
use strum::IntoEnumIterator;

/// Enums with all a word of the machine needs.
macro_rules! words {
    ($($name:ident { $($word:ident),* $(,)? })*) => {$(
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[derive(strum::EnumIter, strum::EnumString, strum::IntoStaticStr)]
        pub enum $name { $($word),* }
    )*};
}
pub(super) use words;

words! {
    Step { Resting, Blocked, Priming, Flowing }
    Fact { Clogged, Cleared, WaterCame, WaterWanted, WaterUnwanted }
    Guard { Powered, WellFull, Behind }
    Reason { NoPower, WellDry, Clog }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Action {
    Spin { rpm: u32 },
    Stop,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Record {
    Started { at: u64 },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Observed {
    pub now: u64,
    pub powered: bool,
    pub clogged: bool,
    pub well: u32,
    pub wanted: u32,
    pub flow: u32,
    pub note: String,
}

/// All is well, and nothing is wanted.
pub fn calm() -> Observed {
    Observed {
        now: 7,
        powered: true,
        clogged: false,
        well: 9,
        wanted: 0,
        flow: 0,
        note: String::new(),
    }
}

/// Every guard both ways, in every combination.
pub fn worlds() -> Vec<Observed> {
    let mut all = vec![];
    for powered in [false, true] {
        for clogged in [false, true] {
            for well in [0, 9] {
                for (wanted, flow) in [(0, 0), (2, 0), (2, 1), (2, 2)] {
                    all.push(Observed { powered, clogged, well, wanted, flow, ..calm() });
                }
            }
        }
    }
    all
}

/// Every step in every world.
pub fn turns() -> Vec<(Step, Observed)> {
    Step::iter().flat_map(|from| worlds().into_iter().map(move |seen| (from, seen))).collect()
}

#[derive(Debug, Default, Clone, PartialEq)]
pub struct Pump;

type Next = Outcome<Step>;

#[state_machine(
    initial = "Step::Resting",
    context_identifier = "turn",
    event_identifier = "fact",
    state(custom, name = "Step"),
    superstate(name = "Phase", derive(Debug))
)]
impl Pump {
    #[superstate(superstate = "pump")]
    fn idle(fact: &Fact) -> Next {
        match fact {
            Fact::WaterUnwanted => Handled,
            _ => Super,
        }
    }

    #[state(superstate = "idle")]
    fn resting(turn: &mut Turn<'_, Self>, fact: &Fact) -> Next {
        match fact {
            Fact::WaterWanted if !turn.is(Guard::Powered) => turn.hold(Reason::NoPower),
            Fact::WaterWanted if !turn.is(Guard::WellFull) => turn.hold(Reason::WellDry),
            Fact::WaterWanted => {
                turn.record(Record::Started { at: turn.observed.now });
                Transition(Step::Priming)
            }
            _ => Super,
        }
    }

    #[state(superstate = "idle")]
    fn blocked(turn: &mut Turn<'_, Self>, fact: &Fact) -> Next {
        match fact {
            Fact::Clogged => turn.hold(Reason::Clog),
            Fact::WaterWanted if !turn.is(Guard::Powered) => turn.hold(Reason::NoPower),
            Fact::Cleared => Transition(Step::Resting),
            _ => Super,
        }
    }

    #[superstate(superstate = "pump")]
    fn pumping(turn: &mut Turn<'_, Self>, fact: &Fact) -> Next {
        match fact {
            Fact::WaterUnwanted => {
                turn.emit(Action::Stop);
                Transition(Step::Resting)
            }
            Fact::WaterWanted if !turn.is(Guard::Powered) => turn.hold(Reason::NoPower),
            Fact::WaterWanted if turn.is(Guard::Behind) => {
                turn.emit(Action::Spin { rpm: turn.observed.wanted * 100 });
                Handled
            }
            _ => Super,
        }
    }

    #[state(superstate = "pumping")]
    fn priming(fact: &Fact) -> Next {
        match fact {
            Fact::WaterCame => Transition(Step::Flowing),
            _ => Super,
        }
    }

    #[state(superstate = "pumping")]
    fn flowing(turn: &mut Turn<'_, Self>, fact: &Fact) -> Next {
        match fact {
            Fact::WaterWanted if !turn.is(Guard::WellFull) => {
                turn.emit(Action::Stop);
                Transition(Step::Resting)
            }
            _ => Super,
        }
    }

    #[superstate]
    fn pump(turn: &mut Turn<'_, Self>, fact: &Fact) -> Next {
        match fact {
            Fact::Clogged => {
                turn.emit(Action::Stop);
                Transition(Step::Blocked)
            }
            Fact::Cleared | Fact::WaterCame | Fact::WaterWanted | Fact::WaterUnwanted => Super,
        }
    }
}

impl Machine for Pump {
    type Step = Step;
    type Fact = Fact;
    type Guard = Guard;
    type Reason = Reason;
    type Action = Action;
    type Record = Record;
    type Observed = Observed;

    const KIND: &'static str = "WaterPump";

    fn phase(step: Step) -> &'static str {
        match step {
            Step::Resting | Step::Blocked => "Idle",
            Step::Priming | Step::Flowing => "Pumping",
        }
    }

    fn classify(seen: &Observed) -> Step {
        if seen.flow > 0 { Step::Flowing } else { Step::Resting }
    }

    fn derive(seen: &Observed) -> Vec<Fact> {
        let so = [
            (seen.clogged, Fact::Clogged),
            (!seen.clogged, Fact::Cleared),
            (seen.flow > 0, Fact::WaterCame),
            (seen.wanted > 0, Fact::WaterWanted),
            (seen.wanted == 0, Fact::WaterUnwanted),
        ];
        so.into_iter().filter(|(so, _)| *so).map(|(_, fact)| fact).collect()
    }

    fn holds(guard: Guard, seen: &Observed) -> bool {
        match guard {
            Guard::Powered => seen.powered,
            Guard::WellFull => seen.well > 0,
            Guard::Behind => seen.flow < seen.wanted,
        }
    }

    fn saw(guard: Guard, seen: &Observed) -> String {
        match guard {
            Guard::Powered => format!("powered: {}", seen.powered),
            Guard::WellFull => format!("{} in the well", seen.well),
            Guard::Behind => format!("flow {} of {}", seen.flow, seen.wanted),
        }
    }
}
