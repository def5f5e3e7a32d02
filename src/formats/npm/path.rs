//! The grammar of npm's paths. Scopes come as `@acme%2fdemo`, `@acme%2Fdemo`, `%40acme%2fdemo` and `@acme/demo`: all are
//! one, because the path is decoded once before it is read here.

use crate::error::{Error, Result};
use crate::http::{FromPath, Params, PathParams};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NpmPath {
    /// `/@acme/demo`
    Package { name: String },
    /// `/@acme/demo/1.0.0` or `/@acme/demo/latest`
    Version { name: String, version: String },
    /// `/@acme/demo/-/@acme/demo-1.0.0.tgz` (GitLab) or `/@acme/demo/-/demo-1.0.0.tgz` (the public registry)
    Tarball { name: String, version: String },
    /// `/@acme/demo/-rev/7-abc`
    Revision { name: String, revision: String },
    /// `/@acme/demo/-/@acme/demo-1.0.0.tgz/-rev/7-abc`
    TarballRevision { name: String, version: String },
}

impl FromPath for NpmPath {
    fn from_path(params: &PathParams) -> Result<NpmPath> {
        NpmPath::parse(params.get("path"))
    }
}

impl NpmPath {
    fn parse(path: &str) -> Result<NpmPath> {
        not_a_service(path)?;
        let path = path.strip_suffix('/').unwrap_or(path);
        // `npm unpublish` of a scope that has a registry of its own cuts the wrong prefix off the tarball's URL, and sends
        // all of its path below the right one.
        let path = path
            .rsplit_once("/packages/npm/")
            .map_or(path, |(_, rest)| rest);
        let (rest, revision) = match path.rsplit_once("/-rev/") {
            Some((rest, revision)) => (rest, Some(revision.to_owned())),
            None => (path, None),
        };
        if let Some((name, file)) = rest.split_once("/-/") {
            let name = safe(name)?;
            let version = version_of(&name, file).ok_or_else(|| Error::not_found("Package"))?;
            return Ok(match revision {
                None => NpmPath::Tarball { name, version },
                Some(_) => NpmPath::TarballRevision { name, version },
            });
        }
        if let Some(revision) = revision {
            let name = safe(rest)?;
            return Ok(NpmPath::Revision { name, revision });
        }
        let segments = if rest.starts_with('@') { 2 } else { 1 };
        Ok(match rest.match_indices('/').nth(segments - 1) {
            None => NpmPath::Package { name: safe(rest)? },
            Some((slash, _)) => NpmPath::Version {
                name: safe(&rest[..slash])?,
                version: rest[slash + 1..].to_owned(),
            },
        })
    }
}

/// What lies below `/-/` and has no route of its own is not served; there is no package called `-`.
fn not_a_service(path: &str) -> Result<()> {
    match path == "-" || path.starts_with("-/") {
        true => Err(Error::Missing),
        false => Ok(()),
    }
}

/// The same, before the scope is looked at.
pub(super) fn check(path: &PathParams, _: &Params) -> Result<()> {
    not_a_service(path.get("path"))
}

/// At instance level `@acme/demo` lies in the top-level group `acme`.
pub(super) fn scope(params: &PathParams) -> Option<String> {
    let (scope, _) = params.get("path").strip_prefix('@')?.split_once('/')?;
    let is_id = scope.bytes().all(|byte| byte.is_ascii_digit());
    (!is_id).then(|| scope.to_owned())
}

/// `/@acme/demo/dist-tags` and `/@acme/demo/dist-tags/latest`, below `/-/package`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TagPath {
    pub(super) name: String,
    pub(super) tag: Option<String>,
}

impl FromPath for TagPath {
    fn from_path(params: &PathParams) -> Result<TagPath> {
        // By segments: a package, and a tag, may be called dist-tags itself.
        let path = params.get("path");
        let segments = if path.starts_with('@') { 2 } else { 1 };
        let (slash, _) = path
            .match_indices('/')
            .nth(segments - 1)
            .ok_or(Error::Missing)?;
        let (name, rest) = (&path[..slash], &path[slash + 1..]);
        let tag = match rest.strip_prefix("dist-tags").ok_or(Error::Missing)? {
            "" | "/" => None,
            tag => Some(tag.strip_prefix('/').ok_or(Error::Missing)?.to_owned()),
        };
        let name = safe(name)?;
        Ok(TagPath { name, tag })
    }
}

/// `1.0.0` of `demo-1.0.0.tgz`.
fn version_of(name: &str, file: &str) -> Option<String> {
    let file = file.rsplit_once('/').map_or(file, |(_, file)| file);
    let version = file
        .strip_prefix(super::names::base_name(name))?
        .strip_prefix('-')?
        .strip_suffix(".tgz")?;
    Some(version.to_owned())
}

fn safe(name: &str) -> Result<String> {
    let climbs = name
        .split(['/', '\\'])
        .any(|part| matches!(part, "." | ".."));
    if climbs || name.contains(|c: char| c.is_control() || c == '%' || c == '\\') {
        return Err(Error::invalid_param(
            "package_name should be a valid file path",
        ));
    }
    Ok(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_is_recognised() {
        let name = || "@acme/demo".to_owned();
        let version = || "1.0.0-rc.1+b".to_owned();
        for (path, parsed) in [
            ("@acme/demo", NpmPath::Package { name: name() }),
            ("@acme/demo/", NpmPath::Package { name: name() }),
            (
                "@acme/demo/latest",
                NpmPath::Version {
                    name: name(),
                    version: "latest".to_owned(),
                },
            ),
            (
                "@acme/demo/-/@acme/demo-1.0.0-rc.1+b.tgz",
                NpmPath::Tarball {
                    name: name(),
                    version: version(),
                },
            ),
            (
                "@acme/demo/-/demo-1.0.0-rc.1+b.tgz",
                NpmPath::Tarball {
                    name: name(),
                    version: version(),
                },
            ),
            (
                "api/v4/projects/1/packages/npm/@acme/demo/-/demo-1.0.0-rc.1+b.tgz",
                NpmPath::Tarball {
                    name: name(),
                    version: version(),
                },
            ),
            (
                "@acme/demo/-rev/7-a",
                NpmPath::Revision {
                    name: name(),
                    revision: "7-a".to_owned(),
                },
            ),
            (
                "@acme/demo/-/demo-1.0.0-rc.1+b.tgz/-rev/7-a",
                NpmPath::TarballRevision {
                    name: name(),
                    version: version(),
                },
            ),
        ] {
            assert_eq!(NpmPath::parse(path).expect("a good path"), parsed, "{path}");
        }
        assert_eq!(
            NpmPath::parse("demo/1.0.0").expect("a good path"),
            NpmPath::Version {
                name: "demo".to_owned(),
                version: "1.0.0".to_owned()
            }
        );
    }

    #[test]
    fn what_is_no_path_of_a_package_is_refused() {
        for path in [
            "-/unknown",
            "-",
            "a/../b/-/b-1.tgz",
            "a\r\nb",
            "..",
            "demo/-/other-1.0.0.tgz",
        ] {
            assert!(NpmPath::parse(path).is_err(), "{path:?}");
        }
    }
}
