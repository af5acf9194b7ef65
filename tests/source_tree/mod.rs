//! SHELL. The source tree as text, for the tests that read it: no parser, only enough of Rust's
//! grammar to tell code from comments and strings.

pub mod imports;

use std::fs;
use std::path::Path;

/// One Rust file of the project.
pub struct Source {
    /// Its path from the top of the tree, with slashes.
    pub path: String,
    /// What it holds.
    pub text: String,
}

impl Source {
    /// Its code alone: comments and the contents of strings are blank, lines stay where they are.
    pub fn code(&self) -> String {
        code_of(&self.text)
    }

    /// [`Source::code`] up to the module of tests at its end.
    pub fn code_without_tests(&self) -> String {
        let code = self.code();
        let end = code.find("#[cfg(test)]\nmod tests {").unwrap_or(code.len());
        code[..end].to_owned()
    }
}

/// Every Rust file under `folder` of the project, in order.
pub fn rust_files(folder: &str) -> Vec<Source> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    collect(top, &top.join(folder), &mut found);
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn collect(top: &Path, folder: &Path, found: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(top, &path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let path = path.strip_prefix(top).unwrap().to_str().unwrap().replace('\\', "/");
            found.push(Source { path, text });
        }
    }
}

/// `text` with every comment and the contents of every string blanked.
pub fn code_of(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let skipped = skippable(rest, code.chars().next_back());
        let end = if skipped == 0 { first.len_utf8() } else { skipped };
        let (piece, after) = rest.split_at(end);
        let blank = |letter: char| if letter == '\n' { '\n' } else { ' ' };
        if skipped == 0 {
            code.push_str(piece);
        } else {
            code.extend(piece.chars().map(blank));
        }
        rest = after;
    }
    code
}

/// How many bytes of comment, string or character `rest` begins with.
fn skippable(rest: &str, before: Option<char>) -> usize {
    let until = |from: usize, end: &str| {
        rest[from..].find(end).map_or(rest.len(), |at| from + at + end.len())
    };
    let in_word = before.is_some_and(|letter| letter.is_alphanumeric() || letter == '_');
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with("/*") {
        return until(2, "*/");
    }
    if rest.starts_with("'\"'") || rest.starts_with("'\\") {
        return until(2, "'");
    }
    if let Some(raw) = rest.strip_prefix('r').filter(|_| !in_word || before == Some('b')) {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        if raw[hashes..].starts_with('"') {
            return until(hashes + 2, &format!("\"{}", "#".repeat(hashes)));
        }
    }
    if rest.starts_with('"') { string(rest) } else { 0 }
}

/// The length of the string literal `rest` begins with.
fn string(rest: &str) -> usize {
    let mut escaped = false;
    for (at, letter) in rest.char_indices().skip(1) {
        match letter {
            '"' if !escaped => return at + 1,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    rest.len()
}

/// What `code` names right behind `path`, with the line of each: `kube::{Api, api::Patch}` names
/// `Api` and `api` behind `kube::`.
pub fn named_behind(code: &str, path: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices(path) {
        let before = code[..at].chars().next_back();
        if before.is_some_and(|letter| letter.is_alphanumeric() || letter == '_' || letter == ':') {
            continue;
        }
        let line = code[..at].matches('\n').count() + 1;
        let rest = &code[at + path.len()..];
        let names = rest.strip_prefix('{').map_or_else(|| vec![word(rest)], heads);
        found.extend(names.into_iter().map(|name| (line, name)));
    }
    found
}

/// The first name of each entry of the braces whose inside `group` begins with.
fn heads(group: &str) -> Vec<String> {
    let (mut depth, mut entries) = (0, vec![String::new()]);
    for letter in group.chars() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => entries.push(String::new()),
            letter => entries.last_mut().unwrap().push(letter),
        }
    }
    let names = entries.iter().map(|entry| word(entry.trim_start()));
    names.filter(|name| !name.is_empty()).collect()
}

fn word(text: &str) -> String {
    text.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()
}
