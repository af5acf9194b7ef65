//! SHELL. The committed `CustomResourceDefinition`s are what the code generates.

use etcd_operator::cmd::crds;
use std::fs;
use std::path::Path;

#[test]
fn the_committed_definitions_are_the_generated_ones() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("crds");
    if let Err(error) = crds::crds(Some(&dir), true) {
        panic!("{error}");
    }
}

#[test]
fn no_other_file_lies_beside_them() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("crds");
    let mut found: Vec<_> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    found.sort();
    let mut generated: Vec<_> = crds::files().unwrap().into_iter().map(|file| file.name).collect();
    generated.sort();
    assert_eq!(found, generated);
}

/// Client-side apply keeps the whole object in an annotation of at most 256 KiB.
#[test]
fn a_definition_stays_small_enough_to_be_read_and_applied() {
    for file in crds::files().unwrap() {
        assert!(file.text.len() < 60_000, "{}: {} bytes", file.name, file.text.len());
    }
}

#[test]
fn a_stale_file_is_told_how_to_renew_it() {
    let dir = std::env::temp_dir().join(format!("etcd-operator-crds-{}", std::process::id()));
    let missing = crds::crds(Some(&dir), true).unwrap_err().to_string();
    assert!(missing.contains("just regen"), "{missing}");

    crds::crds(Some(&dir), false).unwrap();
    crds::crds(Some(&dir), true).unwrap();

    let file = dir.join(&crds::files().unwrap()[0].name);
    fs::write(&file, "kind: Other\n").unwrap();
    let stale = crds::crds(Some(&dir), true).unwrap_err().to_string();
    assert!(stale.contains("just regen") && stale.contains("etcdclusters.yaml"), "{stale}");
    fs::remove_dir_all(dir).unwrap();
}
