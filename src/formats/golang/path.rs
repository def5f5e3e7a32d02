//! Paths below the proxy's base: a module and what is wanted of it (Modules Reference, "GOPROXY protocol").

use super::version::Version;
use super::{module_path, unknown};
use crate::error::Result;
use crate::http::{FromPath, PathParams};

/// `example.com/!acme/hello/@v/v1.2.3.zip`: read from the right, since a module path has slashes, too.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ReadPath {
    pub(super) module: String,
    pub(super) wanted: Wanted,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    List,
    Latest,
    Of(Version, Part),
    /// What is no version here: a branch, a commit, `v1`.
    Query,
}

/// What of a version is wanted, or put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Info,
    Mod,
    Zip,
    /// The lines of `go.sum`.
    Sums,
}

const PARTS: [(&str, Part); 4] = [
    (".info", Part::Info),
    (".mod", Part::Mod),
    (".zip", Part::Zip),
    (".sum", Part::Sums),
];

/// `…/@v/v1.2.3.zip`, `.mod`, `.info`: what a mirror puts.
pub(super) struct PutPath {
    pub(super) module: String,
    pub(super) version: Version,
    pub(super) part: Part,
}

/// `…/@v/v1.2.3`
pub(super) struct VersionPath {
    pub(super) module: String,
    pub(super) version: Version,
}

impl FromPath for ReadPath {
    fn from_path(params: &PathParams) -> Result<ReadPath> {
        read(params, |path| {
            if let Some(module) = path.strip_suffix("/@latest") {
                return Some(ReadPath {
                    module: unescape_module(module)?,
                    wanted: Wanted::Latest,
                });
            }
            let (module, file) = split(path)?;
            let wanted = match file {
                "list" => Wanted::List,
                file => match version_and_part(file) {
                    Some((version, part)) => Wanted::Of(version, part),
                    None => Wanted::Query,
                },
            };
            Some(ReadPath { module, wanted })
        })
    }
}

impl FromPath for PutPath {
    fn from_path(params: &PathParams) -> Result<PutPath> {
        read(params, |path| {
            let (module, file) = split(path)?;
            let (version, part) = version_and_part(file)?;
            Some(PutPath {
                module,
                version,
                part,
            })
        })
    }
}

impl FromPath for VersionPath {
    fn from_path(params: &PathParams) -> Result<VersionPath> {
        read(params, |path| {
            let (module, version) = split(path)?;
            let version = Version::parse(&unescape(version)?)?;
            Some(VersionPath { module, version })
        })
    }
}

/// Whatever is no path of the protocol is not there, and never a bad request: 400 would end a build that merely asks
/// for every prefix of an import path.
fn read<T>(params: &PathParams, parse: impl Fn(&str) -> Option<T>) -> Result<T> {
    let path = params.get("path");
    // A GOPROXY that ends in a slash makes two of them.
    parse(path.trim_start_matches('/')).ok_or_else(|| {
        let shown: String = path.chars().take(200).collect();
        unknown(&format!(
            "{}: no module or version has such a path",
            shown.escape_debug()
        ))
    })
}

fn split(path: &str) -> Option<(String, &str)> {
    let (module, file) = path.rsplit_once("/@v/")?;
    (!file.contains('/')).then_some(())?;
    Some((unescape_module(module)?, file))
}

fn version_and_part(file: &str) -> Option<(Version, Part)> {
    let mut parts = PARTS.iter();
    let (version, part) =
        parts.find_map(|(ending, part)| Some((file.strip_suffix(ending)?, *part)))?;
    Some((Version::parse(&unescape(version)?)?, part))
}

fn unescape_module(text: &str) -> Option<String> {
    let path = unescape(text)?;
    (!path.is_empty() && path.len() <= module_path::MOST_BYTES).then_some(path)
}

/// File systems that know no capitals made Go write `!a` for `A`; a capital itself stands in no URL.
fn unescape(text: &str) -> Option<String> {
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        plain.push(match letter {
            '!' => letters
                .next()
                .filter(char::is_ascii_lowercase)?
                .to_ascii_uppercase(),
            'A'..='Z' => return None,
            letter if !letter.is_ascii() => return None,
            letter => letter,
        });
    }
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(raw: &str) -> Option<ReadPath> {
        ReadPath::from_path(&PathParams::decode([("path", raw)].into_iter())).ok()
    }

    fn of(module: &str, version: &str, part: Part) -> Option<ReadPath> {
        let version = Version::parse(version)?;
        Some(ReadPath {
            module: module.to_owned(),
            wanted: Wanted::Of(version, part),
        })
    }

    #[test]
    fn every_spelling_of_a_path_is_one_path() {
        for raw in [
            "example.com/!acme/@v/v1.2.3-!beta.zip",
            "example.com/%21acme/@v/v1.2.3-%21beta.zip",
            "/example.com/%21acme/%40v/v1.2.3-!beta.zip",
            "example.com%2f!acme%2f@v%2fv1.2.3-!beta.zip",
        ] {
            assert_eq!(
                parse(raw),
                of("example.com/Acme", "v1.2.3-Beta", Part::Zip),
                "{raw}"
            );
        }
        let list = parse("example.com/@v/list").map(|path| path.wanted);
        assert_eq!(list, Some(Wanted::List));
        for query in ["main.info", "v1.info", "v1.2.3", "v1.2.3.txt"] {
            let path = parse(&format!("example.com/x/@v/{query}"));
            assert_eq!(path.map(|path| path.wanted), Some(Wanted::Query), "{query}");
        }
        let latest = parse("example.com/x/@latest").map(|path| path.wanted);
        assert_eq!(latest, Some(Wanted::Latest));
        assert_eq!(
            parse("example.com/x/@v/v2.0.0%2Bincompatible.info"),
            of("example.com/x", "v2.0.0+incompatible", Part::Info)
        );
    }

    #[test]
    fn what_is_no_path_of_the_protocol_is_not_there() {
        for raw in [
            "example.com/Acme/@v/list",
            "example.com/!/@v/list",
            "example.com/!!a/@v/list",
            "example.com/!1/@v/list",
            "example.com/!A/@v/list",
            "example.com/%C3%A9/@v/list",
            "example.com/x/@v/a/v1.2.3.zip",
            "/@v/list",
            "@v/list",
            "/@latest",
            "example.com",
            "upload",
        ] {
            assert_eq!(parse(raw), None, "{raw}");
        }
    }
}
