//! SHELL. The member's volume: a look at it that changes nothing, and the two small files that
//! are written before a birth.

use crate::service::etcd_cluster::gate::{Contents, Disk, FoundIdentity};
use std::ffi::OsStr;
use std::fs::{self, DirEntry, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

/// The file on the volume that says whose data it holds.
pub const IDENTITY_FILE: &str = "identity.json";
/// The folder on the volume that is etcd's own.
pub const DATA_FOLDER: &str = "data";

/// An identity is some 150 bytes; more than this many are not one.
const IDENTITY_BYTES_MAX: u64 = 64 * 1024;
/// How many names of unexpected files are reported.
const LEFTOVERS_NAMED_MAX: usize = 5;

/// Why the volume is of no use.
#[derive(Debug, thiserror::Error)]
pub enum VolumeError {
    /// A part of it could not be read.
    #[error("failed to read {}", path.display())]
    Read {
        /// The part.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// A file could not be written.
    #[error("failed to write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// What the path means is decided elsewhere, perhaps outside the volume.
    #[error("{} is a symbolic link", path.display())]
    Symlink {
        /// The link.
        path: PathBuf,
    },
}

/// What the volume at `root` holds, and whether the pod's `marker` exists.
///
/// # Errors
/// Any part that decides and cannot be read, or is reached through a symbolic link.
pub fn look(root: &Path, marker: &Path) -> Result<Disk, VolumeError> {
    Ok(Disk {
        identity: identity(&root.join(IDENTITY_FILE))?,
        contents: contents(root)?,
        born: exists(marker)?,
    })
}

/// Writes `path` so that after a crash at any moment it is whole or absent.
///
/// # Errors
/// The file or its folder cannot be written or synced.
pub fn write_durably(path: &Path, text: &[u8]) -> Result<(), VolumeError> {
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let scratch = folder.join(format!(".{name}.tmp"));
    let written = remove_if_present(&scratch)
        .and_then(|()| OpenOptions::new().write(true).create_new(true).open(&scratch))
        .and_then(|mut file| file.write_all(text).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&scratch, path))
        .and_then(|()| File::open(folder)?.sync_all());
    written.map_err(|source| {
        // Best effort: what a full volume leaves here is ignored by the next look.
        let _ = fs::remove_file(&scratch);
        VolumeError::Write { path: path.to_owned(), source }
    })
}

/// Removes a file, which may be absent.
pub fn remove_if_present(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn identity(path: &Path) -> Result<FoundIdentity, VolumeError> {
    if !exists(path)? {
        return Ok(FoundIdentity::Absent);
    }
    let mut text = Vec::new();
    File::open(path)
        .and_then(|file| file.take(IDENTITY_BYTES_MAX).read_to_end(&mut text))
        .map_err(|source| VolumeError::Read { path: path.to_owned(), source })?;
    Ok(match serde_json::from_slice(&text) {
        Ok(identity) => FoundIdentity::Written(identity),
        Err(error) => FoundIdentity::Garbled(error.to_string()),
    })
}

fn contents(root: &Path) -> Result<Contents, VolumeError> {
    let data = root.join(DATA_FOLDER);
    if has_log(&data)? {
        return Ok(Contents::Data);
    }
    // Hidden entries at the root belong to the file system or its driver, as snapshots do.
    let at_root = entries(root)?.into_iter().filter(|entry| {
        let name = entry.file_name();
        !name.as_encoded_bytes().starts_with(b".") && name != IDENTITY_FILE && name != DATA_FOLDER
    });
    let in_data = if exists(&data)? { entries(&data)? } else { Vec::new() };
    let mut names: Vec<String> = at_root
        .chain(in_data)
        .filter(|entry| entry.file_name() != "lost+found")
        .map(|entry| entry.path().strip_prefix(root).unwrap_or(root).display().to_string())
        .collect();
    if names.is_empty() {
        return Ok(Contents::Empty);
    }
    names.sort();
    names.truncate(LEFTOVERS_NAMED_MAX);
    Ok(Contents::Leftovers(names.join(", ")))
}

/// Whether etcd would find a write-ahead log and go by it.
///
/// # Source
/// etcd `wal.Exist`: a file named `*.wal`. One without a byte in it is no log.
fn has_log(data: &Path) -> Result<bool, VolumeError> {
    let member = data.join("member");
    let wal = member.join("wal");
    for folder in [data, &member, &wal] {
        if !exists(folder)? {
            return Ok(false);
        }
    }
    let is_log = |entry: &DirEntry| {
        entry.path().extension() == Some(OsStr::new("wal"))
            && entry.metadata().is_ok_and(|file| file.is_file() && file.len() > 0)
    };
    Ok(entries(&wal)?.iter().any(is_log))
}

fn entries(folder: &Path) -> Result<Vec<DirEntry>, VolumeError> {
    fs::read_dir(folder)
        .and_then(Iterator::collect)
        .map_err(|source| VolumeError::Read { path: folder.to_owned(), source })
}

/// Whether something is there, which must not be a symbolic link.
fn exists(path: &Path) -> Result<bool, VolumeError> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_symlink() => {
            Err(VolumeError::Symlink { path: path.to_owned() })
        }
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(source) => Err(VolumeError::Read { path: path.to_owned(), source }),
    }
}
