//! SHELL. `etcd-operator crds`: the `CustomResourceDefinition`s, generated from the API types.

use crate::cmd::generated::{Error, File, print, write_or_check, yaml};
use crate::crd::definitions;
use std::path::Path;

const HEADER: &str = "# Generated from src/crd by `just regen`. Do not edit.\n";

/// Prints the definitions; with `dir` writes one file for each, with `check` only compares them.
///
/// # Errors
/// [`Error::Stale`] if `check` finds a difference, else what reading or writing says.
pub fn crds(dir: Option<&Path>, check: bool) -> Result<(), Error> {
    let files = files()?;
    match dir {
        Some(dir) => write_or_check(dir, &files, check),
        None => files.iter().try_for_each(|file| print(&format!("---\n{}", file.text))),
    }
}

/// The files of `crds/`, one for each definition, named group and plural.
///
/// # Errors
/// [`Error::Yaml`].
pub fn files() -> Result<Vec<File>, Error> {
    definitions()
        .iter()
        .map(|definition| {
            let name = format!("{}_{}.yaml", definition.spec.group, definition.spec.names.plural);
            let text = format!("{HEADER}{}", yaml(&name, definition)?);
            Ok(File { name, text })
        })
        .collect()
}
