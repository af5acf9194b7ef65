//! PURE. What people look at, letter by letter.

use super::toy::{Pump, turns};
use super::wreck::{self, Wreck};
use crate::engine::{Diagram, explore};

const MERMAID: &str = r#"stateDiagram-v2
    state Idle {
        Resting
        Blocked
    }
    state Pumping {
        Priming
        Flowing
    }
    state "any other step" as AnyOtherStep
    [*] --> Resting
    AnyOtherStep --> Blocked: Clogged / Stop
    Resting --> Priming: WaterWanted [Powered ∧ WellFull]
    Blocked --> Resting: Cleared
    Pumping --> Resting: WaterUnwanted / Stop
    Priming --> Flowing: WaterCame
    Flowing --> Resting: WaterWanted [¬WellFull] / Stop
"#;

const DOT: &str = r##"  subgraph "cluster_Idle" {
    label="Idle"; labeljust=l; style=rounded; bgcolor="#f3f6f9"; color="#c3cdd7";
    "Resting"; "Blocked";
  }
  subgraph "cluster_Pumping" {
    label="Pumping"; labeljust=l; style=rounded; bgcolor="#f3f6f9"; color="#c3cdd7";
    "Priming"; "Flowing";
  }
  any [label="any other step", style="rounded,dashed"];
  start -> "Resting";
  any -> "Blocked" [label="Clogged\n/ Stop"];
  "Resting" -> "Priming" [label="WaterWanted\n[Powered ∧ WellFull]"];
  "Blocked" -> "Resting" [label="Cleared"];
  "Flowing" -> "Resting" [ltail="cluster_Pumping", dir=both, arrowtail=dot, label="WaterUnwanted\n/ Stop"];
  "Priming" -> "Flowing" [label="WaterCame"];
  "Flowing" -> "Resting" [label="WaterWanted\n[¬WellFull]\n/ Stop"];
}
"##;

const TABLE: &str = r"## Every step

| step | fact [guards] | to | actions, records, holds |
|---|---|---|---|
| *every other step* | Clogged | Blocked | orders Stop |

## Idle

| step | fact [guards] | to | actions, records, holds |
|---|---|---|---|
| *every step* | WaterWanted [¬Powered] | *stays* | holds NoPower |
| *every step* | WaterUnwanted | *stays* |  |
| Resting | WaterWanted [Powered ∧ WellFull] | Priming | records Started |
| Resting | WaterWanted [Powered ∧ ¬WellFull] | *stays* | holds WellDry |
| Blocked | Clogged | *stays* | holds Clog |
| Blocked | Cleared | Resting |  |

## Pumping

| step | fact [guards] | to | actions, records, holds |
|---|---|---|---|
| *every step* | WaterUnwanted | Resting | orders Stop |
| Priming | WaterCame | Flowing |  |
| Priming | WaterWanted [¬Powered] | *stays* | holds NoPower |
| Priming | WaterWanted [Powered ∧ Behind] | *stays* | orders Spin |
| Flowing | WaterWanted [¬WellFull] | Resting | orders Stop |
| Flowing | WaterWanted [WellFull ∧ ¬Powered] | *stays* | holds NoPower |
| Flowing | WaterWanted [WellFull ∧ Powered ∧ Behind] | *stays* | orders Spin |
";

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

fn pump() -> Diagram<Pump> {
    Diagram::of(&explore(turns()))
}

#[test]
fn the_same_machine_gives_the_same_text_whatever_the_order_of_worlds() {
    let reversed = Diagram::<Pump>::of(&explore(turns().into_iter().rev()));
    assert_eq!(reversed.page(), pump().page());
    assert_eq!(reversed.dot(), pump().dot());
}

#[test]
fn the_mermaid() {
    assert_eq!(pump().mermaid(), MERMAID);
}

#[test]
fn the_dot() {
    let dot = pump().dot();
    let (head, body) = dot.split_once("label=\"\", width=0.16, height=0.16];\n").unwrap();
    assert!(head.starts_with("digraph \"WaterPump\" {\n  rankdir=LR; compound=true;"), "{head}");
    assert_eq!(body, DOT);
}

#[test]
fn the_table() {
    assert_eq!(pump().table(), TABLE);
}

#[test]
fn the_page_holds_the_picture_and_the_table() {
    let (page, picture) = (pump().page(), format!("```mermaid\n{}```\n", pump().mermaid()));
    assert!(page.starts_with("# WaterPump\n\n"), "{page}");
    assert!(page.contains(&picture) && page.ends_with(&pump().table()), "{page}");
}

#[test]
fn what_no_world_gives_rise_to_is_not_drawn_and_a_phase_may_be_called_as_a_step() {
    let picture = Diagram::<Wreck>::of(&explore(wreck::turns())).mermaid();
    assert_eq!(picture, WRECK);
}
