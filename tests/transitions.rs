//! SHELL. Every story recorded on a real cluster is decided today as it was when it happened, and together
//! they show each phase and each operation.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking; clippy sees only the functions marked as tests"
)]

use etcd_operator::crd::OperationKind;
use etcd_operator::engine::{Fixture, Machine, Transcript};
use etcd_operator::service::app_service::decide::machine::AppServiceMachine;
use etcd_operator::service::etcd_cluster::decide::action::Record;
use etcd_operator::service::etcd_cluster::decide::machine::EtcdClusterMachine;
use statig::blocking::Superstate;
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use strum::IntoEnumIterator;

/// The most that all stories may take, in bytes: they are read in diffs.
const BYTES_MAX: usize = 1 << 20;

/// The stories of one kind: file name and contents, in order.
fn texts(kind: &str) -> Vec<(String, String)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/transitions").join(kind);
    let entries = fs::read_dir(&folder).unwrap_or_else(|why| panic!("{}: {why}", folder.display()));
    let mut texts: Vec<_> = entries
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, fs::read_to_string(path).unwrap())
        })
        .collect();
    texts.sort();
    texts
}

/// The stories of a kind, each decided again.
fn stories<M: Machine>(kind: &str) -> Vec<Fixture<M>>
where
    for<'s> M::Superstate<'s>: Superstate<M>,
{
    let decided_again = |(name, text): (String, String)| {
        let fixture = Fixture::<M>::read(&text).unwrap_or_else(|why| panic!("{name}: {why}"));
        fixture.replay().unwrap_or_else(|departure| panic!("{name}: {departure}"));
        let from_a_case = fixture.story.contains(" Recorded by the case ");
        assert!(from_a_case, "{name} is not from a real cluster: {}", fixture.story);
        fixture
    };
    texts(kind).into_iter().map(decided_again).collect()
}

/// Holds that the stories of a kind pass through every phase.
fn show_every_phase<M: Machine>(stories: &[Fixture<M>], all: impl Iterator<Item = M::Step>) {
    let turns = stories.iter().flat_map(|story| &story.turns);
    let passed = turns.flat_map(|turn| turn.recorded.iter().chain([&turn.to]));
    let passed = passed.filter_map(|step| step.parse::<M::Step>().ok()).map(M::phase);
    assert_eq!(passed.collect::<BTreeSet<_>>(), all.map(M::phase).collect());
}

/// The operation of a turn. The creation is told by what it records: no later turn needs to know of it.
fn operation(turn: &Transcript<EtcdClusterMachine>) -> Option<OperationKind> {
    let creates = turn.records.contains(&Record::CreationBegun).then_some(OperationKind::Create);
    let resumes = turn.records.contains(&Record::CreationResumed).then_some(OperationKind::Resume);
    let underway = turn.observed.memory.operation.as_ref().map(|operation| operation.kind);
    underway.or(creates).or(resumes)
}

#[test]
fn every_story_of_a_cluster_is_decided_as_it_was_and_they_show_all_a_cluster_does() {
    let stories = stories::<EtcdClusterMachine>("etcd-cluster");
    show_every_phase(
        &stories,
        etcd_operator::service::etcd_cluster::decide::vocabulary::Step::iter(),
    );
    let turns = stories.iter().flat_map(|story| &story.turns);
    let shown: BTreeSet<&str> = turns.filter_map(operation).map(Into::into).collect();
    assert_eq!(shown, OperationKind::iter().map(Into::into).collect());
}

#[test]
fn every_story_of_a_service_is_decided_as_it_was_and_they_show_all_a_service_does() {
    let stories = stories::<AppServiceMachine>("app-service");
    show_every_phase(
        &stories,
        etcd_operator::service::app_service::decide::vocabulary::Step::iter(),
    );
}

#[test]
fn all_stories_can_be_read_in_a_diff() {
    let all = ["etcd-cluster", "app-service"].map(texts).concat();
    let bytes: usize = all.iter().map(|(_, text)| text.len()).sum();
    assert!(bytes < BYTES_MAX, "{bytes} bytes");
}
