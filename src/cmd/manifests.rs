//! SHELL. `etcd-operator manifests`: the operator's installation as one YAML file.

use crate::cmd::generated::{Error, File, print, write_or_check, yaml};
use crate::resource::install::{Manifest, Options, install};
use std::path::Path;

const HEADER: &str = "\
# Everything the operator needs, for `kubectl apply --server-side -f`.
# Generated from src/resource/install.rs by `just regen`. Do not edit: for another image, or to
# watch only some namespaces, print your own with `etcd-operator manifests --help`.
";

/// Prints the installation that `options` describe; with `dir` writes it there as `install.yaml`,
/// with `check` only compares it.
///
/// # Errors
/// [`Error::Stale`] if `check` finds a difference, else what reading or writing says.
pub fn manifests(options: &Options, dir: Option<&Path>, check: bool) -> Result<(), Error> {
    let file = file(options)?;
    match dir {
        Some(dir) => write_or_check(dir, &[file], check),
        None => print(&file.text),
    }
}

/// The installation as a file.
///
/// # Errors
/// [`Error::Json`] or [`Error::Yaml`].
pub fn file(options: &Options) -> Result<File, Error> {
    let documents: Vec<String> =
        install(options)?.iter().map(document).collect::<Result<_, _>>()?;
    Ok(File {
        name: "install.yaml".to_owned(),
        text: format!("{HEADER}---\n{}", documents.join("---\n")),
    })
}

fn document(Manifest { comment, object }: &Manifest) -> Result<String, Error> {
    let body = yaml("install.yaml", object)?;
    let lines = comment.iter().map(|line| ["# ", line, "\n"].concat());
    Ok(lines.chain([body]).collect())
}
