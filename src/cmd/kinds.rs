//! SHELL. Which kind of object a command is about, and the command for that kind.

use crate::engine::Machine;
use crate::service::Kind;
use crate::service::app_service::App;
use crate::service::etcd_cluster::Cluster;
use crate::service::inspect::{Inspect, folder};
use std::path::Path;

/// A kind of object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::EnumIter)]
pub enum Subject {
    /// `EtcdCluster`.
    Cluster,
    /// `AppService`.
    App,
}

/// Calls a function that is generic over the kind for this one.
macro_rules! of_kind {
    ($subject:expr, $function:ident($($argument:expr),*)) => {
        match $subject {
            $crate::cmd::kinds::Subject::Cluster => {
                $function::<$crate::service::etcd_cluster::Cluster>($($argument),*)
            }
            $crate::cmd::kinds::Subject::App => {
                $function::<$crate::service::app_service::App>($($argument),*)
            }
        }
    };
}
pub(crate) use of_kind;

impl Subject {
    /// The kind of an object named `[KIND/]NAME`, and the name.
    ///
    /// # Errors
    /// There is no such kind.
    pub fn named(text: &str) -> anyhow::Result<(Self, &str)> {
        match text.split_once('/') {
            None => Ok((Self::Cluster, text)),
            Some((kind, name)) if kind == Cluster::SHORT => Ok((Self::Cluster, name)),
            Some((kind, name)) if kind == App::SHORT => Ok((Self::App, name)),
            Some((kind, name)) => anyhow::bail!(
                "there is no kind {kind:?}; write {name}, {}/{name} or {}/{name}",
                Cluster::SHORT,
                App::SHORT
            ),
        }
    }

    /// The kind whose turns lie in this file: the folder it lies in says so.
    pub fn recorded_in(path: &Path) -> Self {
        let of_services = folder::<<App as Kind>::Machine>();
        let lies_in = path.parent().and_then(Path::file_name);
        if lies_in.is_some_and(|name| name == of_services.as_str()) {
            Self::App
        } else {
            Self::Cluster
        }
    }

    /// The kind of an object that is written down.
    pub fn written(object: &serde_json::Value) -> Self {
        let of = |field: &str| object.get(field).and_then(serde_json::Value::as_str);
        let group = of("apiVersion").and_then(|version| version.split_once('/'));
        let ours = group.is_some_and(|(group, _)| group == crate::crd::APPS_GROUP);
        if ours { Self::App } else { Self::Cluster }
    }
}

/// What a kind is called in text.
pub fn kind<K: Kind>() -> &'static str {
    K::Machine::KIND
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_name_alone_is_a_clusters_and_a_kind_before_it_says_otherwise() {
        assert_eq!(Subject::named("a").unwrap(), (Subject::Cluster, "a"));
        assert_eq!(Subject::named("etcdc/a").unwrap(), (Subject::Cluster, "a"));
        assert_eq!(Subject::named("appsvc/a").unwrap(), (Subject::App, "a"));
        let refused = Subject::named("pod/a").unwrap_err().to_string();
        assert!(refused.contains("write a, etcdc/a or appsvc/a"), "{refused}");
    }

    #[test]
    fn recorded_turns_are_those_of_the_kind_their_folder_names() {
        let of = |path: &str| Subject::recorded_in(Path::new(path));
        assert_eq!(of("fixtures/transitions/app-service/a.yaml"), Subject::App);
        assert_eq!(of("fixtures/transitions/etcd-cluster/a.yaml"), Subject::Cluster);
        assert_eq!(of("a.jsonl"), Subject::Cluster);
    }

    #[test]
    fn a_file_says_of_which_kind_its_object_is() {
        let service = json!({"apiVersion": "apps.etcd.io/v1alpha1", "kind": "Service"});
        assert_eq!(Subject::written(&service), Subject::App);
        assert_eq!(Subject::written(&json!({"kind": "EtcdCluster"})), Subject::Cluster);
    }
}
