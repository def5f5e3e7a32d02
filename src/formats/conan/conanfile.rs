//! `conanfile.py`: what a recipe says of itself, as far as it stands there as plain text. It is Python, and nobody runs it:
//! what is computed is not known.

use serde::{Deserialize, Serialize};

/// What is kept with a revision of a recipe (Conan docs, "conanfile.py: attributes" and "methods").
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Conanfile {
    pub(super) description: Vec<String>,
    pub(super) license: Vec<String>,
    pub(super) author: Vec<String>,
    pub(super) homepage: Vec<String>,
    pub(super) url: Vec<String>,
    pub(super) topics: Vec<String>,
    pub(super) requires: Vec<String>,
    pub(super) tool_requires: Vec<String>,
    pub(super) test_requires: Vec<String>,
}

const MOST_TEXTS: usize = 200;
const LONGEST_TEXT: usize = 4_000;

impl Conanfile {
    pub(super) fn parse(source: &str) -> Conanfile {
        let mut found = Conanfile::default();
        let mut rest = source;
        while !rest.is_empty() {
            let (line, next) = rest.split_once('\n').unwrap_or((rest, ""));
            // A text over several lines may look like code, so what it holds is stepped over.
            rest = match found.read(rest.trim_start_matches([' ', '\t']), line) {
                Some(behind) => behind,
                None => past_long_text(line, next),
            };
        }
        found
    }

    /// Reads an attribute of the class, or a call that requires something; answers what is behind it.
    fn read<'a>(&mut self, code: &'a str, line: &str) -> Option<&'a str> {
        let ends = |c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.');
        let (name, rest) = code.split_at(code.find(ends)?);
        let rest = rest.trim_start_matches([' ', '\t']);
        let (list, value, takes_one) = match name.strip_prefix("self.") {
            Some(method) => (self.required(method)?, in_brackets(rest)?, true),
            None if is_in_class(line) => (self.attribute(name)?, rest.strip_prefix('=')?, false),
            None => return None,
        };
        let (mut texts, behind) = texts(value);
        if takes_one {
            texts.truncate(1); // the others are options, as in `requires("zlib/1.3", options=…)`
            list.append(&mut texts);
            list.truncate(MOST_TEXTS);
        } else if !texts.is_empty() {
            *list = texts;
        }
        Some(behind)
    }

    fn attribute(&mut self, name: &str) -> Option<&mut Vec<String>> {
        Some(match name {
            "description" => &mut self.description,
            "license" => &mut self.license,
            "author" => &mut self.author,
            "homepage" => &mut self.homepage,
            "url" => &mut self.url,
            "topics" => &mut self.topics,
            _ => return self.required(name),
        })
    }

    fn required(&mut self, name: &str) -> Option<&mut Vec<String>> {
        Some(match name {
            "requires" => &mut self.requires,
            "tool_requires" | "build_requires" => &mut self.tool_requires,
            "test_requires" => &mut self.test_requires,
            _ => return None,
        })
    }
}

fn in_brackets(code: &str) -> Option<&str> {
    code.starts_with('(').then_some(code)
}

/// Attributes are indented once; deeper stands what a method calls its own.
fn is_in_class(line: &str) -> bool {
    let indent = line.len() - line.trim_start().len();
    (1..=4).contains(&indent)
}

