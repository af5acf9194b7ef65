//! SHELL. The logs: for a person on a terminal, as JSON everywhere else.

use clap::ValueEnum;
use std::io::IsTerminal;
use tracing::Subscriber;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::util::TryInitError;

/// What is logged unless told otherwise.
///
/// kube's client warns of an answer it cannot read by logging it whole, and that may be a Secret:
/// such an answer is an error of ours anyway, told without its content.
pub const FILTER_DEFAULT: &str = "info,kube=warn,kube_client::client=error";

/// How the logs look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum LogFormat {
    /// Text on a terminal, else JSON.
    #[default]
    Auto,
    /// A line of text for each event.
    Text,
    /// A JSON object for each event, on one line.
    Json,
}

/// Why there are no logs.
#[derive(Debug, thiserror::Error)]
pub enum LogsError {
    /// The filter cannot be read.
    #[error("failed to read the log filter")]
    Filter(#[from] ParseError),
    /// Something else logs already.
    #[error("failed to begin logging")]
    Init(#[from] TryInitError),
}

/// Logs to standard error from now on, in `format`, what `filter` lets through.
///
/// # Errors
/// A filter that cannot be read, and a second call.
pub fn init_logs(format: LogFormat, filter: Option<&str>) -> Result<(), LogsError> {
    use tracing_subscriber::util::SubscriberInitExt;
    let filter = EnvFilter::try_new(filter.unwrap_or(FILTER_DEFAULT))?;
    let terminal = std::io::stderr().is_terminal();
    let begun: Result<(), TryInitError> = if is_json(format, terminal) {
        json_logs(filter, std::io::stderr).try_init()
    } else {
        let text = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
        text.with_ansi(terminal).finish().try_init()
    };
    Ok(begun?)
}

/// What writes each event as JSON, with the turn it belongs to.
pub fn json_logs<W>(filter: EnvFilter, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer);
    builder.json().flatten_event(true).with_span_list(false).finish()
}

fn is_json(format: LogFormat, terminal: bool) -> bool {
    match format {
        LogFormat::Auto => !terminal,
        LogFormat::Text => false,
        LogFormat::Json => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_filter_can_be_read_and_a_wrong_one_is_an_error() {
        assert!(EnvFilter::try_new(FILTER_DEFAULT).is_ok());
        let wrong = init_logs(LogFormat::Auto, Some("info,=/=")).unwrap_err();
        assert!(matches!(wrong, LogsError::Filter(_)), "{wrong}");
    }

    #[test]
    fn only_a_terminal_gets_text_by_itself() {
        assert!(is_json(LogFormat::Auto, false) && !is_json(LogFormat::Auto, true));
        assert!(is_json(LogFormat::Json, true) && !is_json(LogFormat::Text, false));
    }
}
