//! SHELL. Reads what was recorded: journals, a turn in each line, and fixtures.

use crate::client::clean;
use crate::engine::{FIXTURE_BYTES_MAX, Fixture, FixtureError, Machine, Transcript};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// The longest line of a journal that is read, in bytes. A turn takes a few KiB.
pub const LINE_BYTES_MAX: usize = 1 << 20;
/// The longest reason that is told, in bytes. It may quote the file.
const WHY_BYTES_MAX: usize = 1024;

/// Why a recording cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// The file cannot be opened or read.
    #[error("failed to read {}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A line is no turn.
    #[error("{}:{line}: {why}", path.display())]
    Line {
        /// Which file.
        path: PathBuf,
        /// Which line, counted from 1.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
}

/// A turn, and the line it stands in; for a fixture, its number.
pub type Recorded<M> = (usize, Transcript<M>);

/// Hands every turn of a journal or a fixture to `each`, in order, one at a time.
///
/// # Errors
/// The first line that cannot be read, and whatever `each` ends with.
pub fn read<M: Machine, E: From<RecordingError>>(
    path: &Path,
    each: impl FnMut(Recorded<M>) -> Result<(), E>,
) -> Result<(), E> {
    if is_fixture(path) {
        return (1..).zip(read_fixture(path)?.turns).try_for_each(each);
    }
    read_journal(path, each)
}

/// Whether a file is a fixture, by its name.
pub fn is_fixture(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "yaml" || end == "yml")
}

/// Reads a fixture whole.
///
/// # Errors
/// It cannot be read, or is none.
pub fn read_fixture<M: Machine>(path: &Path) -> Result<Fixture<M>, RecordingError> {
    let failed = |source| RecordingError::File { path: path.to_owned(), source };
    let mut text = String::new();
    let file = File::open(path).map_err(failed)?;
    // One byte more than may be, so that a longer one is refused and not cut.
    file.take(FIXTURE_BYTES_MAX as u64 + 1).read_to_string(&mut text).map_err(failed)?;
    Fixture::read(&text).map_err(|why| {
        let line = match &why {
            FixtureError::Malformed { line, .. } => usize::try_from(*line).unwrap_or(1),
            FixtureError::TooLarge { .. } | FixtureError::Unwritable { .. } => 1,
        };
        RecordingError::Line { path: path.to_owned(), line, why: quoted(&why.to_string()) }
    })
}

fn read_journal<M: Machine, E: From<RecordingError>>(
    path: &Path,
    mut each: impl FnMut(Recorded<M>) -> Result<(), E>,
) -> Result<(), E> {
    let failed = |source| RecordingError::File { path: path.to_owned(), source };
    let mut file = BufReader::new(File::open(path).map_err(failed)?);
    let mut text = vec![];
    for line in 1.. {
        text.clear();
        let limit = LINE_BYTES_MAX as u64 + 1;
        if file.by_ref().take(limit).read_until(b'\n', &mut text).map_err(failed)? == 0 {
            break;
        }
        let wrong = |why: String| RecordingError::Line { path: path.to_owned(), line, why };
        if text.len() > LINE_BYTES_MAX {
            return Err(wrong(format!("the line is longer than {LINE_BYTES_MAX} bytes")).into());
        }
        let turn = serde_json::from_slice(&text).map_err(|why| {
            let cut =
                if text.ends_with(b"\n") { "" } else { "; the line has no end: was it cut short?" };
            wrong(format!("no turn: {}{cut}", quoted(&why.to_string())))
        })?;
        each((line, turn))?;
    }
    Ok(())
}