/// The texts of `"a"`, `("a", 'b')` and `["a" "b"]`, up to whatever else comes, and what is behind them.
fn texts(value: &str) -> (Vec<String>, &str) {
    let (mut found, mut rest) = (Vec::<String>::new(), value);
    let mut depth = 0_usize;
    let mut joins = false;
    loop {
        // Between brackets a value goes on in the next line.
        rest = match depth {
            0 => rest
                .trim_start_matches([' ', '\t'])
                .trim_start_matches("\\\n")
                .trim_start_matches([' ', '\t']),
            _ => rest.trim_start(),
        };
        match rest.as_bytes().first() {
            Some(b'(' | b'[') => depth += 1,
            Some(b')' | b']') => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return (found, &rest[1..]);
                }
            }
            Some(b',') => joins = false,
            Some(b'#') if depth > 0 => {
                rest = rest.split_once('\n').map_or("", |(_, next)| next);
                continue;
            }
            _ => match text(rest) {
                Some((text, behind)) => {
                    if joins && let Some(last) = found.last_mut() {
                        last.push_str(&text);
                        last.truncate(last.floor_char_boundary(LONGEST_TEXT));
                    } else if found.len() < MOST_TEXTS {
                        found.push(text);
                    }
                    joins = true;
                    rest = behind;
                    continue;
                }
                None => return (found, rest.split_once('\n').map_or("", |(_, next)| next)),
            },
        }
        rest = &rest[1..];
    }
}

/// One string literal and what follows; no `f"…"`, which has to be computed, and none that is too long to be shown.
fn text(code: &str) -> Option<(String, &str)> {
    let plain = code.trim_start_matches(['u', 'r', 'U', 'R']);
    if code.len() - plain.len() > 1 {
        return None;
    }
    let quote = ["\"\"\"", "'''", "\"", "'"]
        .into_iter()
        .find(|quote| plain.starts_with(quote))?;
    let inner = &plain[quote.len()..];
    let mut text = String::new();
    let mut characters = inner.char_indices();
    while let Some((at, c)) = characters.next() {
        if at > LONGEST_TEXT {
            return None;
        }
        if inner[at..].starts_with(quote) {
            return Some((text, &inner[at + quote.len()..]));
        }
        match c {
            '\\' => match characters.next()?.1 {
                'n' | 't' => text.push(' '),
                '\n' => {}
                other => text.push(other),
            },
            '\n' if quote.len() == 1 => return None,
            c => text.push(c),
        }
    }
    None
}

/// The next line, or the one behind the long text that begins in this one.
fn past_long_text<'a>(line: &str, next: &'a str) -> &'a str {
    for quote in ["\"\"\"", "'''"] {
        if line.matches(quote).count() % 2 == 1 {
            let end = next.find(quote).map(|at| &next[at + quote.len()..]);
            return end.unwrap_or("");
        }
    }
    next
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_there_as_text_is_read() {
        let conanfile = Conanfile::parse(
            r#"
from conan import ConanFile
description = "not of the class"

class Hello(ConanFile):
    """
    license = "not this one"
    """
    name = "hello"
    license = "MIT", 'BSL-1.0'
    description = ("Says "
                   "\"hello\"")  # to everybody
    topics = (
        "a",  # first
        "b",
    )
    url = f"https://{host}"
    homepage = "https://example.com"
    requires = "zlib/1.3", "fmt/10.2"
    settings = "os", "arch"

    def requirements(self):
        license = "a local one"
        self.requires("openssl/[>=3 <4]", transitive_headers=True)
        if self.options.x:
            self.requires('x/1')

    def build_requirements(self):
        self.tool_requires("cmake/3.30")
        self.test_requires("gtest/1.14")
"#,
        );
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let expected = Conanfile {
            description: texts(&["Says \"hello\""]),
            license: texts(&["MIT", "BSL-1.0"]),
            author: texts(&[]),
            homepage: texts(&["https://example.com"]),
            url: texts(&[]),
            topics: texts(&["a", "b"]),
            requires: texts(&["zlib/1.3", "fmt/10.2", "openssl/[>=3 <4]", "x/1"]),
            tool_requires: texts(&["cmake/3.30"]),
            test_requires: texts(&["gtest/1.14"]),
        };
        assert_eq!(conanfile, expected);
    }

    #[test]
    fn nonsense_is_no_failure() {
        for source in [
            "",
            "    license",
            "    license =",
            "    license = (((",
            "    license = \"ä",
            "    license = '''ä",
            "    license = )ä",
            "    self.requires(",
            "    license = \"\\",
            "\"\"\"",
        ] {
            assert_eq!(Conanfile::parse(source), Conanfile::default(), "{source}");
        }
    }
}
