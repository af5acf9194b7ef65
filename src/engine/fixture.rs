//! PURE. A story of turns as a file: recorded once, decided again by every later version.

use super::{Difference, Machine, Transcript, replay};
use serde::{Deserialize, Serialize};
use serde_saphyr::options;
use statig::blocking::Superstate;

/// The largest fixture that is read, in bytes. A recorded turn takes a few KiB, a long story some
/// hundreds of turns.
pub const FIXTURE_BYTES_MAX: usize = 4 << 20;

/// Turns of one object, in the order they were taken, and what they are about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, bound = "")]
pub struct Fixture<M: Machine> {
    /// What happened, in a sentence a person can read.
    pub story: String,
    /// The turns.
    pub turns: Vec<Transcript<M>>,
}

/// Why a fixture cannot be read or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FixtureError {
    /// It is larger than anything we write.
    #[error("failed to read the fixture: it has {bytes} bytes, the limit is {FIXTURE_BYTES_MAX}")]
    TooLarge {
        /// Its size, in bytes.
        bytes: usize,
    },
    /// It is no YAML, or not that of a story of this kind.
    #[error("failed to read the fixture: line {line}: {reason}")]
    Malformed {
        /// Where, counted from 1.
        line: u64,
        /// What is wrong there.
        reason: String,
    },
    /// A value in it has no form in YAML.
    #[error("failed to write the fixture: {reason}")]
    Unwritable {
        /// Which, and why.
        reason: String,
    },
}

/// The first turn of a fixture that is decided otherwise today.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("turn {turn}: {difference}")]
pub struct Departure {
    /// Which turn, counted from 1.
    pub turn: usize,
    /// What is different about it. Part of the message, so not a source.
    pub difference: Difference,
}

impl<M: Machine> Fixture<M> {
    /// Reads a fixture. Whatever the text is, this neither panics nor takes unbounded time.
    ///
    /// # Errors
    /// [`FixtureError::TooLarge`] and [`FixtureError::Malformed`].
    pub fn read(text: &str) -> Result<Self, FixtureError> {
        if text.len() > FIXTURE_BYTES_MAX {
            return Err(FixtureError::TooLarge { bytes: text.len() });
        }
        let options = options! { with_snippet: false };
        serde_saphyr::from_str_with_options(text, options).map_err(|why| malformed(&why))
    }

    /// The fixture as YAML that [`Fixture::read`] reads back unchanged.
    ///
    /// # Errors
    /// [`FixtureError::Unwritable`] if a value of the machine's own cannot be written, or the
    /// whole would be too large to read.
    pub fn write(&self) -> Result<String, FixtureError> {
        let text = serde_saphyr::to_string(self)
            .map_err(|why| FixtureError::Unwritable { reason: why.to_string() })?;
        if text.len() > FIXTURE_BYTES_MAX {
            return Err(FixtureError::Unwritable { reason: format!("{} bytes", text.len()) });
        }
        Ok(text)
    }

    /// Decides every turn again.
    ///
    /// # Errors
    /// The first [`Departure`].
    pub fn replay(&self) -> Result<(), Departure>
    where
        for<'s> M::Superstate<'s>: Superstate<M>,
    {
        self.turns.iter().zip(1..).try_for_each(|(turn, number)| {
            replay(turn).map_err(|difference| Departure { turn: number, difference })
        })
    }
}

/// Says where once, and in front.
fn malformed(why: &serde_saphyr::Error) -> FixtureError {
    let reason = why.to_string();
    let Some(at) = why.location() else { return FixtureError::Malformed { line: 1, reason } };
    let place = format!(" at line {}, column {}", at.line(), at.column());
    let reason = reason.strip_suffix(&place).unwrap_or(&reason).to_owned();
    FixtureError::Malformed { line: at.line().max(1), reason }
}
