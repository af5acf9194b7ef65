//! SHELL. Generated text: shown, written into the source tree, or compared with what is there.

use serde::Serialize;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// Why generated text could not be delivered.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An object could not be written as YAML.
    #[error("failed to write {name} as YAML")]
    Yaml {
        /// Which object.
        name: String,
        /// What the serializer said.
        source: serde_saphyr::SerializeError,
    },
    /// An object could not be written as JSON.
    #[error("failed to write an object as JSON")]
    Json(#[from] serde_json::Error),
    /// A file could not be read or written.
    #[error("failed to access {path}")]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Standard output could not be written.
    #[error("failed to print")]
    Print(#[source] io::Error),
    /// A file differs from what the code generates.
    #[error("{path} is not what the code generates: run `just regen` and commit the result")]
    Stale {
        /// Which file.
        path: PathBuf,
    },
}

/// A generated file: its name within its folder, and what it has to hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its name, without a folder.
    pub name: String,
    /// Its whole contents.
    pub text: String,
}

/// `object` as one YAML document, without a document marker.
///
/// # Errors
/// [`Error::Yaml`], naming `name`.
pub fn yaml(name: &str, object: &impl Serialize) -> Result<String, Error> {
    // Long lines stay whole: folded text is hard to search, and some readers get it wrong.
    let options = serde_saphyr::ser_options! { folded_wrap_chars: 1_000_000 };
    serde_saphyr::to_string_with_options(object, options)
        .map_err(|source| Error::Yaml { name: name.to_owned(), source })
}

/// Writes `files` into `dir`, or with `check` only compares them with what is there.
///
/// # Errors
/// [`Error::File`] if a file cannot be read or written; [`Error::Stale`] if a compared one differs
/// or is missing.
pub fn write_or_check(dir: &Path, files: &[File], check: bool) -> Result<(), Error> {
    for File { name, text } in files {
        let path = dir.join(name);
        if !check {
            fs::create_dir_all(dir)
                .and_then(|()| fs::write(&path, text))
                .map_err(|source| Error::File { path, source })?;
            continue;
        }
        match fs::read_to_string(&path) {
            Ok(found) if found == *text => {}
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                return Err(Error::File { path, source });
            }
            _ => return Err(Error::Stale { path }),
        }
    }
    Ok(())
}

/// Prints `text` to standard output.
///
/// # Errors
/// [`Error::Print`], except when the reader has gone: then it has seen enough.
pub fn print(text: &str) -> Result<(), Error> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(source) if source.kind() != io::ErrorKind::BrokenPipe => Err(Error::Print(source)),
        _ => Ok(()),
    }
}
