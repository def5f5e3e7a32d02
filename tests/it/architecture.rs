//! Who may import whom: reads `src/` and asserts the rule of `src/lib.rs`.

use std::fs;
use std::path::{Path, PathBuf};

/// Each part of the tree, and which parts it may name. Everyone may use `error` and `config`.
const RULE: &[(&str, &[&str])] = &[
    ("main", &["cli"]),
    ("cli", &["server", "http", "registry"]), // http: its BaseUrl prints the lines to paste
    (
        "server",
        &["api", "formats", "web", "auth", "http", "registry"],
    ),
    ("api", &["auth", "http", "registry"]), // auth: its Caller, for routes that name no place
    ("formats", &["auth", "http", "registry"]), // auth: its Caller, for routes that name no place
    ("web", &["http", "registry", "auth"]),
    ("auth", &["http", "registry"]),
    ("http", &["registry"]),
    ("registry", &["storage"]),
    ("storage", &[]),
    ("error", &["http"]),              // it becomes an answer
    ("config", &["http", "registry"]), // it is made of their types
    ("fuzz", &[]),                     // in test builds alone
];

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// `src/formats/generic/mod.rs` belongs to `formats`, `src/error.rs` to `error`.
fn part_of(file: &Path) -> String {
    let relative = file.strip_prefix(src()).unwrap();
    let first = relative
        .components()
        .next()
        .unwrap()
        .as_os_str()
        .to_string_lossy()
        .into_owned();
    first.trim_end_matches(".rs").to_owned()
}

/// The parts that a source text names: every `crate::part`, in `use` lines and in the middle of the code.
fn parts_named_in(text: &str) -> Vec<String> {
    let mut named = Vec::new();
    for (start, _) in text.match_indices("crate::") {
        let rest = &text[start + "crate::".len()..];
        let names = match rest.strip_prefix('{') {
            Some(group) => group.split('}').next().unwrap().split(',').collect(),
            None => vec![rest],
        };
        for name in names {
            let word: String = name
                .trim()
                .chars()
                .take_while(|c| c.is_ascii_lowercase() || *c == '_')
                .collect();
            named.push(word);
        }
    }
    named
}

#[test]
fn every_part_imports_only_what_lies_below_it() {
    let mut wrong = Vec::new();
    let mut checked = 0;
    for file in rust_files(&src()) {
        let part = part_of(&file);
        if part == "lib" {
            continue;
        }
        let (_, allowed) = RULE
            .iter()
            .find(|(name, _)| *name == part)
            .unwrap_or_else(|| panic!("no rule for `{part}`"));
        for named in parts_named_in(&fs::read_to_string(&file).unwrap()) {
            checked += 1;
            let everyones = ["error", "config", "fuzz", "routes", "numbered_words", ""]
                .contains(&named.as_str());
            if named != part && !everyones && !allowed.contains(&named.as_str()) {
                wrong.push(format!("{}: crate::{named}", file.display()));
            }
        }
    }
    assert!(
        checked > 100,
        "the scan found only {checked} imports: is it blind?"
    );
    assert!(
        wrong.is_empty(),
        "imports against the rule:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn a_format_never_imports_another_format() {
    let formats = src().join("formats");
    for file in rust_files(&formats) {
        let relative = file.strip_prefix(&formats).unwrap();
        let Some(own) = relative
            .components()
            .next()
            .filter(|_| relative.components().count() > 1)
        else {
            continue;
        };
        let own = own.as_os_str().to_string_lossy();
        for (start, _) in fs::read_to_string(&file)
            .unwrap()
            .match_indices("formats::")
        {
            let text = fs::read_to_string(&file).unwrap();
            let word: String = text[start + "formats::".len()..]
                .chars()
                .take_while(|c| c.is_ascii_lowercase() || *c == '_')
                .collect();
            assert!(
                word.is_empty() || word == own,
                "{} names the format {word}",
                file.display()
            );
        }
    }
}

#[test]
fn sql_stands_in_storage_alone() {
    for file in rust_files(&src()) {
        if part_of(&file) == "storage" {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        for word in [
            "\"SELECT ",
            "\"INSERT ",
            "\"UPDATE ",
            "\"DELETE FROM",
            "rusqlite::Connection",
        ] {
            assert!(!text.contains(word), "{} has {word}", file.display());
        }
    }
}

#[test]
fn package_files_are_never_read_whole() {
    for file in rust_files(&src()) {
        let text = fs::read_to_string(&file).unwrap();
        for word in ["web::Bytes", "body::to_bytes(", "fs::read(", "web::Json"] {
            assert!(
                !text.contains(word),
                "{} reads a whole body with {word}",
                file.display()
            );
        }
    }
}

#[test]
fn the_rule_would_be_noticed_if_it_were_broken() {
    assert_eq!(
        parts_named_in("use crate::storage::db;\nuse crate::{api, http::Page};"),
        ["storage", "api", "http"]
    );
}
