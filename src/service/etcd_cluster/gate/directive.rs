//! PURE. Reading the directive, which comes from outside the pod and may be anything.

use crate::crd::Directive;

/// The longest directive that is read, in bytes.
///
/// A cluster of nine needs about 2 KiB. Linux takes at most 128 KiB in one argument, and the
/// directive's list of members becomes one.
pub const DIRECTIVE_BYTES_MAX: u64 = 64 * 1024;

/// Why there is no directive to follow.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DirectiveError {
    /// The file does not exist or is empty.
    #[error("the directive is missing")]
    Missing,
    /// The file could not be read.
    #[error("failed to read the directive: {0}")]
    Unreadable(String),
    /// The file is longer than [`DIRECTIVE_BYTES_MAX`].
    #[error("the directive is longer than {DIRECTIVE_BYTES_MAX} bytes")]
    TooLong,
    /// The text is not a directive.
    #[error("failed to parse the directive: {0}")]
    Malformed(String),
}

/// Parses the directive.
///
/// # Errors
/// Says what is wrong when nothing or no usable directive is there.
pub fn parse_directive(text: &[u8]) -> Result<Directive, DirectiveError> {
    if text.trim_ascii().is_empty() {
        return Err(DirectiveError::Missing);
    }
    if text.len() as u64 > DIRECTIVE_BYTES_MAX {
        return Err(DirectiveError::TooLong);
    }
    let directive: Directive = serde_json::from_slice(text)
        .map_err(|error| DirectiveError::Malformed(error.to_string()))?;
    if directive.cluster_uid.is_empty() {
        return Err(DirectiveError::Malformed("clusterUid is empty".to_owned()));
    }
    // Both go to etcd as arguments, and a NUL in an argument would keep a good member down.
    let arguments = [&directive.cluster_uid, &directive.initial_cluster];
    if arguments.iter().any(|text| text.contains(char::is_control)) {
        return Err(DirectiveError::Malformed("it contains control characters".to_owned()));
    }
    Ok(directive)
}

/// Whether etcd's `--initial-cluster` gives `member` a peer URL.
pub fn lists(initial_cluster: &str, member: &str) -> bool {
    initial_cluster
        .split(',')
        .filter_map(|entry| entry.split_once('='))
        .any(|(name, url)| name == member && !url.is_empty())
}
