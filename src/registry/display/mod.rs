//! What a person wants to know of a package before they use it, read by each format from what it keeps.
//!
//! A format fills a [`Display`] from the metadata of its own rows, in one function that the server hands to the registry
//! ([`DisplayedFormat`]). Everything in it was written by whoever published, so it is text and nothing else until
//! [`Readme::html`] has sanitised it; what is long is cut here, once for all formats.

mod packed;
mod readme;

#[cfg(test)]
mod properties;

use serde::Serialize;
use serde_json::Value;

use super::resolve::displayable;
use super::{FileWithMetadata, Package, PackageType, ProjectAccess, Registry};
use crate::error::Result;
use crate::storage::db::package_revisions::{self, Line};
use crate::storage::db::{Connection, package_files, packages};

pub use packed::PackedReadme;
pub use readme::{Readme, ReadmeKind};

/// How one format describes its packages.
pub struct DisplayedFormat {
    pub package_type: PackageType,
    pub display: fn(&Displayed<'_>) -> Display,
}

/// What a format keeps of a package.
pub struct Displayed<'a> {
    pub package: &'a Package,
    /// Of the package, or of its latest revision; `Null` where nothing is kept.
    pub metadata: &'a Value,
    pub files: &'a [FileWithMetadata],
}

/// Everything is optional: a format leaves out what its packages do not say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Display {
    /// One sentence.
    pub description: Option<String>,
    pub readme: Option<Readme>,
    /// Where the README is, for formats that keep none.
    pub packed_readme: Option<PackedReadme>,
    /// As it is written: an SPDX expression, or a name.
    pub license: Option<String>,
    pub authors: Vec<String>,
    pub keywords: Vec<String>,
    pub links: Vec<Link>,
    pub dependencies: Vec<Dependency>,
    /// What else the format calls worth knowing: `Requires Python`, `≥3.9`.
    pub facts: Vec<(String, String)>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Link {
    /// `Homepage`, `Repository`
    pub label: String,
    /// `http` or `https`; others are not shown.
    pub url: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Dependency {
    pub name: String,
    /// Which versions, in the words of the format; empty: any.
    pub requirement: String,
    /// When it is needed, in the words of the format: `development`, `test`; empty: always.
    pub scope: String,
}

/// What is shown at most.
const MOST_ITEMS: usize = 20;
const MOST_DEPENDENCIES: usize = 500;
const MOST_CHARACTERS: usize = 1_000;

impl Display {
    /// Notes an address, unless it is empty or nothing that a browser should follow.
    pub fn link(&mut self, label: &str, url: Option<&str>) {
        let Some(url) = url.map(str::trim) else {
            return;
        };
        let url = url.strip_prefix("git+").unwrap_or(url); // npm's way to write a repository
        let lower = url.to_ascii_lowercase();
        let is_web = lower.starts_with("https://") || lower.starts_with("http://");
        let known = self.links.iter().any(|link| link.url == url);
        if is_web && !known && !url.chars().any(|c| c.is_whitespace() || c.is_control()) {
            self.links.push(Link {
                label: label.to_owned(),
                url: url.to_owned(),
            });
        }
    }

    /// Notes a fact, unless there is nothing to tell.
    pub fn fact(&mut self, label: &str, value: Option<&str>) {
        if let Some(value) = value.map(str::trim).filter(|value| !value.is_empty()) {
            self.facts.push((label.to_owned(), value.to_owned()));
        }
    }

    fn bounded(mut self) -> Display {
        self.description = self
            .description
            .map(shortened)
            .filter(|text| !text.is_empty());
        self.license = self.license.map(shortened).filter(|text| !text.is_empty());
        self.authors.truncate(MOST_ITEMS);
        self.keywords.truncate(MOST_ITEMS);
        self.links.truncate(MOST_ITEMS);
        self.facts.truncate(MOST_ITEMS);
        self.dependencies.truncate(MOST_DEPENDENCIES);
        self.authors = self.authors.into_iter().map(shortened).collect();
        self.keywords = self.keywords.into_iter().map(shortened).collect();
        for (_, value) in &mut self.facts {
            *value = shortened(std::mem::take(value));
        }
        for dependency in &mut self.dependencies {
            for text in [
                &mut dependency.name,
                &mut dependency.requirement,
                &mut dependency.scope,
            ] {
                *text = shortened(std::mem::take(text));
            }
        }
        self
    }
}

fn shortened(text: String) -> String {
    let text = text.trim();
    match text.char_indices().nth(MOST_CHARACTERS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

impl Registry {
    /// The same registry, which knows how these formats describe their packages.
    pub fn with_displays(self, displays: &'static [DisplayedFormat]) -> Registry {
        Registry { displays, ..self }
    }

    /// What a package says of itself; empty for formats that say nothing. 404 for a package that lists do not show.
    pub async fn package_display(
        &self,
        access: &ProjectAccess,
        package_id: i64,
    ) -> Result<Display> {
        let (access, displays) = (access.clone(), self.displays);
        let work = move |conn: &Connection| {
            let package = displayable(conn, &access, package_id)?;
            let Some(format) = displays
                .iter()
                .find(|format| format.package_type == package.package_type)
            else {
                return Ok(Display::default());
            };
            let kept = match packages::metadata(conn, package.id)? {
                Some(kept) => Some(kept),
                None => package_revisions::latest_metadata(conn, Line::of_recipe(package.id))?,
            };
            let metadata: Value = match kept {
                Some(text) => serde_json::from_str(&text)?,
                None => Value::Null,
            };
            let files = package_files::of_packages(conn, &[package.id])?;
            let displayed = Displayed {
                package: &package,
                metadata: &metadata,
                files: &files,
            };
            Ok((format.display)(&displayed).bounded())
        };
        let mut display = self.db.read(work).await?;
        if let Some(packed) = display.packed_readme.take() {
            display.readme = self.unpack_readme(packed).await?;
        }
        Ok(display)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_web_become_links() {
        let mut display = Display::default();
        for url in [
            "javascript:alert(1)",
            "data:text/html,x",
            " JavaScript:x",
            "//elsewhere",
            "https://a b",
            "",
        ] {
            display.link("Homepage", Some(url));
        }
        assert_eq!(display.links, []);
        display.link("Repository", Some("git+https://example.com/a.git"));
        display.link("Homepage", Some("https://example.com/a.git"));
        assert_eq!(display.links.len(), 1, "the same address stands there once");
    }

    #[test]
    fn what_is_long_is_cut() {
        let long = Display {
            description: Some("ä".repeat(5_000)),
            dependencies: vec![
                Dependency {
                    name: "x".repeat(9_999),
                    requirement: String::new(),
                    scope: String::new()
                };
                9_999
            ],
            ..Display::default()
        };
        let short = long.bounded();
        assert_eq!(
            short.description.map(|text| text.chars().count()),
            Some(MOST_CHARACTERS + 1)
        );
        assert_eq!(short.dependencies.len(), MOST_DEPENDENCIES);
        assert_eq!(
            short.dependencies[0].name.chars().count(),
            MOST_CHARACTERS + 1
        );
    }
}
