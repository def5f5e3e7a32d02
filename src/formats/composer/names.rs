//! What a package is called: `vendor/name`, in lower case.

use std::sync::LazyLock;

use actix_web::http::StatusCode;
use regex::Regex;

use super::version::Version;
use crate::error::{Error, Result};
use crate::registry::{PackageKey, PackageType};

/// Composer docs, "The composer.json schema", `name`.
static NAME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^[a-z0-9]([_.-]?[a-z0-9]+)*/[a-z0-9](([_.]?|-{0,2})[a-z0-9]+)*$")
        .expect("the pattern is fixed, and a test compiles it")
});

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name(String);

impl Name {
    pub(super) fn parse(text: &str) -> Option<Name> {
        (text.len() <= 255 && NAME.is_match(text)).then(|| Name(text.to_owned()))
    }

    /// What a client asks for: Composer folds every name that it looks up, people do not.
    pub(super) fn asked_for(text: &str) -> Option<Name> {
        Name::parse(&text.to_ascii_lowercase())
    }

    /// The name that an archive claims; 400 for what is none.
    pub(super) fn claimed(text: Option<&str>) -> Result<Name> {
        text.and_then(Name::parse).ok_or_else(|| {
            Error::message(
                StatusCode::BAD_REQUEST,
                "Validation failed: Name is invalid",
            )
        })
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn key(&self, version: &Version) -> PackageKey {
        PackageKey {
            version_key: Some(version.normalized.clone()),
            ..PackageKey::exact(PackageType::Composer, &self.0, &version.text)
        }
    }

    /// What the zip of a version is called in lists and on the disk of whoever downloads it.
    pub(super) fn file_name(&self, version: &Version) -> String {
        format!("{}-{}.zip", self.0, version.text).replace(['/', ':'], "-")
    }
}

pub(super) fn vendor_of(name: &str) -> &str {
    name.split('/').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_vendor_and_name_in_lower_case() {
        for good in ["acme/hello", "a/b", "acme-2/hello--world", "a.b_c/d.e_f-g"] {
            assert!(Name::parse(good).is_some(), "{good}");
        }
        for bad in [
            "acme",
            "acme/",
            "/hello",
            "Acme/hello",
            "acme/hello/more",
            "acme/../x",
            "acme/hello ",
            "acme/hello\n",
            "ac--me/hello",
            "acme/hello---world",
            "acme/-hello",
            "äcme/hello",
            "acme/hello~dev",
        ] {
            assert_eq!(Name::parse(bad), None, "{bad}");
        }
        assert_eq!(Name::parse(&format!("a/{}", "b".repeat(254))), None);
    }

    #[test]
    fn a_branch_with_a_slash_makes_a_plain_file_name() {
        let name = Name::parse("acme/hello").unwrap();
        let version = Version::parse("dev-feature/x").unwrap();
        assert_eq!(name.file_name(&version), "acme-hello-dev-feature-x.zip");
    }
}
