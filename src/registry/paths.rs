//! What users, groups and projects may be called (contract 11.2, DECISIONS "Reserved top-level names").

use crate::error::{Error, Result};
use crate::storage::db::{Connection, namespaces};

/// First segments that our own URLs begin with.
const RESERVED: &[&str] = &[
    "api",
    "-",
    "groups",
    "static",
    ".well-known",
    "v1",
    "v2",
    "users",
    "admin",
];

const RULE: &str = "can contain only letters, digits, '_', '-' and '.'. Cannot start with '-', end in '.git' or end in '.atom'";

/// A path segment that may stand in URLs, free in its place; 400 with GitLab's text otherwise.
pub(super) fn check(conn: &Connection, parent: Option<&str>, path: &str) -> Result<String> {
    if !is_valid(path) {
        return Err(Error::invalid_field("path", RULE));
    }
    if parent.is_none() && RESERVED.contains(&path.to_lowercase().as_str()) {
        return Err(Error::invalid_field(
            "path",
            &format!("{path} is a reserved name"),
        ));
    }
    let full_path = match parent {
        Some(parent) => format!("{parent}/{path}"),
        None => path.to_owned(),
    };
    if namespaces::path_is_taken(conn, &full_path)? {
        return Err(Error::invalid_field("path", "has already been taken"));
    }
    Ok(full_path)
}

pub(super) fn is_valid(path: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let dots_alone = path.bytes().all(|byte| byte == b'.'); // a path of dots would be a step in a URL
    !path.is_empty()
        && path.len() <= 255
        && path.bytes().all(allowed)
        && !path.starts_with('-')
        && !dots_alone
        && !path.ends_with('.')
        && !path.to_lowercase().ends_with(".git")
        && !path.to_lowercase().ends_with(".atom")
}

/// A display name: letters, digits and a little punctuation, as GitLab has it.
pub(super) fn check_name(name: &str) -> Result<()> {
    let starts_well = name
        .chars()
        .next()
        .is_some_and(|c| c.is_alphanumeric() || c == '_' || !c.is_ascii());
    let allowed = |c: char| {
        c.is_alphanumeric() || "_.+- ()'".contains(c) || (!c.is_ascii() && !c.is_control())
    };
    if starts_well && name.chars().count() <= 255 && name.chars().all(allowed) {
        return Ok(());
    }
    let text = "can contain only letters, digits, emoji, '_', '.', '+', dashes, or spaces. It must start with a letter, digit, emoji, or '_'.";
    Err(Error::invalid_field("name", text))
}

/// The path that GitLab makes of a name when none is given.
pub(super) fn slug(name: &str) -> String {
    let kept = |c: char| {
        if c.is_ascii_alphanumeric() || matches!(c, '_' | '.') {
            c.to_ascii_lowercase()
        } else {
            '-'
        }
    };
    let dashed: String = name.chars().map(kept).collect();
    dashed
        .split('-')
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_could_be_taken_for_something_else_are_refused() {
        for bad in [
            "", "-x", "a b", "a/b", "..", ".", "x.git", "x.ATOM", "é", "a%2fb", "a.",
        ] {
            assert!(!is_valid(bad), "{bad:?}");
        }
        for good in ["a", "_x", ".net", "left-pad", "1.0"] {
            assert!(is_valid(good), "{good:?}");
        }
    }

    #[test]
    fn a_name_becomes_a_path() {
        assert_eq!(slug("My  Tools (old)"), "my-tools-old");
    }
}
