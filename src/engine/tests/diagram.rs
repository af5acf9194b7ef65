//! PURE. Diagrams. Their looks stand in the committed ones of both kinds, letter by letter.

use super::toy::{Pump, turns};
use super::wreck::{self, Wreck};
use crate::engine::{Diagram, explore};

const WRECK: &str = r#"stateDiagram-v2
    state Sea {
        Ping
        Pong
        Adrift
        Forgotten
        Unreached
    }
    state "Sunk" as SunkPhase {
        Sunk
    }
    [*] --> Ping
    Ping --> Pong: Hit [Always]
    Ping --> Adrift: Missed
    Pong --> Ping: Hit [Loud]
    Adrift --> Sunk: Flooded
"#;

#[test]
fn the_same_machine_gives_the_same_text_whatever_the_order_of_worlds() {
    let pump = Diagram::<Pump>::of(&explore(turns()));
    let reversed = Diagram::<Pump>::of(&explore(turns().into_iter().rev()));
    assert_eq!(reversed.page(), pump.page());
    assert_eq!(reversed.dot(), pump.dot());
}

#[test]
fn what_no_world_gives_rise_to_is_not_drawn_and_a_phase_may_be_called_as_a_step() {
    let picture = Diagram::<Wreck>::of(&explore(wreck::turns())).mermaid();
    assert_eq!(picture, WRECK);
}
