//! SHELL. `render-states`: lists and draws every machine from the code that runs, or checks the
//! lists and drawings. It alone explores: other commands read the list.

use super::kinds::{Subject, of_kind};
use crate::engine::{Diagram, Exploration, Machine, explore};
use crate::service::inspect::folder;
use crate::service::worlds::Explored;
use statig::blocking::{IntoStateMachine, Superstate};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::{fs, thread};
use strum::IntoEnumIterator;

/// Why the drawings were not made, or are not those of the code.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// A file cannot be written, or `dot` cannot be spoken to.
    #[error("failed to write {}", path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file cannot be read.
    #[error("failed to read {}: run `just render-states`", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Graphviz is there and refuses what we wrote.
    #[error("failed to draw {}: dot ended with {status}: {}", path.display(), said.trim())]
    Draw {
        /// The file it should have become.
        path: PathBuf,
        /// How `dot` ended.
        status: ExitStatus,
        /// What it said.
        said: String,
    },
    /// A file is not what the code does.
    #[error("{} is not what the code does: run `just render-states`", path.display())]
    Differs {
        /// Which.
        path: PathBuf,
    },
}

/// Draws every kind's machine, or checks the drawings.
///
/// # Errors
/// [`RenderError`], of the first kind and file in order.
pub fn render(dir: &Path, check: bool) -> Result<(), RenderError> {
    fn of<K: Explored>(dir: &Path, check: bool) -> Result<(), RenderError>
    where
        for<'s> <K::Machine as IntoStateMachine>::Superstate<'s>: Superstate<K::Machine>,
    {
        render_kind(dir, check, &explore::<K::Machine>(K::turns()))
    }
    Subject::iter().try_for_each(|subject| of_kind!(subject, of(dir, check)))
}

/// Writes `<dir>/<kind>.edges`, `.mmd`, `.dot` and `.md`, and `.svg` where Graphviz is installed; or, to
/// `check`, compares them. The picture made by Graphviz is not compared: its versions differ.
///
/// # Errors
/// [`RenderError`], of the first file in that order.
pub fn render_kind<M: Machine>(
    dir: &Path,
    check: bool,
    table: &Exploration<M>,
) -> Result<(), RenderError> {
    let diagram = Diagram::of(table);
    let path = |extension: &str| dir.join(format!("{}.{extension}", folder::<M>()));
    let dot = diagram.dot();
    let (edges, mermaid, page) = (table.lines(), diagram.mermaid(), diagram.page());
    for (extension, text) in [("edges", &edges), ("mmd", &mermaid), ("dot", &dot), ("md", &page)] {
        let path = path(extension);
        if check { same(path, text)? } else { write(dir, path, text)? }
    }
    if check { Ok(()) } else { draw(&path("svg"), &dot) }
}

fn write(dir: &Path, path: PathBuf, text: &str) -> Result<(), RenderError> {
    let written = fs::create_dir_all(dir).and_then(|()| fs::write(&path, text));
    written.map_err(|source| RenderError::Write { path, source })
}

fn same(path: PathBuf, text: &str) -> Result<(), RenderError> {
    match fs::read(&path) {
        Ok(found) if found == text.as_bytes() => Ok(()),
        Ok(_) => Err(RenderError::Differs { path }),
        Err(source) => Err(RenderError::Read { path, source }),
    }
}

/// Lets Graphviz draw. That it is not installed is no error.
fn draw(svg: &Path, dot: &str) -> Result<(), RenderError> {
    let failed = |source| RenderError::Write { path: svg.to_owned(), source };
    let mut command = Command::new("dot");
    command.args(["-Tsvg", "-o"]).arg(svg);
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = match piped.spawn() {
        Ok(child) => child,
        Err(why) if why.kind() == ErrorKind::NotFound => return Ok(()),
        Err(why) => return Err(failed(why)),
    };
    let stdin = child.stdin.take();
    // Written from a thread of its own, so that neither side waits for the other to read.
    let ended = thread::scope(|scope| {
        scope.spawn(|| stdin.map(|mut stdin| stdin.write_all(dot.as_bytes())));
        child.wait_with_output()
    });
    let output = ended.map_err(failed)?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(RenderError::Draw { path: svg.to_owned(), status: output.status, said })
}

#[cfg(test)]
mod tests {
    use super::{RenderError, draw, render_kind};
    use crate::engine::explore;
    use crate::engine::tests::toy::{Pump, turns};
    use std::fs;
    use std::path::{Path, PathBuf};
    use std::process::Command;

    /// A directory of this test's own, removed when it ends.
    struct Scratch(PathBuf);

    impl Scratch {
        fn new(test: &str) -> Self {
            let name = format!("render-states-{test}-{}", std::process::id());
            Self(std::env::temp_dir().join(name))
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn render(dir: &Path, check: bool) -> Result<(), RenderError> {
        render_kind(dir, check, &explore::<Pump>(turns()))
    }

    #[test]
    fn a_file_that_differs_is_named_with_the_command_that_mends_it() {
        let dir = Scratch::new("differs");
        for file in ["water-pump.edges", "water-pump.mmd", "water-pump.dot", "water-pump.md"] {
            render(&dir.0, false).unwrap();
            fs::write(dir.0.join(file), "edited by hand").unwrap();
            let why = render(&dir.0, true).unwrap_err().to_string();
            assert!(why.contains(file) && why.contains("`just render-states`"), "{why}");
        }
    }

    #[test]
    fn graphviz_draws_where_it_is_installed_and_only_there() {
        let dir = Scratch::new("draws");
        render(&dir.0, false).unwrap();
        let installed = Command::new("dot").arg("-V").output().is_ok();
        let svg = fs::read_to_string(dir.0.join("water-pump.svg"));
        assert_eq!(svg.is_ok_and(|svg| svg.contains("</svg>")), installed);
        let refused = draw(&dir.0.join("refused.svg"), "no graph at all");
        assert_eq!(matches!(refused, Err(RenderError::Draw { .. })), installed, "{refused:?}");
    }
}
