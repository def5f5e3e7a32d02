//! `:name/:system[/:version]`, below a namespace or a project.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use semver::Version;

use crate::error::{Error, Result};
use crate::http::{FromPath, PathParams};
use crate::registry::{PackageKey, PackageType};

/// What stays as it is in a segment of a URL.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// One segment of a path.
pub(super) fn segment(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}

/// A module, known by both of its words: `vpc/aws`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ModuleName {
    pub(super) name: String,
    pub(super) system: String,
}

impl ModuleName {
    /// GitLab's rule, and beyond it the capitals and underscores that Terraform allows in names.
    fn parse(name: &str, system: &str) -> Option<ModuleName> {
        let fits = |text: &str| (1..=64).contains(&text.len());
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let small = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let good =
            fits(name) && name.bytes().all(plain) && fits(system) && system.bytes().all(small);
        good.then(|| ModuleName {
            name: name.to_owned(),
            system: system.to_owned(),
        })
    }

    /// As a package is called.
    pub(super) fn package(&self) -> String {
        format!("{}/{}", self.name, self.system)
    }

    pub(super) fn key(&self, version: &str) -> PackageKey {
        PackageKey::exact(PackageType::TerraformModule, &self.package(), version)
    }

    pub(super) fn file_name(&self, version: &str, kind: &str) -> String {
        format!("{}-{}-{version}.{kind}", self.name, self.system)
    }
}

/// SemVer 2, without a `v`.
pub(super) fn parse_version(text: &str) -> Option<Version> {
    Version::parse(text).ok().filter(|_| text.len() <= 255)
}

/// Below a project. 400 for names and versions that nothing can have.
pub(super) struct ProjectPath {
    pub(super) id: String,
    pub(super) module: ModuleName,
    /// Empty where the path has none.
    pub(super) version: String,
}

impl FromPath for ProjectPath {
    fn from_path(params: &PathParams) -> Result<ProjectPath> {
        let module = ModuleName::parse(params.get("name"), params.get("system"));
        let module =
            module.ok_or_else(|| Error::bad_request("Validation failed: Name is invalid"))?;
        let version = with_plus(params.get("version"));
        if !version.is_empty() && parse_version(&version).is_none() {
            let without_v = version.strip_prefix('v').and_then(parse_version);
            return Err(Error::invalid_param(match without_v {
                Some(version) => format!("module_version is invalid: write {version}, without v"),
                None => "module_version is invalid".to_owned(),
            }));
        }
        Ok(ProjectPath {
            id: params.get("id").to_owned(),
            module,
            version,
        })
    }
}

/// Below a namespace. What nothing can be called is not there: 404.
pub(super) struct ModulePath {
    pub(super) namespace: String,
    pub(super) module: ModuleName,
    pub(super) version: String,
}

impl FromPath for ModulePath {
    fn from_path(params: &PathParams) -> Result<ModulePath> {
        let module = ModuleName::parse(params.get("name"), params.get("system"));
        let version = with_plus(params.get("version"));
        if !version.is_empty() && parse_version(&version).is_none() {
            return Err(Error::Missing);
        }
        Ok(ModulePath {
            namespace: params.get("namespace").to_owned(),
            module: module.ok_or(Error::Missing)?,
            version,
        })
    }
}

impl ModulePath {
    /// `N/:version` with something behind it.
    pub(super) fn below(&self, version: &str, rest: &str) -> String {
        format!(
            "{}/{}/{}/{}/{}/{rest}",
            super::MODULES,
            segment(&self.namespace),
            self.module.name,
            self.module.system,
            segment(version)
        )
    }

    /// What an archive's token is good for: this version of this module, as it is spelt here.
    pub(super) fn purpose(&self, version: &str) -> String {
        purpose_of(&self.namespace, &self.module.package(), version)
    }
}

/// The purpose of the token in a `file` address.
pub(super) fn purpose(params: &PathParams) -> Option<String> {
    let module = format!("{}/{}", params.get("name"), params.get("system"));
    let version = with_plus(params.get("version"));
    Some(purpose_of(params.get("namespace"), &module, &version))
}

fn purpose_of(namespace: &str, module: &str, version: &str) -> String {
    format!("terraform {namespace}/{module}/{version}")
}

/// Proxies turn the `+` of a build into a blank.
fn with_plus(segment: &str) -> String {
    segment.replace(' ', "+")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_gitlabs_and_terraforms() {
        for (name, system) in [("vpc", "aws"), ("my-Vpc_2", "aws"), ("a", "google-beta")] {
            assert!(ModuleName::parse(name, system).is_some(), "{name}/{system}");
        }
        for (name, system) in [
            ("", "aws"),
            ("a", ""),
            ("a b", "aws"),
            ("a", "AWS"),
            ("..", "aws"),
            ("a/b", "aws"),
            ("a", "b_c"),
        ] {
            assert!(ModuleName::parse(name, system).is_none(), "{name}/{system}");
        }
        assert!(ModuleName::parse(&"a".repeat(65), "aws").is_none());
    }
}
