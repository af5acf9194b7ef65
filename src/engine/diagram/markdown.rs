//! PURE. The transition table, and the page that holds it and the picture.

use super::{Arrow, Diagram, Source};
use crate::engine::Machine;

impl<M: Machine> Diagram<M> {
    /// The whole table in Markdown, a heading for each phase.
    pub fn table(&self) -> String {
        let phases = self.phases.iter().map(|(phase, _)| Some(*phase));
        let parts = [None].into_iter().chain(phases).filter_map(|phase| self.part(phase));
        parts.collect::<Vec<_>>().join("\n")
    }

    /// A page about this kind: what it shows, the picture, the table.
    pub fn page(&self) -> String {
        format!(
            "# {kind}\n\n\
             Found by running the machine: every fact in every step, in every world its tests know. \
             An arrow reads `Fact [guards] / actions`; ¬ marks a guard that does not hold. What \
             every step of a phase does alike is drawn once, from the phase, and what every step \
             does, from “any other step”. The picture shows the moves; the table adds what a step does \
             while it stays. What is not listed is ignored. Made by `just render-states`; \
             do not edit.\n\n\
             ```mermaid\n{mermaid}```\n\n{table}",
            kind = M::KIND,
            mermaid = self.mermaid(),
            table = self.table(),
        )
    }

    /// The rows of one phase, or those of every step.
    fn part(&self, phase: Option<&'static str>) -> Option<String> {
        let inside = |arrow: &&Arrow| match arrow.source {
            Source::Any => phase.is_none(),
            Source::Phase(of) | Source::Step { phase: of, .. } => phase == Some(of),
        };
        let rows: String = self.arrows.iter().filter(inside).map(row).collect();
        let title = phase.unwrap_or("Every step");
        let head = "| step | fact [guards] | to | actions, records, holds |\n|---|---|---|---|\n";
        (!rows.is_empty()).then(|| format!("## {title}\n\n{head}{rows}"))
    }
}

fn row(arrow: &Arrow) -> String {
    let step = match arrow.source {
        Source::Any if arrow.to.is_some() => "*every other step*",
        Source::Any | Source::Phase(_) => "*every step*",
        Source::Step { step, .. } => step,
    };
    let guards = match arrow.when.as_str() {
        "" => String::new(),
        when => format!(" [{when}]"),
    };
    let held: Vec<_> = arrow.held.iter().map(|&reason| reason.to_owned()).collect();
    let named = |what, names: &[String]| {
        (!names.is_empty()).then(|| format!("{what} {}", names.join(", ")))
    };
    let does =
        [named("orders", &arrow.actions), named("records", &arrow.records), named("holds", &held)];
    let does: Vec<_> = does.into_iter().flatten().collect();
    let to = arrow.to.unwrap_or("*stays*");
    format!("| {step} | {}{guards} | {to} | {} |\n", arrow.fact, does.join("; "))
}
