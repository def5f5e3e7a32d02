//! Names, quoted for the place where they stand.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// A word of a POSIX shell. Control characters, which no name needs, are left out: a terminal would act on them.
pub(super) fn shell(word: &str) -> String {
    let word = plain(word);
    let safe = |c: char| c.is_ascii_alphanumeric() || "@%+=:,./-_~^".contains(c);
    if !word.is_empty()
        && word.chars().all(safe)
        && !word.starts_with('-')
        && !word.starts_with('~')
    {
        return word;
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// A string of JSON, TOML, YAML or most languages.
pub(super) fn string(text: &str) -> String {
    serde_json::Value::from(plain(text)).to_string()
}

/// Text of XML.
pub(super) fn xml(text: &str) -> String {
    plain(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// A string in single quotes, of Groovy and Ruby.
pub(super) fn single(text: &str) -> String {
    format!(
        "'{}'",
        plain(text).replace('\\', "\\\\").replace('\'', "\\'")
    )
}

/// What may stand in a path segment (RFC 3986): these stay readable.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'@')
    .remove(b'+')
    .remove(b':');

/// Segments of a URL's path; a slash in it stays one.
pub(super) fn path(text: &str) -> String {
    let segments: Vec<String> = text
        .split('/')
        .map(|segment| utf8_percent_encode(segment, SEGMENT).to_string())
        .collect();
    segments.join("/")
}

fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_words() {
        assert_eq!(shell("@acme/left-pad@1.0.0"), "@acme/left-pad@1.0.0");
        assert_eq!(shell("it's $(id)"), "'it'\\''s $(id)'");
        assert_eq!(shell("--flag"), "'--flag'");
        assert_eq!(shell(""), "''");
        assert_eq!(shell("a\nb\u{1b}[2J"), "'ab[2J'");
        assert_eq!(path("a b/c%2Fd"), "a%20b/c%252Fd");
        assert_eq!(string("a\"b"), "\"a\\\"b\"");
    }
}
