//! SHELL. Every recorded story is decided today as it was when it happened.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking; clippy sees only the functions marked as tests"
)]

use etcd_operator::engine::{Fixture, Machine};
use etcd_operator::service::app_service::AppServiceMachine;
use etcd_operator::service::etcd_cluster::EtcdClusterMachine;
use statig::blocking::Superstate;
use std::fs;
use std::path::PathBuf;

/// The stories of one kind: file name and contents, in order.
fn stories(kind: &str) -> Vec<(String, String)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/transitions").join(kind);
    let entries = fs::read_dir(&folder).unwrap_or_else(|why| panic!("{}: {why}", folder.display()));
    let mut stories: Vec<_> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, fs::read_to_string(path).unwrap())
        })
        .collect();
    stories.sort();
    stories
}

/// Decides every story of a kind again.
fn replay<M: Machine>(kind: &str)
where
    for<'s> M::Superstate<'s>: Superstate<M>,
{
    let stories = stories(kind);
    assert!(!stories.is_empty(), "there is no story to replay");
    for (name, text) in stories {
        let fixture = Fixture::<M>::read(&text).unwrap_or_else(|why| panic!("{name}: {why}"));
        assert!(!fixture.turns.is_empty(), "{name} has no turns");
        fixture.replay().unwrap_or_else(|departure| panic!("{name}: {departure}"));
    }
}

#[test]
fn every_story_of_a_cluster_is_decided_as_it_was() {
    replay::<EtcdClusterMachine>("etcd-cluster");
}

#[test]
fn every_story_of_a_service_is_decided_as_it_was() {
    replay::<AppServiceMachine>("app-service");
}
