//! SHELL. The committed diagrams are what the code does.

use etcd_operator::cmd::render_states;
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("state-diagrams")
}

#[test]
fn the_committed_diagrams_are_the_drawn_ones() {
    if let Err(error) = render_states::render(&folder(), true) {
        panic!("{error}");
    }
}

#[test]
fn each_machine_has_its_five_files_and_no_other_lies_beside_them() {
    let found: BTreeSet<_> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let kinds = ["app-service", "etcd-cluster"];
    let drawn = kinds.iter().flat_map(|kind| {
        ["dot", "edges", "md", "mmd", "svg"].map(|extension| format!("{kind}.{extension}"))
    });
    assert_eq!(found, drawn.collect());
}
