//! What a package, a version and a tag may be called.

use actix_web::http::StatusCode;
use semver::{Version, VersionReq};

use crate::error::{Error, Result};
use crate::registry::{PackageKey, PackageType};

pub(super) fn key(name: &str, version: &str) -> PackageKey {
    PackageKey::exact(PackageType::Npm, name, version)
}

/// The file of a version, as it is stored and listed: the scope is part of its name (GitLab).
pub(super) fn file_name(name: &str, version: &str) -> String {
    format!("{name}-{version}.tgz")
}

/// The name without its scope.
pub(super) fn base_name(name: &str) -> &str {
    name.rsplit_once('/').map_or(name, |(_, base)| base)
}

/// `demo` or `@scope/demo`; capitals are as good as others (old packages have them).
pub(super) fn is_name(name: &str) -> bool {
    let good = |part: &str, more: &[u8]| {
        let made_well = |byte: u8| byte.is_ascii_alphanumeric() || more.contains(&byte);
        !part.is_empty() && !matches!(part, "." | "..") && part.bytes().all(made_well)
    };
    let (scope, base) = match name.strip_prefix('@') {
        Some(scoped) => match scoped.split_once('/') {
            Some((scope, base)) => (scope, base),
            None => return false,
        },
        None => ("x", name),
    };
    name.len() <= 255 && good(scope, b"_-.") && good(base, b"-+._")
}

pub(super) fn check_name(name: &str) -> Result<()> {
    match is_name(name) {
        true => Ok(()),
        false => Err(refusal("Validation failed: Name is invalid")),
    }
}

/// Semver 2.0 in full: no `1.2`, no `v1.2.3`.
pub(super) fn check_version(version: &str) -> Result<()> {
    match Version::parse(version) {
        Ok(_) if version.len() <= 255 => Ok(()),
        _ => Err(refusal(
            "Validation failed: Version should follow SemVer: https://semver.org",
        )),
    }
}

/// A tag that could be taken for a version range would never be asked for; one with other letters could not be removed.
pub(super) fn check_tag(tag: &str) -> Result<()> {
    let made_well = |byte: u8| byte.is_ascii_alphanumeric() || b"._~+-".contains(&byte);
    let bare = tag.trim_start_matches(['v', 'V', '=']);
    if tag.is_empty() || tag.len() > 255 || !tag.bytes().all(made_well) {
        return Err(refusal("Validation failed: Tag name is invalid"));
    }
    if VersionReq::parse(bare).is_ok() || VersionReq::parse(tag).is_ok() {
        return Err(refusal(
            "Validation failed: Tag name must not be a version range",
        ));
    }
    Ok(())
}

/// 400 with the same sentence for people and for npm.
pub(super) fn refusal(text: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::message(StatusCode::BAD_REQUEST, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain_or_scoped() {
        for good in ["demo", "@acme/demo", "@a.b-c_d/x+y", "Upper", "-"] {
            assert!(is_name(good), "{good}");
        }
        for bad in [
            "", "@acme", "@acme/", "@/x", "a/b", "@a/b/c", "a b", "..", "@a/..", "a%2fb", "ä",
            "a\n",
        ] {
            assert!(!is_name(bad), "{bad:?}");
        }
    }

    #[test]
    fn a_tag_is_no_range() {
        for good in ["latest", "next-1", "beta.2", "release~1", "V"] {
            assert!(check_tag(good).is_ok(), "{good}");
        }
        for bad in [
            "1", "1.x", "v2", "^1", "~1", "1.0.0", "x", "", "a b", "a/b", "a%20",
        ] {
            assert!(check_tag(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_version_is_semver_in_full() {
        for good in ["1.0.0", "1.0.0-beta.1", "1.0.0+build.5"] {
            assert!(check_version(good).is_ok(), "{good}");
        }
        for bad in ["1", "1.2", "v1.0.0", "01.0.0", "1.0.0/../x", ""] {
            assert!(check_version(bad).is_err(), "{bad}");
        }
    }
}
