//! PURE. What can go wrong between one operator and the world, as data.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use strum::{EnumIter, EnumString, IntoEnumIterator, IntoStaticStr};

/// What becomes of one write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Fate {
    /// The operator dies before it is sent.
    CrashBefore,
    /// It is done, and the operator dies.
    CrashAfter,
    /// It is done, and the answer never arrives.
    AnswerLost,
    /// It is refused with this HTTP status, and nothing is done.
    Refused(u16),
    /// It is done, and answered with this HTTP status.
    DoneButRefused(u16),
    /// The operator is suspended before it is sent, and wakes up after another took over.
    HeldBefore,
    /// It is done, and the operator is suspended before it learns so.
    HeldAfter,
}

/// What the operator sees from the fault on, for a while.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    EnumIter,
    EnumString,
    IntoStaticStr,
    Serialize,
    Deserialize,
)]
#[strum(serialize_all = "kebab-case")]
pub enum Sight {
    /// What is.
    Fresh,
    /// The cluster itself as it is, everything beneath it as it was.
    ChildrenLag,
    /// The cluster as it was, everything beneath it as it is.
    ClusterLags,
    /// What is, and nothing of what is read past them: neither the API server nor etcd answers.
    ReadsFail,
    /// Everything as it was long before: a restart onto an API server that is behind.
    RolledBack,
}

impl Sight {
    /// How long an operator is suspended that then sees this: whenever it wakes up, it is in the middle
    /// of another's work.
    pub fn sleeps(self) -> SignedDuration {
        SignedDuration::from_millis(match self {
            Self::ChildrenLag => 100,
            Self::ClusterLags | Self::ReadsFail => 300,
            Self::RolledBack => 750,
            Self::Fresh => 3000,
        })
    }
}

/// One fault: which write it strikes, what becomes of it, and what is seen afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Fault {
    /// The write, counted from 0.
    pub write: usize,
    /// What becomes of it.
    pub fate: Fate,
    /// What is seen afterwards.
    pub sight: Sight,
}

/// Every fate a single operator can meet.
pub const ALONE: [Fate; 7] = [
    Fate::CrashBefore,
    Fate::CrashAfter,
    Fate::AnswerLost,
    Fate::Refused(409),
    Fate::Refused(429),
    Fate::Refused(500),
    Fate::DoneButRefused(504),
];

/// Every fate that leaves a second operator which still believes that it leads.
pub const DOUBLED: [Fate; 2] = [Fate::HeldBefore, Fate::HeldAfter];

/// Every fate there is.
pub fn fates() -> impl Iterator<Item = Fate> + Clone {
    ALONE.into_iter().chain(DOUBLED)
}

impl Fate {
    /// This fate of a write, with each that may be seen afterwards.
    pub fn of(self, write: usize) -> impl Iterator<Item = Fault> + Clone {
        Sight::iter().map(move |sight| Fault { write, fate: self, sight })
    }

    /// Whether another operator takes over.
    pub fn ends_the_process(self) -> bool {
        match self {
            Self::CrashBefore | Self::CrashAfter | Self::HeldBefore | Self::HeldAfter => true,
            Self::AnswerLost | Self::Refused(_) | Self::DoneButRefused(_) => false,
        }
    }
}

impl fmt::Display for Fate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CrashBefore => write!(out, "crash-before"),
            Self::CrashAfter => write!(out, "crash-after"),
            Self::AnswerLost => write!(out, "answer-lost"),
            Self::Refused(code) => write!(out, "{code}"),
            Self::DoneButRefused(code) => write!(out, "done-{code}"),
            Self::HeldBefore => write!(out, "held-before"),
            Self::HeldAfter => write!(out, "held-after"),
        }
    }
}

/// `WRITE:FATE` or `WRITE:FATE:SIGHT`, as [`Fault`] prints itself.
impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sight: &str = self.sight.into();
        write!(out, "{}:{}:{sight}", self.write, self.fate)
    }
}

/// Why a fault cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} is no fault: write it as WRITE:FATE[:SIGHT], such as 4:crash-after:fresh; fates: \
     crash-before, crash-after, answer-lost, 409, 429, 500, done-504, held-before, held-after; \
     sights: fresh, children-lag, cluster-lags, reads-fail, rolled-back"
)]
pub struct NoFault {
    text: String,
}

impl FromStr for Fault {
    type Err = NoFault;

    fn from_str(text: &str) -> Result<Self, NoFault> {
        let wrong = || NoFault { text: text.to_owned() };
        let mut parts = text.split(':');
        let write = parts.next().and_then(|part| part.parse().ok()).ok_or_else(wrong)?;
        let word = parts.next().ok_or_else(wrong)?;
        let fate = fates().find(|fate| fate.to_string() == word).ok_or_else(wrong)?;
        let sight = parts.next().unwrap_or("fresh").parse().map_err(|_| wrong())?;
        if parts.next().is_some() {
            return Err(wrong());
        }
        Ok(Self { write, fate, sight })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_read_as_it_is_printed() {
        for fate in fates() {
            for sight in Sight::iter() {
                let fault = Fault { write: 7, fate, sight };
                assert_eq!(fault.to_string().parse(), Ok(fault));
            }
        }
        assert_eq!(
            "0:409".parse(),
            Ok(Fault { write: 0, fate: Fate::Refused(409), sight: Sight::Fresh })
        );
    }

    #[test]
    fn what_is_no_fault_is_refused_with_the_way_to_write_one() {
        for text in ["", "x", "1", "1:", "1:404", "1:409:blind", "1:409:fresh:more", "-1:409"] {
            let error = text.parse::<Fault>().unwrap_err().to_string();
            assert!(error.contains("WRITE:FATE"), "{error}");
        }
    }
}
