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

#[cfg(test)]
mod tests {
    use crate::client::request::{RESOURCES, Request};
    use crate::resource::install::{
        Grant, IN_ITS_OWN_NAMESPACE, OF_THE_WHOLE_CLUSTER, WHERE_IT_WATCHES,
    };
    use std::collections::BTreeSet;

    /// The metric of requests tells each kind of object the operator may touch from all others.
    #[test]
    fn every_kind_the_operator_may_touch_is_counted_by_its_own_name() {
        let all = [WHERE_IT_WATCHES, OF_THE_WHOLE_CLUSTER, IN_ITS_OWN_NAMESPACE].concat();
        let mut labels = BTreeSet::new();
        for Grant { group, resource, .. } in all {
            let plural = resource.split('/').next().unwrap();
            let (root, label) = if group.is_empty() {
                ("/api/v1".to_owned(), plural.to_owned())
            } else {
                (format!("/apis/{group}/v1"), format!("{plural}.{group}"))
            };
            for path in [format!("{root}/{plural}"), format!("{root}/namespaces/a/{resource}")] {
                let asked = Request::of(&http::Method::GET, &path.parse().unwrap());
                assert_eq!(asked.resource, label, "{path}");
            }
            labels.insert(label);
        }
        assert!(labels.iter().eq(RESOURCES), "a label of what is never asked for: {labels:?}");
    }
}
