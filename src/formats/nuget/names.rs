//! The names that searches look through, each with its versions in their order.

use std::sync::Arc;

use super::manifest::Manifest;
use super::version::Version;
use crate::error::Result;
use crate::registry::{CatalogRow, Names, PackageStatus, PackageType, Registry};

/// A name with its installable versions, lowest first, unlisted ones too.
pub(super) struct Name {
    pub(super) key: String,
    pub(super) versions: Vec<Entry>,
}

pub(super) struct Entry {
    pub(super) version: Version,
    pub(super) row: CatalogRow,
}

impl Entry {
    pub(super) fn is_listed(&self) -> bool {
        self.row.status != PackageStatus::Hidden
    }

    /// Whether its nuspec declares this type; its metadata was read for that.
    pub(super) fn is_of_type(&self, package_type: &str) -> bool {
        let manifest = self
            .row
            .metadata
            .as_deref()
            .map(serde_json::from_str::<Manifest>);
        let manifest = manifest
            .and_then(|manifest| manifest.ok())
            .unwrap_or_default();
        let mut types = manifest.package_types().into_iter();
        types.any(|name| name.eq_ignore_ascii_case(package_type))
    }
}

impl Name {
    /// Highest version last; those that `keep` wants.
    pub(super) fn retain(mut self, keep: impl Fn(&Entry) -> bool) -> Option<Name> {
        self.versions.retain(keep);
        (!self.versions.is_empty()).then_some(self)
    }

    pub(super) fn latest(&self) -> Option<&Entry> {
        self.versions.last()
    }
}

/// Every name whose id has all the words of this text, those that are it or begin with it first.
pub(super) async fn search(
    registry: &Registry,
    projects: Arc<[i64]>,
    text: &str,
    with_metadata: bool,
) -> Result<Vec<Name>> {
    let text = text.to_lowercase();
    let words: Vec<&str> = text.split_whitespace().collect();
    let longest = words.iter().max_by_key(|word| word.len());
    let names = Names::Containing(longest.map(|word| (*word).to_owned()).unwrap_or_default());
    let mut found = catalog(registry, projects, names, with_metadata).await?;
    found.retain(|name| words.iter().all(|word| name.key.contains(word)));
    let text = words.join(" ");
    found.sort_by_key(|name| (name.key != text, !name.key.starts_with(&text)));
    Ok(found)
}

/// One name.
pub(super) async fn find(
    registry: &Registry,
    projects: Arc<[i64]>,
    name_key: String,
) -> Result<Option<Name>> {
    let found = catalog(registry, projects, Names::Of(name_key), false).await?;
    Ok(found.into_iter().next())
}

async fn catalog(
    registry: &Registry,
    projects: Arc<[i64]>,
    names: Names,
    with_metadata: bool,
) -> Result<Vec<Name>> {
    let rows = registry
        .catalog(projects, PackageType::Nuget, names, ".nupkg", with_metadata)
        .await?;
    let mut found: Vec<Name> = Vec::new();
    for row in rows {
        let Some(version) = Version::parse(&row.version) else {
            continue;
        };
        let entry = Entry { version, row };
        match found
            .last_mut()
            .filter(|name| name.key == entry.row.name_key)
        {
            Some(name) => name.versions.push(entry),
            None => found.push(Name {
                key: entry.row.name_key.clone(),
                versions: vec![entry],
            }),
        }
    }
    for name in &mut found {
        name.versions.sort_by(|a, b| a.version.cmp(&b.version));
    }
    Ok(found)
}
