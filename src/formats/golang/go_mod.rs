//! The one line of a go.mod that a registry must know, and those that people want to (Modules Reference, "go.mod files").

use serde::{Deserialize, Serialize};

/// What is kept, and shown to people.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Summary {
    /// The version of Go that it is written for.
    pub(super) go: Option<String>,
    pub(super) requires: Vec<Requirement>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Requirement {
    pub(super) path: String,
    pub(super) version: String,
    /// Needed by what is needed.
    pub(super) indirect: bool,
}

const MOST_REQUIREMENTS: usize = 500;
/// Neither a path nor a version is longer.
const LONGEST_WORD: usize = 255;

/// As far as it can be read: nothing depends on it.
pub(super) fn summary(go_mod: &[u8]) -> Summary {
    let mut summary = Summary::default();
    let mut block = "";
    for line in String::from_utf8_lossy(go_mod).lines() {
        let (code, comment) = line.split_once("//").unwrap_or((line, ""));
        let words: Vec<&str> = code.split_whitespace().take(4).map(unquoted).collect();
        let words = match (block, words.as_slice()) {
            (_, [")"]) => {
                block = "";
                continue;
            }
            ("", ["require", "("] | ["require("]) => {
                block = "require";
                continue;
            }
            ("", [_, "("]) => {
                block = "other";
                continue;
            }
            ("", ["go", version]) if version.len() <= LONGEST_WORD => {
                summary.go = Some((*version).to_owned());
                continue;
            }
            ("", ["require", words @ ..]) | ("require", words) => words,
            _ => continue,
        };
        if let [path, version] = words
            && path.len().max(version.len()) <= LONGEST_WORD
            && summary.requires.len() < MOST_REQUIREMENTS
        {
            summary.requires.push(Requirement {
                path: (*path).to_owned(),
                version: (*version).to_owned(),
                indirect: comment.trim().starts_with("indirect"),
            });
        }
    }
    summary
}

fn unquoted(word: &str) -> &str {
    word.trim_matches(['"', '`'])
}

/// The path in the `module` directive: bare, in quotes or in backquotes, alone or in a block.
pub(super) fn module_path(go_mod: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(go_mod);
    let mut lines = text.lines().map(without_comment);
    let directive = lines.find_map(|line| {
        let rest = line.strip_prefix("module")?;
        rest.starts_with([' ', '\t', '(', '"', '`'])
            .then(|| rest.trim())
    })?;
    let word = match directive.strip_prefix('(') {
        Some(rest) if rest.trim().is_empty() => lines.find(|line| !line.is_empty())?,
        Some(_) => return None,
        None => directive,
    };
    match word.as_bytes().first()? {
        quote @ (b'"' | b'`') => {
            let quote = char::from(*quote);
            let inner = word.strip_prefix(quote)?.strip_suffix(quote)?;
            // No module path has a letter that would have to be escaped.
            (!inner.contains(['\\', quote])).then(|| inner.to_owned())
        }
        _ => Some(word.to_owned()),
    }
}

fn without_comment(line: &str) -> &str {
    line.split("//").next().unwrap_or_default().trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_required_is_read_in_both_forms() {
        let text = "module x\ngo 1.22\nrequire \"a.example/a\" v1.0.0 // direct\nreplace (\n a.example/b v1 => ../b\n)\n\
                    require (\n\n\t// none\n\tb.example/b/v2 v2.0.0 // indirect\n\tbroken\n)\nretract v0.1.0\n";
        let requirement = |path: &str, version: &str, indirect| Requirement {
            path: path.to_owned(),
            version: version.to_owned(),
            indirect,
        };
        let expected = Summary {
            go: Some("1.22".to_owned()),
            requires: vec![
                requirement("a.example/a", "v1.0.0", false),
                requirement("b.example/b/v2", "v2.0.0", true),
            ],
        };
        assert_eq!(summary(text.as_bytes()), expected);
        assert_eq!(summary(b"require (((\n\xff) //"), Summary::default());
    }

    #[test]
    fn the_module_directive_is_found_in_every_spelling() {
        for text in [
            "module example.com/x\n\ngo 1.19\n",
            "// Deprecated: use y\n\n  module\texample.com/x // here\r\n",
            "go 1.19\nmodule \"example.com/x\"\n",
            "module `example.com/x`",
            "module (\n\t// this one\n\n\texample.com/x\n)\n",
            "modules example.com/y\nmodule example.com/x\n",
        ] {
            let found = module_path(text.as_bytes());
            assert_eq!(found.as_deref(), Some("example.com/x"), "{text}");
        }
        for text in [
            "",
            "go 1.19\n",
            "// module example.com/x\n",
            "module\n",
            "module \"x\\u0041\"\n",
            "module (\n",
        ] {
            assert_eq!(module_path(text.as_bytes()), None, "{text}");
        }
    }
}
