//! SHELL. How commands speak: text for people, JSON for programs, colour on a terminal only.

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use serde::Serialize;
use std::io::{self, IsTerminal, Write};

/// What an answer looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// Which object is meant.
#[derive(Args, Debug)]
pub struct Named {
    /// NAME or etcdc/NAME for an `EtcdCluster`, appsvc/NAME for a Service
    pub name: String,
    /// Its namespace; without it the one of the kubeconfig's context
    #[arg(short, long)]
    pub namespace: Option<String>,
    /// How to print it
    #[arg(short, long, value_enum, default_value_t = Format::Text)]
    pub output: Format,
}

/// Colours, or none.
#[derive(Debug, Clone, Copy)]
pub struct Paint {
    on: bool,
}

impl Paint {
    /// Colours if standard output is a terminal and nobody asked for none.
    pub fn stdout() -> Self {
        // The convention of no-color.org.
        let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self { on: io::stdout().is_terminal() && !unwanted }
    }

    /// No colours.
    pub fn none() -> Self {
        Self { on: false }
    }

    /// Good.
    pub fn good(self, text: &str) -> String {
        self.paint("32", text)
    }

    /// Bad.
    pub fn bad(self, text: &str) -> String {
        self.paint("31", text)
    }

    /// In the background.
    pub fn dim(self, text: &str) -> String {
        self.paint("2", text)
    }

    /// A heading.
    pub fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }

    fn paint(self, code: &str, text: &str) -> String {
        if self.on { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

/// A time span as people say it: `4 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`.
pub fn span(from: Timestamp, to: Timestamp) -> String {
    let seconds = to.duration_since(from).as_secs().max(0);
    let (days, hours) = (seconds / 86400, seconds / 3600 % 24);
    let (minutes, rest) = (seconds / 60 % 60, seconds % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{rest} s"),
        (0, 0, _) => format!("{minutes} min {rest} s"),
        (0, ..) => format!("{hours} h {minutes} min"),
        _ => format!("{days} d {hours} h"),
    }
}

/// Prints an answer the way it was asked for.
///
/// # Errors
/// Standard output cannot be written to.
pub fn answer<T: Serialize>(
    format: Format,
    answer: &T,
    text: impl FnOnce(Paint) -> String,
) -> anyhow::Result<()> {
    let text = match format {
        Format::Text => text(Paint::stdout()),
        Format::Json => serde_json::to_string_pretty(answer)? + "\n",
    };
    Ok(print(&text)?)
}

/// Prints it all at once. A reader that has seen enough, such as `head`, is no error.
///
/// # Errors
/// Standard output cannot be written to.
pub fn print(text: &str) -> io::Result<()> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        outcome => outcome,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;

    #[test]
    fn a_span_is_told_in_its_two_largest_units() {
        let from = Timestamp::UNIX_EPOCH;
        let told = |seconds| span(from, from + SignedDuration::from_secs(seconds));
        let spans = [-5, 0, 59, 60, 200, 7500, 90_000].map(told);
        assert_eq!(
            spans,
            ["0 s", "0 s", "59 s", "1 min 0 s", "3 min 20 s", "2 h 5 min", "1 d 1 h"]
        );
    }
}
