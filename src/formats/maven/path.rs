//! The grammar of a path in a Maven repository: which package it belongs to, and what of it is meant.

use crate::error::{Error, Result};
use crate::http::{FromPath, PathParams};
use crate::registry::{ChecksumAlgorithm, PackageKey, PackageType};

pub(super) const METADATA: &str = "maven-metadata.xml";

/// Maven's suffix for a version that is still being made.
pub(super) const SNAPSHOT: &str = "-SNAPSHOT";

/// Longer names no file system of a client could hold.
const LONGEST_NAME: usize = 5_000;

/// `com/acme/demo/1.0/demo-1.0.jar.sha1`: a folder, a file, and perhaps a checksum of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MavenPath {
    /// `com/acme/demo/1.0`
    pub(super) folder: String,
    /// Without the checksum's suffix.
    pub(super) file_name: String,
    pub(super) checksum: Option<ChecksumAlgorithm>,
}

impl MavenPath {
    /// Understands a decoded path. Fails with 400 in GitLab's words, and with 404 for what can be no file: a folder, or
    /// the word that GitLab keeps for its own front proxy.
    pub(super) fn parse(path: &str) -> Result<MavenPath> {
        let (folder, whole_name) = path.rsplit_once('/').unwrap_or(("", path));
        if whole_name.is_empty() || whole_name == "authorize" {
            return Err(Error::not_found("Package"));
        }
        if whole_name.len() > LONGEST_NAME {
            return Err(Error::bad_request("File name is too long"));
        }
        if !is_made_of(whole_name, b"._+-") || is_step(whole_name) {
            return Err(Error::invalid_param("file_name is invalid"));
        }
        if !is_folder(folder) || path.starts_with('/') {
            return Err(invalid("Maven metadatum path is invalid"));
        }
        let (file_name, checksum) = split_checksum(whole_name);
        if is_step(file_name) {
            return Err(Error::invalid_param("file_name is invalid")); // `...sha1`
        }
        Ok(MavenPath {
            folder: folder.to_owned(),
            file_name: file_name.to_owned(),
            checksum,
        })
    }

    pub(super) fn is_metadata(&self) -> bool {
        self.file_name == METADATA
    }

    /// The package whose file this is: the folder's last segment is the version.
    pub(super) fn file_key(&self) -> Result<PackageKey> {
        let no_artifact = || invalid("Maven metadatum path is invalid");
        let (name, version) = self.folder.rsplit_once('/').ok_or_else(no_artifact)?;
        let (group, artifact) = name.rsplit_once('/').ok_or_else(no_artifact)?;
        if version.contains("..") || !is_made_of(version, b"._+-") {
            return Err(invalid("Version is invalid"));
        }
        if !is_made_of(artifact, b"._-") {
            return Err(invalid("Maven metadatum app name is invalid"));
        }
        if !is_made_of(group, b"._-/") {
            return Err(invalid("Maven metadatum app group is invalid"));
        }
        Ok(PackageKey::exact(PackageType::Maven, name, version))
    }

    /// The row of a document at artifact or group level, which has no version.
    pub(super) fn versionless_key(&self) -> PackageKey {
        PackageKey::versionless(PackageType::Maven, &self.folder)
    }

    pub(super) fn is_in_snapshot(&self) -> bool {
        self.folder.ends_with(SNAPSHOT)
    }
}

impl FromPath for MavenPath {
    fn from_path(params: &PathParams) -> Result<MavenPath> {
        MavenPath::parse(params.get("path"))
    }
}

/// The project that an instance path belongs to: the one whose path is the package's name.
pub(super) fn project(params: &PathParams) -> Option<String> {
    let path = MavenPath::parse(params.get("path")).ok()?;
    let names_version = !path.is_metadata() || path.is_in_snapshot();
    match names_version {
        true => Some(path.folder.rsplit_once('/')?.0.to_owned()),
        false => Some(path.folder),
    }
}

fn split_checksum(name: &str) -> (&str, Option<ChecksumAlgorithm>) {
    let of_suffix = |(stem, suffix)| Some((stem, ChecksumAlgorithm::parse(suffix)?));
    match name.rsplit_once('.').and_then(of_suffix) {
        Some((stem, algorithm)) if !stem.is_empty() => (stem, Some(algorithm)),
        _ => (name, None),
    }
}

fn is_made_of(text: &str, more: &[u8]) -> bool {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || more.contains(&byte);
    !text.is_empty() && text.bytes().all(good)
}

/// `@?([\w.-]*/)*[\w.+-]*` of GitLab, without steps and without empty segments.
fn is_folder(folder: &str) -> bool {
    let folder = folder.strip_prefix('@').unwrap_or(folder);
    folder.is_empty()
        || folder
            .split('/')
            .all(|segment| is_made_of(segment, b"._+-") && !is_step(segment))
}

fn is_step(segment: &str) -> bool {
    segment == "." || segment == ".."
}

fn invalid(what: &str) -> Error {
    Error::bad_request(format!("Validation failed: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(path: &str) -> MavenPath {
        MavenPath::parse(path).expect("a good path")
    }

    #[test]
    fn a_file_belongs_to_the_version_that_its_folder_names() {
        let path = parse("com/acme/demo/1.0+b1/demo-1.0+b1-sources.jar");
        let key = path.file_key().expect("a package");
        assert_eq!(
            (key.name.as_str(), key.version.as_deref()),
            ("com/acme/demo", Some("1.0+b1"))
        );
        assert_eq!(path.checksum, None);
    }

    #[test]
    fn the_suffix_of_a_checksum_is_cut_before_anything_is_decided() {
        let path = parse("com/acme/demo/maven-metadata.xml.sha1");
        assert!(path.is_metadata());
        assert_eq!(path.checksum, Some(ChecksumAlgorithm::Sha1));
        assert_eq!(path.versionless_key().version, None);
        let signature = parse("com/acme/demo/1.0/demo-1.0.jar.asc.sha512");
        assert_eq!(signature.file_name, "demo-1.0.jar.asc");
        assert_eq!(signature.checksum, Some(ChecksumAlgorithm::Sha512));
    }

    #[test]
    fn no_step_upwards_is_understood() {
        for path in [
            "com/acme/../demo/1.0/a.jar",
            "../a.jar",
            "com/acme/demo/1.0/..",
            "com/acme/demo/1.0/...sha1",
            "com/acme/demo/./a.jar",
            "com//acme/demo/1.0/a.jar",
            "com/acme/demo/1.0/a b.jar",
            "com/acme/demo/1.0/a~.jar",
            "com/acme/demo/1.0/%2e%2e",
            "com/acme/demo%2f..%2f1.0/a.jar",
            "com/acme\\..\\demo/1.0/a.jar",
            "/com/acme/demo/1.0/a.jar",
            "/maven-metadata.xml",
            "com/acme/demo/1.0/a\0.jar",
        ] {
            assert!(MavenPath::parse(path).is_err(), "{path}");
        }
        assert!(parse("com/acme/demo/1..0/a.jar").file_key().is_err());
        assert!(parse("demo/1.0/a.jar").file_key().is_err());
        assert!(parse("a.jar").file_key().is_err());
    }

    #[test]
    fn a_folder_is_no_file() {
        for path in ["com/acme/demo/", "com/acme/demo/1.0/a.jar/authorize"] {
            let refused = MavenPath::parse(path).expect_err("no file");
            assert_eq!(refused.status(), 404, "{path}");
        }
    }
}
