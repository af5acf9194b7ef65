//! SHELL. The laws of the source tree: which layer may name which, what a pure file may not
//! touch, how long a file may be, and what lies at the top.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking; clippy sees only the functions marked as tests"
)]

mod source_tree;

use source_tree::imports::{Imports, circles, read};
use source_tree::{Source, code_of, named_behind, rust_files};
use std::fs;

/// Which of our layers each layer may name beside itself. The first row that fits a path counts.
const IMPORTS: &[(&str, &[&str])] = &[
    ("src/engine", &[]),
    ("src/crd", &["engine"]),
    ("src/client", &["engine"]),
    ("src/resource", &["crd", "client", "mutants"]),
    ("src/service", &["engine", "crd", "client", "resource", "telemetry", "mutants"]),
    ("src/controller", &["engine", "crd", "client", "service", "telemetry", "mutants"]),
    ("src/sim/model", &["engine", "crd", "resource", "service", "mutants"]),
    (
        "src/sim",
        &["engine", "crd", "client", "resource", "service", "controller", "telemetry", "mutants"],
    ),
    // Its tests play stories; the rest names nothing.
    ("src/mutants", &["sim"]),
    ("src/telemetry", &[]),
    ("src/cmd", LAYERS),
];
const LAYERS: &[&str] = &[
    "engine",
    "crd",
    "client",
    "resource",
    "service",
    "controller",
    "telemetry",
    "sim",
    "cmd",
    "mutants",
];

/// What a pure file may not name: runtimes, clocks and the outside world.
const IMPURE: &[&str] =
    &["tokio", ".await", "::now()", "std::fs", "std::net", "std::process", "std::thread"];
/// What a pure file may name of kube, and where: the derives and types that make a CRD.
const KUBE_IN_CRD: &[&str] = &["CustomResource", "CustomResourceExt", "KubeSchema", "core"];

/// What lies at the top, beside files that begin with a dot.
const TOP: &[&str] = &[
    "Cargo.lock",
    "Cargo.toml",
    "Justfile",
    "LICENSE",
    "README.md",
    "crds",
    "fixtures",
    "manifests",
    "src",
    "state-diagrams",
    "tests",
];

const LINES_MAX: usize = 500;
const LINES_OF_HALF: usize = 150;

#[test]
fn layers_name_only_the_layers_below_them() {
    obey(&rust_files("src"), imports);
}

#[test]
fn pure_files_name_nothing_of_the_outside_world() {
    obey(&rust_files("src"), purity);
}

#[test]
fn every_file_says_in_its_first_word_whether_it_is_pure() {
    obey(&all(), first_word);
}

#[test]
fn paths_can_be_searched_for() {
    obey(&all(), greppable);
}

#[test]
fn no_file_is_long_and_most_are_short() {
    obey(&all(), length);
    let mut lines: Vec<_> = all().iter().map(|file| file.text.lines().count()).collect();
    lines.sort_unstable();
    let median = lines[lines.len() / 2];
    assert!(median < LINES_OF_HALF, "half of the files have {median} lines or more");
}

