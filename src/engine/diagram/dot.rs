//! PURE. The picture as DOT, for Graphviz.

use super::{Diagram, Source};
use crate::engine::Machine;

/// How wide a label may grow before it is wrapped, in characters.
const WIDTH: usize = 30;

const HEAD: &str = r##"  rankdir=LR; compound=true; nodesep=0.35; ranksep=0.7; pad=0.3;
  fontname="Helvetica,Arial,sans-serif"; fontsize=13;
  node [shape=box, style="rounded,filled", fillcolor="#ffffff", color="#5b6b7b", height=0.4,
    margin="0.16,0.06", fontname="Helvetica,Arial,sans-serif", fontsize=12];
  edge [color="#5b6b7b", fontcolor="#22303c", arrowsize=0.7, fontname="Helvetica,Arial,sans-serif",
    fontsize=10];
  start [shape=circle, style=filled, fillcolor="#22303c", label="", width=0.16, height=0.16];"##;
const CLUSTER: &str = r##"labeljust=l; style=rounded; bgcolor="#f3f6f9"; color="#c3cdd7";"##;

impl<M: Machine> Diagram<M> {
    /// A digraph read from left to right: phases as clusters, one arrow for each pair of places.
    pub fn dot(&self) -> String {
        let mut lines = vec![format!("digraph {:?} {{\n{HEAD}", M::KIND)];
        for (phase, steps) in &self.phases {
            let steps: Vec<_> = steps.iter().map(|step| format!("{step:?};")).collect();
            lines.push(format!("  subgraph \"cluster_{phase}\" {{"));
            lines.push(format!("    label={phase:?}; {CLUSTER}"));
            lines.push(format!("    {}\n  }}", steps.join(" ")));
        }
        let moves = self.moves();
        if moves.iter().any(|(source, ..)| *source == Source::Any) {
            lines.push("  any [label=\"any other step\", style=\"rounded,dashed\"];".to_owned());
        }
        lines.push(format!("  start -> {:?};", Self::initial()));
        for (source, to, arrows) in moves {
            let labels: Vec<_> = arrows.iter().map(|arrow| wrapped(&arrow.label())).collect();
            let (from, tail) = self.tail(source);
            let label = labels.join("\\n\\n");
            lines.push(format!("  {from} -> {to:?} [{tail}label=\"{label}\"];"));
        }
        lines.push("}\n".to_owned());
        lines.join("\n")
    }

    /// Graphviz draws no arrow from a cluster, only from a node, cut off at the cluster's border.
    /// The dot there tells it from one that passes under the border.
    fn tail(&self, source: Source) -> (String, String) {
        match source {
            Source::Any => ("any".to_owned(), String::new()),
            Source::Step { step, .. } => (format!("{step:?}"), String::new()),
            Source::Phase(phase) => {
                let steps = self.phases.iter().find(|(name, _)| *name == phase);
                let last = steps.and_then(|(_, steps)| steps.last()).copied().unwrap_or(phase);
                // It may not order the phases: all of one may point at the first of all.
                (
                    format!("{last:?}"),
                    format!(
                        "ltail=\"cluster_{phase}\", dir=both, arrowtail=dot, constraint=false, "
                    ),
                )
            }
        }
    }
}

/// The pieces of a label on lines of their own, and those that are too long on several.
fn wrapped(pieces: &[String]) -> String {
    let mut lines: Vec<String> = vec![];
    for piece in pieces {
        let mut line = String::new();
        for word in piece.split(' ') {
            if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > WIDTH {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line += word;
        }
        lines.push(line);
    }
    lines.join("\\n")
}
