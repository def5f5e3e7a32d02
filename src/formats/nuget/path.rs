//! What the paths name: packages in any case, versions in any spelling.

use super::id;
use super::version::Version;
use crate::error::{Error, Result};
use crate::http::{FromPath, PathParams};
use crate::registry::{PackageKey, PackageType};

/// `…/:package/…`, folded. What can be no id is a package that is not there.
pub(super) struct PackagePath(pub(super) String);

impl FromPath for PackagePath {
    fn from_path(params: &PathParams) -> Result<PackagePath> {
        let text = params.get("package");
        match id::is_valid(text) {
            true => Ok(PackagePath(id::key(text))),
            false => Err(Error::not_found("Packages")),
        }
    }
}

/// `…/:package/:version`, and with `.json` behind it.
pub(super) struct VersionPath(pub(super) PackageKey);

impl FromPath for VersionPath {
    fn from_path(params: &PathParams) -> Result<VersionPath> {
        let version = params.get("version");
        let version = version.strip_suffix(".json").unwrap_or(version);
        key(params.get("package"), version).map(VersionPath)
    }
}

/// `…/v2/:package/:version`. The package may be called `v2`, and this its path without `v2`.
pub(super) struct V2VersionPath(pub(super) PackageKey);

impl FromPath for V2VersionPath {
    fn from_path(params: &PathParams) -> Result<V2VersionPath> {
        let path = params.get("odata");
        let (package, version) = path.split_once('/').unwrap_or(("v2", path));
        key(package, version).map(V2VersionPath)
    }
}

/// `…/:package/page/:lower/:upper.json`: the bounds are versions in their normal form.
pub(super) struct RangePath {
    pub(super) lower: Version,
    pub(super) upper: Version,
}

impl FromPath for RangePath {
    fn from_path(params: &PathParams) -> Result<RangePath> {
        let bound = |name: &str| {
            let text = params.get(name);
            let text = text.strip_suffix(".json").unwrap_or(text);
            Version::parse(text).ok_or_else(|| Error::not_found("Packages"))
        };
        Ok(RangePath {
            lower: bound("lower")?,
            upper: bound("upper")?,
        })
    }
}

/// `…/:package/:version/:file`
pub(super) struct FilePath {
    pub(super) key: PackageKey,
    pub(super) file: File,
}

pub(super) enum File {
    /// `.nupkg` or `.snupkg`, by the name under which it is kept.
    Stored(String),
    Nuspec,
    Readme,
}

impl FromPath for FilePath {
    fn from_path(params: &PathParams) -> Result<FilePath> {
        let key = key(params.get("package"), params.get("version"))?;
        let name = params.get("file").to_ascii_lowercase();
        let file = if name == "readme" {
            File::Readme
        } else if name == format!("{}.nuspec", key.name_key) {
            File::Nuspec
        } else {
            File::Stored(stored(&key, &name).ok_or_else(|| Error::not_found("Package"))?)
        };
        Ok(FilePath { key, file })
    }
}

/// `acme.core.1.0.nupkg` of version 1.0.0 is kept as `acme.core.1.0.0.nupkg`; `None` for the file of another version.
fn stored(key: &PackageKey, name: &str) -> Option<String> {
    let (stem, ending) = [".snupkg", ".nupkg"]
        .into_iter()
        .find_map(|ending| Some((name.strip_suffix(ending)?, ending)))?;
    let version = stem.strip_prefix(&key.name_key)?.strip_prefix('.')?;
    let version = Version::parse(version)?.key();
    let is_of_this = Some(&version) == key.version_key.as_ref();
    is_of_this.then(|| file_name(&key.name_key, &version, ending))
}

/// The name of a file of a package: whatever the client called it.
pub(super) fn file_name(name_key: &str, version_key: &str, ending: &str) -> String {
    format!("{name_key}.{version_key}{ending}")
}

fn key(package: &str, version: &str) -> Result<PackageKey> {
    find_key(package, version).ok_or_else(|| Error::not_found("Package"))
}

/// The package of this id and version; `None` for what can be neither.
pub(super) fn find_key(package: &str, version: &str) -> Option<PackageKey> {
    let parsed = Version::parse(version)?;
    id::is_valid(package).then(|| PackageKey {
        name_key: id::key(package),
        version_key: Some(parsed.key()),
        ..PackageKey::exact(PackageType::Nuget, package, version)
    })
}