#[test]
fn the_top_of_the_tree_holds_what_it_should_and_nothing_else() {
    let mut found: Vec<_> = fs::read_dir(env!("CARGO_MANIFEST_DIR"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.starts_with('.') && name != "target")
        .collect();
    found.sort();
    assert_eq!(found, TOP);
}

/// One engine and one loop for all kinds: neither has a case for one of them.
#[test]
fn engine_and_loop_know_no_kind() {
    let all: Vec<_> =
        rust_files("src/engine").into_iter().chain(rust_files("src/controller")).collect();
    obey(&all, kindless);
}

/// Data flows one way: what two files tell each other stands in a third.
#[test]
fn no_files_import_each_other() {
    let imports = read(&rust_files("src"));
    let circles: Vec<_> = circles(&imports).iter().map(|circle| circle.join(", ")).collect();
    assert!(circles.is_empty(), "\n{}\n", circles.join("\n"));
}

/// A kind's folder reads as its turn does, and no arrow runs back.
#[test]
fn the_rooms_of_a_kind_name_only_those_before_them() {
    let faults = out_of_order(&read(&rust_files("src")));
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn what_is_decided_and_reported_is_pure() {
    let all: Vec<_> = rust_files("src/service")
        .into_iter()
        .filter(|file| ["/decide/", "/report/"].iter().any(|room| file.path.contains(room)))
        .collect();
    obey(&all, pure);
}

/// A command that has to know the edges of a machine reads the list of them.
#[test]
fn only_render_states_and_tests_explore() {
    obey(&rust_files("src"), unexplored);
}

#[test]
fn the_laws_catch_a_file_that_breaks_them() {
    let file = |path: &str, text: &str| Source { path: path.into(), text: text.into() };
    let caught = |law: fn(&Source) -> Vec<String>, path: &str, text: &str| law(&file(path, text));

    let engine = "use crate::crd::EtcdCluster;\nlet it = crate::engine::step();";
    assert_eq!(
        caught(imports, "src/engine/step.rs", engine),
        ["src/engine/step.rs:1: may not name crate::crd"]
    );
    assert_eq!(caught(imports, "src/resource/a.rs", "crate::service::x()").len(), 1);
    assert_eq!(caught(imports, "src/controller/a.rs", "pub use crate::resource::labels;").len(), 1);
    assert_eq!(caught(imports, "src/engine/a.rs", "use etcd_operator::crd::X;").len(), 1);
    assert_eq!(caught(imports, "src/cmd/a.rs", "use crate::controller::Scope;").len(), 0);
    assert_eq!(caught(imports, "src/elsewhere/a.rs", "").len(), 1);

    for impure in [
        "use tokio::time::sleep;",
        "other().await",
        "Timestamp::now()",
        "use kube::Api;",
        "use crate::client::etcd::Etcd;",
        "use std::{fs, io};",
    ] {
        let pure = format!("//! PURE. Words.\n{impure}\n");
        assert_eq!(caught(purity, "src/service/a.rs", &pure).len(), 1, "{impure}");
        let shell = format!("//! SHELL. Words.\n{impure}\n");
        assert_eq!(caught(purity, "src/service/a.rs", &shell).len(), 0, "{impure}");
    }
    let in_crd =
        "//! PURE. A.\nuse kube::{Client, CustomResource};\n// tokio\nlet a = \"kube::Api\";";
    assert_eq!(
        caught(purity, "src/crd/a.rs", in_crd),
        ["src/crd/a.rs:2: is pure and may not name kube::Client"]
    );

    assert_eq!(caught(kindless, "src/engine/a.rs", "use x::app_service::App;").len(), 1);
    let explores = "use crate::engine::{Machine, explore};";
    assert_eq!(caught(unexplored, "src/cmd/a.rs", explores).len(), 1);
    assert_eq!(caught(unexplored, "src/cmd/render_states.rs", explores).len(), 0);
    assert_eq!(caught(first_word, "src/a.rs", "//! Words.\n").len(), 1);
    assert_eq!(caught(greppable, "src/a.rs", "use crate::{a, b};\nuse super::super::c;").len(), 2);
    assert_eq!(caught(length, "src/a.rs", &"\n".repeat(LINES_MAX + 1)).len(), 1);
}

#[test]
fn imports_are_followed_to_the_file_that_defines_a_name() {
    let file = |path: &str, text: &str| Source { path: path.into(), text: text.into() };
    let all = [
        file("src/lib.rs", "pub mod a;"),
        file("src/a/mod.rs", "mod b;\npub mod c;\npub use b::*;\npub use c::{Other as D, self};"),
        file("src/a/b.rs", "pub struct B;\nfn x() { super::c::Other::of() }"),
        file("src/a/c.rs", "use super::D;\nuse crate::a::{B, missing};\npub struct Other;"),
    ];
    let found = read(&all);
    let of = |module: &str| found[module].iter().map(String::as_str).collect::<Vec<_>>();
    assert_eq!(of("a"), ["a::b", "a::c"]);
    assert_eq!(of("a::b"), ["a::c"]);
    assert_eq!(of("a::c"), ["a", "a::b"]);
    assert_eq!(circles(&found), [["a", "a::b", "a::c"]]);

    let between = |from: &str, to: &str| [(from.to_owned(), [to.to_owned()].into())].into();
    let kind = |room: &str| format!("service::etcd_cluster::{room}");
    assert_eq!(out_of_order(&between(&kind("observe::a"), &kind("decide::b"))).len(), 1);
    assert_eq!(out_of_order(&between(&kind("decide"), &kind("report::b"))).len(), 1);
    assert_eq!(out_of_order(&between(&kind("act::a"), &kind("report"))).len(), 1);
    assert_eq!(out_of_order(&between(&kind("report::a"), &kind("decide::machine::x"))).len(), 1);
    assert_eq!(out_of_order(&between(&kind("act::a"), &kind("decide::b"))).len(), 0);
}

#[test]
fn only_code_is_read_as_code() {
    let text = "a // b\n\"c\\\" d\" e /* f\n g */ h r#\"i \"j\"# k '\"' l 'm n\nbr\"o\\\" p";
    let words: Vec<_> = code_of(text).split_whitespace().map(str::to_owned).collect();
    assert_eq!(words, ["a", "e", "h", "k", "l", "'m", "n", "b", "p"]);
    assert_eq!(code_of(text).lines().count(), text.lines().count());
}

fn all() -> Vec<Source> {
    rust_files("src").into_iter().chain(rust_files("tests")).collect()
}

fn obey(files: &[Source], law: fn(&Source) -> Vec<String>) {
    assert!(!files.is_empty());
    let faults: Vec<_> = files.iter().flat_map(law).collect();
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

fn imports(file: &Source) -> Vec<String> {
    if ["src/lib.rs", "src/main.rs"].contains(&file.path.as_str()) {
        return Vec::new();
    }
    let Some((own, allowed)) = IMPORTS.iter().find(|(prefix, _)| file.path.starts_with(prefix))
    else {
        return vec![format!("{}: belongs to no layer", file.path)];
    };
    let code = file.code();
    let ours = ["crate::", "etcd_operator::"];
    let named = ours.iter().flat_map(|root| named_behind(&code, root));
    named
        .filter(|(_, name)| LAYERS.contains(&name.as_str()))
        .filter(|(_, name)| !own.ends_with(name.as_str()) && !allowed.contains(&name.as_str()))
        .map(|(line, name)| format!("{}:{line}: may not name crate::{name}", file.path))
        .collect()
}

/// The rooms of a kind, and the rooms each of them may name beside itself.
const ROOMS: &[(&str, &[&str])] = &[
    ("observe", &[]),
    ("decide", &["observe"]),
    ("act", &["observe", "decide"]),
    ("report", &["observe", "decide"]),
    ("worlds", &["observe", "decide"]),
    ("gate", &[]),
];

/// What a room holds that only its own room and the kind itself may name: nobody but the turn decides.
const WITHIN: &[&str] = &["decide::fact", "decide::machine", "decide::needs", "decide::requeue"];

fn out_of_order(imports: &Imports) -> Vec<String> {
    let faults = |(from, to): (&String, &String)| {
        let (kind, path) = in_room(from)?;
        let (other_kind, other) = in_room(to)?;
        let (room, other_room) = (room_of(path), room_of(other));
        let (_, may) = ROOMS.iter().find(|(name, _)| *name == room)?;
        let apart = kind != other_kind;
        let back = room != other_room && !may.contains(&other_room);
        let within = WITHIN.iter().any(|kept| other.starts_with(kept) && room != other_room);
        // The machine's type is a name for its words.
        let named = other == "decide::machine" || other == "decide::machine::turn";
        (apart || back || (within && !named)).then(|| format!("{from} may not name {to}"))
    };
    let all = imports.iter().flat_map(|(from, all)| all.iter().map(move |to| (from, to)));
    all.filter_map(faults).collect()
}

/// The kind a module belongs to, and its path from there.
fn in_room(module: &str) -> Option<(&str, &str)> {
    let (kind, path) = module.strip_prefix("service::")?.split_once("::")?;
    ROOMS.iter().any(|(room, _)| *room == room_of(path)).then_some((kind, path))
}

fn room_of(path: &str) -> &str {
    path.split_once("::").map_or(path, |(room, _)| room)
}

fn pure(file: &Source) -> Vec<String> {
    let fault = || format!("{}:1: has to be PURE", file.path);
    (!file.text.starts_with("//! PURE.")).then(fault).into_iter().collect()
}

fn purity(file: &Source) -> Vec<String> {
    if !file.text.starts_with("//! PURE.") {
        return Vec::new();
    }
    let code = file.code_without_tests();
    let in_crd = file.path.starts_with("src/crd/");
    let kube = named_behind(&code, "kube::").into_iter();
    let kube = kube.filter(|(_, name)| !in_crd || !KUBE_IN_CRD.contains(&name.as_str()));
    let client = named_behind(&code, "crate::").into_iter().filter(|(_, name)| name == "client");
    let std = named_behind(&code, "std::").into_iter();
    let std = std.filter(|(_, name)| IMPURE.contains(&format!("std::{name}").as_str()));
    let words = IMPURE.iter().filter(|word| !word.starts_with("std::")).flat_map(|word| {
        let lines = code.lines().zip(1..).filter(move |(line, _)| line.contains(word));
        lines.map(|(_, line)| (line, (*word).to_owned()))
    });
    kube.map(|(line, name)| (line, format!("kube::{name}")))
        .chain(client.map(|(line, name)| (line, format!("crate::{name}"))))
        .chain(std.map(|(line, name)| (line, format!("std::{name}"))))
        .chain(words)
        .map(|(line, what)| format!("{}:{line}: is pure and may not name {what}", file.path))
        .collect()
}

fn kindless(file: &Source) -> Vec<String> {
    let code = file.code_without_tests();
    let kinds = ["EtcdCluster", "AppService", "etcd_cluster", "app_service"];
    let named = |line: &str| kinds.iter().find(|kind| line.contains(**kind)).copied();
    let lines = code.lines().zip(1..);
    lines
        .filter_map(|(line, number)| Some((number, named(line)?)))
        .map(|(number, kind)| format!("{}:{number}: may not know {kind}", file.path))
        .collect()
}

fn unexplored(file: &Source) -> Vec<String> {
    let exempt = file.path.contains("/tests/") || file.path == "src/cmd/render_states.rs";
    let code = file.code_without_tests();
    let named = named_behind(&code, "crate::engine::").into_iter();
    named
        .filter(|(_, name)| name == "explore" && !exempt)
        .map(|(line, _)| format!("{}:{line}: may not explore", file.path))
        .collect()
}

fn first_word(file: &Source) -> Vec<String> {
    let said = ["//! PURE.", "//! SHELL."].iter().any(|word| file.text.starts_with(word));
    let exempt = file.path == "src/lib.rs";
    let fault = || format!("{}:1: has to begin with `//! PURE.` or `//! SHELL.`", file.path);
    (!said && !exempt).then(fault).into_iter().collect()
}

fn greppable(file: &Source) -> Vec<String> {
    let code = file.code();
    let mut faults = Vec::new();
    for (line, number) in code.lines().zip(1..) {
        for banned in ["use crate::{", "super::super::"] {
            if line.contains(banned) {
                faults.push(format!("{}:{number}: may not write `{banned}`", file.path));
            }
        }
    }
    faults
}

fn length(file: &Source) -> Vec<String> {
    let lines = file.text.lines().count();
    let fault = || format!("{}: has {lines} lines, {LINES_MAX} are allowed", file.path);
    (lines > LINES_MAX).then(fault).into_iter().collect()
}
