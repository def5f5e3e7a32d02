//! The normal form of numbered versions, by the patterns of composer/semver's `VersionParser::normalize`.

use std::sync::LazyLock;

use regex::{Captures, Regex};

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is fixed, and a test compiles it")
}

/// The end of a version: stability and its number, perhaps a last `-dev`.
macro_rules! modifier {
    () => {
        r"[._-]?(?:(stable|beta|b|rc|alpha|a|patch|pl|p)((?:[.-]?[0-9]+)*)?)?([.-]?dev)?$"
    };
}

static CLASSICAL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)^([0-9]{1,5})(\.[0-9]+)?(\.[0-9]+)?(\.[0-9]+)?",
        modifier!()
    ))
});
static DATE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)^([0-9]{4}(?:[.:-]?[0-9]{2}){1,6}(?:[.:-]?[0-9]{1,3}){0,2})",
        modifier!()
    ))
});
pub(super) static NUMERIC_BRANCH: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"^([0-9]+)(\.(?:[0-9]+|[xX*]))?(\.(?:[0-9]+|[xX*]))?(\.(?:[0-9]+|[xX*]))?$")
});

/// What stands for an `x`.
const ANY: &str = "9999999";

/// The normal form of a version without `v` and build; `None` for what is no number. `x` stands in branches alone, which
/// have no build.
pub(super) fn normalized(text: &str, may_be_branch: bool) -> Option<String> {
    let number = classical(text).or_else(|| date(text));
    number.or_else(|| match may_be_branch {
        true => numeric_branch(text),
        false => None,
    })
}

fn classical(text: &str) -> Option<String> {
    let found = CLASSICAL.captures(text)?;
    let number = |index| found.get(index).map_or(".0", |part| part.as_str());
    let main = format!("{}{}{}{}", &found[1], number(2), number(3), number(4));
    Some(modified(main, &found, 5))
}

fn date(text: &str) -> Option<String> {
    let found = DATE.captures(text)?;
    let main = found[1].replace([':', '-'], ".");
    Some(modified(main, &found, 2))
}

/// Puts the stability behind the numbers, in its long form.
fn modified(main: String, found: &Captures<'_>, at: usize) -> String {
    let part = |index| found.get(index).map_or("", |part| part.as_str());
    let stability = match part(at).to_ascii_lowercase().as_str() {
        "" => "",
        "stable" => return main,
        "a" | "alpha" => "alpha",
        "b" | "beta" => "beta",
        "rc" => "RC",
        _ => "patch",
    };
    let mut normalized = main;
    if !stability.is_empty() {
        let number = part(at + 1).trim_start_matches(['.', '-']);
        normalized.push_str(&format!("-{stability}{number}"));
    }
    if !part(at + 2).is_empty() {
        normalized.push_str("-dev");
    }
    normalized
}

/// `1.x-dev`
fn numeric_branch(text: &str) -> Option<String> {
    let end = text.len().checked_sub(3)?;
    let branch = text.get(..end)?;
    if !text[end..].eq_ignore_ascii_case("dev") {
        return None;
    }
    let branch = branch.strip_suffix(['.', '-']).unwrap_or(branch);
    let found = NUMERIC_BRANCH.captures(branch)?;
    let mut normalized = String::new();
    for index in 1..5 {
        let part = found.get(index).map_or(".x", |part| part.as_str());
        normalized.push_str(&part.replace(['x', 'X', '*'], ANY));
    }
    Some(normalized + "-dev")
}
