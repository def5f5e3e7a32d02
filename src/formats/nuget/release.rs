//! One version of a package, as every document shows it.

use std::collections::BTreeMap;

use super::manifest::Manifest;
use super::version::Version;
use crate::error::Result;
use crate::registry::{ListedPackage, PackageStatus, Timestamp};

pub(super) struct Release {
    /// In the case of its first push.
    pub(super) id: String,
    pub(super) version: Version,
    /// As it was pushed: clients of v2 compare it with what they find in the package.
    pub(super) written: String,
    pub(super) manifest: Manifest,
    pub(super) published: Timestamp,
    pub(super) updated: Timestamp,
    /// An unlisted version is installed by who names it, and found by nobody else.
    pub(super) listed: bool,
    /// That it is deprecated, and why.
    pub(super) deprecated: Option<String>,
    /// Bytes of the package file.
    pub(super) size: u64,
    /// Of the package file, in hex.
    pub(super) sha512: Option<String>,
}

impl Release {
    /// `None` without a package file: what cannot be downloaded is not shown.
    pub(super) fn of(listed: &ListedPackage) -> Result<Option<Release>> {
        let package = &listed.package;
        let written = package.version.as_deref().unwrap_or_default();
        let mut newest_first = listed.files.iter().rev();
        let file = newest_first.find(|file| file.file.file_name.ends_with(".nupkg"));
        let (Some(version), Some(file)) = (Version::parse(written), file) else {
            return Ok(None);
        };
        let manifest = listed.metadata.as_deref().map(serde_json::from_str);
        let is_deprecated = package.status == PackageStatus::Deprecated;
        Ok(Some(Release {
            id: package.name.clone(),
            version,
            written: written.to_owned(),
            manifest: manifest.transpose()?.unwrap_or_default(),
            published: package.created_at,
            updated: package.updated_at,
            listed: package.status != PackageStatus::Hidden,
            deprecated: is_deprecated.then(|| package.status_message.clone().unwrap_or_default()),
            size: file.file.size,
            sha512: file.sha512.clone(),
        }))
    }

    /// The releases of one name, lowest version first. Of one version in several projects the newest package counts.
    pub(super) fn all(packages: &[ListedPackage]) -> Result<Vec<Release>> {
        let mut releases = BTreeMap::new();
        for listed in packages {
            if let Some(release) = Release::of(listed)? {
                releases.insert(release.version.key(), release);
            }
        }
        let mut releases: Vec<Release> = releases.into_values().collect();
        releases.sort_by(|a, b| a.version.cmp(&b.version));
        Ok(releases)
    }
}