/// A reason that may quote the file, which anybody may have written.
fn quoted(why: &str) -> String {
    clean(why, WHY_BYTES_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{replay, settle};
    use crate::service::etcd_cluster::decide::machine::EtcdClusterMachine;
    use crate::service::etcd_cluster::decide::vocabulary::Step;
    use crate::service::etcd_cluster::observe::observed::Observed;
    use crate::service::etcd_cluster::worlds::bases::{formed, fresh, healthy};
    use proptest::prelude::*;
    use std::fs::{remove_file, write};

    type Turn = Transcript<EtcdClusterMachine>;

    fn line(from: Step, seen: Observed) -> String {
        let settled = settle::<EtcdClusterMachine>(from, &seen).unwrap();
        serde_json::to_string(&Turn::of(Some(from.into()), seen, &settled)).unwrap()
    }

    /// The lines of the turns in a file of this name and contents, or what is wrong with it.
    fn lines_of(name: &str, contents: &[u8]) -> Result<Vec<usize>, String> {
        let path = std::env::temp_dir().join(format!("{}-{name}", std::process::id()));
        write(&path, contents).unwrap();
        let mut lines = vec![];
        let outcome = read::<EtcdClusterMachine, RecordingError>(&path, |(line, turn)| {
            lines.push(line);
            // Whatever could be read is decided, too, in whichever way.
            let _ = replay(&turn);
            Ok(())
        });
        remove_file(&path).unwrap();
        outcome.map(|()| lines).map_err(|why| why.to_string())
    }

    /// The text with one of its numbers replaced.
    fn with_number(text: &str, at: usize, number: i64) -> String {
        let digits: Vec<_> = text.match_indices(|c: char| c.is_ascii_digit()).collect();
        let starts: Vec<usize> =
            digits.iter().map(|&(at, _)| at).filter(|&at| text[..at].ends_with(':')).collect();
        let start = starts[at % starts.len()];
        let end = start + text[start..].find(|c: char| !c.is_ascii_digit()).unwrap();
        format!("{}{number}{}", &text[..start], &text[end..])
    }

    fn journal() -> String {
        format!("{}\n{}\n", line(Step::Provision, fresh(3)), line(Step::AwaitQuorum, formed(3)))
    }

    #[test]
    fn a_journal_is_read_line_by_line() {
        assert_eq!(lines_of("whole.jsonl", journal().as_bytes()), Ok(vec![1, 2]));
        assert_eq!(lines_of("empty.jsonl", b""), Ok(vec![]));
    }

    #[test]
    fn a_line_cut_short_is_named_and_so_is_what_cut_it() {
        let whole = journal();
        let why = lines_of("cut.jsonl", &whole.as_bytes()[..whole.len() - 40]).unwrap_err();
        assert!(
            why.contains("cut.jsonl:2: no turn: ") && why.ends_with("was it cut short?"),
            "{why}"
        );
    }

    #[test]
    fn hostile_files_are_refused_with_the_line() {
        let deep = "[".repeat(100_000);
        let long = "x".repeat(LINE_BYTES_MAX + 10);
        for (name, contents) in [("deep.jsonl", deep), ("long.jsonl", long)] {
            let why = lines_of(name, contents.as_bytes()).unwrap_err();
            assert!(why.contains(&format!("{name}:1: ")), "{why}");
        }
        assert!(
            lines_of("binary.jsonl", &[0xff, 0xfe, 0]).unwrap_err().contains("binary.jsonl:1: ")
        );
        let bomb = "story: &a [x, x]\nturns: [*a, *a, *a]\n";
        let why = lines_of("bomb.yaml", bomb.as_bytes()).unwrap_err();
        assert!(why.contains("bomb.yaml:"), "{why}");
        let escape = line(Step::Provision, fresh(3)).replace("Retain", "\\u001b[31mred");
        let why = lines_of("escape.jsonl", escape.as_bytes()).unwrap_err();
        assert!(why.contains("[31mred") && !why.contains('\u{1b}'), "{why}");
        assert!(lines_of("binary.yaml", &[0xff, 0xfe]).unwrap_err().starts_with("failed to read "));
    }

    #[test]
    fn a_size_no_cluster_can_have_is_refused_and_not_counted_through() {
        let huge =
            line(Step::Steady, healthy(3)).replace("\"replicas\":3", "\"replicas\":4294967295");
        let why = lines_of("huge.jsonl", huge.as_bytes()).unwrap_err();
        assert!(why.contains("huge.jsonl:1: ") && why.contains("replicas"), "{why}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn no_bytes_at_all_make_reading_panic(bytes in prop::collection::vec(any::<u8>(), 0..600), yaml in any::<bool>()) {
            let _ = lines_of(if yaml { "any.yaml" } else { "any.jsonl" }, &bytes);
        }

        #[test]
        fn no_number_in_a_turn_makes_deciding_panic_or_hang(at in 0_usize..200, number in any::<i64>()) {
            let _ = lines_of("number.jsonl", with_number(&journal(), at, number).as_bytes());
        }

        #[test]
        fn no_change_of_a_byte_makes_reading_panic(at in 0_usize..4000, byte in any::<u8>(), yaml in any::<bool>()) {
            let mut bytes = journal().into_bytes();
            let at = at % bytes.len();
            bytes[at] = byte;
            let name = if yaml { "changed.yaml" } else { "changed.jsonl" };
            let _ = lines_of(name, &bytes);
        }
    }
}
