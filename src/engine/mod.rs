//! PURE. The engine: one explicit state machine per kind of object, and everything that can be
//! done with a machine because it is pure. It knows neither etcd nor Kubernetes.
//!
//! A kind brings a [`Machine`]: its steps grouped into phases, the facts it reacts to, the guards
//! it asks, the actions it may order and the records it keeps. The engine brings the rest:
//!
//! | file | what |
//! |---|---|
//! | `machine` | what a kind has to bring, and its window on one turn: ask, emit, record, hold |
//! | `step` | one fact into one step |
//! | `firing` | that in words: moves, and the guards asked |
//! | `settle` | all facts into the machine until nothing moves |
//! | `transcript` | a turn as data: journal, replay, `explain`, Events |
//! | `fixture` | a story of such turns as a file, and its replay |
//! | `explore` | every step in every world that concerns it: the transition table |
//! | `edge`, `edges` | one decision as a line, and all of them written and read again |
//! | `explain` | the ways out of a step, and what closes them now |
//! | `diagram` | that table as Mermaid, DOT and Markdown |
//!
//! **A turn is decided whole, its outcome persisted, and only then are its actions performed,
//! before the next turn begins.**
//!
//! # A machine of two steps
//! ```
//! use etcd_operator::engine::{Diagram, Machine, Turn, explore, settle};
//! use serde::{Deserialize, Serialize};
//! use statig::Outcome::{self, Super, Transition};
//! use statig::prelude::state_machine;
//!
//! // The vocabulary: enums without data, so that they can be listed, drawn and counted.
//! macro_rules! words { ($($name:ident { $($word:ident),* })*) => {$(
//!     #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
//!     #[derive(strum::EnumIter, strum::EnumString, strum::IntoStaticStr)]
//!     enum $name { $($word),* }
//! )*} }
//! words! {
//!     Step { Dark, Lit }
//!     Fact { NightFell, DayBroke }
//!     Guard { BulbWhole }
//!     Reason { BulbBroken }
//! }
//! #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
//! enum Action { Switch { on: bool } }
//! #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
//! struct Observed { night: bool, bulb: bool }
//! #[derive(Debug, Default, Clone, PartialEq)]
//! struct Lamp;
//!
//! // The decisions. A fact a step leaves to `Super` climbs to its phase, then to the root.
//! #[state_machine(
//!     initial = "Step::Dark", context_identifier = "turn", event_identifier = "fact",
//!     state(custom, name = "Step"), superstate(name = "Phase", derive(Debug))
//! )]
//! impl Lamp {
//!     #[state(superstate = "lamp")]
//!     fn dark(turn: &mut Turn<'_, Lamp>, fact: &Fact) -> Outcome<Step> {
//!         match fact {
//!             Fact::NightFell if turn.is(Guard::BulbWhole) => {
//!                 turn.emit(Action::Switch { on: true });
//!                 Transition(Step::Lit)
//!             }
//!             Fact::NightFell => turn.hold(Reason::BulbBroken),
//!             _ => Super,
//!         }
//!     }
//!     #[state(superstate = "lamp")]
//!     fn lit(turn: &mut Turn<'_, Lamp>, fact: &Fact) -> Outcome<Step> {
//!         match fact {
//!             Fact::DayBroke => {
//!                 turn.emit(Action::Switch { on: false });
//!                 Transition(Step::Dark)
//!             }
//!             _ => Super,
//!         }
//!     }
//!     /// The root has no wildcard: a new fact does not compile until someone decides it.
//!     #[superstate]
//!     fn lamp(fact: &Fact) -> Outcome<Step> {
//!         match fact {
//!             Fact::NightFell | Fact::DayBroke => Super,
//!         }
//!     }
//! }
//!
//! impl Machine for Lamp {
//!     type Step = Step;
//!     type Fact = Fact;
//!     type Guard = Guard;
//!     type Reason = Reason;
//!     type Action = Action;
//!     type Record = ();
//!     type Observed = Observed;
//!     const KIND: &'static str = "Lamp";
//!     fn phase(_: Step) -> &'static str { "Street" }
//!     fn classify(_: &Observed) -> Step { Step::Dark }
//!     fn derive(seen: &Observed) -> Vec<Fact> {
//!         vec![if seen.night { Fact::NightFell } else { Fact::DayBroke }]
//!     }
//!     fn holds(_: Guard, seen: &Observed) -> bool { seen.bulb }
//!     fn saw(_: Guard, seen: &Observed) -> String { format!("bulb whole: {}", seen.bulb) }
//! }
//!
//! // One turn.
//! let settled = settle::<Lamp>(Step::Dark, &Observed { night: true, bulb: true })?;
//! assert_eq!((settled.to, settled.actions), (Step::Lit, vec![Action::Switch { on: true }]));
//! let settled = settle::<Lamp>(Step::Dark, &Observed { night: true, bulb: false })?;
//! assert_eq!((settled.to, settled.held), (Step::Dark, vec![Reason::BulbBroken]));
//!
//! // All turns there can be.
//! let worlds = [(false, false), (false, true), (true, false), (true, true)];
//! let worlds = worlds.map(|(night, bulb)| Observed { night, bulb });
//! let turns = [Step::Dark, Step::Lit].map(|from| worlds.clone().map(|seen| (from, seen)));
//! let table = explore::<Lamp>(turns.concat());
//! assert!(table.hidden().is_empty() && table.unhandled().is_empty());
//! let picture = Diagram::of(&table).mermaid();
//! assert!(picture.contains("Dark --> Lit: NightFell [BulbWhole] / Switch"));
//! # Ok::<(), etcd_operator::engine::Unsettled>(())
//! ```

mod diagram;
mod edge;
mod edges;
mod explain;
mod explore;
mod firing;
mod fixture;
mod known;
mod machine;
mod settle;
mod step;
mod transcript;

#[cfg(test)]
pub(crate) mod tests;

pub use diagram::Diagram;
pub use edge::{Decision, Edge};
pub use edges::Unreadable;
pub use explain::{Check, Way, ways};
pub use explore::{Exploration, explore, name};
pub use firing::{Asked, Fired, Firing, Moved};
pub use fixture::{Departure, FIXTURE_BYTES_MAX, Fixture, FixtureError};
pub use known::Known;
pub use machine::{Machine, Turn, Word};
pub use settle::{PASSES_MAX, Settled, Unsettled, settle};
pub use step::{Verdict, step};
pub use transcript::{Difference, Transcript, decide_again, replay, resume};
