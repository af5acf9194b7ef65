//! PURE. The picture as Mermaid, which code hosts draw inside Markdown.

use super::{Diagram, Source};
use crate::engine::Machine;
use std::borrow::Cow;

const ANY: &str = "AnyOtherStep";

impl<M: Machine> Diagram<M> {
    /// A `stateDiagram-v2`: phases as composite states, one arrow for each pair of places.
    pub fn mermaid(&self) -> String {
        let mut lines = vec!["stateDiagram-v2".to_owned()];
        for (phase, steps) in &self.phases {
            lines.push(match self.phase_id(phase) {
                Cow::Borrowed(id) => format!("    state {id} {{"),
                Cow::Owned(id) => format!("    state \"{phase}\" as {id} {{"),
            });
            lines.extend(steps.iter().map(|step| format!("        {step}")));
            lines.push("    }".to_owned());
        }
        let moves = self.moves();
        if moves.iter().any(|(source, ..)| *source == Source::Any) {
            lines.push(format!("    state \"any other step\" as {ANY}"));
        }
        lines.push(format!("    [*] --> {}", Self::initial()));
        for (source, to, arrows) in moves {
            let from = match source {
                Source::Any => ANY.into(),
                Source::Phase(phase) => self.phase_id(phase),
                Source::Step { step, .. } => step.into(),
            };
            let labels: Vec<_> = arrows.iter().map(|arrow| arrow.label().join(" ")).collect();
            lines.push(format!("    {from} --> {to}: {}", labels.join("<br/>")));
        }
        lines.join("\n") + "\n"
    }

    /// Mermaid has one namespace for phases and steps.
    fn phase_id(&self, phase: &'static str) -> Cow<'static, str> {
        if self.phases.iter().any(|(_, steps)| steps.contains(&phase)) {
            return format!("{phase}Phase").into();
        }
        phase.into()
    }
}
