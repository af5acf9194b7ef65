//! SHELL. Which file of `src` imports which. What a `use` or a path names is followed through re-exports to the
//! file that defines it.

use super::Source;
use std::collections::{BTreeMap, BTreeSet};

/// Files by the path of their module, as `service::said`, each with the files it imports.
pub type Imports = BTreeMap<String, BTreeSet<String>>;

/// How many re-exports a name may go through.
const REEXPORTS_MAX: usize = 10;

struct File {
    /// Its code without `use`.
    body: String,
    /// What `use` brings into scope: the name, and the path from the crate's root. A glob is named `*`.
    names: Vec<(String, String)>,
}

type Files = BTreeMap<String, File>;

/// Every import between these files.
pub fn read(sources: &[Source]) -> Imports {
    let modules: BTreeSet<String> = sources.iter().map(|file| module_of(&file.path)).collect();
    let files: Files = sources
        .iter()
        .map(|source| {
            let module = module_of(&source.path);
            let (body, uses) = split(&source.code_without_tests());
            let absolute =
                |(name, path): (String, String)| Some((name, absolute(&module, &path, &modules)?));
            let names = uses.iter().flat_map(|tree| leaves("", tree)).filter_map(absolute);
            let names = names.collect();
            (module, File { body, names })
        })
        .collect();
    let of = |(module, file): (&String, &File)| {
        let used = paths(&file.body).filter_map(|path| absolute(module, &path, &modules));
        let named = file.names.iter().map(|(_, path)| path.clone()).chain(used);
        let named = named.filter_map(|path| defined_in(&path, &files));
        (module.clone(), named.filter(|other| other != module && !other.is_empty()).collect())
    };
    files.iter().map(of).collect()
}

/// Files that import each other, be it through others.
pub fn circles(imports: &Imports) -> Vec<Vec<&str>> {
    let reached: BTreeMap<_, _> =
        imports.keys().map(|file| (file.as_str(), reached(file, imports))).collect();
    let of = |file: &&str| {
        let all = reached[file].iter().filter(|other| reached[*other].contains(file));
        all.copied().collect::<Vec<_>>()
    };
    let all: BTreeSet<_> = reached.keys().map(of).filter(|circle| !circle.is_empty()).collect();
    all.into_iter().collect()
}

fn reached<'a>(from: &'a str, imports: &'a Imports) -> BTreeSet<&'a str> {
    let (mut found, mut next) = (BTreeSet::new(), vec![from]);
    while let Some(file) = next.pop() {
        let more = imports.get(file).into_iter().flatten().map(String::as_str);
        next.extend(more.filter(|other| found.insert(*other)));
    }
    found
}

/// `src/service/said.rs` as `service::said`; the crate's root has no name.
fn module_of(path: &str) -> String {
    let path = path.trim_start_matches("src/").trim_end_matches(".rs");
    let path = path.strip_suffix("/mod").unwrap_or(path);
    if path == "lib" { String::new() } else { path.replace('/', "::") }
}

/// Code without its `use`, and what stands behind each of them.
fn split(code: &str) -> (String, Vec<String>) {
    let (mut body, mut uses, mut rest) = (String::new(), Vec::new(), code);
    while let Some(at) = rest.find("use ") {
        let (before, after) = rest.split_at(at);
        let begins = before.rsplit('\n').next().unwrap_or_default().trim_start();
        let end = after.find(';').unwrap_or(after.len());
        body.push_str(before);
        if before.is_empty() || begins.is_empty() || begins.starts_with("pub") {
            uses.push(after["use ".len()..end].split_whitespace().collect::<Vec<_>>().join(" "));
            rest = &after[end..];
        } else {
            rest = &after["use ".len()..];
        }
    }
    body.push_str(rest);
    (body, uses)
}

/// Every name of a tree of `use`, with its path.
fn leaves(before: &str, tree: &str) -> Vec<(String, String)> {
    let tree = tree.trim();
    if let Some((head, group)) = tree.split_once('{') {
        let group = group.trim_end().trim_end_matches('}');
        let before = format!("{before}{head}");
        return entries(group).iter().flat_map(|entry| leaves(&before, entry)).collect();
    }
    let (path, name) =
        tree.split_once(" as ").map_or((tree, None), |(path, name)| (path, Some(name)));
    let path = format!("{before}{path}");
    let path = path.trim_end_matches("::self").trim_end_matches("::*");
    let last = if tree.ends_with('*') { "*" } else { path.rsplit("::").next().unwrap_or_default() };
    vec![(name.unwrap_or(last).to_owned(), path.to_owned())]
}

/// The entries of a group, each with the groups inside it.
fn entries(group: &str) -> Vec<String> {
    let (mut depth, mut all) = (0, vec![String::new()]);
    for letter in group.chars() {
        match letter {
            ',' if depth == 0 => all.push(String::new()),
            letter => {
                depth += i32::from(letter == '{') - i32::from(letter == '}');
                all.last_mut().unwrap().push(letter);
            }
        }
    }
    all.retain(|entry| !entry.trim().is_empty());
    all
}

/// Every path in code, as `a::b::c`.
fn paths(code: &str) -> impl Iterator<Item = String> {
    let is_of_path = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == ':';
    let words = code.split(move |letter| !is_of_path(letter));
    words.filter(|word| word.contains("::")).map(|word| word.trim_end_matches(':').to_owned())
}

/// A path from the crate's root; none if it names nothing of ours.
fn absolute(module: &str, path: &str, modules: &BTreeSet<String>) -> Option<String> {
    let join = |base: &str, rest: &str| {
        let all = [base, rest].into_iter().filter(|part| !part.is_empty());
        all.collect::<Vec<_>>().join("::")
    };
    let (head, rest) = path.split_once("::").unwrap_or((path, ""));
    match head {
        "crate" => Some(rest.to_owned()),
        "self" => Some(join(module, rest)),
        "super" => {
            let parent = module.rsplit_once("::").map_or("", |(parent, _)| parent);
            if rest.starts_with("super") {
                absolute(parent, rest, modules)
            } else {
                Some(join(parent, rest))
            }
        }
        _ => modules.contains(&join(module, head)).then(|| join(module, path)),
    }
}

/// The file in which a path ends, through re-exports and past the items it goes on into.
fn defined_in(path: &str, files: &Files) -> Option<String> {
    let mut path = path.to_owned();
    for _ in 0..REEXPORTS_MAX {
        if files.contains_key(&path) {
            return Some(path);
        }
        let (parent, name) = path.rsplit_once("::").unwrap_or(("", &path));
        path = match files.get(parent) {
            None => parent.to_owned(),
            Some(file) => match brought(name, file, files) {
                Some(next) if next != path => next,
                Some(_) | None => return Some(parent.to_owned()),
            },
        };
    }
    None
}

/// The path of a name that a file brings into scope.
fn brought(name: &str, file: &File, files: &Files) -> Option<String> {
    let named = file.names.iter().find(|(other, _)| other == name).map(|(_, path)| path.clone());
    named.or_else(|| {
        let globs = file.names.iter().filter(|(other, _)| other == "*").map(|(_, path)| path);
        let mut globs =
            globs.filter(|path| files.get(*path).is_some_and(|file| defines(file, name)));
        globs.next().map(|path| format!("{path}::{name}"))
    })
}

fn defines(file: &File, name: &str) -> bool {
    let kinds = ["fn", "struct", "enum", "const", "static", "type", "trait"];
    let mut words = file.body.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
    let mut before = "";
    words.any(|word| {
        let defined = word == name && kinds.contains(&before);
        before = if word.is_empty() { before } else { word };
        defined
    })
}
